/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store.h - records, lists and unique names, changed in sets that happen whole or not at all. The only seam:
 * nothing above it knows GDBM or the journal, and another engine could stand behind it.
 *
 * A record is a JSON document with a kind (one ASCII letter, whose meaning is the caller's), an id, up to four
 * lists it stands in (each named by a uuid: a customer, a partner, an event), up to four unique texts it can be
 * found by, and a usage slot.
 *
 * Promise: a change that was answered EG_OK survives the death of any process and of the machine; it is seen by
 * every process in its next read; a change that failed left nothing behind (but EG_FAILED: result unknown).
 * Readers take no lock and write nothing. The journal is the truth, the index files can always be made anew from
 * it. */
#ifndef EG_STORE_STORE_H
#define EG_STORE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "sign/keyring.h"

#define STORE_LISTS_MAX 4
#define STORE_UNIQUES_MAX 4
#define STORE_UNIQUE_LEN_MAX 320        /* bytes of one unique text */
#define STORE_DOC_MAX (8u << 20)        /* bytes of one document */

struct store;

struct store_record {
	char kind;
	struct uuid id;
	struct uuid lists[STORE_LISTS_MAX];     /* nil: unused */
	const char *uniques[STORE_UNIQUES_MAX]; /* "email:a@b.example"; NULL: unused. One name space for the whole store */
	uint32_t slot;                          /* usage slot; 0: none. See store_tx_new_slot() */
	uint32_t ring;                          /* ring of recent events; 0: none. See store_tx_new_ring() */
	json_object *doc;                       /* what store_get() gives is shared: never change it, build a new one */
};

enum store_open_mode {
	STORE_READ_WRITE,
	STORE_CREATE,           /* make a new one; EG_EXISTS where the folder holds one */
};

/* Opens `dir` (0700, owned by the caller, on a local file system), recovering what a dead process or machine left.
 * `*why` is a sentence that says what to do, for every result but EG_OK:
 *   EG_NOTFOUND    no store there
 *   EG_CONFIG      the folder, its file system or the keys do not do
 *   EG_RECOVERING  another process is just opening it: try again
 *   EG_FULL, EG_DAMAGED, EG_IO
 * `ring` is only used during the call. The handle is for one process: a forked child gets EG_INTERNAL from it and opens
 * the store anew. The last to close brings the files into a state that the next boot can go on from. */
eg_err store_open(struct arena *a, const char *dir, const struct keyring *ring, enum store_open_mode mode,
    struct store **out, const char **why) EG_CHECKED;
void store_close(struct store *st);

/* ---- reading: no lock, no write, about a microsecond. Everything read lives as long as the arena. ----
 * EG_NOTFOUND, or a fault: EG_BUSY, EG_RECOVERING, EG_DAMAGED, EG_IO. */
eg_err store_get(struct store *st, struct arena *a, char kind, const struct uuid *id, struct store_record *out) EG_CHECKED;
eg_err store_find(struct store *st, struct arena *a, const char *unique, struct store_record *out) EG_CHECKED;

/* The records of `kind` in `list`, newest first, `offset` skipped, at most `limit` of them; `*total` counts the whole
 * list. An unknown list is empty. */
eg_err store_list(struct store *st, struct arena *a, char kind, const struct uuid *list, size_t offset, size_t limit,
    struct store_record **out, size_t *out_count, size_t *total) EG_CHECKED;
/* Only the count: one read. */
eg_err store_count(struct store *st, struct arena *a, char kind, const struct uuid *list, size_t *total) EG_CHECKED;

/* A number that changes whenever anything in the store changed; two equal numbers around some reads mean that they saw
 * one state. */
uint64_t store_version(struct store *st);

/* ---- changing ---- */

/* Who changes, and what for; goes into the journal line. All borrowed for the call; no secrets. */
struct store_cause {
	const char *actor;      /* "user:ID", "api_key:ID", "cli:NAME", "system" */
	const char *action;     /* "embed_token.create" */
	const char *target;     /* id text of the thing, or NULL */
	const char *request_id; /* or NULL */
};

struct store_tx;

/* What to change. Called under the writer lock, after everything committed before is in place; it reads the
 * present state through `tx`, checks, and puts. Any result but EG_OK drops the whole set and is returned by
 * store_change(). It must not block, and may be called only once. */
typedef eg_err (*store_change_fn)(struct store_tx *tx, struct arena *a, void *arg);

/* EG_OK: durable, and so is all that `fn` has seen, also where it put nothing (then nothing is written). EG_EXISTS: a
 * unique text of the set belongs to another record. EG_BUSY (lock not had in 250 ms), EG_FULL, EG_RECOVERING,
 * EG_DAMAGED, EG_IO: nothing was changed. EG_FAILED: result unknown. */
eg_err store_change(struct store *st, struct arena *a, const struct store_cause *cause, store_change_fn fn, void *arg)
    EG_CHECKED;

eg_err store_tx_get(struct store_tx *tx, char kind, const struct uuid *id, struct store_record *out) EG_CHECKED;
eg_err store_tx_find(struct store_tx *tx, const char *unique, struct store_record *out) EG_CHECKED;
eg_err store_tx_list(struct store_tx *tx, char kind, const struct uuid *list, size_t offset, size_t limit,
    struct store_record **out, size_t *out_count, size_t *total) EG_CHECKED;
/* Insert, or replace the record of that kind and id (lists and uniques may differ from before). Copies what it
 * needs; later calls see it. Not on disk before store_change() answers. EG_EXISTS: one of its unique texts belongs to
 * another record; nothing was put, and `fn` may go on. A text that this set takes from one record is free for the next. */
eg_err store_tx_put(struct store_tx *tx, const struct store_record *rec) EG_CHECKED;
/* Remove a record from everything. EG_NOTFOUND. */
eg_err store_tx_delete(struct store_tx *tx, char kind, const struct uuid *id) EG_CHECKED;
/* A usage slot for a new record, with its space on disk already taken. */
eg_err store_tx_new_slot(struct store_tx *tx, uint32_t *out) EG_CHECKED;
/* The same for a ring of recent events; a ring takes some 50 KiB, so only customers get one. */
eg_err store_tx_new_ring(struct store_tx *tx, uint32_t *out) EG_CHECKED;
/* Microseconds of wall clock for this change; never before the change before it. */
int64_t store_tx_now_us(const struct store_tx *tx);

/* ---- tending ---- */

/* Called now and then during long work: `done` of `total` (0: unknown). May be NULL. */
typedef void (*store_progress_fn)(void *arg, const char *what, uint64_t done, uint64_t total);

struct store_finding {
	const char *where;      /* "journal/000001.log line 17", "index a: record t 0199..." */
	const char *what;
	struct store_finding *next;
};

/* Compare journal chain, record MACs, index and lists with each other, while traffic runs. EG_OK and an empty list
 * where all agree; EG_DAMAGED and the findings where not. */
eg_err store_verify(struct store *st, struct arena *a, store_progress_fn progress, void *arg,
    struct store_finding **out) EG_CHECKED;
/* Make the index anew from the journal. */
eg_err store_rebuild(struct store *st, struct arena *a, store_progress_fn progress, void *arg) EG_CHECKED;

/* {"records": {"t": 12, ...}, "sequence": ..., "journal_bytes": ..., "index_bytes": ..., "last_rebuild_at": ...} */
eg_err store_stats(struct store *st, struct arena *a, json_object **out) EG_CHECKED;

/* The usage files of the same store (store/usage/usage.h); valid until store_close(). */
struct usage;
struct usage *store_usage(struct store *st);

#endif
