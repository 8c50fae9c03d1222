/* SPDX-License-Identifier: GPL-3.0-or-later */
/* portal_session.c - sign-ins to the portal. The text in the cookie is an id and 256 random bits, of which only a digest is
 * stored; no key is needed for what nobody can guess. The last use stands in the usage slot, so that a page view writes
 * nothing to the store. */
#include "base/codec.h"
#include "model/activity.h"
#include "model/change.h"
#include "model/kinds.h"
#include "model/records.h"
#include "model/row.h"
#include "sign/mac.h"

#define SECRET_SIZE 32
#define DIGEST_SIZE 32
#define IDLE_S (12 * 3600)
#define LIFE_S (7 * 86400)
#define SESSIONS_MAX 32         /* of one user; a further sign-in ends the oldest */

struct cookie {
	struct uuid id;
	uint8_t secret[SECRET_SIZE];
};
_Static_assert(sizeof(struct cookie) == 48 && PORTAL_SESSION_TEXT_SIZE == BASE64URL_LEN(48) + 1,
    "the text is the cookie's bytes");

struct session {
	struct portal_session pub;
	uint8_t digest[DIGEST_SIZE];
};

static const struct column columns[] = {
	COLUMN(BYTES, struct session, digest, "digest"),
	COLUMN(NUMBER, struct session, pub.created_at, "created"),
	COLUMN(TEXT, struct session, pub.address, "address"),
	COLUMN(TEXT, struct session, pub.browser, "browser"),
	COLUMN_END,
};

static eg_err
decode(struct arena *a, const struct store_record *rec, struct session *out)
{
	*out = (struct session){ .pub = { .id = rec->id, .user_id = rec->lists[0], .slot = rec->slot } };
	EG_TRY(row_decode(a, rec, columns, out));
	if (out->pub.browser == NULL)
		out->pub.browser = "";
	return EG_OK;
}

static eg_err
put(struct store_tx *tx, struct arena *a, const struct session *s)
{
	struct store_record rec = { .kind = KIND_SESSION, .id = s->pub.id, .slot = s->pub.slot };

	rec.lists[0] = s->pub.user_id;
	rec.doc = row_encode(a, columns, s);
	return store_tx_put(tx, &rec);
}

static bool
is_over(struct usage *u, const struct portal_session *s, int64_t now_s)
{
	struct usage_view used;
	int64_t last_s;

	usage_read(u, s->slot, &s->id, now_s, &used);
	last_s = used.last_used_at_s > s->created_at ? used.last_used_at_s : s->created_at;
	return now_s >= s->created_at + LIFE_S || now_s >= last_s + IDLE_S;
}

static eg_err
remove_session(struct store_tx *tx, struct arena *a, const struct uuid *id)
{
	EG_TRY(flash_tx_forget(tx, a, id));
	return store_tx_delete(tx, KIND_SESSION, id);
}

static eg_err
add_activity(struct store_tx *tx, struct arena *a, const struct actor *who, const char *action, const struct user_row *user)
{
	const struct activity_new in = { .action = action, .partner_id = user->partner_id, .target_id = user->id,
		.target_name = user->email };

	return activity_add(tx, a, who, &in);
}

/* ---- starting ---- */

struct start {
	struct service *sv;
	const struct actor *who;
	struct session session;
};

/* Ends what is over, and the oldest where there would be too many. There are never more than SESSIONS_MAX. */
static eg_err
clear_old(struct start *c, struct store_tx *tx, struct arena *a, int64_t now_s)
{
	struct store_record *recs;
	size_t n, total, live = 0;

	EG_TRY(store_tx_list(tx, KIND_SESSION, &c->session.pub.user_id, 0, SESSIONS_MAX, &recs, &n, &total));
	for (size_t i = 0; i < n; i++) {
		struct session old;

		EG_TRY(decode(a, &recs[i], &old));
		if (!is_over(c->sv->usage, &old.pub, now_s) && ++live < SESSIONS_MAX)
			continue;
		EG_TRY(remove_session(tx, a, &old.pub.id));
	}
	return EG_OK;
}

static eg_err
start(struct store_tx *tx, struct arena *a, void *arg)
{
	struct start *c = arg;
	struct user_row user;

	EG_TRY(user_tx_get(tx, a, &c->session.pub.user_id, &user));
	if (user.is_disabled)
		return EG_NOTFOUND;
	c->session.pub.created_at = change_now_s(tx);
	EG_TRY(clear_old(c, tx, a, c->session.pub.created_at));
	EG_TRY(store_tx_new_slot(tx, &c->session.pub.slot));
	EG_TRY(put(tx, a, &c->session));
	return add_activity(tx, a, c->who, "user.sign_in", &user);
}

eg_err
portal_session_start(struct service *sv, struct arena *a, const struct actor *who, const struct user_row *user,
    const char *browser, char text[PORTAL_SESSION_TEXT_SIZE], struct portal_session *out)
{
	struct start c = { .sv = sv, .who = who };
	struct portal_session *s = &c.session.pub;
	struct cookie cookie;

	EG_TRY(uuid_make(&cookie.id));
	EG_TRY(keyring_random(cookie.secret, sizeof(cookie.secret)));
	EG_TRY(mac_sha256(cookie.secret, sizeof(cookie.secret), c.session.digest));
	s->id = cookie.id;
	s->user_id = user->id;
	s->address = arena_strdup(a, who->address);
	s->browser = arena_strdup(a, browser == NULL ? "" : browser);
	EG_TRY(change_run(sv, a, who, "user.sign_in", &user->id, start, &c));
	usage_count(sv->usage, s->slot, &s->id, USAGE_REQUEST, s->created_at, NULL, false);
	base64url_encode(&cookie, sizeof(cookie), text);
	keyring_wipe(&cookie, sizeof(cookie));
	*out = *s;
	return EG_OK;
}

/* ---- checking ---- */

static bool
is_secret_of(const struct session *s, const struct cookie *c)
{
	uint8_t digest[DIGEST_SIZE];

	return mac_sha256(c->secret, sizeof(c->secret), digest) == EG_OK &&
	    keyring_equal(digest, s->digest, sizeof(digest));
}

eg_err
portal_session_check(struct service *sv, struct arena *a, const char *text, size_t len, int64_t now_s,
    struct portal_session *out, struct user_row *user)
{
	static const struct scope everybody;
	struct store_record rec;
	struct session s;
	struct cookie cookie;
	size_t n;

	if (base64url_decode(text, len, &cookie, sizeof(cookie), &n) != EG_OK || n != sizeof(cookie))
		return EG_NOTFOUND;
	EG_TRY(store_get(sv->store, a, KIND_SESSION, &cookie.id, &rec));
	EG_TRY(decode(a, &rec, &s));
	if (!is_secret_of(&s, &cookie) || is_over(sv->usage, &s.pub, now_s))
		return EG_NOTFOUND;
	EG_TRY(user_get(sv, a, &everybody, &s.pub.user_id, user));
	if (user->is_disabled)
		return EG_NOTFOUND;
	usage_count(sv->usage, s.pub.slot, &s.pub.id, USAGE_REQUEST, now_s, NULL, false);
	*out = s.pub;
	return EG_OK;
}

/* ---- ending ---- */

struct end {
	const struct actor *who;
	const struct uuid *id;
};

static eg_err
end(struct store_tx *tx, struct arena *a, void *arg)
{
	const struct end *c = arg;
	struct store_record rec;
	struct user_row user;

	EG_TRY(store_tx_get(tx, KIND_SESSION, c->id, &rec));
	EG_TRY(user_tx_get(tx, a, &rec.lists[0], &user));
	EG_TRY(remove_session(tx, a, c->id));
	return add_activity(tx, a, c->who, "user.sign_out", &user);
}

eg_err
portal_session_end(struct service *sv, struct arena *a, const struct actor *who, const struct uuid *id)
{
	struct end c = { .who = who, .id = id };
	eg_err e = change_run(sv, a, who, "user.sign_out", id, end, &c);

	return e == EG_NOTFOUND ? EG_OK : e;    /* ended before */
}

eg_err
portal_session_tx_end_others(struct store_tx *tx, struct arena *a, const struct uuid *user_id, const struct uuid *keep)
{
	struct store_record *recs;
	size_t n, total;

	EG_TRY(store_tx_list(tx, KIND_SESSION, user_id, 0, SESSIONS_MAX, &recs, &n, &total));
	for (size_t i = 0; i < n; i++) {
		if (keep == NULL || !uuid_equal(&recs[i].id, keep))
			EG_TRY(remove_session(tx, a, &recs[i].id));
	}
	return EG_OK;
}
