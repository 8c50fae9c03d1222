/* SPDX-License-Identifier: GPL-3.0-or-later */
/* limits.c - rate limits by GCRA, and the counters of /metrics.
 *
 * A bucket is one word: a tag of 16 bits and, in 48, the microsecond since boot at which it will be full again (its
 * "theoretical arrival time"). A request moves that time on by period / rate; it is refused where the time would lie
 * more than the whole period ahead. A time that is past says nothing, so its word is free.
 *
 * The table is 8,192 sets of 8 words, a cache line each. The keyed hash of name and limit gives set and tag; a bucket
 * lives in whatever word of its set it first found free. A fixed place for each bucket would make strangers share: with
 * 5,000 exhausted buckets every thirteenth newcomer would be refused for what others did. Only where all eight are in
 * use do buckets share a word, the one nearest to being full. */
#include <fcntl.h>
#include <unistd.h>

#include "store/usage/files.h"

#define WAYS 8
#define SETS 8192
#define TIME_BITS 48                    /* nine years of uptime */
#define TIME_MASK ((UINT64_C(1) << TIME_BITS) - 1)
#define BOOT_ID_FILE "/proc/sys/kernel/random/boot_id"
#define US_PER_S 1000000

struct limits_table {
	_Atomic uint64_t metrics[USAGE_METRICS];
	_Atomic uint64_t words[SETS][WAYS];
};

const struct mapped_kind limits_kind = {
	.name = "limits.table",
	.magic = "eglimit",
	.unit_size = sizeof(struct limits_table),
	.chunk_units = 1,
	.first_units = 1,
};

static struct limits_table *
table_of(struct usage *u)
{
	return mapped_unit(&u->limits, 1);
}

void
limits_boot(struct usage *u)
{
	struct limits_table *table = table_of(u);
	_Atomic uint64_t *known = &u->limits.head->boot;
	char id[UUID_TEXT_LEN];
	int fd = open(BOOT_ID_FILE, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : read(fd, id, sizeof(id));

	if (fd >= 0)
		close(fd);
	if (table == NULL || got != (ssize_t)sizeof(id))
		return;
	uint64_t now = siphash24(&u->limits.head->key, id, sizeof(id));
	uint64_t before = atomic_load(known);
	/* One wipes; a process that is quicker than that meets old words, which limit_take() clamps. */
	if (before != now && atomic_compare_exchange_strong(known, &before, now))
		for (size_t i = 0; i < SETS; i++)
			for (size_t k = 0; k < WAYS; k++)
				atomic_store_explicit(&table->words[i][k], 0, memory_order_relaxed);
}

/* What one request costs. Rounded up, so that never more than `rate` pass in a period. */
static uint64_t
interval_us(const struct limit *l)
{
	return ((uint64_t)l->period_s * US_PER_S + l->rate - 1) / l->rate;
}

/* Would one more pass? `*full_at` is when the bucket is full again, before and after. */
static bool
judge(const struct limit *l, uint64_t now, uint64_t *full_at, bool take, struct limit_answer *out)
{
	uint64_t interval = interval_us(l);
	uint64_t window = interval * l->rate;
	uint64_t used = *full_at > now ? *full_at - now : 0;

	if (used > window)
		used = window;
	bool fits = used + interval <= window;
	uint64_t wait = fits ? 0 : used + interval - window;
	if (fits && take)
		used += interval;
	*full_at = now + used;
	*out = (struct limit_answer){
		.allowed = fits,
		.remaining = (uint32_t)((window - used) / interval),
		.reset_s = (uint32_t)((used + US_PER_S - 1) / US_PER_S),
		.retry_after_s = (uint32_t)((wait + US_PER_S - 1) / US_PER_S),
	};
	return fits;
}

/* The words a bucket may live in, and its tag. */
static _Atomic uint64_t *
set_of(struct usage *u, struct limits_table *table, const void *name, size_t len, const struct limit *l, uint64_t *tag)
{
	struct siphash_key key = u->limits.head->key;

	key.k[0] ^= (uint64_t)l->rate << 32 | l->period_s;      /* the same name under another limit is another bucket */
	uint64_t hash = siphash24(&key, name, len);
	*tag = hash >> TIME_BITS;
	return table->words[hash % SETS];
}

static void
limit_ask(struct usage *u, const void *name, size_t len, const struct limit *l, int64_t mono_us, bool take,
    struct limit_answer *out)
{
	struct limits_table *table = table_of(u);
	uint64_t now = mono_us < 0 ? 0 : (uint64_t)mono_us;
	uint64_t tag;

	if (table == NULL || l->rate == 0 || l->period_s == 0) {
		*out = (struct limit_answer){ .retry_after_s = l->period_s > 0 ? l->period_s : 1 };
		return;
	}
	_Atomic uint64_t *set = set_of(u, table, name, len, l, &tag);

	for (;;) {
		uint64_t seen[WAYS];
		size_t own = WAYS, nearest = 0;

		for (size_t k = 0; k < WAYS; k++) {
			seen[k] = atomic_load_explicit(&set[k], memory_order_relaxed);
			if (own == WAYS && seen[k] >> TIME_BITS == tag)
				own = k;
			/* The first of the free ones, so that two who come at once meet in the same word. */
			if ((seen[nearest] & TIME_MASK) > now && (seen[k] & TIME_MASK) < (seen[nearest] & TIME_MASK))
				nearest = k;
		}
		size_t at = own < WAYS ? own : nearest;
		uint64_t full_at = seen[at] & TIME_MASK;
		bool shared = own == WAYS && full_at > now;
		bool fits = judge(l, now, &full_at, take, out);
		/* Even a refusal clamps a time beyond the window, or it would stay beyond it; but not that of another. */
		if (!take || (!fits && shared))
			return;
		uint64_t want = (shared ? seen[at] & ~TIME_MASK : tag << TIME_BITS) | (full_at & TIME_MASK);
		if (want == seen[at] || atomic_compare_exchange_weak_explicit(&set[at], &seen[at], want,
		    memory_order_relaxed, memory_order_relaxed))
			return;
	}
}

void
limit_take(struct usage *u, const void *name, size_t len, const struct limit *l, int64_t mono_us, struct limit_answer *out)
{
	limit_ask(u, name, len, l, mono_us, true, out);
}

void
limit_peek(struct usage *u, const void *name, size_t len, const struct limit *l, int64_t mono_us, struct limit_answer *out)
{
	limit_ask(u, name, len, l, mono_us, false, out);
}

void
limit_give_back(struct usage *u, const void *name, size_t len, const struct limit *l, int64_t mono_us)
{
	struct limits_table *table = table_of(u);
	uint64_t now = mono_us < 0 ? 0 : (uint64_t)mono_us;
	uint64_t tag;

	if (table == NULL || l->rate == 0 || l->period_s == 0)
		return;
	_Atomic uint64_t *set = set_of(u, table, name, len, l, &tag);
	for (size_t k = 0; k < WAYS; k++) {
		uint64_t seen = atomic_load_explicit(&set[k], memory_order_relaxed);

		/* A word that was lent to several buckets has the tag of one of them: what it holds stays. */
		while (seen >> TIME_BITS == tag && (seen & TIME_MASK) > now) {
			uint64_t full_at = seen & TIME_MASK, interval = interval_us(l);
			uint64_t left = full_at - now > interval ? full_at - interval : now;

			if (atomic_compare_exchange_weak_explicit(&set[k], &seen, tag << TIME_BITS | left, memory_order_relaxed,
			    memory_order_relaxed))
				return;
		}
	}
}

void
usage_metric_add(struct usage *u, unsigned index, uint64_t n)
{
	struct limits_table *table = table_of(u);

	if (table != NULL && index < USAGE_METRICS)
		atomic_fetch_add_explicit(&table->metrics[index], n, memory_order_relaxed);
}

uint64_t
usage_metric_read(struct usage *u, unsigned index)
{
	struct limits_table *table = table_of(u);

	return table != NULL && index < USAGE_METRICS
	    ? atomic_load_explicit(&table->metrics[index], memory_order_relaxed) : 0;
}
