/* SPDX-License-Identifier: GPL-3.0-or-later */
/* index.h - one GDBM file and this process' handle of it. The only file that includes gdbm.h is index.c.
 *
 * Behind each value stand padding, its length, and 16 bytes of HMAC-SHA256 over key and all before, as a damaged GDBM file
 * gives wrong answers silently. The padding is there because GDBM loses the space of entries that change their size: so
 * sizes are few, and an entry seldom becomes smaller.
 *
 * Nothing here syncs: the journal is the truth, and a file that was not stopped in order is made anew after a crash. In
 * particular a writer's handle is given up without the fsync that gdbm_close() would make.
 *
 * Failures are not logged here: a reader whose file is written to meanwhile sees nonsense that is no fault. `fault` says
 * what it was. After any but EG_NOTFOUND the handle may have been dropped. */
#ifndef EG_STORE_INDEX_H
#define EG_STORE_INDEX_H

#include "sign/mac.h"
#include "store/record.h"

#define INDEX_MAC_SIZE 16
#define INDEX_TRAILER_SIZE (4 + INDEX_MAC_SIZE)

struct index {
	const char *path;       /* borrowed */
	struct mac *mac;        /* borrowed */
	void *db;               /* GDBM_FILE; NULL: not open */
	bool writable;
	uint64_t word;          /* of shared_index when it was opened, or last written by us; for who uses the handle */
	const char *fault;      /* why the last call failed; static text */
};

void index_init(struct index *ix, const char *path, struct mac *mac);
/* Opens the file where it is not open that way at that word. EG_DAMAGED, EG_IO. */
eg_err index_open(struct index *ix, bool writable, uint64_t word) EG_CHECKED;
/* A new, empty file at its path, and a handle that keeps `buckets` of 4 KiB in memory. EG_FULL, EG_IO. */
eg_err index_create(struct index *ix, size_t buckets) EG_CHECKED;
void index_drop(struct index *ix);

/* The value, in the arena, and how many bytes it takes in the file. EG_NOTFOUND; EG_DAMAGED; EG_IO. */
eg_err index_fetch(struct index *ix, struct arena *a, const struct key *key, struct slice *out, size_t *room) EG_CHECKED;
/* In place of an entry that takes `*room` bytes (0: there is none); `*room` is then what it takes. EG_FULL, EG_IO,
 * EG_DAMAGED: the file must not be used any more. */
eg_err index_store(struct index *ix, const struct key *key, struct slice value, size_t *room) EG_CHECKED;
eg_err index_remove(struct index *ix, const struct key *key) EG_CHECKED;
/* Take space on disk for `entries` more values of `bytes` together, as well as can be foretold. EG_FULL. */
eg_err index_room(struct index *ix, size_t entries, size_t bytes) EG_CHECKED;
/* The key of a unique text. */
eg_err index_key_unique(struct index *ix, struct slice text, struct key *out) EG_CHECKED;
/* Number of entries. */
eg_err index_count(struct index *ix, uint64_t *out) EG_CHECKED;

#endif
