/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/api_key.h"

#include <string.h>

#include "base/clock.h"
#include "model/activity.h"
#include "model/change.h"
#include "model/kinds.h"
#include "model/listing.h"
#include "model/records.h"
#include "model/row.h"
#include "model/text.h"

enum { LIST_PARTNER, LIST_CUSTOMER };
enum { UNIQUE_CURRENT, UNIQUE_PREVIOUS };

static const char *const type_names[] = {
	[API_KEY_PARTNER] = "partner",
	[API_KEY_CUSTOMER] = "customer",
	[API_KEY_READ_ONLY] = "read_only",
	[API_KEY_WEBHOOK] = "webhook",
};

const char *
key_type_name(enum api_key_type type)
{
	return (size_t)type < EG_COUNT(type_names) ? type_names[type] : NULL;
}

enum api_key_type
key_type_by_name(const char *name)
{
	for (size_t i = API_KEY_PARTNER; i < EG_COUNT(type_names); i++) {
		if (strcmp(type_names[i], name) == 0)
			return (enum api_key_type)i;
	}
	return 0;
}

/* ---- records ---- */

static const struct column columns[] = {
	COLUMN(BITS, struct key_row, type, "type"),
	COLUMN(TEXT, struct key_row, name, "name"),
	COLUMN(TEXT, struct key_row, prefix, "prefix"),
	COLUMN(TEXT, struct key_row, lookup, "lookup"),
	COLUMN(TEXT, struct key_row, previous_lookup, "previous"),
	COLUMN(NUMBER, struct key_row, previous_valid_until, "previous_until"),
	COLUMN(TEXT, struct key_row, created_by, "by"),
	COLUMN(NUMBER, struct key_row, created_at, "created"),
	COLUMN(NUMBER, struct key_row, expires_at, "expires"),
	COLUMN(NUMBER, struct key_row, rotated_at, "rotated"),
	COLUMN(NUMBER, struct key_row, revoked_at, "revoked"),
	COLUMN_END,
};
_Static_assert(sizeof(enum api_key_type) == sizeof(unsigned), "COLUMN_BITS holds the type");

static eg_err
decode(struct arena *a, const struct store_record *rec, struct key_row *out)
{
	*out = (struct key_row){
		.id = rec->id,
		.partner_id = rec->lists[LIST_PARTNER],
		.customer_id = rec->lists[LIST_CUSTOMER],
		.slot = rec->slot,
	};
	return row_decode(a, rec, columns, out);
}

static const char *
lookup_unique(struct arena *a, const char *lookup)
{
	return lookup == NULL ? NULL : arena_printf(a, "key:%s", lookup);
}

static eg_err
put(struct store_tx *tx, struct arena *a, const struct key_row *row)
{
	struct store_record rec = { .kind = KIND_API_KEY, .id = row->id, .slot = row->slot };

	rec.lists[LIST_PARTNER] = row->partner_id;
	rec.lists[LIST_CUSTOMER] = row->customer_id;
	rec.uniques[UNIQUE_CURRENT] = lookup_unique(a, row->lookup);
	rec.uniques[UNIQUE_PREVIOUS] = lookup_unique(a, row->previous_lookup);
	rec.doc = row_encode(a, columns, row);
	return store_tx_put(tx, &rec);
}

static eg_err
add_activity(struct store_tx *tx, struct arena *a, const struct actor *who, const char *action, const struct key_row *row)
{
	const struct activity_new in = { .action = action, .partner_id = row->partner_id, .customer_id = row->customer_id,
		.target_id = row->id, .target_name = row->name, .detail = key_type_name(row->type) };

	return activity_add(tx, a, who, &in);
}

/* ---- creating ---- */

struct creation {
	const struct scope *scope;
	const struct actor *who;
	struct key_row row;
};

static eg_err
create(struct store_tx *tx, struct arena *a, void *arg)
{
	struct creation *c = arg;
	struct store_record partner;
	struct customer_row customer;

	EG_TRY(store_tx_get(tx, KIND_PARTNER, &c->row.partner_id, &partner));
	if (!uuid_is_nil(&c->row.customer_id))
		EG_TRY(customer_tx_get(tx, a, c->scope, &c->row.customer_id, &customer));
	EG_TRY(store_tx_new_slot(tx, &c->row.slot));
	c->row.created_at = change_now_s(tx);
	EG_TRY(put(tx, a, &c->row));
	return add_activity(tx, a, c->who, "api_key.create", &c->row);
}

static void
check_type(const struct key_new *in, struct faults *f)
{
	bool has_customer = !uuid_is_nil(&in->customer_id);

	if (key_type_name(in->type) == NULL)
		faults_add(f, "type", "Choose partner, customer, read_only or webhook.");
	else if (in->type == API_KEY_CUSTOMER && !has_customer)
		faults_add(f, "customer_id", "Name the customer that the key is for.");
	else if (in->type != API_KEY_CUSTOMER && in->type != API_KEY_READ_ONLY && has_customer)
		faults_add(f, "customer_id", "Leave the customer out: a key of this type is not bound to one.");
	if (in->expires_at != 0 && in->expires_at <= clock_now_s())
		faults_add(f, "expires_at", "Choose a time in the future, or none.");
}

eg_err
key_create(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who, const struct key_new *in,
    struct faults *f, struct key_row *out, char text[API_KEY_SIZE])
{
	struct creation c = { .scope = s, .who = who };
	char fresh[API_KEY_SIZE], prefix[API_KEY_PREFIX_SIZE], lookup[API_KEY_LOOKUP_SIZE];
	struct customer_row customer;

	*text = '\0';
	if (uuid_is_nil(&s->partner_id) || !uuid_is_nil(&s->customer_id))
		return EG_NOTFOUND;
	if (!uuid_is_nil(&in->customer_id))
		EG_TRY(customer_get(sv, a, s, &in->customer_id, &customer));
	c.row.name = text_name(a, in->name, TEXT_NAME_MAX, "name", f);
	check_type(in, f);
	EG_TRY(faults_result(f));
	EG_TRY(uuid_make(&c.row.id));
	EG_TRY(api_key_make(in->type, fresh));
	api_key_prefix(fresh, prefix);
	EG_TRY(api_key_lookup(sv->keys, keyring_newest(sv->ring), fresh, lookup));
	c.row.partner_id = s->partner_id;
	c.row.customer_id = in->customer_id;
	c.row.type = in->type;
	c.row.prefix = arena_strdup(a, prefix);
	c.row.lookup = arena_strdup(a, lookup);
	c.row.created_by = change_author(a, who);
	c.row.expires_at = in->expires_at;
	EG_TRY(change_run(sv, a, who, "api_key.create", &c.row.id, create, &c));
	memcpy(text, fresh, sizeof(fresh));
	keyring_wipe(fresh, sizeof(fresh));
	*out = c.row;
	return EG_OK;
}

/* ---- reading ---- */

eg_err
key_get(struct service *sv, struct arena *a, const struct scope *s, const struct uuid *id, struct key_row *out)
{
	struct store_record rec;

	EG_TRY(store_get(sv->store, a, KIND_API_KEY, id, &rec));
	if (!scope_covers(s, &rec.lists[LIST_PARTNER], &rec.lists[LIST_CUSTOMER]))
		return EG_NOTFOUND;
	return decode(a, &rec, out);
}

eg_err
key_list(struct service *sv, struct arena *a, const struct scope *s, size_t page, size_t limit, struct key_row **out,
    size_t *count, size_t *total)
{
	struct listing l = { .kind = KIND_API_KEY, .page = page, .limit = limit };
	struct store_record *recs;

	EG_TRY(listing_of_scope(sv, a, s, &l.lists, &l.list_count));
	EG_TRY(listing_page(sv, a, &l, &recs, count, total));
	*out = arena_array(a, *count, sizeof(**out));
	for (size_t i = 0; i < *count; i++)
		EG_TRY(decode(a, &recs[i], &(*out)[i]));
	return EG_OK;
}

eg_err
key_find(struct service *sv, struct arena *a, const char *text, struct key_row *out, bool *old_text)
{
	for (unsigned number = keyring_newest(sv->ring); number > 0; number--) {
		char lookup[API_KEY_LOOKUP_SIZE];
		struct store_record rec;
		eg_err e;

		if (!keyring_has(sv->ring, number))
			continue;
		EG_TRY(api_key_lookup(sv->keys, number, text, lookup));
		e = store_find(sv->store, a, lookup_unique(a, lookup), &rec);
		if (e == EG_NOTFOUND)
			continue;
		if (e != EG_OK)
			return e;
		EG_TRY(decode(a, &rec, out));
		*old_text = strcmp(out->lookup, lookup) != 0;
		return EG_OK;
	}
	return EG_NOTFOUND;
}

/* ---- revoking ---- */

struct revocation {
	const struct scope *scope;
	const struct actor *who;
	const struct uuid *id;
	struct key_row row;
};

static eg_err
revoke(struct store_tx *tx, struct arena *a, void *arg)
{
	struct revocation *c = arg;
	struct store_record rec;

	EG_TRY(store_tx_get(tx, KIND_API_KEY, c->id, &rec));
	if (!scope_covers(c->scope, &rec.lists[LIST_PARTNER], &rec.lists[LIST_CUSTOMER]))
		return EG_NOTFOUND;
	EG_TRY(decode(a, &rec, &c->row));
	if (c->row.revoked_at != 0)
		return EG_OK;
	c->row.revoked_at = change_now_s(tx);
	EG_TRY(put(tx, a, &c->row));
	return add_activity(tx, a, c->who, "api_key.revoke", &c->row);
}

eg_err
key_revoke(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who, const struct uuid *id,
    struct key_row *out)
{
	struct revocation c = { .scope = s, .who = who, .id = id };

	EG_TRY(change_run(sv, a, who, "api_key.revoke", id, revoke, &c));
	*out = c.row;
	return EG_OK;
}

/* ---- views ---- */

const char *
key_status(const struct key_row *k, int64_t now_s)
{
	if (k->revoked_at != 0)
		return "revoked";
	if (k->expires_at != 0 && now_s >= k->expires_at)
		return "expired";
	return now_s < k->previous_valid_until ? "rotating" : "active";
}

json_object *
key_view(struct service *sv, struct arena *a, const struct key_row *k, int64_t now_s)
{
	json_object *view = json_new_object(a);
	struct usage_view used;

	usage_read(sv->usage, k->slot, &k->id, now_s, &used);
	json_add_uuid(view, "id", &k->id);
	json_add_str(view, "name", k->name);
	json_add_str(view, "type", key_type_name(k->type));
	json_add_str(view, "prefix", k->prefix);
	json_add_uuid(view, "customer_id", &k->customer_id);
	json_add_uuid(view, "partner_id", &k->partner_id);
	json_add_str(view, "status", key_status(k, now_s));
	json_add_time(view, "created_at", k->created_at);
	json_add_str(view, "created_by", k->created_by);
	json_add_time(view, "last_used_at", used.last_used_at_s);
	json_add_time(view, "expires_at", k->expires_at);
	json_add_time(view, "rotated_at", k->rotated_at);
	json_add_time(view, "previous_valid_until", k->previous_valid_until);
	json_add_time(view, "revoked_at", k->revoked_at);
	return view;
}
