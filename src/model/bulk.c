/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/bulk.h"

#include "model/activity.h"
#include "model/change.h"
#include "model/records.h"
#include "model/text.h"

#define SET_MAX 60              /* tokens of one change set: the store hands out few slots at a time, and nobody waits long */

/* ---- the customer ---- */

struct creation {
	const struct actor *who;
	struct customer_row row;
};

static eg_err
create(struct store_tx *tx, struct arena *a, void *arg)
{
	struct creation *c = arg;
	struct customer_row *row = &c->row;
	const struct activity_new in = { .action = "customer.create", .partner_id = row->partner_id, .customer_id = row->id,
		.target_id = row->id, .target_name = row->name };

	EG_TRY(store_tx_new_ring(tx, &row->ring));
	row->created_at = change_now_s(tx);
	row->updated_at = row->created_at;
	EG_TRY(customer_tx_put(tx, a, row));
	return activity_add(tx, a, c->who, &in);
}

/* ---- its tokens ---- */

struct addition {
	const struct actor *who;
	const struct customer_row *customer;
	struct token_row *rows;
	size_t count;
};

static eg_err
add(struct store_tx *tx, struct arena *a, void *arg)
{
	struct addition *d = arg;

	for (size_t i = 0; i < d->count; i++)
		EG_TRY(token_tx_add(tx, a, d->who, d->customer, &d->rows[i]));
	return EG_OK;
}

/* Tokens number `first` + 1 and on. */
static eg_err
add_set(struct service *sv, struct arena *a, const struct actor *who, const struct customer_row *customer, size_t first,
    size_t count, char (*texts)[EMBED_TOKEN_SIZE])
{
	struct addition d = { .who = who, .customer = customer, .rows = arena_array(a, count, sizeof(*d.rows)), .count = count };
	struct faults f;

	faults_init(&f, a);
	for (size_t i = 0; i < count; i++) {
		const struct token_new in = { .name = arena_printf(a, "%s %zu", customer->name, first + i + 1) };

		EG_TRY(token_draft(sv, a, &in, &f, &d.rows[i]));
	}
	EG_TRY(faults_result(&f));
	EG_TRY(change_run(sv, a, who, "embed_token.create", &customer->id, add, &d));
	for (size_t i = 0; i < count; i++)
		EG_TRY(token_text(sv, &d.rows[i], TOKEN_EMBED, texts[i]));
	return EG_OK;
}

eg_err
bulk_create(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who, const char *name,
    size_t count, struct customer_row *out, char (*texts)[EMBED_TOKEN_SIZE])
{
	struct creation c = { .who = who };
	struct faults f;

	faults_init(&f, a);
	if (uuid_is_nil(&s->partner_id) || !uuid_is_nil(&s->customer_id))
		return EG_NOTFOUND;
	c.row = (struct customer_row){ .partner_id = s->partner_id, .has_portal_access = true, .features = FEATURE_ALL };
	c.row.name = text_name(a, name, TEXT_NAME_MAX, "name", &f);
	EG_TRY(faults_result(&f));
	EG_TRY(uuid_make(&c.row.id));
	EG_TRY(change_run(sv, a, who, "customer.create", &c.row.id, create, &c));
	*out = c.row;
	for (size_t done = 0; done < count; done += SET_MAX)
		EG_TRY(add_set(sv, a, who, out, done, count - done < SET_MAX ? count - done : SET_MAX, texts + done));
	return EG_OK;
}
