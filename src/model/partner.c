/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/partner.h"

#include "model/activity.h"
#include "model/change.h"
#include "model/kinds.h"
#include "model/records.h"
#include "model/row.h"
#include "model/text.h"

#define SLUG_DEFAULT "embedgate"
#define COLOUR_DEFAULT "#1f6feb"

const struct uuid kinds_root = { {
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff
} };

static const struct column columns[] = {
	COLUMN(TEXT, struct partner_row, name, "name"),
	COLUMN(FLAG, struct partner_row, is_suspended, "suspended"),
	COLUMN(FLAG, struct partner_row, has_api_access, "api_access"),
	COLUMN(TEXT, struct partner_row, slug, "slug"),
	COLUMN(TEXT, struct partner_row, brand_name, "brand"),
	COLUMN(TEXT, struct partner_row, colour, "colour"),
	COLUMN(TEXT, struct partner_row, logo_url, "logo"),
	COLUMN(NUMBER, struct partner_row, created_at, "created"),
	COLUMN_END,
};

static eg_err
decode(struct arena *a, const struct store_record *rec, struct partner_row *out)
{
	*out = (struct partner_row){ .id = rec->id };
	return row_decode(a, rec, columns, out);
}

static eg_err
put(struct store_tx *tx, struct arena *a, const struct partner_row *row)
{
	struct store_record rec = { .kind = KIND_PARTNER, .id = row->id };

	rec.lists[0] = kinds_root;
	rec.doc = row_encode(a, columns, row);
	return store_tx_put(tx, &rec);
}

static eg_err
add_activity(struct store_tx *tx, struct arena *a, const struct actor *who, const char *action,
    const struct partner_row *row)
{
	const struct activity_new in = { .action = action, .partner_id = row->id, .target_id = row->id,
	    .target_name = row->name };

	return activity_add(tx, a, who, &in);
}

struct creation {
	const struct actor *who;
	struct faults *faults;
	struct partner_row row;
	struct user_row owner;
};

static eg_err
create(struct store_tx *tx, struct arena *a, void *arg)
{
	struct creation *c = arg;

	c->row.created_at = change_now_s(tx);
	EG_TRY(put(tx, a, &c->row));
	EG_TRY(add_activity(tx, a, c->who, "partner.create", &c->row));
	return user_tx_add(tx, a, c->who, c->faults, &c->owner);
}

eg_err
partner_create(struct service *sv, struct arena *a, const struct actor *who, const struct partner_new *in, struct faults *f,
    struct partner_row *out)
{
	struct creation c = { .who = who, .faults = f };

	c.row.name = text_name(a, in->name, TEXT_NAME_MAX, "name", f);
	EG_TRY(user_draft(sv, a, in->owner_email, USER_OWNER, in->owner_password, f, &c.owner));
	EG_TRY(uuid_make(&c.row.id));
	c.row.has_api_access = true;
	c.row.slug = SLUG_DEFAULT;
	c.row.brand_name = c.row.name;
	c.row.colour = COLOUR_DEFAULT;
	c.owner.partner_id = c.row.id;
	EG_TRY(change_run(sv, a, who, "partner.create", &c.row.id, create, &c));
	*out = c.row;
	return EG_OK;
}

eg_err
partner_get(struct service *sv, struct arena *a, const struct uuid *id, struct partner_row *out)
{
	struct store_record rec;

	EG_TRY(store_get(sv->store, a, KIND_PARTNER, id, &rec));
	return decode(a, &rec, out);
}

eg_err
partner_list(struct service *sv, struct arena *a, struct partner_row **out, size_t *count)
{
	struct store_record *recs;
	size_t n, total;

	EG_TRY(store_count(sv->store, a, KIND_PARTNER, &kinds_root, &total));
	EG_TRY(store_list(sv->store, a, KIND_PARTNER, &kinds_root, 0, total, &recs, &n, &total));
	*out = arena_array(a, n, sizeof(**out));
	*count = n;
	for (size_t i = 0; i < n; i++)
		EG_TRY(decode(a, &recs[i], &(*out)[i]));
	return EG_OK;
}

struct suspension {
	const struct actor *who;
	const struct uuid *id;
	bool suspended;
};

static eg_err
set_suspended(struct store_tx *tx, struct arena *a, void *arg)
{
	const struct suspension *c = arg;
	struct store_record rec;
	struct partner_row row;

	EG_TRY(store_tx_get(tx, KIND_PARTNER, c->id, &rec));
	EG_TRY(decode(a, &rec, &row));
	if (row.is_suspended == c->suspended)
		return EG_OK;
	row.is_suspended = c->suspended;
	EG_TRY(put(tx, a, &row));
	return add_activity(tx, a, c->who, c->suspended ? "partner.suspend" : "partner.resume", &row);
}

eg_err
partner_set_suspended(struct service *sv, struct arena *a, const struct actor *who, const struct uuid *id, bool suspended)
{
	struct suspension c = { .who = who, .id = id, .suspended = suspended };

	return change_run(sv, a, who, suspended ? "partner.suspend" : "partner.resume", id, set_suspended, &c);
}

json_object *
partner_view(struct arena *a, const struct partner_row *p)
{
	json_object *view = json_new_object(a);

	json_add_uuid(view, "id", &p->id);
	json_add_str(view, "name", p->name);
	json_add_str(view, "status", p->is_suspended ? "suspended" : "active");
	json_add_bool(view, "api_access", p->has_api_access);
	json_add_str(view, "slug", p->slug);
	json_add_str(view, "brand_name", p->brand_name);
	json_add_str(view, "colour", p->colour);
	json_add_str(view, "logo_url", p->logo_url);
	json_add_time(view, "created_at", p->created_at);
	return view;
}
