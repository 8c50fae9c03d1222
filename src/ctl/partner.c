/* SPDX-License-Identifier: GPL-3.0-or-later */
/* partner.c - partners, and the people who sign in for them. */
#include "model/partner.h"

#include <stdio.h>
#include <string.h>

#include "ctl/ctl.h"
#include "model/user.h"
#include "sign/password.h"

static const struct ctl_column partner_columns[] = {
	{ "id", "id", UUID_TEXT_LEN },
	{ "status", "status", 9 },
	{ "name", "name", 0 },
	{ 0 },
};

static const struct ctl_column partner_facts[] = {
	{ "id", "id", 0 },
	{ "name", "name", 0 },
	{ "status", "status", 0 },
	{ "mail", "email", 0 },
	{ "password", "password", 0 },
	{ 0 },
};

static const struct ctl_column user_facts[] = {
	{ "id", "id", 0 },
	{ "mail", "email", 0 },
	{ "role", "role", 0 },
	{ "password", "password", 0 },
	{ 0 },
};

/* The password to set: what the file holds, or a new one, which is then told. */
static int
password_of(struct ctl *c, const char **password)
{
	*password = c->password;
	if (*password != NULL)
		return CTL_DONE;
	return ctl_result(c, password_generate(c->arena, password), NULL, "password");
}

/* What was made up here is told once; what the caller brought is known. */
static void
add_password(const struct ctl *c, json_object *view, const char *password)
{
	if (c->password == NULL)
		json_add_str(view, "password", password);
}

int
ctl_partner_create(struct ctl *c)
{
	struct partner_new in = { .name = c->value[OPT_NAME], .owner_email = c->value[OPT_EMAIL] };
	struct partner_row row;
	struct faults f;
	int result = password_of(c, &in.owner_password);

	faults_init(&f, c->arena);
	if (result == CTL_DONE)
		result = ctl_result(c, partner_create(&c->service, c->arena, &c->actor, &in, &f, &row), &f, "partner");
	if (result != CTL_DONE)
		return result;

	json_object *view = partner_view(c->arena, &row);

	json_add_str(view, "email", in.owner_email);
	add_password(c, view, in.owner_password);
	print_view(c, view, partner_facts);
	return CTL_DONE;
}

static eg_err
page_of_partners(struct ctl *c, struct arena *a, const struct scope *s, size_t page, json_object *views)
{
	struct partner_row *rows;
	size_t count;

	(void)s;
	if (page > 1)           /* they come all at once */
		return EG_OK;
	EG_TRY(partner_list(&c->service, a, &rows, &count));
	for (size_t i = 0; i < count; i++)
		json_push_object(views, partner_view(a, &rows[i]));
	return EG_OK;
}

int
ctl_partner_list(struct ctl *c)
{
	static const struct scope everybody = { 0 };

	return print_list(c, &everybody, partner_columns, "partner", page_of_partners);
}

static int
set_suspended(struct ctl *c, bool suspended)
{
	struct partner_row row;
	struct uuid id;
	int result = operand_uuid(c, "partner", &id);

	if (result == CTL_DONE)
		result = ctl_result(c, partner_set_suspended(&c->service, c->arena, &c->actor, &id, suspended), NULL, "partner");
	if (result == CTL_DONE)
		result = ctl_result(c, partner_get(&c->service, c->arena, &id, &row), NULL, "partner");
	if (result == CTL_DONE)
		print_view(c, partner_view(c->arena, &row), partner_facts);
	return result;
}

int
ctl_partner_suspend(struct ctl *c)
{
	return set_suspended(c, true);
}

int
ctl_partner_resume(struct ctl *c)
{
	return set_suspended(c, false);
}

int
ctl_user_add(struct ctl *c)
{
	enum user_role role = user_role_by_name(c->value[OPT_ROLE]);
	const char *password;
	struct user_row row;
	struct scope scope;
	struct faults f;
	int result;

	if (role == 0)
		return ctl_usage("'%s' is no role; choose owner, admin or member.", c->value[OPT_ROLE]);
	result = partner_scope(c, &scope);
	if (result == CTL_DONE)
		result = password_of(c, &password);
	if (result != CTL_DONE)
		return result;
	faults_init(&f, c->arena);
	result = ctl_result(c, user_create(&c->service, c->arena, &scope, &c->actor, c->value[OPT_EMAIL], role, password,
	    &f, &row), &f, "user");
	if (result != CTL_DONE)
		return result;

	json_object *view = user_view(c->arena, &row);

	add_password(c, view, password);
	print_view(c, view, user_facts);
	return CTL_DONE;
}

int
ctl_user_password(struct ctl *c)
{
	const char *email = c->value[OPT_EMAIL], *password;
	struct user_row row;
	struct faults f;
	eg_err e = user_find(&c->service, c->arena, email, &row);
	int result;

	if (e == EG_NOTFOUND)
		return ctl_refuse("Nobody signs in as %s; 'embedctl user add' makes an account.", email);
	result = ctl_result(c, e, NULL, "user");
	if (result == CTL_DONE)
		result = password_of(c, &password);
	if (result != CTL_DONE)
		return result;
	faults_init(&f, c->arena);
	result = ctl_result(c, user_set_password(&c->service, c->arena, &c->actor, &row.id, password, NULL, &f), &f, "user");
	if (result != CTL_DONE)
		return result;

	json_object *view = user_view(c->arena, &row);

	add_password(c, view, password);
	print_view(c, view, user_facts);
	return CTL_DONE;
}
