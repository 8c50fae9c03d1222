/* SPDX-License-Identifier: GPL-3.0-or-later */
/* token.c - embed tokens: create, list, revoke. */
#include "model/token.h"

#include "ctl/ctl.h"
#include "model/agent.h"

static const struct ctl_column columns[] = {
	{ "id", "id", UUID_TEXT_LEN },
	{ "prefix", "prefix", EMBED_TOKEN_PREFIX_SIZE - 1 },
	{ "status", "status", 8 },
	{ "last used", "last_used_at", 20 },
	{ "name", "name", 24 },
	{ "sites", "allowed_origins", 0 },
	{ 0 },
};

static const struct ctl_column facts[] = {
	{ "id", "id", 0 },
	{ "name", "name", 0 },
	{ "customer", "customer_id", 0 },
	{ "status", "status", 0 },
	{ "permissions", "permissions", 0 },
	{ "sites", "allowed_origins", 0 },
	{ "expires", "expires_at", 0 },
	{ "token", "token", 0 },
	{ 0 },
};

/* What the token is of: a customer, one of its events, or one of its agents. */
static int
subject_of(const struct ctl *c, struct token_new *in)
{
	int result;

	in->agent = c->value[OPT_AGENT];
	if (c->value[OPT_CUSTOMER] == NULL && c->value[OPT_EVENT] == NULL && in->agent == NULL)
		return ctl_usage("'token create' needs --customer, --event or --agent. Usage: embedctl token create %s",
		    c->command->args);
	result = option_uuid(c, OPT_CUSTOMER, "customer", &in->customer_id);
	if (result == CTL_DONE)
		result = option_uuid(c, OPT_EVENT, "event", &in->event_id);
	if (result == CTL_DONE && in->agent != NULL && !agent_is_name(in->agent))
		return ctl_usage("--agent takes the agent's number or id, not '%s'.", in->agent);
	return result;
}

int
ctl_token_create(struct ctl *c)
{
	struct token_new in = { .name = c->value[OPT_NAME], .allowed_origins = c->list[OPT_ORIGIN] };
	char text[EMBED_TOKEN_SIZE];
	struct scope scope = { 0 };
	const char *what = c->value[OPT_EVENT] != NULL ? "event" : c->value[OPT_AGENT] != NULL ? "agent" : "customer";
	struct token_row row;
	struct faults f;
	int result = subject_of(c, &in);

	if (result == CTL_DONE)
		result = option_uuid(c, OPT_PARTNER, "partner", &scope.partner_id);
	if (result == CTL_DONE)
		result = option_time(c, OPT_EXPIRES, &in.expires_at);
	if (result != CTL_DONE)
		return result;
	faults_init(&f, c->arena);
	if (in.name == NULL)
		in.name = "Embed token";
	if (c->list[OPT_PERMISSION] != NULL) {
		in.set_permissions = true;
		in.permissions = permission_parse(c->list[OPT_PERMISSION], "permissions", &f);
		result = ctl_result(c, faults_result(&f), &f, "token");
	}
	if (result == CTL_DONE)
		result = ctl_result(c, token_create(&c->service, c->arena, &scope, &c->actor, &in, &f, &row, text), &f, what);
	if (result != CTL_DONE)
		return result;

	json_object *view = token_view(&c->service, c->arena, &row, c->now_s);

	json_add_str(view, "token", text);
	print_view(c, view, facts);
	print_hint(c, "Copy the token now; it will not be shown again.");
	return CTL_DONE;
}

static eg_err
page_of_tokens(struct ctl *c, struct arena *a, const struct scope *s, size_t page, json_object *views)
{
	struct token_filter filter = { .customer_id = s->customer_id, .page = page, .limit = LIST_PAGE };
	const struct scope partner = { .partner_id = s->partner_id };
	struct token_row *rows;
	size_t count, total;

	EG_TRY(token_list(&c->service, a, &partner, &filter, c->now_s, &rows, &count, &total));
	for (size_t i = 0; i < count; i++)
		json_push_object(views, token_view(&c->service, a, &rows[i], c->now_s));
	return EG_OK;
}

int
ctl_token_list(struct ctl *c)
{
	struct scope scope;
	int result = partner_scope(c, &scope);

	if (result == CTL_DONE)
		result = option_uuid(c, OPT_CUSTOMER, "customer", &scope.customer_id);
	return result != CTL_DONE ? result : print_list(c, &scope, columns, "customer", page_of_tokens);
}

int
ctl_token_revoke(struct ctl *c)
{
	struct scope scope = { 0 };
	struct token_row row;
	struct uuid id;
	int result = operand_uuid(c, "token", &id);

	if (result == CTL_DONE)
		result = option_uuid(c, OPT_PARTNER, "partner", &scope.partner_id);
	if (result == CTL_DONE)
		result = ctl_result(c, token_revoke(&c->service, c->arena, &scope, &c->actor, &id, &row), NULL, "token");
	if (result == CTL_DONE)
		print_view(c, token_view(&c->service, c->arena, &row, c->now_s), facts);
	return result;
}
