/* SPDX-License-Identifier: GPL-3.0-or-later */
/* shared.h - shared.page: what the processes that have a store open tell each other, and the lock file that says who
 * they are. Mapped by all, made anew by whoever is alone; so no mutex outlives a boot or a copy of the folder.
 *
 * The two index files. Readers read the published one. Who holds the writer lock brings the other one to the journal's
 * end and publishes that. So a file that is being written is never the published one, a writer that dies leaves the
 * published one whole, and a reader that is slower than two commits sees the file's word move and reads again.
 *
 * Fields marked (L) belong to the holder of the writer lock, who may die between any two instructions: they are
 * laid out so that every order of death leaves a state that recover.h can go on from. */
#ifndef EG_STORE_SHARED_H
#define EG_STORE_SHARED_H

#include <pthread.h>
#include <stdatomic.h>

#include "store/journal.h"

#define SHARED_LOCK_WAIT_MS 250         /* for the writer lock, and for a published index */
#define SHARED_CHANGED 4096             /* changed entries that are remembered; a power of two */

/* An index file at the time of an orderly stop. */
struct index_mark {
	struct place applied;
	uint64_t sequence;
	uint64_t inode, size;           /* from here on: as long as they are the same nobody wrote to the file */
	int64_t modified_ns, changed_ns;
};

/* What an orderly stop leaves, so that the next start need not look at everything. */
struct stop_mark {
	struct place before;            /* the journal's line "stop" stands between these two */
	struct place tail;
	uint32_t published;
	uint32_t index_key;
	struct index_mark index[2];
	uint8_t mac[MAC_SIZE];          /* over all of it before; under a key of this store's own */
};

struct shared_index {
	_Atomic uint64_t word;          /* odd: being written, or left so by a dead writer. Never goes back */
	_Atomic uint64_t sequence;      /* as in the file's own record */
	struct place applied;           /* (L) journal place that the file corresponds to */
};

struct shared {
	char magic[16];                 /* written last */
	uint32_t size;                  /* of this struct */
	uint8_t boot_id[16];
	uint64_t inode;                 /* of the file: a copy has another */
	struct uuid store;
	uint32_t journal_key;           /* numbers of the master keys in use */
	uint32_t index_key;

	pthread_mutex_t mutex;          /* the writer lock: robust, between processes */

	/* version << 2 | readable << 1 | number of the index file. The version counts publications; it is what
	 * store_version() tells. */
	_Atomic uint64_t current;
	struct shared_index index[2];

	struct place tails[2];          /* (L) end of the journal: [tail_slot] */
	_Atomic uint32_t tail_slot;
	_Atomic uint32_t appending;     /* (L) a line is being written behind the tail */
	_Atomic uint32_t synced_first;  /* (L) a line behind the last orderly stop is on disk */
	_Atomic uint32_t rebuilding;    /* (L) the index is being made anew, which takes a while */
	_Atomic uint32_t damaged;       /* neither index nor journal can be trusted: only a start tries again */
	_Atomic int64_t rebuilt_at_us;  /* monotonic; a machine that breaks every index is not kept busy by it */

	/* Group sync (sync.h). */
	_Atomic uint32_t segment;       /* where the tail is */
	_Atomic uint64_t appended;      /* sequence of the tail */
	_Atomic uint64_t synced;        /* highest sequence known to be on disk */
	_Atomic uint32_t sync_turn;     /* futex: moves when a sync ended */
	_Atomic uint32_t sync_leader;   /* thread id of who syncs; 0: nobody */
	_Atomic uint32_t sync_failed;   /* a sync failed: nothing is appended until the segment is healed */

	/* Which entries of the index changed lately: low half of the version << 32 | key_hash(), by version. */
	_Atomic uint64_t changed_count;
	_Atomic uint64_t changed[SHARED_CHANGED];

	_Alignas(512) struct stop_mark stop;
};

/* Opens (and makes) the file and maps it; its content may be anything. `*why` on failure. */
eg_err shared_map(struct arena *a, int dir_fd, const char *dir, struct shared **out, const char **why) EG_CHECKED;
void shared_unmap(struct shared *page);
/* For who is alone: fill in what a zeroed page needs but for the mutex; that, in its final place; and let others
 * use it. */
void shared_init(struct shared *page, uint64_t inode);
eg_err shared_init_mutex(struct shared *page) EG_CHECKED;
void shared_set_valid(struct shared *page);
bool shared_is_valid(const struct shared *page);
/* Was the page made since the machine started? */
bool shared_is_of_this_boot(const struct shared *page);

/* The writer lock. EG_BUSY: not had in time. `*died`: its last holder died with it. */
eg_err shared_lock(struct shared *page, bool *died) EG_CHECKED;
void shared_unlock(struct shared *page);

/* (L) */
static inline const struct place *
shared_tail(struct shared *page)
{
	return &page->tails[atomic_load(&page->tail_slot) & 1];
}
void shared_set_tail(struct shared *page, const struct place *tail);

static inline bool
current_is_readable(uint64_t current)
{
	return (current & 2) != 0;
}

static inline unsigned
current_index(uint64_t current)
{
	return current & 1;
}

static inline uint64_t
current_version(uint64_t current)
{
	return current >> 2;
}

/* (L) Readers go to index `which` from now on, or find none. */
void shared_publish(struct shared *page, unsigned which);
void shared_publish_none(struct shared *page);
/* (L) To be told before the change is published. */
void shared_note_change(struct shared *page, uint32_t hash);
/* Did such an entry change in `version` or the one before? Also true where that is not known any more. */
bool shared_changed_lately(struct shared *page, uint32_t hash, uint64_t version);

/* ---- the lock file ---- */

enum alone {
	NOT_ALONE,
	ALONE,
};

/* Wait a while to join: ALONE where nobody else has the store open, and then nobody can join until lock_share().
 * EG_BUSY: the one who is alone takes too long. */
eg_err lock_join(int lock_fd, enum alone *out) EG_CHECKED;
/* From alone to one of many. */
eg_err lock_share(int lock_fd) EG_CHECKED;
/* Give up one's share; ALONE where nobody else had one, and then nobody can join until the descriptor is closed. */
enum alone lock_leave(int lock_fd);

#endif
