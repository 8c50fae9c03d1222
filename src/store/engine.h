/* SPDX-License-Identifier: GPL-3.0-or-later */
/* engine.h - what the files of the store share among themselves: one process' end of an open store. */
#ifndef EG_STORE_ENGINE_H
#define EG_STORE_ENGINE_H

#include "store/cache.h"
#include "store/shared.h"
#include "store/view.h"

struct usage;

struct store {
	char *dir;
	int dir_fd;
	int journal_fd;                 /* the folder DIR/journal */
	int lock_fd;
	struct shared *page;
	const volatile char *not_forked;/* *not_forked is 1, but 0 in a child that was forked since */
	struct journal_keys journal_keys;
	struct mac *index_macs[KEYRING_MAX_NUMBER + 1];
	struct mac *page_mac;
	unsigned newest_key;
	struct journal_writer writer;   /* appending under the writer lock; syncing without */
	struct journal_reader reader;   /* under the writer lock */
	char *index_paths[2];
	char *new_path;                 /* of an index that is being made */
	struct index index[2];
	struct cache *cache;
	struct usage *usage;
};

/* EG_INTERNAL in a forked child: the lock file's share and the handles' file positions are its parent's. */
eg_err engine_check_fork(struct store *st) EG_CHECKED;
/* The page says which key index files are made with. */
void engine_use_index_key(struct store *st);

/* ---- read.c ---- */

/* One or more reads of one state of the store:
 *
 *	struct reading r = { .st = st };
 *	do {
 *		e = reading_open(&r, a);
 *		if (e == EG_OK)
 *			e = ... r.view ...;
 *	} while (!reading_is_done(&r, &e));
 */
struct reading {
	struct store *st;
	struct view view;               /* of the published index */
	uint64_t current;               /* the page's */
	uint64_t version;               /* in it */
	unsigned which;                 /* in it */
	uint64_t word;                  /* of that index when the view was opened */
	bool is_open;
	bool mended;                    /* what reading_is_done() has tried */
	bool doubted;
	int64_t deadline_us;
};
/* EG_RECOVERING, EG_DAMAGED, EG_IO. */
eg_err reading_open(struct reading *r, struct arena *a) EG_CHECKED;
/* Of one record, from the cache or the view. Also EG_NOTFOUND. */
eg_err reading_record(struct reading *r, char kind, const struct uuid *id, struct store_record *out) EG_CHECKED;
/* `*e` came out of the reads. True: that was one state of the store, and `*e` the answer. False: the file was
 * written to meanwhile, or had to be made anew: begin again. Not for longer than SHARED_LOCK_WAIT_MS, then it is
 * EG_BUSY. */
bool reading_is_done(struct reading *r, eg_err *e);

/* ---- tail.c: under the writer lock ---- */

/* Put in order what a writer left that died while it appended. */
eg_err tail_settle(struct store *st) EG_CHECKED;
/* After a failed sync: see journal_heal(). EG_FAILED. */
eg_err tail_heal(struct store *st) EG_CHECKED;
/* Room for so many bytes of JSON. EG_FULL. */
eg_err tail_room(struct store *st, size_t json_len) EG_CHECKED;
/* Append; `*after` is the new tail. EG_IO, EG_FULL: nothing changed. EG_FAILED. */
eg_err tail_append(struct store *st, struct arena *a, const struct line *l, struct slice json, struct place *after)
    EG_CHECKED;
/* Sync all there is. EG_FAILED: nobody appends until it is healed. */
eg_err tail_sync(struct store *st) EG_CHECKED;
/* Go on in a new segment, under master key number `key`. */
eg_err tail_start_segment(struct store *st, struct arena *a, unsigned key, int64_t at_us, struct place *after) EG_CHECKED;

/* ---- recover.c: under the writer lock ---- */

/* Whatever a dead writer left: settle the journal's end, have a published index that is at that end. EG_FULL,
 * EG_DAMAGED, EG_FAILED, EG_IO. */
eg_err recover_before_change(struct store *st) EG_CHECKED;
/* Then: the index file that is not published, open for writing, and a view of it at the journal's end `*after`. */
eg_err recover_target(struct store *st, struct arena *a, unsigned *which, struct view *v, struct place *after) EG_CHECKED;
/* Write that view, which by now corresponds to `tail`, between odd and even, and publish it. Where it fails the
 * file stays odd, and the next writer makes it anew. */
eg_err recover_flush(struct store *st, unsigned which, struct view *v, const struct place *tail) EG_CHECKED;
/* Bring both index files to the journal's end. After recover_before_change(). */
eg_err recover_level(struct store *st) EG_CHECKED;
/* Make both index files anew from the journal. Readers go on with the published file, if there is one. */
eg_err recover_rebuild(struct store *st, store_progress_fn progress, void *arg) EG_CHECKED;
/* The same where no file can be trusted: nobody reads until it is done. EG_DAMAGED where that was tried lately. */
eg_err recover_by_rebuild(struct store *st) EG_CHECKED;

/* These two take the lock. EG_OK: mended, read again. */
/* A reader met damage in index `which` at `word`. */
eg_err recover_from_damage(struct store *st, unsigned which, uint64_t word) EG_CHECKED;
/* A reader found no such entry in the published index, but one in the other. Either the last change removed it, or
 * damage did. */
eg_err recover_from_doubt(struct store *st, const struct key *key) EG_CHECKED;

/* ---- start.c, stop.c: for who is alone, see lock_join() ---- */

/* Make the page anew from what the last processes left, let others join, put the store in order. `*why` on failure. */
eg_err start(struct store *st, struct arena *a, const char **why) EG_CHECKED;
/* An orderly stop, if anything changed since the last one. */
void stop(struct store *st);
/* Is the page's stop mark of this store and made with its key? */
bool stop_mark_is_genuine(struct store *st);
/* And has nothing happened to the files since? */
bool stop_mark_holds(struct store *st);

/* ---- sync.c ---- */

/* Wait until the line of that sequence is on disk, syncing for all who wait where nobody does. EG_FAILED. */
eg_err sync_wait(struct store *st, uint64_t sequence) EG_CHECKED;

#endif
