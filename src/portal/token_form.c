/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "portal/token_form.h"

#include <string.h>

#include "base/origin.h"
#include "view/when.h"

#define BETWEEN_SITES " \t\r\n,"

const struct page_field token_form_fields[] = {
	{ "name", "label" },
	{ "allowed_origins", "sites" },
	{ "expires_at", "date" },
	{ "permissions", "use-dashboard" },
	{ "customer_id", "main" },
	{ 0 },
};

void
token_form_new(struct rq *rq, const char *label, struct token_form *out)
{
	*out = (struct token_form){
		.label = arena_printf(rq->arena, "%s – %s", label, when_date(rq->arena, rq->now_s)),
		.sites = "", .expiry = { .choice = "90", .date = "" },
	};
}

void
token_form_of(struct rq *rq, const struct token_row *t, struct token_form *out)
{
	struct buf sites;

	buf_init(&sites, rq->arena, 256);
	for (size_t i = 0; i < t->origin_count; i++)
		buf_printf(&sites, "%s\n", t->origins[i]);
	*out = (struct token_form){
		.label = t->name, .sites = sites.data, .any_site = t->origin_count == 0,
		.expiry = { .choice = "keep", .date = "" },
	};
}

void
token_form_read(struct rq *rq, struct token_form *out)
{
	const char *sites = rq_form(rq, "sites");

	*out = (struct token_form){
		.label = page_field_text(rq, "label"),
		.sites = sites != NULL ? sites : "",
		.any_site = rq_form(rq, "any_site") != NULL,
	};
	expiry_read(rq, &out->expiry);
}

bool
token_form_is_check(struct rq *rq)
{
	return strcmp(page_field_text(rq, "step"), "check") == 0;
}

static bool
holds_text(json_object *array, const char *text)
{
	for (size_t i = 0; i < json_object_array_length(array); i++)
		if (strcmp(json_object_get_string(json_object_array_get_idx(array, i)), text) == 0)
			return true;
	return false;
}

static void
check_sites(struct rq *rq, struct token_form *form, struct faults *f)
{
	const char *at = form->sites + strspn(form->sites, BETWEEN_SITES);

	form->origins = json_new_array(rq->arena);
	while (*at != '\0') {
		size_t len = strcspn(at, BETWEEN_SITES);
		const char *origin, *why;

		if (origin_normalise(rq->arena, at, len, &origin, &why) != EG_OK)
			faults_add(f, "sites", "“%.*s”: %s", (int)(len > ORIGIN_MAX ? ORIGIN_MAX : len), at, why);
		else if (!holds_text(form->origins, origin))
			json_push_str(form->origins, origin);
		at += len;
		at += strspn(at, BETWEEN_SITES);
	}

	bool has_sites = form->sites[strspn(form->sites, BETWEEN_SITES)] != '\0';
	if (has_sites && form->any_site)
		faults_add(f, "sites", "Name sites, or tick “Any site may use this token”, but not both.");
	else if (!has_sites && rq->sv->config.require_origins)
		faults_add(f, "sites", "Name at least one site.");
	else if (!has_sites && !form->any_site)
		faults_add(f, "sites", "Name at least one site, or tick “Any site may use this token”.");
}

void
token_form_check(struct rq *rq, struct token_form *form, int64_t keep_until, struct faults *f)
{
	check_sites(rq, form, f);
	form->expires_at = expiry_check(rq, &form->expiry, keep_until, f);
}

void
token_form_show(struct rq *rq, json_object *view, const struct token_form *form, const struct token_row *t)
{
	json_object *values = json_new_object(rq->arena);

	json_add_str(values, "label", form->label);
	json_add_str(values, "sites", form->sites);
	json_add_bool(values, "any_site", form->any_site);
	json_add_object(view, "values", values);
	expiry_show(rq, view, &form->expiry, t != NULL ? &t->expires_at : NULL);
	json_add_object(view, "echo", form->origins);
	json_add_bool(view, "has_echo", form->origins != NULL && json_object_array_length(form->origins) > 0);
	json_add_bool(view, "require_sites", rq->sv->config.require_origins);
}
