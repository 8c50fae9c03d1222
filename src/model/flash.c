/* SPDX-License-Identifier: GPL-3.0-or-later */
/* flash.c - what a page shows once. Reading is a change that removes the record, so of two readers one finds it. */
#include <string.h>

#include "base/clock.h"
#include "model/change.h"
#include "model/kinds.h"
#include "model/records.h"
#include "model/row.h"
#include "sign/seal.h"

#define LIFE_S 300
#define FLASHES_MAX 16          /* of one session that wait to be read; a further one drops the oldest */

struct flash {
	const char *kind;
	const char *text;
	const char *sealed;
	int64_t created_at;
};

static const struct column columns[] = {
	COLUMN(TEXT, struct flash, kind, "kind"),
	COLUMN(TEXT, struct flash, text, "text"),
	COLUMN(TEXT, struct flash, sealed, "sealed"),
	COLUMN(NUMBER, struct flash, created_at, "created"),
	COLUMN_END,
};

static eg_err
decode(struct arena *a, const struct store_record *rec, struct flash *out)
{
	*out = (struct flash){ 0 };
	return row_decode(a, rec, columns, out);
}

/* A sealed text opens in its own record and nowhere else. */
static const char *
seal_context(struct arena *a, const struct uuid *id)
{
	char text[UUID_TEXT_SIZE];

	uuid_format(id, text);
	return arena_printf(a, "flash:%s", text);
}

/* ---- putting ---- */

struct put {
	const struct uuid *session_id;
	const struct uuid *id;
	struct flash flash;
};

/* Removes what is too old to be shown. There are never more than FLASHES_MAX. */
static eg_err
clear_old(struct store_tx *tx, struct arena *a, const struct uuid *session_id, int64_t now_s)
{
	struct store_record *recs;
	size_t n, total;

	EG_TRY(store_tx_list(tx, KIND_FLASH, session_id, 0, FLASHES_MAX, &recs, &n, &total));
	for (size_t i = 0; i < n; i++) {
		struct flash old;

		EG_TRY(decode(a, &recs[i], &old));
		if (now_s >= old.created_at + LIFE_S || i + 1 == FLASHES_MAX)
			EG_TRY(store_tx_delete(tx, KIND_FLASH, &recs[i].id));
	}
	return EG_OK;
}

static eg_err
put(struct store_tx *tx, struct arena *a, void *arg)
{
	struct put *c = arg;
	struct store_record rec;

	EG_TRY(store_tx_get(tx, KIND_SESSION, c->session_id, &rec));
	c->flash.created_at = change_now_s(tx);
	EG_TRY(clear_old(tx, a, c->session_id, c->flash.created_at));
	rec = (struct store_record){ .kind = KIND_FLASH, .id = *c->id };
	rec.lists[0] = *c->session_id;
	rec.doc = row_encode(a, columns, &c->flash);
	return store_tx_put(tx, &rec);
}

eg_err
flash_put(struct service *sv, struct arena *a, const struct uuid *session_id, const char *kind, const char *text,
    const char *secret, struct uuid *out)
{
	struct put c = { .session_id = session_id, .id = out, .flash = { .kind = kind, .text = text } };

	EG_TRY(uuid_make(out));
	if (secret != NULL)
		EG_TRY(seal_make(sv->ring, a, seal_context(a, out), secret, strlen(secret), &c.flash.sealed));
	return change_run(sv, a, NULL, "flash.put", out, put, &c);
}

/* ---- finding ---- */

eg_err
flash_find(struct service *sv, struct arena *a, const struct uuid *session_id, const char *kind, const char *text,
    struct uuid *out)
{
	struct store_record *recs;
	size_t n, total;

	EG_TRY(store_list(sv->store, a, KIND_FLASH, session_id, 0, FLASHES_MAX, &recs, &n, &total));
	for (size_t i = 0; i < n; i++) {
		struct flash flash;

		EG_TRY(decode(a, &recs[i], &flash));
		if (flash.kind == NULL || flash.text == NULL || clock_now_s() >= flash.created_at + LIFE_S ||
		    strcmp(flash.kind, kind) != 0 || strcmp(flash.text, text) != 0)
			continue;
		*out = recs[i].id;
		return EG_OK;
	}
	return EG_NOTFOUND;
}

/* ---- taking ---- */

struct take {
	const struct uuid *session_id;
	const struct uuid *id;
	const char *kind;
	struct flash flash;
};

static eg_err
take(struct store_tx *tx, struct arena *a, void *arg)
{
	struct take *c = arg;
	struct store_record rec;

	EG_TRY(store_tx_get(tx, KIND_FLASH, c->id, &rec));
	EG_TRY(decode(a, &rec, &c->flash));
	if (!uuid_equal(&rec.lists[0], c->session_id) || c->flash.kind == NULL || strcmp(c->flash.kind, c->kind) != 0)
		return EG_NOTFOUND;
	if (change_now_s(tx) >= c->flash.created_at + LIFE_S)
		return EG_NOTFOUND;
	return store_tx_delete(tx, KIND_FLASH, c->id);
}

eg_err
flash_take(struct service *sv, struct arena *a, const struct uuid *session_id, const struct uuid *id, const char *kind,
    const char **text, const char **secret)
{
	struct take c = { .session_id = session_id, .id = id, .kind = kind };
	struct store_record rec;
	void *bytes = NULL;
	size_t len;

	/* A page that is loaded again must not cost a wait for the writer lock. */
	EG_TRY(store_get(sv->store, a, KIND_FLASH, id, &rec));
	EG_TRY(change_run(sv, a, NULL, "flash.take", id, take, &c));
	if (c.flash.sealed != NULL)
		EG_TRY(seal_open(sv->ring, a, seal_context(a, id), c.flash.sealed, &bytes, &len));
	*text = c.flash.text;
	*secret = bytes;
	return EG_OK;
}

eg_err
flash_tx_forget(struct store_tx *tx, struct arena *a, const struct uuid *session_id)
{
	struct store_record *recs;
	size_t n, total;

	EG_TRY(store_tx_list(tx, KIND_FLASH, session_id, 0, FLASHES_MAX, &recs, &n, &total));
	for (size_t i = 0; i < n; i++)
		EG_TRY(store_tx_delete(tx, KIND_FLASH, &recs[i].id));
	return EG_OK;
}
