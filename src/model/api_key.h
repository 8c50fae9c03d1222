/* SPDX-License-Identifier: GPL-3.0-or-later */
/* api_key.h (model) - API key records. The object of interface.md: id, name, type, prefix, customer_id, partner_id, status,
 * created_at, created_by, last_used_at, expires_at, rotated_at, previous_valid_until, revoked_at. */
#ifndef EG_MODEL_API_KEY_H
#define EG_MODEL_API_KEY_H

#include "base/faults.h"
#include "model/scope.h"
#include "model/service.h"

#define KEY_OVERLAP_DEFAULT_S 86400
#define KEY_OVERLAP_MAX_S 2592000

struct key_row {
	struct uuid id;
	struct uuid partner_id;
	struct uuid customer_id;        /* nil: of the partner */
	enum api_key_type type;
	const char *name;
	const char *prefix;             /* "egp_AbC123..." */
	const char *lookup;             /* of the current text */
	const char *previous_lookup;    /* of the text before, or NULL */
	int64_t previous_valid_until;
	const char *created_by;
	int64_t created_at, expires_at, rotated_at, revoked_at;
	uint32_t slot;
};

const char *key_type_name(enum api_key_type type);      /* "partner", "customer", "read_only", "webhook" */
enum api_key_type key_type_by_name(const char *name);   /* 0: unknown */

struct key_new {
	struct uuid id;                 /* nil: make one. Of a record that exists in scope: EG_EXISTS and `out` is it, without its
	                                 * text (a form sent twice) */
	const char *name;               /* 1 to 100 characters */
	enum api_key_type type;
	struct uuid customer_id;        /* wanted for customer, allowed for read_only */
	int64_t expires_at;             /* 0: never */
};

eg_err key_create(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who, const struct key_new *in,
    struct faults *f, struct key_row *out, char text[API_KEY_SIZE]) EG_CHECKED;
eg_err key_get(struct service *sv, struct arena *a, const struct scope *s, const struct uuid *id, struct key_row *out) EG_CHECKED;
eg_err key_list(struct service *sv, struct arena *a, const struct scope *s, size_t page, size_t limit, struct key_row **out,
    size_t *count, size_t *total) EG_CHECKED;

/* What PATCH changes: only what its `set_` says. */
struct key_patch {
	bool set_name, set_expires_at;
	const char *name;
	int64_t expires_at;             /* 0: never; else in the future */
};
/* EG_CONFLICT on a revoked key. The text stays the same. */
eg_err key_update(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who, const struct uuid *id,
    const struct key_patch *patch, struct faults *f, struct key_row *out) EG_CHECKED;
/* A new text, same id, written to `text` this once; the old one is good for `overlap_s` more (0 to KEY_OVERLAP_MAX_S), and is
 * known as replaced until the next rotation. EG_CONFLICT on a revoked or expired key. */
eg_err key_rotate(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who, const struct uuid *id,
    int64_t overlap_s, struct faults *f, struct key_row *out, char text[API_KEY_SIZE]) EG_CHECKED;
/* The same while the current text still has this public prefix. Else EG_EXISTS, nothing is changed, and `out` is the key as it
 * is: of two who rotate what they both see, one does. */
eg_err key_rotate_from(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who,
    const struct uuid *id, const char *prefix, int64_t overlap_s, struct faults *f, struct key_row *out,
    char text[API_KEY_SIZE]) EG_CHECKED;
/* The text from before the last rotation is dead from now on; the current one goes on. EG_OK and no change where no old text is
 * good any more. */
eg_err key_end_overlap(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who,
    const struct uuid *id, struct key_row *out) EG_CHECKED;
/* For good. Revoking twice is EG_OK and changes nothing. */
eg_err key_revoke(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who, const struct uuid *id,
    struct key_row *out) EG_CHECKED;
/* An activity row "api_key.in_browser": a page of `origin` holds this key, for everybody to see. */
eg_err key_note_in_browser(struct service *sv, struct arena *a, const struct key_row *k, const char *origin,
    const char *address) EG_CHECKED;
/* The record whose current or previous text this well-formed text is. `*old_text`: the previous one. EG_NOTFOUND. */
eg_err key_find(struct service *sv, struct arena *a, const char *text, struct key_row *out, bool *old_text) EG_CHECKED;
/* "active", "rotating", "expired", "revoked". */
const char *key_status(const struct key_row *k, int64_t now_s);
json_object *key_view(struct service *sv, struct arena *a, const struct key_row *k, int64_t now_s);

#endif
