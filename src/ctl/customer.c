/* SPDX-License-Identifier: GPL-3.0-or-later */
/* customer.c - customers. */
#include "model/customer.h"

#include "ctl/ctl.h"

static const struct ctl_column columns[] = {
	{ "id", "id", UUID_TEXT_LEN },
	{ "status", "status", 8 },
	{ "name", "name", 0 },
	{ 0 },
};

static const struct ctl_column facts[] = {
	{ "id", "id", 0 },
	{ "name", "name", 0 },
	{ "mail", "email", 0 },
	{ "status", "status", 0 },
	{ 0 },
};

int
ctl_customer_create(struct ctl *c)
{
	struct customer_new in = { .name = c->value[OPT_NAME], .email = c->value[OPT_EMAIL], .features = FEATURE_ALL };
	struct customer_row row;
	struct scope scope;
	struct faults f;
	int result = partner_scope(c, &scope);

	if (result != CTL_DONE)
		return result;
	faults_init(&f, c->arena);
	result = ctl_result(c, customer_create(&c->service, c->arena, &scope, &c->actor, &in, &f, &row, NULL), &f, "customer");
	if (result == CTL_DONE)
		print_view(c, customer_view(c->arena, &row), facts);
	return result;
}

static eg_err
page_of_customers(struct ctl *c, struct arena *a, const struct scope *s, size_t page, json_object *views)
{
	const struct customer_filter filter = { .page = page, .limit = LIST_PAGE };
	struct customer_row *rows;
	size_t count, total;

	EG_TRY(customer_list(&c->service, a, s, &filter, &rows, &count, &total));
	for (size_t i = 0; i < count; i++)
		json_push_object(views, customer_view(a, &rows[i]));
	return EG_OK;
}

int
ctl_customer_list(struct ctl *c)
{
	struct scope scope;
	int result = partner_scope(c, &scope);

	return result != CTL_DONE ? result : print_list(c, &scope, columns, "customer", page_of_customers);
}
