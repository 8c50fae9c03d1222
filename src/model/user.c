/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/user.h"

#include <string.h>

#include "model/activity.h"
#include "model/change.h"
#include "model/kinds.h"
#include "model/records.h"
#include "model/row.h"
#include "model/text.h"
#include "sign/password.h"

#define EMAIL_TAKEN "Somebody signs in with this mail address already; use another one."

static const char *const role_names[] = {
	[USER_OWNER] = "owner",
	[USER_ADMIN] = "admin",
	[USER_MEMBER] = "member",
};

const char *
user_role_name(enum user_role role)
{
	return (size_t)role < EG_COUNT(role_names) ? role_names[role] : NULL;
}

enum user_role
user_role_by_name(const char *name)
{
	for (size_t i = USER_OWNER; i < EG_COUNT(role_names); i++) {
		if (strcmp(role_names[i], name) == 0)
			return (enum user_role)i;
	}
	return 0;
}

/* ---- records ---- */

static const struct column columns[] = {
	COLUMN(TEXT, struct user_row, email, "email"),
	COLUMN(BITS, struct user_row, role, "role"),
	COLUMN(FLAG, struct user_row, may_settings, "settings"),
	COLUMN(FLAG, struct user_row, is_disabled, "disabled"),
	COLUMN(TEXT, struct user_row, password_hash, "password"),
	COLUMN(NUMBER, struct user_row, password_changed_at, "password_changed"),
	COLUMN(NUMBER, struct user_row, created_at, "created"),
	COLUMN_END,
};
_Static_assert(sizeof(enum user_role) == sizeof(unsigned), "COLUMN_BITS holds the role");

static eg_err
decode(struct arena *a, const struct store_record *rec, struct user_row *out)
{
	*out = (struct user_row){ .id = rec->id, .partner_id = rec->lists[0] };
	return row_decode(a, rec, columns, out);
}

static const char *
email_unique(struct arena *a, const char *email)
{
	return arena_printf(a, "email:%s", text_lower(a, email));
}

static eg_err
put(struct store_tx *tx, struct arena *a, const struct user_row *row)
{
	struct store_record rec = { .kind = KIND_USER, .id = row->id };

	rec.lists[0] = row->partner_id;
	rec.uniques[0] = email_unique(a, row->email);
	rec.doc = row_encode(a, columns, row);
	return store_tx_put(tx, &rec);
}

eg_err
user_tx_get(struct store_tx *tx, struct arena *a, const struct uuid *id, struct user_row *out)
{
	struct store_record rec;

	EG_TRY(store_tx_get(tx, KIND_USER, id, &rec));
	return decode(a, &rec, out);
}

/* ---- creating ---- */

/* EG_OK whether there is a fault or not. */
static eg_err
check_email_is_free(struct service *sv, struct arena *a, const char *email, struct faults *f)
{
	struct store_record rec;
	eg_err e = store_find(sv->store, a, email_unique(a, email), &rec);

	if (e == EG_OK)
		faults_add(f, "email", EMAIL_TAKEN);
	return e == EG_NOTFOUND ? EG_OK : e;
}

/* Also a fault where there is no password at all. */
static void
check_password(const char *password, struct faults *f)
{
	const char *why = NULL;

	if (password == NULL)
		password = "";
	if (password_check_policy(password, strlen(password), &why) != EG_OK)
		faults_add(f, "password", "%s", why);
}

eg_err
user_draft(struct service *sv, struct arena *a, const char *email, enum user_role role, const char *password,
    struct faults *f, struct user_row *out)
{
	*out = (struct user_row){ .role = role };
	out->email = text_email(a, email, "email", f);
	if (out->email != NULL)
		EG_TRY(check_email_is_free(sv, a, out->email, f));
	if (user_role_name(role) == NULL)
		faults_add(f, "role", "Choose owner, admin or member.");
	check_password(password, f);
	EG_TRY(faults_result(f));
	EG_TRY(uuid_make(&out->id));
	return password_hash(a, password, &out->password_hash);
}

eg_err
user_tx_add(struct store_tx *tx, struct arena *a, const struct actor *who, struct faults *f, struct user_row *row)
{
	const struct activity_new in = { .action = "user.create", .partner_id = row->partner_id, .target_id = row->id,
		.target_name = row->email, .detail = user_role_name(row->role) };
	struct store_record rec;
	eg_err e;

	e = store_tx_find(tx, email_unique(a, row->email), &rec);
	if (e == EG_OK)
		faults_add(f, "email", EMAIL_TAKEN);
	if (e != EG_NOTFOUND)
		return e == EG_OK ? EG_INVALID : e;
	row->created_at = change_now_s(tx);
	row->password_changed_at = row->created_at;
	EG_TRY(put(tx, a, row));
	return activity_add(tx, a, who, &in);
}

struct creation {
	const struct actor *who;
	struct faults *faults;
	struct user_row row;
};

static eg_err
create(struct store_tx *tx, struct arena *a, void *arg)
{
	struct creation *c = arg;
	struct store_record partner;

	EG_TRY(store_tx_get(tx, KIND_PARTNER, &c->row.partner_id, &partner));
	return user_tx_add(tx, a, c->who, c->faults, &c->row);
}

eg_err
user_create(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who, const char *email,
    enum user_role role, const char *password, struct faults *f, struct user_row *out)
{
	struct creation c = { .who = who, .faults = f };

	if (uuid_is_nil(&s->partner_id) || !uuid_is_nil(&s->customer_id))
		return EG_NOTFOUND;
	EG_TRY(user_draft(sv, a, email, role, password, f, &c.row));
	c.row.partner_id = s->partner_id;
	EG_TRY(change_run(sv, a, who, "user.create", &c.row.id, create, &c));
	*out = c.row;
	return EG_OK;
}

/* ---- reading ---- */

eg_err
user_get(struct service *sv, struct arena *a, const struct scope *s, const struct uuid *id, struct user_row *out)
{
	struct store_record rec;

	EG_TRY(store_get(sv->store, a, KIND_USER, id, &rec));
	if (!scope_covers(s, &rec.lists[0], &uuid_nil))
		return EG_NOTFOUND;
	return decode(a, &rec, out);
}

eg_err
user_find(struct service *sv, struct arena *a, const char *email, struct user_row *out)
{
	struct store_record rec;

	if (strlen(email) > TEXT_EMAIL_MAX)
		return EG_NOTFOUND;
	EG_TRY(store_find(sv->store, a, email_unique(a, email), &rec));
	return decode(a, &rec, out);
}

eg_err
user_list(struct service *sv, struct arena *a, const struct scope *s, struct user_row **out, size_t *count)
{
	struct store_record *recs;
	size_t n, total;

	*count = 0;
	if (uuid_is_nil(&s->partner_id) || !uuid_is_nil(&s->customer_id))
		return EG_NOTFOUND;
	EG_TRY(store_list(sv->store, a, KIND_USER, &s->partner_id, 0, USER_LIST_MAX, &recs, &n, &total));
	*out = arena_array(a, n, sizeof(**out));
	for (size_t i = 0; i < n; i++)          /* newest first there */
		EG_TRY(decode(a, &recs[n - 1 - i], &(*out)[i]));
	*count = n;
	return EG_OK;
}

/* ---- passwords ---- */

struct password_change {
	const struct actor *who;
	const struct uuid *id;
	const char *hash;
	const struct uuid *keep;
};

static eg_err
set_password(struct store_tx *tx, struct arena *a, void *arg)
{
	const struct password_change *c = arg;
	struct activity_new in = { .action = "user.password", .detail = "Password changed; other sessions ended." };
	struct user_row row;

	EG_TRY(user_tx_get(tx, a, c->id, &row));
	row.password_hash = c->hash;
	row.password_changed_at = change_now_s(tx);
	EG_TRY(put(tx, a, &row));
	EG_TRY(portal_session_tx_end_others(tx, a, &row.id, c->keep));
	in.partner_id = row.partner_id;
	in.target_id = row.id;
	in.target_name = row.email;
	return activity_add(tx, a, c->who, &in);
}

eg_err
user_set_password(struct service *sv, struct arena *a, const struct actor *who, const struct uuid *id, const char *password,
    const struct uuid *keep, struct faults *f)
{
	static const struct scope everybody;
	struct password_change c = { .who = who, .id = id, .keep = keep };
	struct user_row row;

	EG_TRY(user_get(sv, a, &everybody, id, &row));
	check_password(password, f);
	EG_TRY(faults_result(f));
	EG_TRY(password_hash(a, password, &c.hash));
	return change_run(sv, a, who, "user.password", id, set_password, &c);
}

json_object *
user_view(struct arena *a, const struct user_row *u)
{
	json_object *view = json_new_object(a);

	json_add_uuid(view, "id", &u->id);
	json_add_uuid(view, "partner_id", &u->partner_id);
	json_add_str(view, "email", u->email);
	json_add_str(view, "role", user_role_name(u->role));
	json_add_bool(view, "may_settings", u->role == USER_OWNER || (u->role == USER_ADMIN && u->may_settings));
	json_add_str(view, "status", u->is_disabled ? "disabled" : "active");
	json_add_time(view, "password_changed_at", u->password_changed_at);
	json_add_time(view, "created_at", u->created_at);
	return view;
}
