/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/token_record.h"

#include <string.h>

#include "model/kinds.h"
#include "model/row.h"

/* Short names: a record is read at each check of its token. */
static const struct column columns[] = {
	COLUMN(TEXT, struct token_row, name, "name"),
	COLUMN(BITS, struct token_row, permissions, "may"),
	COLUMN_LIST(struct token_row, origins, origin_count, "sites"),
	COLUMN(BYTES, struct token_row, issue, "issue"),
	COLUMN(NUMBER, struct token_row, issued_at, "issued"),
	COLUMN(BYTES, struct token_row, previous[0].issue, "previous"),
	COLUMN(NUMBER, struct token_row, previous[0].valid_until, "previous_until"),
	COLUMN(BYTES, struct token_row, previous[1].issue, "previous_2"),
	COLUMN(NUMBER, struct token_row, previous[1].valid_until, "previous_2_until"),
	COLUMN(BYTES, struct token_row, previous[2].issue, "previous_3"),
	COLUMN(NUMBER, struct token_row, previous[2].valid_until, "previous_3_until"),
	COLUMN(BYTES, struct token_row, previous[3].issue, "previous_4"),
	COLUMN(NUMBER, struct token_row, previous[3].valid_until, "previous_4_until"),
	COLUMN(FLAG, struct token_row, is_active, "active"),
	COLUMN(FLAG, struct token_row, is_primary, "primary"),
	COLUMN(NUMBER, struct token_row, agent_number, "agent"),
	COLUMN(TEXT, struct token_row, created_by, "by"),
	COLUMN(NUMBER, struct token_row, created_at, "created"),
	COLUMN(NUMBER, struct token_row, updated_at, "updated"),
	COLUMN(NUMBER, struct token_row, expires_at, "expires"),
	COLUMN(NUMBER, struct token_row, rotated_at, "rotated"),
	COLUMN(NUMBER, struct token_row, revoked_at, "revoked"),
	COLUMN(TEXT, struct token_row, revoked_by, "revoked_by"),
	COLUMN_END,
};

eg_err
token_decode(struct arena *a, const struct store_record *rec, struct token_row *out)
{
	*out = (struct token_row){
		.id = rec->id,
		.customer_id = rec->lists[LIST_CUSTOMER],
		.partner_id = rec->lists[LIST_PARTNER],
		.event_id = rec->lists[LIST_EVENT],
		.agent_id = rec->lists[LIST_AGENT],
		.slot = rec->slot,
	};
	return row_decode(a, rec, columns, out);
}

void
token_mark_revoked(struct token_row *row, int64_t revoked_before)
{
	if (row->revoked_at == 0 && row->issued_at < revoked_before)
		row->revoked_at = revoked_before - 1;
}

void
token_encode(struct arena *a, const struct token_row *row, struct store_record *out)
{
	*out = (struct store_record){ .kind = KIND_TOKEN, .id = row->id, .slot = row->slot };
	out->lists[LIST_CUSTOMER] = row->customer_id;
	out->lists[LIST_PARTNER] = row->partner_id;
	out->lists[LIST_EVENT] = row->event_id;
	out->lists[LIST_AGENT] = row->agent_id;
	out->doc = row_encode(a, columns, row);
}

/* ---- texts ---- */

int64_t
token_previous_valid_until(const struct token_row *t)
{
	int64_t end = 0;

	for (size_t i = 0; i < TOKEN_PREVIOUS_MAX; i++)
		if (t->previous[i].valid_until > end)
			end = t->previous[i].valid_until;
	return end;
}

int64_t
token_text_end(const struct token_row *t, const uint8_t issue[EMBED_TOKEN_ISSUE_SIZE])
{
	if (memcmp(issue, t->issue, EMBED_TOKEN_ISSUE_SIZE) == 0)
		return 0;
	for (size_t i = 0; i < TOKEN_PREVIOUS_MAX; i++) {
		const struct token_previous *p = &t->previous[i];

		if (p->valid_until != 0 && memcmp(issue, p->issue, EMBED_TOKEN_ISSUE_SIZE) == 0)
			return p->valid_until;
	}
	return -1;
}

/* ---- status ---- */

static const char *const status_names[] = {
	[TOKEN_ACTIVE] = "active",
	[TOKEN_DISABLED] = "disabled",
	[TOKEN_ROTATING] = "rotating",
	[TOKEN_EXPIRED] = "expired",
	[TOKEN_REVOKED] = "revoked",
};

enum token_status
token_status(const struct token_row *t, int64_t now_s)
{
	if (t->revoked_at != 0)
		return TOKEN_REVOKED;
	if (t->expires_at != 0 && now_s >= t->expires_at)
		return TOKEN_EXPIRED;
	if (!t->is_active)
		return TOKEN_DISABLED;
	if (now_s < token_previous_valid_until(t))
		return TOKEN_ROTATING;
	return TOKEN_ACTIVE;
}

const char *
token_status_name(enum token_status s)
{
	return (size_t)s < EG_COUNT(status_names) ? status_names[s] : NULL;
}
