/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/agent_login.h"

#include <string.h>

#include "model/change.h"
#include "model/kinds.h"
#include "model/records.h"
#include "model/row.h"

#define CLEAN_MAX 8             /* families that a login looks at to remove what is over */

static const struct column columns[] = {
	COLUMN(UUID, struct login_row, key_id, "key"),
	COLUMN(TEXT, struct login_row, key_lookup, "text"),
	COLUMN(UUID, struct login_row, agent_id, "agent"),
	COLUMN(NUMBER, struct login_row, serial, "serial"),
	COLUMN(NUMBER, struct login_row, created_at, "created"),
	COLUMN(NUMBER, struct login_row, refreshed_at, "refreshed"),
	COLUMN(NUMBER, struct login_row, expires_at, "expires"),
	COLUMN(NUMBER, struct login_row, ended_at, "ended"),
	COLUMN_END,
};

static eg_err
decode(struct arena *a, const struct store_record *rec, struct login_row *out)
{
	*out = (struct login_row){ .id = rec->id };
	return row_decode(a, rec, columns, out);
}

static eg_err
put(struct store_tx *tx, struct arena *a, const struct login_row *row)
{
	struct store_record rec = { .kind = KIND_FAMILY, .id = row->id, .lists = { kinds_root } };

	rec.doc = row_encode(a, columns, row);
	return store_tx_put(tx, &rec);
}

static void
renew(struct login_row *row, int64_t now_s)
{
	row->serial++;
	row->refreshed_at = now_s;
	row->expires_at = now_s + LOGIN_LIFE_S;
}

/* ---- making ---- */

struct creation {
	const struct actor *who;
	struct login_row row;
};

/* Looks at some of them, at a place that chance gives, since those that are refreshed outlive what came after them. Each
 * login adds one and looks at eight: where one in eight is over, as many go as come. */
static eg_err
clean_some(struct store_tx *tx, struct arena *a, const struct uuid *random, int64_t now_s)
{
	struct store_record *recs;
	size_t count, total, offset;
	uint32_t draw;

	EG_TRY(store_tx_list(tx, KIND_FAMILY, &kinds_root, 0, 0, &recs, &count, &total));
	memcpy(&draw, random->b + sizeof(random->b) - sizeof(draw), sizeof(draw));
	offset = total > CLEAN_MAX ? draw % (total - CLEAN_MAX + 1) : 0;
	EG_TRY(store_tx_list(tx, KIND_FAMILY, &kinds_root, offset, CLEAN_MAX, &recs, &count, &total));
	for (size_t i = 0; i < count; i++) {
		struct login_row old;

		EG_TRY(decode(a, &recs[i], &old));
		if (now_s >= old.expires_at)
			EG_TRY(store_tx_delete(tx, KIND_FAMILY, &old.id));
	}
	return EG_OK;
}

static eg_err
create(struct store_tx *tx, struct arena *a, void *arg)
{
	static const struct scope everything = { 0 };
	struct creation *c = arg;
	struct agent_row agent;

	EG_TRY(agent_tx_get(tx, a, &everything, &c->row.agent_id, &agent));
	c->row.created_at = change_now_s(tx);
	renew(&c->row, c->row.created_at);
	EG_TRY(clean_some(tx, a, &c->row.id, c->row.created_at));
	EG_TRY(put(tx, a, &c->row));
	return agent_add_activity(tx, a, c->who, "agent.login", &agent, NULL);
}

eg_err
login_create(struct service *sv, struct arena *a, const struct actor *who, const struct key_row *key, bool old_text,
    const struct agent_row *agent, struct login_row *out)
{
	struct creation c = { .who = who, .row = { .key_id = key->id, .agent_id = agent->id } };

	c.row.key_lookup = old_text ? key->previous_lookup : key->lookup;
	EG_TRY(uuid_make(&c.row.id));
	EG_TRY(change_run(sv, a, who, "agent.login", &c.row.id, create, &c));
	*out = c.row;
	return EG_OK;
}

eg_err
login_get(struct service *sv, struct arena *a, const struct uuid *id, struct login_row *out)
{
	struct store_record rec;

	EG_TRY(store_get(sv->store, a, KIND_FAMILY, id, &rec));
	return decode(a, &rec, out);
}

/* ---- refreshing ---- */

struct refresh {
	const struct actor *who;
	const struct uuid *id;
	int64_t serial;
	struct login_row row;
	bool is_reuse;
};

static eg_err
note_end(struct store_tx *tx, struct arena *a, const struct refresh *c)
{
	static const struct scope everything = { 0 };
	struct agent_row agent;
	eg_err e = agent_tx_get(tx, a, &everything, &c->row.agent_id, &agent);

	if (e != EG_OK)
		return e == EG_NOTFOUND ? EG_OK : e;
	return agent_add_activity(tx, a, c->who, "agent.login_ended", &agent, "A refresh token was used a second time.");
}

static eg_err
refresh(struct store_tx *tx, struct arena *a, void *arg)
{
	struct refresh *c = arg;
	struct store_record rec;
	int64_t now_s = change_now_s(tx);

	EG_TRY(store_tx_get(tx, KIND_FAMILY, c->id, &rec));
	EG_TRY(decode(a, &rec, &c->row));
	/* A greater serial was given by a family that a restored backup does not know. */
	if (now_s >= c->row.expires_at || c->serial > c->row.serial)
		return EG_NOTFOUND;
	c->is_reuse = c->serial < c->row.serial || c->row.ended_at != 0;
	if (!c->is_reuse) {
		renew(&c->row, now_s);
		return put(tx, a, &c->row);
	}
	if (c->row.ended_at != 0)
		return EG_OK;
	c->row.ended_at = now_s;
	EG_TRY(put(tx, a, &c->row));
	return note_end(tx, a, c);
}

eg_err
login_refresh(struct service *sv, struct arena *a, const struct actor *who, const struct uuid *id, int64_t serial,
    struct login_row *out)
{
	struct refresh c = { .who = who, .id = id, .serial = serial };

	EG_TRY(change_run(sv, a, who, "agent.refresh", id, refresh, &c));
	*out = c.row;
	return c.is_reuse ? EG_CONFLICT : EG_OK;
}
