/* SPDX-License-Identifier: GPL-3.0-or-later */
/* replay.c - one record a pair of API key and idempotency key, whose id is made from both. All stand in one list in the order
 * they came, so the oldest are at its end: each new one takes some that are too old away. */
#include "model/replay.h"

#include <string.h>

#include "base/clock.h"
#include "model/change.h"
#include "model/kinds.h"
#include "model/row.h"
#include "sign/mac.h"
#include "sign/seal.h"

#define SWEEP 4                 /* old records removed for each new one */

struct record {
	int64_t at;
	uint8_t fingerprint[REPLAY_FINGERPRINT_SIZE];
	int64_t status;         /* 0: no answer yet */
	const char *type;
	const char *sealed;
};

static const struct column columns[] = {
	COLUMN(NUMBER, struct record, at, "at"),
	COLUMN(BYTES, struct record, fingerprint, "fingerprint"),
	COLUMN(NUMBER, struct record, status, "status"),
	COLUMN(TEXT, struct record, type, "type"),
	COLUMN(TEXT, struct record, sealed, "sealed"),
	COLUMN_END,
};

static eg_err
decode(struct arena *a, const struct store_record *rec, struct record *out)
{
	*out = (struct record){ 0 };
	return row_decode(a, rec, columns, out);
}

static eg_err
put(struct store_tx *tx, struct arena *a, const struct uuid *id, const struct record *row)
{
	struct store_record rec = { .kind = KIND_REPLAY, .id = *id, .lists = { kinds_root } };

	rec.doc = row_encode(a, columns, row);
	return store_tx_put(tx, &rec);
}

/* A sealed answer opens in its own record and nowhere else. */
static const char *
seal_context(struct arena *a, const struct uuid *id)
{
	char text[UUID_TEXT_SIZE];

	uuid_format(id, text);
	return arena_printf(a, "replay:%s", text);
}

static bool
is_old(const struct record *row, int64_t now_s)
{
	return now_s >= row->at + REPLAY_LIFE_S;
}

eg_err
replay_init(const struct uuid *api_key_id, const char *key, const void *request, size_t request_len, struct replay *out)
{
	uint8_t name[sizeof(api_key_id->b) + REPLAY_KEY_MAX], digest[32];
	size_t len = strlen(key);

	*out = (struct replay){ .is_written = false };
	if (len > REPLAY_KEY_MAX)
		return EG_TOO_LARGE;
	memcpy(name, api_key_id->b, sizeof(api_key_id->b));
	memcpy(name + sizeof(api_key_id->b), key, len);
	EG_TRY(mac_sha256(name, sizeof(api_key_id->b) + len, digest));
	memcpy(out->id.b, digest, sizeof(out->id.b));
	return mac_sha256(request, request_len, out->fingerprint);
}

eg_err
replay_look(struct service *sv, struct arena *a, const struct replay *r, enum replay_found *found, struct replay_answer *out)
{
	struct store_record rec;
	struct record row;
	void *body;
	eg_err e = store_get(sv->store, a, KIND_REPLAY, &r->id, &rec);

	*found = REPLAY_NONE;
	if (e != EG_OK)
		return e == EG_NOTFOUND ? EG_OK : e;
	EG_TRY(decode(a, &rec, &row));
	if (is_old(&row, clock_now_s()))
		return EG_OK;
	*out = (struct replay_answer){ .at = row.at, .status = (int)row.status, .type = row.type };
	if (memcmp(row.fingerprint, r->fingerprint, sizeof(row.fingerprint)) != 0)
		*found = REPLAY_OTHER;
	else if (row.sealed == NULL || row.type == NULL)
		*found = REPLAY_UNANSWERED;
	else
		*found = REPLAY_ANSWERED;
	if (*found != REPLAY_ANSWERED)
		return EG_OK;
	e = seal_open(sv->ring, a, seal_context(a, &r->id), row.sealed, &body, &out->body_len);
	out->body = body;
	/* Sealed under a master key that was removed since: lost, like one that was never written. */
	if (e == EG_FORGED || e == EG_NOTFOUND)
		*found = REPLAY_UNANSWERED;
	return *found == REPLAY_UNANSWERED ? EG_OK : e;
}

/* ---- inside a change ---- */

eg_err
replay_tx_check(struct store_tx *tx, struct arena *a, struct replay *r)
{
	struct store_record rec;
	struct record row;
	eg_err e = store_tx_get(tx, KIND_REPLAY, &r->id, &rec);

	if (e != EG_OK)
		return e == EG_NOTFOUND ? EG_OK : e;
	EG_TRY(decode(a, &rec, &row));
	if (is_old(&row, change_now_s(tx)))
		return store_tx_delete(tx, KIND_REPLAY, &r->id);        /* its place in the list is among the old ones */
	r->is_taken = true;
	return EG_BUSY;
}

static eg_err
sweep(struct store_tx *tx, struct arena *a)
{
	struct store_record *recs;
	size_t count, total;

	EG_TRY(store_tx_list(tx, KIND_REPLAY, &kinds_root, 0, 0, &recs, &count, &total));
	EG_TRY(store_tx_list(tx, KIND_REPLAY, &kinds_root, total > SWEEP ? total - SWEEP : 0, SWEEP, &recs, &count, &total));
	for (size_t i = 0; i < count; i++) {
		struct record row;

		EG_TRY(decode(a, &recs[i], &row));
		if (is_old(&row, change_now_s(tx)))
			EG_TRY(store_tx_delete(tx, KIND_REPLAY, &recs[i].id));
	}
	return EG_OK;
}

static struct record
record_of(const struct replay *r, int64_t now_s)
{
	struct record row = { .at = now_s };

	memcpy(row.fingerprint, r->fingerprint, sizeof(row.fingerprint));
	return row;
}

eg_err
replay_tx_put(struct store_tx *tx, struct arena *a, const struct replay *r)
{
	const struct record row = record_of(r, change_now_s(tx));

	EG_TRY(sweep(tx, a));
	return put(tx, a, &r->id, &row);
}

/* ---- the answer ---- */

struct keeping {
	const struct replay *replay;
	const struct replay_answer *answer;
	const char *sealed;
};

static eg_err
keep(struct store_tx *tx, struct arena *a, void *arg)
{
	const struct keeping *c = arg;
	const struct replay *r = c->replay;
	struct record row = record_of(r, change_now_s(tx)), there;
	struct store_record rec;
	eg_err e = store_tx_get(tx, KIND_REPLAY, &r->id, &rec);

	if (e == EG_OK) {
		EG_TRY(decode(a, &rec, &there));
		if (is_old(&there, row.at))
			EG_TRY(store_tx_delete(tx, KIND_REPLAY, &r->id));
		else if (there.sealed != NULL || memcmp(there.fingerprint, row.fingerprint, sizeof(row.fingerprint)) != 0)
			return EG_OK;
		else
			row.at = there.at;
	} else if (e != EG_NOTFOUND) {
		return e;
	}
	row.status = c->answer->status;
	row.type = c->answer->type;
	row.sealed = c->sealed;
	EG_TRY(sweep(tx, a));
	return put(tx, a, &r->id, &row);
}

eg_err
replay_keep(struct service *sv, struct arena *a, const struct replay *r, const struct replay_answer *answer)
{
	struct keeping c = { .replay = r, .answer = answer };

	if (answer->body_len > REPLAY_ANSWER_MAX)
		return EG_TOO_LARGE;
	EG_TRY(seal_make(sv->ring, a, seal_context(a, &r->id), answer->body, answer->body_len, &c.sealed));
	return change_run(sv, a, NULL, "replay.keep", NULL, keep, &c);
}
