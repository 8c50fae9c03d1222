/* SPDX-License-Identifier: GPL-3.0-or-later */
/* user.h - people who sign in to the portal, and their sessions. */
#ifndef EG_MODEL_USER_H
#define EG_MODEL_USER_H

#include "base/faults.h"
#include "model/scope.h"
#include "model/service.h"

enum user_role { USER_OWNER = 1, USER_ADMIN, USER_MEMBER };

struct user_row {
	struct uuid id;
	struct uuid partner_id;
	const char *email;              /* as typed; looked up in lower case */
	enum user_role role;
	bool may_settings;              /* an admin whom the owner granted Settings; owners always may */
	bool is_disabled;
	const char *password_hash;      /* never in a view */
	int64_t password_changed_at;
	int64_t created_at;
};

const char *user_role_name(enum user_role role);
/* 0 for an unknown name. */
enum user_role user_role_by_name(const char *name);

eg_err user_create(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who, const char *email,
    enum user_role role, const char *password, struct faults *f, struct user_row *out) EG_CHECKED;
eg_err user_get(struct service *sv, struct arena *a, const struct scope *s, const struct uuid *id, struct user_row *out) EG_CHECKED;
/* By mail address in any case, whatever the partner. EG_NOTFOUND. */
eg_err user_find(struct service *sv, struct arena *a, const char *email, struct user_row *out) EG_CHECKED;
/* Ends all other sessions of the user; `keep` (or NULL) stays. */
eg_err user_set_password(struct service *sv, struct arena *a, const struct actor *who, const struct uuid *id, const char *password,
    const struct uuid *keep, struct faults *f) EG_CHECKED;
/* Those of the scope's partner, in the order in which they were made; at most USER_LIST_MAX. */
#define USER_LIST_MAX 500
eg_err user_list(struct service *sv, struct arena *a, const struct scope *s, struct user_row **out, size_t *count) EG_CHECKED;
json_object *user_view(struct arena *a, const struct user_row *u);

/* ---- portal sessions: 12 hours without use, 7 days at most ---- */
#define PORTAL_SESSION_TEXT_SIZE 65     /* base64url of id(16) secret(32), and a NUL */

struct portal_session {
	struct uuid id;
	struct uuid user_id;
	int64_t created_at;
	uint32_t slot;                  /* its last use */
	const char *address;            /* cut */
	const char *browser;            /* family, or "" */
};

eg_err portal_session_start(struct service *sv, struct arena *a, const struct actor *who, const struct user_row *user,
    const char *browser, char text[PORTAL_SESSION_TEXT_SIZE], struct portal_session *out) EG_CHECKED;
/* EG_NOTFOUND for anything that is no live session of an enabled user of a partner. Counts the use. */
eg_err portal_session_check(struct service *sv, struct arena *a, const char *text, size_t len, int64_t now_s,
    struct portal_session *out, struct user_row *user) EG_CHECKED;
eg_err portal_session_end(struct service *sv, struct arena *a, const struct actor *who, const struct uuid *id) EG_CHECKED;

/* ---- what a page shows once: kept 5 minutes, read once, bound to its portal session ---- */
/* `secret` (or NULL) is sealed. Returns the flash's id. */
eg_err flash_put(struct service *sv, struct arena *a, const struct uuid *session_id, const char *kind, const char *text,
    const char *secret, struct uuid *out) EG_CHECKED;
/* The newest of this session that has this kind and text and was not read yet. EG_NOTFOUND. */
eg_err flash_find(struct service *sv, struct arena *a, const struct uuid *session_id, const char *kind, const char *text,
    struct uuid *out) EG_CHECKED;
/* EG_NOTFOUND where it was read before, is too old, of another session or of another kind. */
eg_err flash_take(struct service *sv, struct arena *a, const struct uuid *session_id, const struct uuid *id, const char *kind,
    const char **text, const char **secret) EG_CHECKED;

#endif
