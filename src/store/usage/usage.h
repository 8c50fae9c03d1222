/* SPDX-License-Identifier: GPL-3.0-or-later */
/* usage.h - what is counted without being a change: uses and refusals of tokens, keys and portal sessions, recent
 * events of a customer, and rate limits. Three mapped files (usage.slots, recent.rings, limits.table), C11 atomics, no
 * lock, no GDBM, shared by all processes; exact across them. Space is taken by posix_fallocate before it is used, never
 * sparse. A count survives the death of processes; after a power cut the last half minute may be missing. */
#ifndef EG_STORE_USAGE_USAGE_H
#define EG_STORE_USAGE_USAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/uuid.h"

#define USAGE_DAYS 30
#define USAGE_SITES 4
#define USAGE_SITE_LEN 104      /* bytes kept of an origin, cut where longer */
#define USAGE_CODE_LEN 32
#define USAGE_RING_ROWS 256

struct usage;

/* Opens or makes the files below `dir`. The store calls this; others use store_usage(). A file that is damaged or of
 * another version is kept as NAME.damaged-N and made anew; one that cannot be had is done without: nothing is counted
 * there, and limits are those of this process alone. Both are logged. EG_IO where there is no such folder. */
eg_err usage_open(const char *dir, struct usage **out) EG_CHECKED;
void usage_close(struct usage *u);
/* Makes sure that slots 1 to `slots` have their space on disk. EG_FULL: nothing was changed. Called under the writer
 * lock: for each new slot, and once for all at recovery, since a power cut may have shortened the file. */
eg_err usage_reserve_slots(struct usage *u, uint32_t slots) EG_CHECKED;
/* The same for rings 1 to `rings`. */
eg_err usage_reserve_rings(struct usage *u, uint32_t rings) EG_CHECKED;

enum usage_what {
	USAGE_LOAD,     /* an exchange, or a page made on the server */
	USAGE_REQUEST,  /* a request by header or session */
};

/* A use of the thing in `slot`. Uses of slot 0, and of one that was never reserved, count nowhere. `id` is the
 * record's: a slot that last belonged to another record (after a restore) is wiped first. `origin` may be NULL.
 * `old_text`: the text from before a rotation was used. */
void usage_count(struct usage *u, uint32_t slot, const struct uuid *id, enum usage_what what, int64_t now_s, const char *origin,
    bool old_text);
/* A refusal after the secret verified. */
void usage_refused(struct usage *u, uint32_t slot, const struct uuid *id, int64_t now_s, const char *code, const char *origin);

struct usage_site {
	char origin[USAGE_SITE_LEN + 1];        /* "" where the caller sent none */
	int64_t last_at_s;
	int64_t old_text_at_s;  /* 0: never with the old text */
	uint64_t loads;         /* since it is in the list; requests are not among them */
	uint64_t old_text_loads;
};

struct usage_view {
	uint64_t loads, requests, refused;      /* since the token was made */
	int64_t last_used_at_s;                 /* 0: never */
	char last_used_origin[USAGE_SITE_LEN + 1];
	int64_t refused_at_s;                   /* 0: never */
	char refused_code[USAGE_CODE_LEN + 1];
	char refused_origin[USAGE_SITE_LEN + 1];
	uint32_t day[USAGE_DAYS];               /* clock_day() of each column; [USAGE_DAYS - 1] is today */
	uint32_t day_loads[USAGE_DAYS]; /* loads and refusals of a day stop at 268,435,455; the totals go on */
	uint32_t day_requests[USAGE_DAYS];
	uint32_t day_refused[USAGE_DAYS];
	struct usage_site sites[USAGE_SITES];   /* newest first */
	size_t site_count;
};

/* All zero but `day` where the slot is 0 or belongs to another id. */
void usage_read(struct usage *u, uint32_t slot, const struct uuid *id, int64_t now_s, struct usage_view *out);
/* Forget which sites used the old text, at the start of a rotation. */
void usage_rotated(struct usage *u, uint32_t slot, const struct uuid *id);

/* One event of a customer. Equal rows of one minute become one row with a count. */
struct ring_row {
	int64_t at_s;                           /* of the newest */
	struct uuid token_id;
	uint32_t count;                         /* 0 stands for 1 when adding */
	char code[USAGE_CODE_LEN + 1];          /* "ok" or a refusal's code */
	char origin[USAGE_SITE_LEN + 1];
	char widget[24 + 1];
	char address[46 + 1];                   /* already cut to /24 or /48 by the caller, or "" */
	char browser[16 + 1];
};

/* `ring`: the customer's ring, from its record; `id`: the customer's id. An origin may be cut further than
 * USAGE_SITE_LEN where the other texts of the row are unusually long. */
void ring_add(struct usage *u, uint32_t ring, const struct uuid *id, const struct ring_row *row);
/* Newest first; at most USAGE_RING_ROWS. `*out` is in the arena. */
void ring_read(struct usage *u, struct arena *a, uint32_t ring, const struct uuid *id, struct ring_row **out, size_t *count);

/* A rate limit by GCRA (virtual scheduling): `rate` in `period_s` (at most a year), in bursts of up to `rate`. A rate
 * of 0 refuses everything. */
struct limit {
	uint32_t rate;
	uint32_t period_s;
};
struct limit_answer {
	bool allowed;
	uint32_t remaining;             /* whole requests that would pass now */
	uint32_t reset_s;               /* until the bucket is full again */
	uint32_t retry_after_s;         /* where refused: until one passes, at least 1 */
};

/* Take one from the bucket named by `name` (any bytes; hashed with a key of this store's own, so that nobody outside
 * can aim at another's bucket). The table is fixed; where it is so full that buckets share a word, they share a limit.
 * Time is clock_mono_us(); a word further ahead than the period is clamped. */
void limit_take(struct usage *u, const void *name, size_t len, const struct limit *l, int64_t mono_us, struct limit_answer *out);
/* Give back one that was taken: the request turned out not to count. */
void limit_give_back(struct usage *u, const void *name, size_t len, const struct limit *l, int64_t mono_us);
/* Look without taking. */
void limit_peek(struct usage *u, const void *name, size_t len, const struct limit *l, int64_t mono_us, struct limit_answer *out);

/* A counter for /metrics, shared by all processes: `index` below USAGE_METRICS. */
#define USAGE_METRICS 256
void usage_metric_add(struct usage *u, unsigned index, uint64_t n);
uint64_t usage_metric_read(struct usage *u, unsigned index);

#endif
