/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/activity.h"

#include <string.h>

#include "model/change.h"
#include "model/kinds.h"
#include "model/listing.h"
#include "model/row.h"
#include "model/text.h"

enum { LIST_PARTNER, LIST_CUSTOMER, LIST_TARGET };

static const struct column columns[] = {
	COLUMN(NUMBER, struct activity_row, at, "at"),
	COLUMN(TEXT, struct activity_row, action, "action"),
	COLUMN(TEXT, struct activity_row, actor_kind, "kind"),
	COLUMN(TEXT, struct activity_row, actor_id, "actor"),
	COLUMN(TEXT, struct activity_row, actor_name, "name"),
	COLUMN(TEXT, struct activity_row, address, "address"),
	COLUMN(UUID, struct activity_row, target_id, "target"),
	COLUMN(TEXT, struct activity_row, target_name, "target_name"),
	COLUMN(TEXT, struct activity_row, detail, "detail"),
	COLUMN_END,
};

/* A thing that is a partner or a customer itself stands in its list already; in no list is it twice. */
static struct uuid
list_of_target(const struct activity_new *in)
{
	if (uuid_equal(&in->target_id, &in->partner_id) || uuid_equal(&in->target_id, &in->customer_id))
		return uuid_nil;
	return in->target_id;
}

eg_err
activity_add(struct store_tx *tx, struct arena *a, const struct actor *who, const struct activity_new *in)
{
	struct store_record rec = { .kind = KIND_ACTIVITY };
	const struct activity_row row = {
		.at = change_now_s(tx),
		.action = in->action,
		.actor_kind = who->kind,
		.actor_id = who->id,
		.actor_name = who->name,
		.address = who->address,
		.target_id = in->target_id,
		.target_name = in->target_name,
		.detail = in->detail,
	};

	EG_TRY(uuid_make(&rec.id));
	rec.lists[LIST_PARTNER] = in->partner_id;
	rec.lists[LIST_CUSTOMER] = in->customer_id;
	rec.lists[LIST_TARGET] = list_of_target(in);
	rec.doc = row_encode(a, columns, &row);
	return store_tx_put(tx, &rec);
}

static bool
is_given(const char *text)
{
	return text != NULL && *text != '\0';
}

static eg_err
keep(struct arena *scratch, const struct store_record *rec, void *arg, bool *kept)
{
	const struct activity_filter *filter = arg;
	struct activity_row row = { 0 };

	EG_TRY(row_decode(scratch, rec, columns, &row));
	*kept = (!is_given(filter->about) || strncmp(row.action, filter->about, strlen(filter->about)) == 0) &&
	    (!is_given(filter->search) || text_holds(row.actor_name, filter->search) ||
	    text_holds(row.target_name, filter->search));
	return EG_OK;
}

eg_err
activity_find(struct service *sv, struct arena *a, const struct scope *s, const struct uuid *of,
    const struct activity_filter *filter, size_t page, size_t limit, struct activity_row **out, size_t *count, size_t *total)
{
	struct activity_filter wanted = *filter;
	const struct listing l = {
		.kind = KIND_ACTIVITY, .lists = of, .list_count = 1, .page = page, .limit = limit, .arg = &wanted,
		.walk_max = ACTIVITY_WALK_MAX,
		.keep = is_given(filter->about) || is_given(filter->search) ? keep : NULL,
	};
	struct store_record *recs;

	/* A partner's own list holds the rows of all its customers. */
	if (!uuid_is_nil(&s->customer_id) && uuid_equal(of, &s->partner_id))
		return EG_NOTFOUND;
	EG_TRY(listing_page(sv, a, &l, &recs, count, total));
	*out = arena_array(a, *count, sizeof(**out));
	for (size_t i = 0; i < *count; i++) {
		struct activity_row *row = &(*out)[i];

		if (!scope_covers(s, &recs[i].lists[LIST_PARTNER], &recs[i].lists[LIST_CUSTOMER]))
			return EG_NOTFOUND;
		row->id = recs[i].id;
		EG_TRY(row_decode(a, &recs[i], columns, row));
	}
	return EG_OK;
}

eg_err
activity_list(struct service *sv, struct arena *a, const struct scope *s, const struct uuid *of, size_t page, size_t limit,
    struct activity_row **out, size_t *count, size_t *total)
{
	static const struct activity_filter all;

	return activity_find(sv, a, s, of, &all, page, limit, out, count, total);
}

json_object *
activity_view(struct arena *a, const struct activity_row *r)
{
	json_object *view = json_new_object(a);

	json_add_uuid(view, "id", &r->id);
	json_add_time(view, "at", r->at);
	json_add_str(view, "action", r->action);
	json_add_str(view, "actor_kind", r->actor_kind);
	json_add_str(view, "actor_id", r->actor_id);
	json_add_str(view, "actor_name", r->actor_name);
	json_add_str(view, "address", r->address);
	json_add_uuid(view, "target_id", &r->target_id);
	json_add_str(view, "target_name", r->target_name);
	json_add_str(view, "detail", r->detail);
	return view;
}
