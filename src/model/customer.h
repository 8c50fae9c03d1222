/* SPDX-License-Identifier: GPL-3.0-or-later */
/* customer.h - whose data an embed shows. The object of interface.md: id, partner_id, name, email, external_id, status,
 * portal_access, features, created_at, updated_at. */
#ifndef EG_MODEL_CUSTOMER_H
#define EG_MODEL_CUSTOMER_H

#include "base/faults.h"
#include "model/permission.h"
#include "model/scope.h"
#include "model/service.h"

struct customer_row {
	struct uuid id;
	struct uuid partner_id;
	const char *name;               /* 1 to 100 characters, no control characters */
	const char *email;              /* or NULL */
	const char *external_id;        /* the partner's own, unique within the partner; or NULL */
	bool is_disabled;
	bool has_portal_access;
	unsigned features;              /* FEATURE_* */
	struct uuid primary_token_id;   /* nil: none */
	int64_t tokens_revoked_before;  /* texts issued before are dead for good, and no later one is dated before; 0: none */
	int64_t created_at;
	int64_t updated_at;
	uint32_t ring;                  /* recent events */
};

struct customer_new {
	const char *name;
	const char *email;              /* or NULL */
	const char *external_id;        /* or NULL */
	unsigned features;              /* FEATURE_ALL unless told otherwise */
	bool wants_primary_token;       /* POST /users */
	json_object *allowed_origins;   /* of the primary token; or NULL */
	struct uuid id;                 /* nil: make one. A given id that exists already in scope gives EG_EXISTS and fills `out` */
};

/* What PATCH changes: only what its `set_` says, and the features that are named. */
struct customer_patch {
	bool set_name, set_email, set_external_id, set_disabled, set_portal_access;
	const char *name, *email, *external_id;
	bool is_disabled, has_portal_access;
	struct feature_switches features;
};

/* With a primary token, its text is written to `token` (else ""). `token` may be NULL where none is wanted. */
eg_err customer_create(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who,
    const struct customer_new *in, struct faults *f, struct customer_row *out, char token[EMBED_TOKEN_SIZE]) EG_CHECKED;
eg_err customer_get(struct service *sv, struct arena *a, const struct scope *s, const struct uuid *id, struct customer_row *out) EG_CHECKED;
eg_err customer_update(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who, const struct uuid *id,
    const struct customer_patch *patch, struct faults *f, struct customer_row *out) EG_CHECKED;

struct customer_filter {
	const char *search;             /* part of name, email or external id, ASCII case ignored; NULL or "": all */
	const char *status;             /* "active", "disabled"; NULL: all */
	size_t page, limit;             /* page from 1 */
};
/* Newest first; `*total` counts what the filter leaves. */
eg_err customer_list(struct service *sv, struct arena *a, const struct scope *s, const struct customer_filter *filter,
    struct customer_row **out, size_t *count, size_t *total) EG_CHECKED;

json_object *customer_view(struct arena *a, const struct customer_row *c);

#endif
