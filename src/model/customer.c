/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/customer.h"

#include <string.h>

#include "base/buf.h"
#include "model/activity.h"
#include "model/change.h"
#include "model/kinds.h"
#include "model/listing.h"
#include "model/records.h"
#include "model/row.h"
#include "model/text.h"

#define EXTERNAL_ID_MAX_CHARS 200
#define EXTERNAL_ID_MAX_BYTES 255       /* "external:PARTNER:" before it, it still is a unique text of the store */
#define EXTERNAL_ID_TAKEN "Another customer has this external id already; use another one."

/* ---- records ---- */

static const struct column columns[] = {
	COLUMN(TEXT, struct customer_row, name, "name"),
	COLUMN(TEXT, struct customer_row, email, "email"),
	COLUMN(TEXT, struct customer_row, external_id, "external"),
	COLUMN(FLAG, struct customer_row, is_disabled, "disabled"),
	COLUMN(FLAG, struct customer_row, has_portal_access, "portal"),
	COLUMN(BITS, struct customer_row, features, "features"),
	COLUMN(UUID, struct customer_row, primary_token_id, "primary"),
	COLUMN(NUMBER, struct customer_row, tokens_revoked_before, "revoked_before"),
	COLUMN(NUMBER, struct customer_row, created_at, "created"),
	COLUMN(NUMBER, struct customer_row, updated_at, "updated"),
	COLUMN_END,
};

static eg_err
decode(struct arena *a, const struct store_record *rec, struct customer_row *out)
{
	*out = (struct customer_row){ .id = rec->id, .partner_id = rec->lists[0], .ring = rec->ring };
	return row_decode(a, rec, columns, out);
}

static const char *
external_unique(struct arena *a, const struct uuid *partner_id, const char *external_id)
{
	char partner[UUID_TEXT_SIZE];

	uuid_format(partner_id, partner);
	return arena_printf(a, "external:%s:%s", partner, external_id);
}

eg_err
customer_tx_put(struct store_tx *tx, struct arena *a, const struct customer_row *row)
{
	struct store_record rec = { .kind = KIND_CUSTOMER, .id = row->id, .ring = row->ring };

	rec.lists[0] = row->partner_id;
	if (row->external_id != NULL)
		rec.uniques[0] = external_unique(a, &row->partner_id, row->external_id);
	rec.doc = row_encode(a, columns, row);
	return store_tx_put(tx, &rec);
}

eg_err
customer_tx_get(struct store_tx *tx, struct arena *a, const struct scope *s, const struct uuid *id,
    struct customer_row *out)
{
	struct store_record rec;

	EG_TRY(store_tx_get(tx, KIND_CUSTOMER, id, &rec));
	if (!scope_covers(s, &rec.lists[0], &rec.id))
		return EG_NOTFOUND;
	return decode(a, &rec, out);
}

eg_err
customer_get(struct service *sv, struct arena *a, const struct scope *s, const struct uuid *id, struct customer_row *out)
{
	struct store_record rec;

	EG_TRY(store_get(sv->store, a, KIND_CUSTOMER, id, &rec));
	if (!scope_covers(s, &rec.lists[0], &rec.id))
		return EG_NOTFOUND;
	return decode(a, &rec, out);
}

/* ---- what people type ---- */

static bool
is_given(const char *text)
{
	return text != NULL && *text != '\0';
}

static const char *
read_email(struct arena *a, const char *value, struct faults *f)
{
	return is_given(value) ? text_email(a, value, "email", f) : NULL;
}

static const char *
read_external_id(struct arena *a, const char *value, struct faults *f)
{
	const char *text = is_given(value) ? text_name(a, value, EXTERNAL_ID_MAX_CHARS, "external_id", f) : NULL;

	if (text != NULL && strlen(text) > EXTERNAL_ID_MAX_BYTES) {
		faults_add(f, "external_id", "Shorten this to at most %d bytes.", EXTERNAL_ID_MAX_BYTES);
		return NULL;
	}
	return text;
}

/* EG_INVALID and a fault where another customer than `row` has its external id. */
static eg_err
check_external_id(struct store_tx *tx, struct arena *a, const struct customer_row *row, struct faults *f)
{
	struct store_record rec;
	eg_err e;

	if (row->external_id == NULL)
		return EG_OK;
	e = store_tx_find(tx, external_unique(a, &row->partner_id, row->external_id), &rec);
	if (e == EG_NOTFOUND || (e == EG_OK && uuid_equal(&rec.id, &row->id)))
		return EG_OK;
	if (e != EG_OK)
		return e;
	faults_add(f, "external_id", EXTERNAL_ID_TAKEN);
	return EG_INVALID;
}

static eg_err
add_activity(struct store_tx *tx, struct arena *a, const struct actor *who, const char *action,
    const struct customer_row *row, const char *detail)
{
	const struct activity_new in = { .action = action, .partner_id = row->partner_id, .customer_id = row->id,
		.target_id = row->id, .target_name = row->name, .detail = detail };

	return activity_add(tx, a, who, &in);
}

/* ---- creating ---- */

struct creation {
	const struct scope *scope;
	const struct actor *who;
	struct faults *faults;
	struct customer_row row;
	bool exists;
	bool has_primary;
	struct token_row primary;
};

/* EG_OK where the id is free. */
static eg_err
check_id(struct store_tx *tx, struct arena *a, struct creation *c)
{
	struct store_record rec;
	eg_err e = store_tx_get(tx, KIND_CUSTOMER, &c->row.id, &rec);

	if (e != EG_OK)
		return e == EG_NOTFOUND ? EG_OK : e;
	if (!scope_covers(c->scope, &rec.lists[0], &rec.id))
		return EG_CONFLICT;
	EG_TRY(decode(a, &rec, &c->row));
	c->exists = true;
	return EG_EXISTS;
}

static eg_err
create(struct store_tx *tx, struct arena *a, void *arg)
{
	struct creation *c = arg;
	struct customer_row *row = &c->row;
	struct store_record partner;

	EG_TRY(check_id(tx, a, c));
	EG_TRY(store_tx_get(tx, KIND_PARTNER, &row->partner_id, &partner));
	EG_TRY(check_external_id(tx, a, row, c->faults));
	EG_TRY(store_tx_new_ring(tx, &row->ring));
	row->created_at = change_now_s(tx);
	row->updated_at = row->created_at;
	EG_TRY(customer_tx_put(tx, a, row));
	EG_TRY(add_activity(tx, a, c->who, "customer.create", row, NULL));
	return c->has_primary ? token_tx_add(tx, a, c->who, row, &c->primary) : EG_OK;
}

static eg_err
draft(struct service *sv, struct arena *a, const struct scope *s, const struct customer_new *in, struct creation *c)
{
	struct customer_row *row = &c->row;

	row->partner_id = s->partner_id;
	row->name = text_name(a, in->name, TEXT_NAME_MAX, "name", c->faults);
	row->email = read_email(a, in->email, c->faults);
	row->external_id = read_external_id(a, in->external_id, c->faults);
	row->has_portal_access = true;
	row->features = in->features & FEATURE_ALL;
	row->id = in->id;
	if (uuid_is_nil(&row->id))
		EG_TRY(uuid_make(&row->id));
	c->has_primary = in->wants_primary_token;
	if (c->has_primary) {
		EG_TRY(token_draft_primary(sv, a, in->allowed_origins, c->faults, &c->primary));
		row->primary_token_id = c->primary.id;
	}
	return faults_result(c->faults);
}

eg_err
customer_create(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who,
    const struct customer_new *in, struct faults *f, struct customer_row *out, char token[EMBED_TOKEN_SIZE])
{
	struct creation c = { .scope = s, .who = who, .faults = f };
	eg_err e;

	if (token != NULL)
		*token = '\0';
	if (uuid_is_nil(&s->partner_id) || !uuid_is_nil(&s->customer_id))
		return EG_NOTFOUND;
	EG_TRY(draft(sv, a, s, in, &c));
	e = change_run(sv, a, who, "customer.create", &c.row.id, create, &c);
	if (e == EG_OK || c.exists)
		*out = c.row;
	if (e == EG_OK && c.has_primary && token != NULL)
		return token_text(sv, &c.primary, TOKEN_EMBED, token);
	return e;
}

/* ---- changing ---- */

struct update {
	const struct scope *scope;
	const struct actor *who;
	const struct uuid *id;
	const struct customer_patch *patch;     /* with its texts checked */
	struct faults *faults;
	struct customer_row row;
};

static bool
is_same_text(const char *x, const char *y)
{
	return x == y || (x != NULL && y != NULL && strcmp(x, y) == 0);
}

/* Sets what differs; `detail` gets a sentence for each. */
static void
apply_texts(const struct customer_patch *p, struct customer_row *row, struct buf *detail)
{
	if (p->set_name && !is_same_text(row->name, p->name)) {
		row->name = p->name;
		buf_add_str(detail, " Name changed.");
	}
	if (p->set_email && !is_same_text(row->email, p->email)) {
		row->email = p->email;
		buf_add_str(detail, " Mail address changed.");
	}
	if (p->set_external_id && !is_same_text(row->external_id, p->external_id)) {
		row->external_id = p->external_id;
		buf_add_str(detail, " External id changed.");
	}
}

static void
apply_switches(const struct customer_patch *p, struct customer_row *row, struct buf *detail)
{
	unsigned features;

	if (p->set_disabled && row->is_disabled != p->is_disabled) {
		row->is_disabled = p->is_disabled;
		buf_add_str(detail, row->is_disabled ? " Disabled." : " Enabled.");
	}
	if (p->set_portal_access && row->has_portal_access != p->has_portal_access) {
		row->has_portal_access = p->has_portal_access;
		buf_add_str(detail, row->has_portal_access ? " Portal access on." : " Portal access off.");
	}
	features = feature_switched(row->features, &p->features) & FEATURE_ALL;
	for (unsigned bit = 1; bit <= FEATURE_ALL; bit <<= 1) {
		if ((row->features & bit) != (features & bit))
			buf_printf(detail, " Feature %s %s.", feature_name(bit), features & bit ? "on" : "off");
	}
	row->features = features;
}

static eg_err
update(struct store_tx *tx, struct arena *a, void *arg)
{
	struct update *c = arg;
	struct buf detail;

	EG_TRY(customer_tx_get(tx, a, c->scope, c->id, &c->row));
	buf_init(&detail, a, 128);
	apply_texts(c->patch, &c->row, &detail);
	apply_switches(c->patch, &c->row, &detail);
	if (detail.len == 0)
		return EG_OK;
	EG_TRY(check_external_id(tx, a, &c->row, c->faults));
	c->row.updated_at = change_now_s(tx);
	EG_TRY(customer_tx_put(tx, a, &c->row));
	return add_activity(tx, a, c->who, "customer.update", &c->row, detail.data + 1);
}

eg_err
customer_update(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who, const struct uuid *id,
    const struct customer_patch *patch, struct faults *f, struct customer_row *out)
{
	struct customer_patch checked = *patch;
	struct update c = { .scope = s, .who = who, .id = id, .patch = &checked, .faults = f };

	EG_TRY(customer_get(sv, a, s, id, out));
	if (patch->set_name)
		checked.name = text_name(a, patch->name, TEXT_NAME_MAX, "name", f);
	if (patch->set_email)
		checked.email = read_email(a, patch->email, f);
	if (patch->set_external_id)
		checked.external_id = read_external_id(a, patch->external_id, f);
	EG_TRY(faults_result(f));
	EG_TRY(change_run(sv, a, who, "customer.update", id, update, &c));
	*out = c.row;
	return EG_OK;
}

/* ---- listing ---- */

static bool
is_filtered(const struct customer_filter *filter)
{
	return filter->status != NULL || is_given(filter->search);
}

static const char *
status_name(const struct customer_row *c)
{
	return c->is_disabled ? "disabled" : "active";
}

static bool
matches(const struct customer_filter *filter, const struct customer_row *c)
{
	if (filter->status != NULL && strcmp(filter->status, status_name(c)) != 0)
		return false;
	return !is_given(filter->search) || text_holds(c->name, filter->search) || text_holds(c->email, filter->search) ||
	    text_holds(c->external_id, filter->search);
}

static eg_err
keep(struct arena *scratch, const struct store_record *rec, void *arg, bool *kept)
{
	const struct customer_filter *filter = arg;
	struct customer_row row;

	EG_TRY(decode(scratch, rec, &row));
	*kept = matches(filter, &row);
	return EG_OK;
}

/* Who is bound to one customer has a list of one. */
static eg_err
list_own(struct service *sv, struct arena *a, const struct scope *s, const struct customer_filter *filter,
    struct customer_row **out, size_t *count, size_t *total)
{
	*out = arena_array(a, 1, sizeof(**out));
	*count = 0;
	*total = 0;
	EG_TRY(customer_get(sv, a, s, &s->customer_id, *out));
	if (!matches(filter, *out))
		return EG_OK;
	*total = 1;
	*count = filter->page <= 1 && filter->limit > 0;
	return EG_OK;
}

eg_err
customer_list(struct service *sv, struct arena *a, const struct scope *s, const struct customer_filter *filter,
    struct customer_row **out, size_t *count, size_t *total)
{
	struct customer_filter wanted = *filter;
	struct listing l = { .kind = KIND_CUSTOMER, .page = filter->page, .limit = filter->limit,
	    .walk_max = LISTING_WALK_MAX };
	struct store_record *recs;

	if (!uuid_is_nil(&s->customer_id))
		return list_own(sv, a, s, filter, out, count, total);
	EG_TRY(listing_of_scope(sv, a, s, &l.lists, &l.list_count));
	if (is_filtered(filter)) {
		l.keep = keep;
		l.arg = &wanted;
	}
	EG_TRY(listing_page(sv, a, &l, &recs, count, total));
	*out = arena_array(a, *count, sizeof(**out));
	for (size_t i = 0; i < *count; i++)
		EG_TRY(decode(a, &recs[i], &(*out)[i]));
	return EG_OK;
}

json_object *
customer_view(struct arena *a, const struct customer_row *c)
{
	json_object *view = json_new_object(a);

	json_add_uuid(view, "id", &c->id);
	json_add_uuid(view, "partner_id", &c->partner_id);
	json_add_str(view, "name", c->name);
	json_add_str(view, "email", c->email);
	json_add_str(view, "external_id", c->external_id);
	json_add_str(view, "status", status_name(c));
	json_add_bool(view, "portal_access", c->has_portal_access);
	json_add_object(view, "features", feature_array(a, c->features));
	json_add_time(view, "created_at", c->created_at);
	json_add_time(view, "updated_at", c->updated_at);
	return view;
}
