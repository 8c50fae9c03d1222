/* SPDX-License-Identifier: GPL-3.0-or-later */
/* token.h - embed token records: states, changes, views. The text is made and read by sign/embed_token.h. */
#ifndef EG_MODEL_TOKEN_H
#define EG_MODEL_TOKEN_H

#include "base/faults.h"
#include "model/customer.h"
#include "model/permission.h"
#include "model/scope.h"
#include "model/service.h"

#define TOKEN_ORIGINS_MAX 32
#define TOKEN_NAME_MAX 100              /* characters */
#define TOKEN_OVERLAP_DEFAULT_S 86400
#define TOKEN_OVERLAP_MAX_S 2592000
#define TOKEN_PREVIOUS_MAX 4            /* earlier texts that work beside the current one */

enum token_status { TOKEN_ACTIVE, TOKEN_DISABLED, TOKEN_ROTATING, TOKEN_EXPIRED, TOKEN_REVOKED };

/* A text from before a rotation. */
struct token_previous {
	uint8_t issue[EMBED_TOKEN_ISSUE_SIZE];
	int64_t valid_until;            /* its first dead second; 0: there is no such text */
};

struct token_row {
	struct uuid id;
	struct uuid partner_id;
	struct uuid customer_id;
	struct uuid event_id;           /* nil: none */
	struct uuid agent_id;           /* nil: none */
	int64_t agent_number;           /* 0: none */
	const char *name;
	unsigned permissions;           /* PERM_* as granted; what it may do now is less, see gate */
	const char *const *origins;     /* normalised; none: any site */
	size_t origin_count;
	uint8_t issue[EMBED_TOKEN_ISSUE_SIZE];
	int64_t issued_at;              /* when this issue was drawn; never before a revocation of all that it outlived */
	struct token_previous previous[TOKEN_PREVIOUS_MAX];     /* newest first; the first is kept when it is dead, too */
	bool is_active;                 /* false: paused */
	bool is_primary;
	const char *created_by;
	const char *revoked_by;         /* or NULL */
	int64_t created_at, updated_at, expires_at, rotated_at, revoked_at;     /* 0: never */
	uint32_t slot;
};

/* revoked over expired over disabled over rotating over active. A row that was read here knows of the revocation of all
 * tokens of its customer, also where that is not written to the token's own record (yet): its revoked_at is set. */
enum token_status token_status(const struct token_row *t, int64_t now_s);
const char *token_status_name(enum token_status s);

/* When the last of the earlier texts ends, or ended; 0: it was never rotated. */
int64_t token_previous_valid_until(const struct token_row *t);
/* The end of the text of this issue: 0 where it is the current one, which has no end of its own; -1: an unknown text, or one
 * that was forgotten after its end. */
int64_t token_text_end(const struct token_row *t, const uint8_t issue[EMBED_TOKEN_ISSUE_SIZE]);

struct token_new {
	struct uuid id;                 /* nil: make one. Of a record that exists in scope: EG_EXISTS and `out` is it (a form sent twice) */
	struct uuid customer_id;        /* one of these three says whose token it is; an event or agent brings its customer */
	struct uuid event_id;
	const char *agent;              /* its number or id, as text; NULL: none */
	const char *name;               /* 1 to 100 characters */
	json_object *allowed_origins;   /* array of texts, or NULL: any site */
	bool set_permissions;
	unsigned permissions;           /* where not set: the default of its subject */
	int64_t expires_at;             /* 0: never; else in the future */
};

/* The full text is written to `text`: this once (K8, E2). Faults: name, allowed_origins[i], permissions, expires_at, ...
 * EG_NOTFOUND: no such customer, event or agent in scope. */
eg_err token_create(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who, const struct token_new *in,
    struct faults *f, struct token_row *out, char text[EMBED_TOKEN_SIZE]) EG_CHECKED;
eg_err token_get(struct service *sv, struct arena *a, const struct scope *s, const struct uuid *id, struct token_row *out) EG_CHECKED;
/* The same with its customer, in two reads altogether. */
eg_err token_get_with_customer(struct service *sv, struct arena *a, const struct scope *s, const struct uuid *id,
    struct token_row *out, struct customer_row *customer) EG_CHECKED;

struct token_filter {
	struct uuid customer_id;        /* nil: all in scope */
	struct uuid event_id;
	const char *status;             /* "active" (with rotating), "disabled", "rotating", "expired", "revoked", "expiring"
	                                 * (active and ending within 14 days); NULL or "all": all */
	const char *search;             /* part of name, or of the prefix; NULL or "": all */
	size_t page, limit;             /* page from 1 */
};
eg_err token_list(struct service *sv, struct arena *a, const struct scope *s, const struct token_filter *filter, int64_t now_s,
    struct token_row **out, size_t *count, size_t *total) EG_CHECKED;

struct token_patch {
	bool set_name, set_origins, set_active, set_expires_at;
	const char *name;
	json_object *allowed_origins;
	bool is_active;
	int64_t expires_at;
};
/* EG_CONFLICT on a revoked token. The text stays the same. */
eg_err token_update(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who, const struct uuid *id,
    const struct token_patch *patch, struct faults *f, struct token_row *out) EG_CHECKED;
/* For good (E4). Revoking twice is EG_OK and changes nothing. */
eg_err token_revoke(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who, const struct uuid *id,
    struct token_row *out) EG_CHECKED;
/* For how long the old text goes on where nobody says: not at all for a primary token. */
int64_t token_default_overlap_s(const struct token_row *t);
/* A new text, same id; the text that was current is good for `overlap_s` more, and those before it as long as they were to be.
 * With 0 all of them are dead from now on: that is for a leak. EG_CONFLICT on a revoked or expired token; with a fault of
 * overlap_seconds where TOKEN_PREVIOUS_MAX earlier texts work still and one more is to. */
eg_err token_rotate(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who, const struct uuid *id,
    int64_t overlap_s, struct faults *f, struct token_row *out, char text[EMBED_TOKEN_SIZE]) EG_CHECKED;
/* The same while the current text still has this public prefix. Else EG_EXISTS, nothing is changed, and `out` is the token as
 * it is: of two who rotate what they both see, one does. */
eg_err token_rotate_from(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who,
    const struct uuid *id, const char *prefix, int64_t overlap_s, struct faults *f, struct token_row *out,
    char text[EMBED_TOKEN_SIZE]) EG_CHECKED;
/* The earlier text of this issue, or each of them where `issue` is NULL, ends at `end_s`, or now where that is past (K25:
 * "Revoke old token"). None gets a later end by this, and the current text goes on. EG_OK and no change where nothing ends
 * sooner than it would. */
eg_err token_end_overlap(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who,
    const struct uuid *id, const uint8_t *issue, int64_t end_s, struct token_row *out) EG_CHECKED;
/* Revokes every token of the customer that was made before now; `*count` says how many of them lived. A failure may come when
 * some are revoked: `*count` is of those, and the others do not work either, because the customer is marked first. Who asks
 * again then, or at the same time, counts the others. */
eg_err token_revoke_all(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who,
    const struct uuid *customer_id, size_t *count) EG_CHECKED;

/* The primary token (A3, A9, A10): get gives its current text; renew draws a new one with overlap 0, or makes the token
 * where there is none. EG_NOTFOUND: none, or it is revoked. */
eg_err token_primary_get(struct service *sv, struct arena *a, const struct scope *s, const struct uuid *customer_id,
    struct token_row *out, char text[EMBED_TOKEN_SIZE]) EG_CHECKED;
eg_err token_primary_renew(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who,
    const struct uuid *customer_id, struct token_row *out, char text[EMBED_TOKEN_SIZE]) EG_CHECKED;

/* The emu_ text of the current issue for Copy URL, after an activity row "embed_token.url_copied" is written. EG_CONFLICT:
 * revoked or expired. */
eg_err token_copy_url(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who, const struct uuid *id,
    struct token_row *out, char text[EMBED_TOKEN_SIZE]) EG_CHECKED;

/* The object of interface.md, with its usage. */
json_object *token_view(struct service *sv, struct arena *a, const struct token_row *t, int64_t now_s);

#endif
