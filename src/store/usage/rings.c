/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rings.c - the last 256 rows of what happened to a customer's tokens. Each customer has a ring of their own, so a
 * flood at one of them leaves the others' rows where they are.
 *
 * No lock. A row is packed into 184 bytes; its key is a hash of those bytes, keyed by the customer. The key finds an
 * equal row of the same minute (the minute is among the bytes), and it proves the row whole: what a dead or late writer
 * tore, or what another customer left who had this ring before a restore, does not hash to its key and is no row. How
 * often and when last a row happened stands in one word beside it, tagged with the key. Two processes that add equal
 * rows at the same moment may make two; reading adds them up. */
#include "store/usage/files.h"

#define ROW_WORDS 23
#define ROW_BYTES (ROW_WORDS * 8)
#define TEXTS 5
#define TEXT_BYTES (ROW_BYTES - 16 - 4 - TEXTS)
#define RING_SIZE 53248u                /* whole pages: no two customers share one */

/* A tally: 26 bits of the key, 6 of the second in its minute, 32 of the count. */
#define TALLY_TAG(key) ((key) & ~((UINT64_C(1) << 38) - 1))
#define TALLY_SECOND(tally) ((uint32_t)((tally) >> 32 & 63))
#define TALLY_COUNT(tally) ((uint32_t)(tally))
#define TALLY_MAKE(key, second, count) (TALLY_TAG(key) | (uint64_t)(second) << 32 | (count))

struct ring_slot {
	_Atomic uint64_t tally;
	_Atomic uint64_t words[ROW_WORDS];
};

struct ring {
	_Atomic uint64_t next;          /* rows ever begun; the next one goes to this number modulo 256 */
	uint64_t spare[7];
	_Atomic uint64_t keys[USAGE_RING_ROWS];         /* 0: no row. Together, so that a search meets few cache lines */
	struct ring_slot rows[USAGE_RING_ROWS];
	uint8_t rest[RING_SIZE - 64 - USAGE_RING_ROWS * (8 + sizeof(struct ring_slot))];
};

_Static_assert(sizeof(struct ring) == RING_SIZE, "rings lie in the file without holes");

/* All texts but the origin always fit whole; it gets what they leave, at least 41 bytes. */
union packed {
	uint64_t words[ROW_WORDS];
	struct {
		struct uuid token_id;
		uint32_t minute;
		uint8_t len[TEXTS];     /* code, widget, address, browser, origin */
		char texts[TEXT_BYTES];
	} f;
};

_Static_assert(sizeof(union packed) == ROW_BYTES, "a packed row has no holes");

const struct mapped_kind rings_kind = {
	.name = "recent.rings",
	.magic = "egrings",
	.unit_size = RING_SIZE,
	.chunk_units = 256,
	.first_units = 0,
};

static size_t
packed_size(const union packed *p)
{
	size_t size = offsetof(union packed, f.texts);

	for (size_t i = 0; i < TEXTS; i++)
		size += p->f.len[i];
	return size;
}

static uint64_t
packed_key(const struct siphash_key *key, const union packed *p)
{
	uint64_t hash = siphash24(key, p, packed_size(p));

	return hash != 0 ? hash : 1;
}

static void
pack(const struct ring_row *row, uint32_t minute, union packed *p)
{
	const struct {
		const char *text;
		size_t max;
	} texts[TEXTS] = {
		{ row->code, sizeof(row->code) - 1 },
		{ row->widget, sizeof(row->widget) - 1 },
		{ row->address, sizeof(row->address) - 1 },
		{ row->browser, sizeof(row->browser) - 1 },
		{ row->origin, sizeof(row->origin) - 1 },
	};
	size_t used = 0;

	memset(p, 0, sizeof(*p));
	p->f.token_id = row->token_id;
	p->f.minute = minute;
	for (size_t i = 0; i < TEXTS; i++) {
		size_t left = TEXT_BYTES - used;
		size_t len = usage_cut(texts[i].text, texts[i].max < left ? texts[i].max : left);
		memcpy(p->f.texts + used, texts[i].text, len);
		p->f.len[i] = (uint8_t)len;
		used += len;
	}
}

/* Only of a row that hashes to its key: the lengths are those of pack(). */
static void
unpack(const union packed *p, uint64_t tally, struct ring_row *row)
{
	char *texts[TEXTS] = { row->code, row->widget, row->address, row->browser, row->origin };
	const char *at = p->f.texts;

	memset(row, 0, sizeof(*row));
	row->token_id = p->f.token_id;
	row->at_s = (int64_t)p->f.minute * 60 + TALLY_SECOND(tally);
	row->count = TALLY_COUNT(tally);
	for (size_t i = 0; i < TEXTS; i++) {
		memcpy(texts[i], at, p->f.len[i]);
		at += p->f.len[i];
	}
}

static uint64_t
tally_merge(uint64_t tally, uint32_t second, uint32_t count)
{
	uint64_t sum = (uint64_t)TALLY_COUNT(tally) + count;
	uint32_t newest = second > TALLY_SECOND(tally) ? second : TALLY_SECOND(tally);

	return TALLY_MAKE(tally, newest, sum < UINT32_MAX ? sum : UINT32_MAX);
}

static bool
merge(_Atomic uint64_t *word, uint64_t key, uint32_t second, uint32_t count)
{
	uint64_t old = atomic_load_explicit(word, memory_order_relaxed);

	do {
		if (TALLY_TAG(old) != TALLY_TAG(key))
			return false;
	} while (!atomic_compare_exchange_weak_explicit(word, &old, tally_merge(old, second, count), memory_order_relaxed,
	    memory_order_relaxed));
	return true;
}

void
ring_add(struct usage *u, uint32_t ring, const struct uuid *id, const struct ring_row *row)
{
	struct ring *r = mapped_unit(&u->rings, ring);
	uint64_t at_s = row->at_s > 0 ? (uint64_t)row->at_s : 0;
	uint32_t second = (uint32_t)(at_s % 60), count = row->count > 0 ? row->count : 1;
	union packed p;

	if (r == NULL)
		return;
	struct siphash_key own = usage_key(&u->rings, id);
	pack(row, (uint32_t)(at_s / 60), &p);
	uint64_t key = packed_key(&own, &p);
	uint64_t next = atomic_load_explicit(&r->next, memory_order_relaxed);
	for (uint64_t back = 1; back <= USAGE_RING_ROWS; back++) {
		size_t i = (next - back) % USAGE_RING_ROWS;
		if (atomic_load_explicit(&r->keys[i], memory_order_acquire) == key &&
		    merge(&r->rows[i].tally, key, second, count))
			return;
	}

	size_t i = atomic_fetch_add_explicit(&r->next, 1, memory_order_relaxed) % USAGE_RING_ROWS;
	atomic_store_explicit(&r->keys[i], 0, memory_order_relaxed);
	for (size_t w = 0; w < ROW_WORDS; w++)
		atomic_store_explicit(&r->rows[i].words[w], p.words[w], memory_order_relaxed);
	atomic_store_explicit(&r->rows[i].tally, TALLY_MAKE(key, second, count), memory_order_relaxed);
	atomic_store_explicit(&r->keys[i], key, memory_order_release);
}

/* The row in `slot`, if it is whole and the customer's. */
static bool
row_read(const struct ring_slot *slot, uint64_t key, const struct siphash_key *own, struct ring_row *out)
{
	uint64_t tally = atomic_load_explicit(&slot->tally, memory_order_relaxed);
	union packed p;

	for (size_t w = 0; w < ROW_WORDS; w++)
		p.words[w] = atomic_load_explicit(&slot->words[w], memory_order_relaxed);
	if (packed_size(&p) > ROW_BYTES || packed_key(own, &p) != key || TALLY_TAG(tally) != TALLY_TAG(key))
		return false;
	unpack(&p, tally, out);
	return true;
}

/* They come in the order they began in, which is nearly the right one: a row may have happened again later in its
 * minute. */
static void
newest_first(struct ring_row *rows, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct ring_row row = rows[i];
		size_t at = i;
		for (; at > 0 && rows[at - 1].at_s < row.at_s; at--)
			rows[at] = rows[at - 1];
		rows[at] = row;
	}
}

void
ring_read(struct usage *u, struct arena *a, uint32_t ring, const struct uuid *id, struct ring_row **out, size_t *count)
{
	struct ring *r = mapped_unit(&u->rings, ring);
	struct ring_row *rows = arena_array(a, USAGE_RING_ROWS, sizeof(*rows)), row;
	uint64_t keys[USAGE_RING_ROWS];
	size_t n = 0;

	*out = rows;
	*count = 0;
	if (r == NULL)
		return;
	struct siphash_key own = usage_key(&u->rings, id);
	uint64_t next = atomic_load_explicit(&r->next, memory_order_acquire);
	for (uint64_t back = 1; back <= USAGE_RING_ROWS; back++) {
		size_t i = (next - back) % USAGE_RING_ROWS, same = 0;
		uint64_t key = atomic_load_explicit(&r->keys[i], memory_order_acquire);
		if (key == 0 || !row_read(&r->rows[i], key, &own, &row))
			continue;
		while (same < n && keys[same] != key)
			same++;
		if (same == n) {
			keys[n] = key;
			rows[n++] = row;
			continue;
		}
		uint64_t sum = (uint64_t)rows[same].count + row.count;
		rows[same].count = sum < UINT32_MAX ? (uint32_t)sum : UINT32_MAX;
		rows[same].at_s = rows[same].at_s > row.at_s ? rows[same].at_s : row.at_s;
	}
	newest_first(rows, n);
	*count = n;
}
