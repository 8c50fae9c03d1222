/* SPDX-License-Identifier: GPL-3.0-or-later */
/* partner.h - the tenant: a SaaS company with its users, keys and customers. */
#ifndef EG_MODEL_PARTNER_H
#define EG_MODEL_PARTNER_H

#include "model/scope.h"
#include "model/service.h"
#include "base/faults.h"

struct partner_row {
	struct uuid id;
	const char *name;
	bool is_suspended;
	bool has_api_access;            /* off: its API keys get feature_not_enabled (A1) */
	const char *slug;               /* brand in snippets: custom elements are "<slug>-dashboard"; default "embedgate" */
	const char *brand_name;         /* shown in embeds; default: name */
	const char *colour;             /* "#1f6feb" */
	const char *logo_url;           /* or NULL */
	int64_t created_at;
};

struct partner_new {
	const char *name;
	const char *owner_email;
	const char *owner_password;     /* checked against the policy */
};

/* A partner and its owner in one change. Faults: "name", "email", "password"; a taken mail address is one, too. */
eg_err partner_create(struct service *sv, struct arena *a, const struct actor *who, const struct partner_new *in, struct faults *f,
    struct partner_row *out) EG_CHECKED;
eg_err partner_get(struct service *sv, struct arena *a, const struct uuid *id, struct partner_row *out) EG_CHECKED;
/* All partners of the installation, newest first. */
eg_err partner_list(struct service *sv, struct arena *a, struct partner_row **out, size_t *count) EG_CHECKED;
eg_err partner_set_suspended(struct service *sv, struct arena *a, const struct actor *who, const struct uuid *id, bool suspended) EG_CHECKED;
json_object *partner_view(struct arena *a, const struct partner_row *p);

#endif
