/* SPDX-License-Identifier: GPL-3.0-or-later */
/* key.c - API keys. */
#include <string.h>

#include "ctl/ctl.h"
#include "model/api_key.h"

static const struct ctl_column columns[] = {
	{ "id", "id", UUID_TEXT_LEN },
	{ "prefix", "prefix", API_KEY_PREFIX_SIZE - 1 },
	{ "type", "type", 9 },
	{ "status", "status", 8 },
	{ "last used", "last_used_at", 20 },
	{ "name", "name", 0 },
	{ 0 },
};

static const struct ctl_column facts[] = {
	{ "id", "id", 0 },
	{ "name", "name", 0 },
	{ "type", "type", 0 },
	{ "customer", "customer_id", 0 },
	{ "status", "status", 0 },
	{ "expires", "expires_at", 0 },
	{ "key", "key", 0 },
	{ 0 },
};

int
ctl_key_create(struct ctl *c)
{
	struct key_new in = { .name = c->value[OPT_NAME], .type = key_type_by_name(c->value[OPT_TYPE]) };
	char text[API_KEY_SIZE];
	struct key_row row;
	struct scope scope;
	struct faults f;
	int result;

	if (in.type == 0)
		return ctl_usage("'%s' is no type of API key; choose partner, customer, read_only or webhook.", c->value[OPT_TYPE]);
	result = partner_scope(c, &scope);
	if (result == CTL_DONE)
		result = option_uuid(c, OPT_CUSTOMER, "customer", &in.customer_id);
	if (result == CTL_DONE)
		result = option_time(c, OPT_EXPIRES, &in.expires_at);
	if (result != CTL_DONE)
		return result;
	faults_init(&f, c->arena);
	result = ctl_result(c, key_create(&c->service, c->arena, &scope, &c->actor, &in, &f, &row, text), &f, "customer");
	if (result != CTL_DONE)
		return result;

	json_object *view = key_view(&c->service, c->arena, &row, c->now_s);

	json_add_str(view, "key", text);
	print_view(c, view, facts);
	print_hint(c, "Copy the key now; it will not be shown again.");
	return CTL_DONE;
}

static eg_err
page_of_keys(struct ctl *c, struct arena *a, const struct scope *s, size_t page, json_object *views)
{
	struct key_row *rows;
	size_t count, total;

	EG_TRY(key_list(&c->service, a, s, page, LIST_PAGE, &rows, &count, &total));
	for (size_t i = 0; i < count; i++)
		json_push_object(views, key_view(&c->service, a, &rows[i], c->now_s));
	return EG_OK;
}

int
ctl_key_list(struct ctl *c)
{
	struct scope scope;
	int result = partner_scope(c, &scope);

	return result != CTL_DONE ? result : print_list(c, &scope, columns, "key", page_of_keys);
}

int
ctl_key_revoke(struct ctl *c)
{
	struct scope scope = { 0 };
	struct key_row row;
	struct uuid id;
	int result = operand_uuid(c, "key", &id);

	if (result == CTL_DONE)
		result = option_uuid(c, OPT_PARTNER, "partner", &scope.partner_id);
	if (result == CTL_DONE)
		result = ctl_result(c, key_revoke(&c->service, c->arena, &scope, &c->actor, &id, &row), NULL, "key");
	if (result == CTL_DONE)
		print_view(c, key_view(&c->service, c->arena, &row, c->now_s), facts);
	return result;
}
