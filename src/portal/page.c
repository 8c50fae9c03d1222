/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "portal/page.h"

#include <string.h>

#define NOTICE_KIND "notice"

/* ---- addresses ---- */

const char *
page_link(struct rq *rq, const char *path)
{
	return arena_printf(rq->arena, "%s%s", rq->sv->config.public_path, path);
}

void
page_add_link(struct rq *rq, json_object *view, const char *name, const char *path, const char *label, bool is_current)
{
	json_object *list = json_get_array(view, name), *link = json_new_object(rq->arena);

	if (list == NULL) {
		list = json_new_array(rq->arena);
		json_add_object(view, name, list);
	}
	json_add_str(link, "href", page_link(rq, path));
	json_add_str(link, "label", label);
	json_add_bool(link, "current", is_current);
	json_push_object(list, link);
}

/* ---- the frame ---- */

json_object *
page_bare(struct rq *rq, const char *title)
{
	json_object *view = json_new_object(rq->arena);

	json_add_str(view, "title", title);
	json_add_str(view, "brand", "embedgate");
	json_add_str(view, "base", rq->sv->config.public_path);
	json_add_str(view, "version", EG_VERSION);
	return view;
}

static const struct {
	const char *path;
	const char *label;
} sections[] = {
	{ PAGE_CUSTOMERS, "Customers" },
	{ PAGE_ACTIVITY, "Activity" },
	{ PAGE_SETTINGS, "Settings" },
};

static eg_err
add_user(struct rq *rq, json_object *view, const char *section)
{
	json_object *user = json_new_object(rq->arena), *sign_out;

	EG_TRY(page_form(rq, "/portal/logout", &sign_out));
	json_add_str(user, "email", rq->id.user.email);
	json_add_str(user, "role", user_role_name(rq->id.user.role));
	json_add_str(user, "partner", rq->id.partner.name);
	json_add_object(user, "sign_out", sign_out);
	for (size_t i = 0; i < EG_COUNT(sections); i++)
		page_add_link(rq, user, "nav", sections[i].path, sections[i].label,
		    section != NULL && strcmp(section, sections[i].path) == 0);
	json_add_object(view, "user", user);
	return EG_OK;
}

/* What the page before wanted to be said. Whatever goes wrong here costs a sentence, not the page. */
static void
add_notice(struct rq *rq, json_object *view)
{
	const char *id_text = rq_query(rq, "notice"), *text, *secret;
	struct uuid id;

	if (id_text == NULL || rq->method != M_GET || uuid_parse(id_text, strlen(id_text), &id) != EG_OK)
		return;
	if (flash_take(rq->sv, rq->arena, &rq->id.portal.id, &id, NOTICE_KIND, &text, &secret) == EG_OK)
		json_add_str(view, "notice", text);
}

eg_err
page_new(struct rq *rq, const char *title, const char *section, json_object **out)
{
	*out = page_bare(rq, title);
	if (rq->id.kind != IDENTITY_USER)
		return EG_OK;
	EG_TRY(add_user(rq, *out, section));
	add_notice(rq, *out);
	return EG_OK;
}

eg_err
page_answer(struct rq *rq, struct resp *rs, int status, const char *name, json_object *view)
{
	EG_TRY(resp_policy(rq, rs, RESP_POLICY_PORTAL));
	return resp_page(rq, rs, status, arena_printf(rq->arena, "portal/%s.html", name), view);
}

eg_err
page_download(struct rq *rq, struct resp *rs, const char *name, const char *type, const struct buf *bytes)
{
	EG_TRY(resp_header(rq, rs, "Content-Disposition", arena_printf(rq->arena, "attachment; filename=\"%s\"", name)));
	return resp_bytes(rq, rs, 200, type, bytes->data, bytes->len);
}

/* ---- forms ---- */

eg_err
page_form(struct rq *rq, const char *path, json_object **out)
{
	char csrf[CSRF_SIZE];

	EG_TRY(csrf_make(rq->sv->forms, &rq->id.portal.id, path, csrf));
	*out = json_new_object(rq->arena);
	json_add_str(*out, "action", page_link(rq, path));
	json_add_str(*out, "csrf", csrf);
	return EG_OK;
}

eg_err
page_redirect(struct rq *rq, struct resp *rs, const char *path, const char *notice)
{
	char text[UUID_TEXT_SIZE];
	struct uuid id;

	if (notice == NULL || flash_put(rq->sv, rq->arena, &rq->id.portal.id, NOTICE_KIND, notice, NULL, &id) != EG_OK)
		return resp_redirect(rq, rs, path);
	uuid_format(&id, text);
	return resp_redirect(rq, rs,
	    arena_printf(rq->arena, "%s%cnotice=%s", path, strchr(path, '?') != NULL ? '&' : '?', text));
}

const char *
page_field_text(struct rq *rq, const char *name)
{
	const char *text = rq_form(rq, name);
	size_t len;

	if (text == NULL)
		return "";
	text += strspn(text, " \t\r\n");
	for (len = strlen(text); len > 0 && strchr(" \t\r\n", text[len - 1]) != NULL; len--)
		;
	return arena_strndup(rq->arena, text, len);
}

static const char *
field_of(const struct page_field *map, const char *fault)
{
	size_t len = strcspn(fault, "[.");

	for (; map != NULL && map->fault != NULL; map++)
		if (strlen(map->fault) == len && strncmp(map->fault, fault, len) == 0)
			return map->field;
	return fault;
}

void
page_faults(struct rq *rq, json_object *view, const struct faults *f, const struct page_field *map)
{
	json_object *summary, *items, *by_field;

	if (f->count == 0)
		return;
	summary = json_new_object(rq->arena);
	items = json_new_array(rq->arena);
	by_field = json_new_object(rq->arena);
	for (const struct fault *fault = f->first; fault != NULL; fault = fault->next) {
		const char *field = field_of(map, fault->field);
		json_object *item = json_new_object(rq->arena);

		json_add_str(item, "target", field);
		json_add_str(item, "message", fault->message);
		json_push_object(items, item);
		if (json_get_str(by_field, field) == NULL)
			json_add_str(by_field, field, fault->message);
	}
	json_add_str(summary, "heading", f->count == 1 ? "One thing to correct" :
	    arena_printf(rq->arena, "%zu things to correct", f->count));
	json_add_object(summary, "items", items);
	json_add_object(view, "error_summary", summary);
	json_add_object(view, "error_for", by_field);
}

/* ---- lists ---- */

size_t
page_number(struct rq *rq)
{
	size_t before = rq->faults.count, page = 1, limit;

	/* The faults are for the API; a person with a mistyped address wants the list. */
	rq_paging(rq, &page, &limit);
	if (rq->faults.count == before)
		return page;
	faults_init(&rq->faults, rq->arena);
	return 1;
}

/* The query as it is, but for `but`, the page and the notice; each member with "?" or "&" in front. */
static void
add_query(struct rq *rq, struct buf *b, const char *but, bool is_first)
{
	for (size_t i = 0; i < rq->query_count; i++) {
		const struct param *p = &rq->query_params[i];

		if (strcmp(p->name, "page") == 0 || strcmp(p->name, "notice") == 0 || (but != NULL && strcmp(p->name, but) == 0))
			continue;
		buf_add_char(b, is_first ? '?' : '&');
		buf_add_url(b, p->name, strlen(p->name));
		buf_add_char(b, '=');
		buf_add_url(b, p->value, strlen(p->value));
		is_first = false;
	}
}

const char *
page_same_query(struct rq *rq, const char *rest)
{
	struct buf b;

	buf_init(&b, rq->arena, 256);
	buf_printf(&b, "%s%s", page_link(rq, rq->path), rest);
	add_query(rq, &b, NULL, true);
	return b.data;
}

void
page_choice(struct rq *rq, json_object *view, const char *name, const char *value, const char *label, const char *current)
{
	struct buf b;

	buf_init(&b, rq->arena, 256);
	buf_printf(&b, "%s?%s=", rq->path, name);
	buf_add_url(&b, value, strlen(value));
	add_query(rq, &b, name, false);
	page_add_link(rq, view, name, b.data, label, strcmp(value, current) == 0);
}

/* The path of this list with another page. */
static const char *
page_path(struct rq *rq, size_t page)
{
	struct buf b;

	buf_init(&b, rq->arena, 256);
	buf_printf(&b, "%s?page=%zu", rq->path, page);
	add_query(rq, &b, NULL, false);
	return b.data;
}

static const char *
page_address(struct rq *rq, size_t page)
{
	return page_link(rq, page_path(rq, page));
}

static size_t
last_page(size_t limit, size_t total)
{
	return total == 0 ? 1 : (total - 1) / limit + 1;
}

bool
page_is_behind(size_t page, size_t limit, size_t total)
{
	return page > last_page(limit, total);
}

eg_err
page_to_last(struct rq *rq, struct resp *rs, size_t limit, size_t total)
{
	return page_redirect(rq, rs, page_path(rq, last_page(limit, total)), NULL);
}

void
page_paging(struct rq *rq, json_object *view, size_t page, size_t limit, size_t count, size_t total)
{
	json_object *paging = json_new_object(rq->arena);
	size_t before = (page - 1) * limit;

	if (count == 0)
		return;
	json_add_int(paging, "from", (int64_t)(before + 1));
	json_add_int(paging, "to", (int64_t)(before + count));
	json_add_int(paging, "total", (int64_t)total);
	json_add_str(paging, "previous", page > 1 ? page_address(rq, page - 1) : NULL);
	json_add_str(paging, "next", before + count < total ? page_address(rq, page + 1) : NULL);
	json_add_object(view, "paging", paging);
}
