/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "portal/confirm.h"

#include <ctype.h>
#include <string.h>

#include "portal/token_show.h"
#include "view/chart.h"
#include "view/when.h"

#define IN_USE_S 86400
#define RECENT_DAYS 7

const char *
confirm_usage(struct rq *rq, uint32_t slot, const struct uuid *id)
{
	struct usage_view u;
	double recent = 0;

	usage_read(rq->sv->usage, slot, id, rq->now_s, &u);
	if (u.last_used_at_s == 0)
		return "Never used.";
	for (size_t d = USAGE_DAYS - RECENT_DAYS; d < USAGE_DAYS; d++)
		recent += (double)u.day_loads[d] + u.day_requests[d];
	return arena_printf(rq->arena, "Used %s %s in %d days, last %s%s%s.", chart_number(rq->arena, recent),
	    recent == 1 ? "time" : "times", RECENT_DAYS, when_relative(rq->arena, u.last_used_at_s, rq->now_s),
	    u.last_used_origin[0] != '\0' ? " from " : "", token_show_site(u.last_used_origin));
}

static bool
is_in_use(struct rq *rq, uint32_t slot, const struct uuid *id)
{
	struct usage_view u;

	usage_read(rq->sv->usage, slot, id, rq->now_s, &u);
	return u.last_used_at_s != 0 && rq->now_s - u.last_used_at_s < IN_USE_S;
}

/* Equal but for white space, which a page does not show as it is. */
static bool
is_same_name(const char *x, const char *y)
{
	for (;;) {
		while (isspace((unsigned char)*x))
			x++;
		while (isspace((unsigned char)*y))
			y++;
		if (*x != *y)
			return false;
		if (*x++ == '\0')
			return true;
		y++;
	}
}

void
confirm_show(struct rq *rq, json_object *view, uint32_t slot, const struct uuid *id, const char *name)
{
	json_object *values = json_new_object(rq->arena);

	json_add_str(values, "typed", page_field_text(rq, "typed"));
	json_add_object(view, "values", values);
	json_add_bool(view, "must_type", is_in_use(rq, slot, id));
	json_add_str(view, "confirm_name", name);
	json_add_str(view, "usage_sentence", confirm_usage(rq, slot, id));
}

void
confirm_check(struct rq *rq, uint32_t slot, const struct uuid *id, const char *name, struct faults *f)
{
	if (is_in_use(rq, slot, id) && !is_same_name(page_field_text(rq, "typed"), name))
		faults_add(f, "typed", "Type the name exactly as it stands above.");
}
