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
add_activity(struct store_tx *tx, struct arena *a, const struct actor *who, const char *action, const struct key_row *row,
    const char *detail)
{
	const struct activity_new in = { .action = action, .partner_id = row->partner_id, .customer_id = row->customer_id,
		.target_id = row->id, .target_name = row->name, .detail = detail };

	return activity_add(tx, a, who, &in);
}

/* ---- creating ---- */

struct creation {
	const struct scope *scope;
	const struct actor *who;
	struct key_row row;
	bool exists;
};

/* EG_OK where the id is free. */
static eg_err
check_id(struct store_tx *tx, struct arena *a, struct creation *c)
{
	struct store_record rec;
	eg_err e = store_tx_get(tx, KIND_API_KEY, &c->row.id, &rec);

	if (e != EG_OK)
		return e == EG_NOTFOUND ? EG_OK : e;
	if (!scope_covers(c->scope, &rec.lists[LIST_PARTNER], &rec.lists[LIST_CUSTOMER]))
		return EG_CONFLICT;
	EG_TRY(decode(a, &rec, &c->row));
	c->exists = true;
	return EG_EXISTS;
}

static eg_err
create(struct store_tx *tx, struct arena *a, void *arg)
{
	struct creation *c = arg;
	struct store_record partner;
	struct customer_row customer;

	EG_TRY(check_id(tx, a, c));
	EG_TRY(store_tx_get(tx, KIND_PARTNER, &c->row.partner_id, &partner));
	if (!uuid_is_nil(&c->row.customer_id))
		EG_TRY(customer_tx_get(tx, a, c->scope, &c->row.customer_id, &customer));
	EG_TRY(store_tx_new_slot(tx, &c->row.slot));
	c->row.created_at = change_now_s(tx);
	EG_TRY(put(tx, a, &c->row));
	return add_activity(tx, a, c->who, "api_key.create", &c->row, key_type_name(c->row.type));
}

static void
check_expiry(int64_t expires_at, struct faults *f)
{
	if (expires_at != 0 && expires_at <= clock_now_s())
		faults_add(f, "expires_at", "Choose a time in the future, or none.");
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
}

/* A new text, and what is kept of it. */
static eg_err
draw(struct service *sv, struct arena *a, enum api_key_type type, char text[API_KEY_SIZE], const char **prefix,
    const char **lookup)
{
	char *p = arena_alloc(a, API_KEY_PREFIX_SIZE), *l = arena_alloc(a, API_KEY_LOOKUP_SIZE);

	EG_TRY(api_key_make(type, text));
	api_key_prefix(text, p);
	EG_TRY(api_key_lookup(sv->keys, keyring_newest(sv->ring), text, l));
	*prefix = p;
	*lookup = l;
	return EG_OK;
}

eg_err
key_create(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who, const struct key_new *in,
    struct faults *f, struct key_row *out, char text[API_KEY_SIZE])
{
	struct creation c = { .scope = s, .who = who };
	struct customer_row customer;
	char fresh[API_KEY_SIZE];
	eg_err e;

	*text = '\0';
	if (uuid_is_nil(&s->partner_id) || !uuid_is_nil(&s->customer_id))
		return EG_NOTFOUND;
	if (!uuid_is_nil(&in->customer_id))
		EG_TRY(customer_get(sv, a, s, &in->customer_id, &customer));
	c.row.name = text_name(a, in->name, TEXT_NAME_MAX, "name", f);
	check_type(in, f);
	check_expiry(in->expires_at, f);
	EG_TRY(faults_result(f));
	c.row.id = in->id;
	if (uuid_is_nil(&c.row.id))
		EG_TRY(uuid_make(&c.row.id));
	EG_TRY(draw(sv, a, in->type, fresh, &c.row.prefix, &c.row.lookup));
	c.row.partner_id = s->partner_id;
	c.row.customer_id = in->customer_id;
	c.row.type = in->type;
	c.row.created_by = change_author(a, who);
	c.row.expires_at = in->expires_at;
	e = change_run(sv, a, who, "api_key.create", &c.row.id, create, &c);
	if (e == EG_OK)
		memcpy(text, fresh, sizeof(fresh));
	if (e == EG_OK || c.exists)
		*out = c.row;
	keyring_wipe(fresh, sizeof(fresh));
	return e;
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

/* ---- changing ---- */

struct change {
	const struct scope *scope;
	const struct actor *who;
	const struct uuid *id;
	struct key_row row;                     /* as it stands after the change */
	/* update */
	const struct key_patch *patch;          /* with its texts checked */
	/* rotate */
	const char *from;               /* the prefix that the current text must have; NULL: any */
	bool is_other;                  /* ... and it has not */
	int64_t overlap_s;
	const char *prefix, *lookup;
};

static eg_err
tx_get(struct store_tx *tx, struct arena *a, struct change *c)
{
	struct store_record rec;

	EG_TRY(store_tx_get(tx, KIND_API_KEY, c->id, &rec));
	if (!scope_covers(c->scope, &rec.lists[LIST_PARTNER], &rec.lists[LIST_CUSTOMER]))
		return EG_NOTFOUND;
	return decode(a, &rec, &c->row);
}

static eg_err
update(struct store_tx *tx, struct arena *a, void *arg)
{
	struct change *c = arg;
	const struct key_patch *p = c->patch;
	const char *detail = "";

	EG_TRY(tx_get(tx, a, c));
	if (c->row.revoked_at != 0)
		return EG_CONFLICT;
	if (p->set_name && strcmp(c->row.name, p->name) != 0) {
		c->row.name = p->name;
		detail = " Name changed.";
	}
	if (p->set_expires_at && c->row.expires_at != p->expires_at) {
		c->row.expires_at = p->expires_at;
		detail = arena_printf(a, "%s Expiry changed.", detail);
	}
	if (*detail == '\0')
		return EG_OK;
	EG_TRY(put(tx, a, &c->row));
	return add_activity(tx, a, c->who, "api_key.update", &c->row, detail + 1);
}

eg_err
key_update(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who, const struct uuid *id,
    const struct key_patch *patch, struct faults *f, struct key_row *out)
{
	struct key_patch checked = *patch;
	struct change c = { .scope = s, .who = who, .id = id, .patch = &checked };

	EG_TRY(key_get(sv, a, s, id, out));
	if (patch->set_name)
		checked.name = text_name(a, patch->name, TEXT_NAME_MAX, "name", f);
	if (patch->set_expires_at)
		check_expiry(patch->expires_at, f);
	EG_TRY(faults_result(f));
	EG_TRY(change_run(sv, a, who, "api_key.update", id, update, &c));
	*out = c.row;
	return EG_OK;
}

static bool
is_over(const struct key_row *k, int64_t now_s)
{
	return k->revoked_at != 0 || (k->expires_at != 0 && now_s >= k->expires_at);
}

/* Of the texts before, one is remembered: with the overlap of the newest rotation, that of an earlier one ends. */
static eg_err
rotate(struct store_tx *tx, struct arena *a, void *arg)
{
	struct change *c = arg;
	int64_t now_s = change_now_s(tx);

	EG_TRY(tx_get(tx, a, c));
	c->is_other = c->from != NULL && strcmp(c->from, c->row.prefix) != 0;
	if (c->is_other)
		return EG_EXISTS;
	if (is_over(&c->row, now_s))
		return EG_CONFLICT;
	c->row.previous_lookup = c->row.lookup;
	c->row.previous_valid_until = now_s + c->overlap_s;
	c->row.lookup = c->lookup;
	c->row.prefix = c->prefix;
	c->row.rotated_at = now_s;
	EG_TRY(put(tx, a, &c->row));
	return add_activity(tx, a, c->who, "api_key.rotate", &c->row, c->overlap_s == 0 ? "The old text is dead." :
	    arena_printf(a, "The old text is good for %lld more seconds.", (long long)c->overlap_s));
}

eg_err
key_rotate_from(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who, const struct uuid *id,
    const char *prefix, int64_t overlap_s, struct faults *f, struct key_row *out, char text[API_KEY_SIZE])
{
	struct change c = { .scope = s, .who = who, .id = id, .from = prefix, .overlap_s = overlap_s };
	char fresh[API_KEY_SIZE];
	eg_err e;

	*text = '\0';
	EG_TRY(key_get(sv, a, s, id, out));
	if (overlap_s < 0 || overlap_s > KEY_OVERLAP_MAX_S)
		faults_add(f, "overlap_seconds", "Give 0 to %d seconds.", KEY_OVERLAP_MAX_S);
	EG_TRY(faults_result(f));
	EG_TRY(draw(sv, a, out->type, fresh, &c.prefix, &c.lookup));
	e = change_run(sv, a, who, "api_key.rotate", id, rotate, &c);
	if (e == EG_OK) {
		usage_rotated(sv->usage, c.row.slot, &c.row.id);
		memcpy(text, fresh, sizeof(fresh));
	}
	if (e == EG_OK || c.is_other)
		*out = c.row;
	keyring_wipe(fresh, sizeof(fresh));
	return e;
}

eg_err
key_rotate(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who, const struct uuid *id,
    int64_t overlap_s, struct faults *f, struct key_row *out, char text[API_KEY_SIZE])
{
	return key_rotate_from(sv, a, s, who, id, NULL, overlap_s, f, out, text);
}

static eg_err
end_overlap(struct store_tx *tx, struct arena *a, void *arg)
{
	struct change *c = arg;

	EG_TRY(tx_get(tx, a, c));
	if (c->row.revoked_at != 0 || c->row.previous_lookup == NULL || c->row.previous_valid_until <= change_now_s(tx))
		return EG_OK;
	c->row.previous_valid_until = change_now_s(tx);
	EG_TRY(put(tx, a, &c->row));
	return add_activity(tx, a, c->who, "api_key.end_overlap", &c->row, "The old text is dead.");
}

eg_err
key_end_overlap(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who, const struct uuid *id,
    struct key_row *out)
{
	struct change c = { .scope = s, .who = who, .id = id };

	EG_TRY(change_run(sv, a, who, "api_key.end_overlap", id, end_overlap, &c));
	*out = c.row;
	return EG_OK;
}

static eg_err
revoke(struct store_tx *tx, struct arena *a, void *arg)
{
	struct change *c = arg;

	EG_TRY(tx_get(tx, a, c));
	if (c->row.revoked_at != 0)
		return EG_OK;
	c->row.revoked_at = change_now_s(tx);
	EG_TRY(put(tx, a, &c->row));
	return add_activity(tx, a, c->who, "api_key.revoke", &c->row, key_type_name(c->row.type));
}

eg_err
key_revoke(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who, const struct uuid *id,
    struct key_row *out)
{
	struct change c = { .scope = s, .who = who, .id = id };

	EG_TRY(change_run(sv, a, who, "api_key.revoke", id, revoke, &c));
	*out = c.row;
	return EG_OK;
}

/* ---- keys where they do not belong ---- */

struct sighting {
	const struct actor *who;
	const struct key_row *key;
	const char *detail;
};

static eg_err
note_in_browser(struct store_tx *tx, struct arena *a, void *arg)
{
	const struct sighting *c = arg;

	return add_activity(tx, a, c->who, "api_key.in_browser", c->key, c->detail);
}

eg_err
key_note_in_browser(struct service *sv, struct arena *a, const struct key_row *k, const char *origin, const char *address)
{
	char id[UUID_TEXT_SIZE];
	const struct actor who = { .kind = "api_key", .id = id, .name = k->name, .address = address };
	struct sighting c = { &who, k, arena_printf(a, "Sent by a page of %s. Replace this key: whoever sees that page has it.", origin) };

	uuid_format(&k->id, id);
	return change_run(sv, a, &who, "api_key.in_browser", &k->id, note_in_browser, &c);
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
