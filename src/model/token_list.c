/* SPDX-License-Identifier: GPL-3.0-or-later */
/* token_list.c - lists of tokens and what the outside sees of one. */
#include <string.h>

#include "model/kinds.h"
#include "model/listing.h"
#include "model/text.h"
#include "model/token_record.h"

#define EXPIRING_S (14 * 86400)

/* The customer's mark; of tokens one behind the other most have the same. */
struct mark {
	struct uuid customer_id;
	int64_t revoked_before;
};

struct wanted {
	struct service *sv;
	const struct token_filter *filter;
	int64_t now_s;
	struct mark mark;
};

static eg_err
read_row(struct service *sv, struct arena *a, const struct store_record *rec, struct mark *mark, struct token_row *out)
{
	static const struct scope everything = { 0 };

	EG_TRY(token_decode(a, rec, out));
	if (!uuid_equal(&mark->customer_id, &out->customer_id)) {
		struct customer_row customer;

		EG_TRY(customer_get(sv, a, &everything, &out->customer_id, &customer));
		*mark = (struct mark){ customer.id, customer.tokens_revoked_before };
	}
	token_mark_revoked(out, mark->revoked_before);
	return EG_OK;
}

static bool
is_given(const char *text)
{
	return text != NULL && *text != '\0';
}

static bool
wants_all(const char *status)
{
	return !is_given(status) || strcmp(status, "all") == 0;
}

static bool
has_status(const struct token_row *t, const char *wanted, int64_t now_s)
{
	enum token_status status = token_status(t, now_s);
	bool works = status == TOKEN_ACTIVE || status == TOKEN_ROTATING;

	if (strcmp(wanted, "active") == 0)
		return works;
	if (strcmp(wanted, "expiring") == 0)
		return works && t->expires_at != 0 && t->expires_at <= now_s + EXPIRING_S;
	return strcmp(wanted, token_status_name(status)) == 0;
}

static eg_err
keep(struct arena *scratch, const struct store_record *rec, void *arg, bool *kept)
{
	struct wanted *w = arg;
	char prefix[EMBED_TOKEN_PREFIX_SIZE];
	struct token_row row;

	EG_TRY(read_row(w->sv, scratch, rec, &w->mark, &row));
	embed_token_prefix(row.issue, prefix);
	*kept = (uuid_is_nil(&w->filter->customer_id) || uuid_equal(&w->filter->customer_id, &row.customer_id)) &&
	    (wants_all(w->filter->status) || has_status(&row, w->filter->status, w->now_s)) &&
	    (!is_given(w->filter->search) || text_holds(row.name, w->filter->search) ||
	        text_holds(prefix, w->filter->search));
	return EG_OK;
}

/* The tenant of the event that is asked for; EG_NOTFOUND outside the scope. */
static eg_err
find_event(struct service *sv, struct arena *a, const struct scope *s, const struct uuid *id)
{
	struct store_record rec;

	EG_TRY(store_get(sv->store, a, KIND_EVENT, id, &rec));
	return scope_covers(s, &rec.lists[LIST_PARTNER], &rec.lists[LIST_CUSTOMER]) ? EG_OK : EG_NOTFOUND;
}

/* The narrowest list that holds all that is asked for. */
static eg_err
choose_list(struct service *sv, struct arena *a, const struct scope *s, const struct token_filter *filter,
    struct listing *l)
{
	struct customer_row customer;

	if (!uuid_is_nil(&filter->customer_id))
		EG_TRY(customer_get(sv, a, s, &filter->customer_id, &customer));
	if (!uuid_is_nil(&filter->event_id))
		EG_TRY(find_event(sv, a, s, &filter->event_id));
	if (uuid_is_nil(&filter->event_id) && uuid_is_nil(&filter->customer_id)) {
		l->walk_max = uuid_is_nil(&s->customer_id) ? LISTING_WALK_MAX : 0;
		return listing_of_scope(sv, a, s, &l->lists, &l->list_count);
	}
	l->lists = !uuid_is_nil(&filter->event_id) ? &filter->event_id : &filter->customer_id;
	l->list_count = 1;
	return EG_OK;
}

eg_err
token_list(struct service *sv, struct arena *a, const struct scope *s, const struct token_filter *filter, int64_t now_s,
    struct token_row **out, size_t *count, size_t *total)
{
	struct wanted w = { .sv = sv, .filter = filter, .now_s = now_s };
	struct listing l = { .kind = KIND_TOKEN, .page = filter->page, .limit = filter->limit, .arg = &w };
	struct store_record *recs;

	EG_TRY(choose_list(sv, a, s, filter, &l));
	if (!wants_all(filter->status) || is_given(filter->search) ||
	    (!uuid_is_nil(&filter->event_id) && !uuid_is_nil(&filter->customer_id)))
		l.keep = keep;
	EG_TRY(listing_page(sv, a, &l, &recs, count, total));
	*out = arena_array(a, *count, sizeof(**out));
	for (size_t i = 0; i < *count; i++)
		EG_TRY(read_row(sv, a, &recs[i], &w.mark, &(*out)[i]));
	return EG_OK;
}

/* ---- views ---- */

static const char *
text_or_null(const char *text)
{
	return *text == '\0' ? NULL : text;
}

static json_object *
origins_view(struct arena *a, const struct token_row *t)
{
	json_object *array = json_new_array(a);

	for (size_t i = 0; i < t->origin_count; i++)
		json_push_str(array, t->origins[i]);
	return array;
}

static json_object *
refusal_view(struct arena *a, const struct usage_view *used)
{
	json_object *view;

	if (used->refused_at_s == 0)
		return NULL;
	view = json_new_object(a);
	json_add_time(view, "at", used->refused_at_s);
	json_add_str(view, "code", used->refused_code);
	json_add_str(view, "origin", text_or_null(used->refused_origin));
	return view;
}

json_object *
token_view(struct service *sv, struct arena *a, const struct token_row *t, int64_t now_s)
{
	json_object *view = json_new_object(a);
	char prefix[EMBED_TOKEN_PREFIX_SIZE];
	struct usage_view used;

	embed_token_prefix(t->issue, prefix);
	usage_read(sv->usage, t->slot, &t->id, now_s, &used);
	json_add_uuid(view, "id", &t->id);
	json_add_uuid(view, "customer_id", &t->customer_id);
	json_add_uuid(view, "partner_id", &t->partner_id);
	json_add_uuid(view, "event_id", &t->event_id);
	json_add_uuid(view, "agent_id", &t->agent_id);
	json_add_str(view, "name", t->name);
	json_add_str(view, "prefix", prefix);
	json_add_str(view, "status", token_status_name(token_status(t, now_s)));
	json_add_bool(view, "is_active", t->is_active && t->revoked_at == 0);
	json_add_bool(view, "is_primary", t->is_primary);
	json_add_object(view, "permissions", permission_array(a, t->permissions));
	json_add_object(view, "allowed_origins", origins_view(a, t));
	json_add_int(view, "usage_count", (int64_t)used.loads);
	json_add_int(view, "request_count", (int64_t)used.requests);
	json_add_int(view, "refused_count", (int64_t)used.refused);
	json_add_time(view, "last_used_at", used.last_used_at_s);
	json_add_str(view, "last_used_origin", text_or_null(used.last_used_origin));
	json_add_object(view, "last_refused", refusal_view(a, &used));
	json_add_time(view, "created_at", t->created_at);
	json_add_str(view, "created_by", t->created_by);
	json_add_time(view, "expires_at", t->expires_at);
	json_add_time(view, "rotated_at", t->rotated_at);
	json_add_time(view, "previous_valid_until", token_previous_valid_until(t));
	json_add_time(view, "revoked_at", t->revoked_at);
	json_add_str(view, "revoked_by", t->revoked_by);
	return view;
}
