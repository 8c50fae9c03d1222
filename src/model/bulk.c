/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/bulk.h"

#include "model/activity.h"
#include "model/change.h"
#include "model/records.h"
#include "model/text.h"

struct creation {
	const struct actor *who;
	struct customer_row customer;
	struct token_row *tokens;
	size_t count;
};

static eg_err
create(struct store_tx *tx, struct arena *a, void *arg)
{
	struct creation *c = arg;
	struct customer_row *row = &c->customer;
	const struct activity_new in = { .action = "customer.create", .partner_id = row->partner_id, .customer_id = row->id,
		.target_id = row->id, .target_name = row->name };

	EG_TRY(store_tx_new_ring(tx, &row->ring));
	row->created_at = change_now_s(tx);
	row->updated_at = row->created_at;
	EG_TRY(customer_tx_put(tx, a, row));
	EG_TRY(activity_add(tx, a, c->who, &in));
	for (size_t i = 0; i < c->count; i++) {
		c->tokens[i].partner_id = row->partner_id;
		c->tokens[i].customer_id = row->id;
		EG_TRY(token_tx_add(tx, a, c->who, &c->tokens[i]));
	}
	return EG_OK;
}

static eg_err
draft(struct service *sv, struct arena *a, const struct scope *s, const char *name, struct creation *c)
{
	struct faults f;

	faults_init(&f, a);
	c->customer = (struct customer_row){ .partner_id = s->partner_id, .has_portal_access = true, .features = FEATURE_ALL };
	c->customer.name = text_name(a, name, TEXT_NAME_MAX, "name", &f);
	EG_TRY(uuid_make(&c->customer.id));
	c->tokens = arena_array(a, c->count, sizeof(*c->tokens));
	for (size_t i = 0; i < c->count; i++) {
		const struct token_new in = { .name = arena_printf(a, "%s %zu", name, i + 1) };

		EG_TRY(token_draft(sv, a, &in, &f, &c->tokens[i]));
	}
	return faults_result(&f);
}

eg_err
bulk_create(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who, const char *name, size_t count,
    struct customer_row *out, char (*texts)[EMBED_TOKEN_SIZE])
{
	struct creation c = { .who = who, .count = count };

	if (uuid_is_nil(&s->partner_id) || !uuid_is_nil(&s->customer_id))
		return EG_NOTFOUND;
	if (count > BULK_TOKENS_MAX)
		return EG_TOO_LARGE;
	EG_TRY(draft(sv, a, s, name, &c));
	EG_TRY(change_run(sv, a, who, "customer.create", &c.customer.id, create, &c));
	*out = c.customer;
	for (size_t i = 0; i < count; i++)
		EG_TRY(token_text(sv, &c.tokens[i], TOKEN_EMBED, texts[i]));
	return EG_OK;
}
