/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/usage/slots.h"

#include <sched.h>
#include <time.h>

#include "base/clock.h"
#include "store/usage/files.h"
#include "store/usage/tagged.h"

#define PATIENCE_US 200                 /* for a text that another is changing, which takes less than 1 */
#define CLOCK_SLACK_S 60                /* a stored time further ahead is from a clock that was set back since */
#define DAY_BITS 28
#define DAY_MAX ((UINT64_C(1) << DAY_BITS) - 1)
#define MONTH_SHIFT 56
#define TEXT_HEAD 8                     /* lengths: code, origin of the refusal, sites; the rest 0 */
#define TEXT_MAX ((SLOT_TEXT_WORDS - 1) * 8)

const struct mapped_kind slots_kind = {
	.name = "usage.slots",
	.magic = "egslots",
	.unit_size = SLOT_SIZE,
	.chunk_units = 16384,
	.first_units = 0,
	.scattered = true,
};

/* ---- whose a slot is ---- */

static uint64_t
owner_of(const struct uuid *id)
{
	uint64_t half[2];

	memcpy(half, id->b, sizeof(half));
	return (half[0] * UINT64_C(0x9e3779b97f4a7c15) ^ half[1]) | 1;
}

static uint32_t
now_ms(void)
{
	return (uint32_t)(clock_mono_us() / 1000);
}

/* Also a time ahead of ours is stale: the machine was started anew. */
static bool
is_stale(uint64_t word, uint32_t ms)
{
	return ms - (uint32_t)(word >> 32) > SLOT_STALE_MS;
}

static void
wipe(struct slot *s)
{
	_Atomic uint64_t *words = (_Atomic uint64_t *)s;

	for (size_t i = 1; i < SLOT_SIZE / sizeof(*words); i++)
		atomic_store_explicit(&words[i], 0, memory_order_relaxed);
}

/* The slot, belonging to `id` from now on if it did not yet. It is wiped by one process while the others wait for it,
 * 50 ns or, where that process was killed just then, a second: a count waits, but is not lost. */
static struct slot *
slot_claim(struct usage *u, uint32_t n, const struct uuid *id)
{
	const struct timespec pause = { .tv_nsec = 100 * 1000 };
	struct slot *s = mapped_unit(&u->slots, n);
	uint64_t mine = owner_of(id), word;

	if (s == NULL)
		return NULL;
	while ((word = atomic_load_explicit(&s->owner, memory_order_acquire)) != mine) {
		if (word == 0) {
			atomic_compare_exchange_strong(&s->owner, &word, mine);
			continue;
		}
		bool owned = word & 1;
		uint32_t ms = now_ms();
		if (!owned && !is_stale(word, ms)) {
			nanosleep(&pause, NULL);
			continue;
		}
		uint64_t wiping = (uint64_t)ms << 32 | (mine & 0xfffffffe) | 2;
		if (!atomic_compare_exchange_strong(&s->owner, &word, wiping))
			continue;
		wipe(s);
		atomic_compare_exchange_strong_explicit(&s->owner, &wiping, mine, memory_order_release, memory_order_relaxed);
	}
	return s;
}

static struct slot *
slot_of(struct usage *u, uint32_t n, const struct uuid *id)
{
	struct slot *s = mapped_unit(&u->slots, n);

	return s != NULL && atomic_load_explicit(&s->owner, memory_order_acquire) == owner_of(id) ? s : NULL;
}

/* ---- times and days ---- */

static uint64_t
seconds_of(int64_t t_s)
{
	return t_s < 0 ? 0 : (uint64_t)t_s;
}

static bool
is_newer(uint64_t stored_s, uint64_t now_s)
{
	return now_s >= stored_s || stored_s - now_s > CLOCK_SLACK_S;
}

/* The word's own tag stays; false where it is not `tag`. */
static bool
touch(_Atomic uint64_t *word, uint64_t tag, uint64_t now_s)
{
	uint64_t old = atomic_load_explicit(word, memory_order_relaxed);

	do {
		if (tagged_tag(old) != tag)
			return false;
		if (!is_newer(tagged_number(old), now_s))
			return true;
	} while (!atomic_compare_exchange_weak_explicit(word, &old, tagged_make(tag, now_s), memory_order_relaxed,
	    memory_order_relaxed));
	return true;
}

/* The newest wins with its tag. */
static void
touch_with(_Atomic uint64_t *word, uint64_t tag, uint64_t now_s)
{
	uint64_t old = atomic_load_explicit(word, memory_order_relaxed);

	while (is_newer(tagged_number(old), now_s) && !atomic_compare_exchange_weak_explicit(word, &old,
	    tagged_make(tag, now_s), memory_order_relaxed, memory_order_relaxed))
		;
}

static uint64_t
month_of(uint32_t day)
{
	return (uint64_t)(day / USAGE_DAYS & 0xff) << MONTH_SHIFT;
}

static void
day_add(_Atomic uint64_t *word, uint32_t day, unsigned shift, uint64_t max)
{
	const uint64_t months = UINT64_C(0xff) << MONTH_SHIFT;
	uint64_t old = atomic_load_explicit(word, memory_order_relaxed), base;

	do {
		base = (old & months) == month_of(day) ? old : month_of(day);
		if ((base >> shift & max) == max)
			return;
	} while (!atomic_compare_exchange_weak_explicit(word, &old, base + (UINT64_C(1) << shift), memory_order_relaxed,
	    memory_order_relaxed));
}

static uint32_t
day_read(_Atomic uint64_t *word, uint32_t day, unsigned shift, uint64_t max)
{
	uint64_t seen = atomic_load_explicit(word, memory_order_relaxed);

	if (seen >> MONTH_SHIFT << MONTH_SHIFT != month_of(day))
		return 0;
	seen = seen >> shift & max;
	return seen < UINT32_MAX ? (uint32_t)seen : UINT32_MAX;
}

#define DAY_LOADS 0, DAY_MAX
#define DAY_REFUSED DAY_BITS, DAY_MAX
#define DAY_REQUESTS 0, ((UINT64_C(1) << MONTH_SHIFT) - 1)

/* ---- texts ---- */

bool
slot_lock(struct slot *s, uint64_t *ticket)
{
	uint64_t word = atomic_load_explicit(&s->lock, memory_order_relaxed);
	uint32_t ms = now_ms();

	if ((word & 1) && !is_stale(word, ms))
		return false;
	*ticket = (uint64_t)ms << 32 | ((word + 2) & 0xffffffff) | 1;
	return atomic_compare_exchange_strong_explicit(&s->lock, &word, *ticket, memory_order_acquire, memory_order_relaxed);
}

void
slot_unlock(struct slot *s, uint64_t ticket)
{
	atomic_compare_exchange_strong_explicit(&s->lock, &ticket, ticket & 0xfffffffe, memory_order_release,
	    memory_order_relaxed);
}

static uint64_t
nonzero_hash(const struct siphash_key *key, const void *bytes, size_t len)
{
	uint64_t hash = siphash24(key, bytes, len);

	return hash != 0 ? hash : 1;
}

struct site_text {
	size_t len;
	char origin[USAGE_SITE_LEN];
};

struct texts {
	size_t code_len;
	char code[USAGE_CODE_LEN];
	struct site_text refused;
	struct site_text sites[USAGE_SITES];    /* sites[i] names slot.sites[i] */
};

static void
text_take(char *to, size_t *to_len, const char **from, size_t len)
{
	memcpy(to, *from, len);
	*to_len = len;
	*from += len;
}

/* False: torn, or of another record. Texts that were never written are empty and whole. */
static bool
texts_read_once(struct slot *s, const struct siphash_key *key, struct texts *out)
{
	union {
		uint64_t words[SLOT_TEXT_WORDS - 1];
		char bytes[TEXT_MAX];
	} area;
	uint64_t sum = atomic_load_explicit(&s->text[0], memory_order_relaxed);
	size_t used = TEXT_HEAD;

	*out = (struct texts){ 0 };
	if (sum == 0)
		return true;
	for (size_t i = 0; i < EG_COUNT(area.words); i++)
		area.words[i] = atomic_load_explicit(&s->text[i + 1], memory_order_relaxed);
	const uint8_t *len = (const uint8_t *)area.bytes;
	for (size_t i = 0; i < 2 + USAGE_SITES; i++) {
		if (len[i] > (i == 0 ? USAGE_CODE_LEN : USAGE_SITE_LEN))
			return false;
		used += len[i];
	}
	if (used > sizeof(area.bytes) || nonzero_hash(key, area.bytes, used) != sum)
		return false;

	const char *at = area.bytes + TEXT_HEAD;
	text_take(out->code, &out->code_len, &at, len[0]);
	text_take(out->refused.origin, &out->refused.len, &at, len[1]);
	for (size_t i = 0; i < USAGE_SITES; i++)
		text_take(out->sites[i].origin, &out->sites[i].len, &at, len[2 + i]);
	return true;
}

static size_t
texts_size(const struct texts *t)
{
	size_t size = TEXT_HEAD + t->code_len + t->refused.len;

	for (size_t i = 0; i < USAGE_SITES; i++)
		size += t->sites[i].len;
	return size;
}

/* Under the lock; they fit. */
static void
texts_write(struct slot *s, const struct siphash_key *key, const struct texts *t)
{
	union {
		uint64_t words[SLOT_TEXT_WORDS - 1];
		char bytes[TEXT_MAX];
	} area = { { 0 } };
	char *at = area.bytes + TEXT_HEAD;

	area.bytes[0] = (char)t->code_len;
	area.bytes[1] = (char)t->refused.len;
	at = mempcpy(at, t->code, t->code_len);
	at = mempcpy(at, t->refused.origin, t->refused.len);
	for (size_t i = 0; i < USAGE_SITES; i++) {
		area.bytes[2 + i] = (char)t->sites[i].len;
		at = mempcpy(at, t->sites[i].origin, t->sites[i].len);
	}
	size_t used = (size_t)(at - area.bytes);
	for (size_t i = 0; i * 8 < used; i++)
		atomic_store_explicit(&s->text[i + 1], area.words[i], memory_order_relaxed);
	atomic_store_explicit(&s->text[0], nonzero_hash(key, area.bytes, used), memory_order_relaxed);
}

static bool
lock_patiently(struct slot *s, uint64_t *ticket)
{
	int64_t until_us = clock_mono_us() + PATIENCE_US;

	do {
		if (slot_lock(s, ticket))
			return true;
		sched_yield();
	} while (clock_mono_us() < until_us);
	return false;
}

static void
texts_read(struct slot *s, const struct siphash_key *key, struct texts *out)
{
	int64_t until_us = clock_mono_us() + PATIENCE_US;

	do {
		if (texts_read_once(s, key, out))
			return;
		sched_yield();
	} while (clock_mono_us() < until_us);
	*out = (struct texts){ 0 };
}

/* Under the lock: what there is, or a new start where a dead writer left it torn. */
static void
texts_load(struct slot *s, const struct siphash_key *key, struct texts *out)
{
	if (texts_read_once(s, key, out))
		return;
	*out = (struct texts){ 0 };
	for (size_t i = 0; i < USAGE_SITES; i++)
		atomic_store_explicit(&s->sites[i].hash, 0, memory_order_relaxed);
}

/* Under the lock: forget the site used longest ago, but not `keep`; where room for text is wanted, one that takes some.
 * A free one counts as the oldest. */
static size_t
site_forget(struct slot *s, struct texts *t, size_t keep, bool with_text)
{
	size_t victim = 0;      /* there always is one: texts without a site to forget fit */
	uint64_t victim_s = UINT64_MAX;

	for (size_t i = 0; i < USAGE_SITES; i++) {
		if (i == keep || (with_text && t->sites[i].len == 0))
			continue;
		uint64_t last_s = tagged_number(atomic_load_explicit(&s->sites[i].last_at_s, memory_order_relaxed));
		if (atomic_load_explicit(&s->sites[i].hash, memory_order_relaxed) == 0)
			last_s = 0;
		if (last_s < victim_s) {
			victim = i;
			victim_s = last_s;
		}
	}
	atomic_store_explicit(&s->sites[victim].hash, 0, memory_order_relaxed);
	t->sites[victim].len = 0;
	return victim;
}

/* A refusal and the newest site fit at full length, or four sites of some 60 bytes beside a usual refusal. */
static void
texts_fit(struct slot *s, struct texts *t, size_t keep)
{
	while (texts_size(t) > TEXT_MAX)
		site_forget(s, t, keep, true);
}

/* ---- sites ---- */

static size_t
site_find(struct slot *s, uint64_t hash)
{
	size_t i = 0;

	while (i < USAGE_SITES && atomic_load_explicit(&s->sites[i].hash, memory_order_acquire) != hash)
		i++;
	return i;
}

/* False: the lock was not to be had. */
static bool
site_insert(struct slot *s, const struct siphash_key *key, uint64_t hash, const char *origin, size_t len, uint64_t now_s)
{
	uint64_t tag = tagged_of_hash(hash), ticket;
	struct texts t;

	if (!lock_patiently(s, &ticket))
		return false;
	texts_load(s, key, &t);
	if (site_find(s, hash) == USAGE_SITES) {        /* nobody was quicker */
		size_t i = site_forget(s, &t, USAGE_SITES, false);
		struct slot_site *site = &s->sites[i];
		memcpy(t.sites[i].origin, origin, len);
		t.sites[i].len = len;
		texts_fit(s, &t, i);
		texts_write(s, key, &t);
		atomic_store_explicit(&site->loads, tagged_make(tag, 0), memory_order_relaxed);
		atomic_store_explicit(&site->old_text_loads, tagged_make(tag, 0), memory_order_relaxed);
		atomic_store_explicit(&site->old_text_at_s, tagged_make(tag, 0), memory_order_relaxed);
		atomic_store_explicit(&site->last_at_s, tagged_make(tag, now_s), memory_order_relaxed);
		atomic_store_explicit(&site->hash, hash, memory_order_release);
	}
	slot_unlock(s, ticket);
	return true;
}

/* False: another site took its place. */
static bool
site_add(struct slot_site *site, uint64_t tag, enum usage_what what, uint64_t now_s, bool old_text)
{
	bool load = what == USAGE_LOAD;

	if ((load && !tagged_add(&site->loads, tag, 1)) || !touch(&site->last_at_s, tag, now_s))
		return false;
	if (!old_text)
		return true;
	return (!load || tagged_add(&site->old_text_loads, tag, 1)) && touch(&site->old_text_at_s, tag, now_s);
}

/* ---- counting ---- */

void
usage_count(struct usage *u, uint32_t slot, const struct uuid *id, enum usage_what what, int64_t now_s, const char *origin,
    bool old_text)
{
	struct slot *s = slot_claim(u, slot, id);
	uint32_t day = clock_day(now_s);
	uint64_t at_s = seconds_of(now_s);

	if (s == NULL)
		return;
	if (what == USAGE_LOAD) {
		atomic_fetch_add_explicit(&s->loads, 1, memory_order_relaxed);
		day_add(&s->days[day % USAGE_DAYS].loads_refused, day, DAY_LOADS);
	} else {
		atomic_fetch_add_explicit(&s->requests, 1, memory_order_relaxed);
		day_add(&s->days[day % USAGE_DAYS].requests, day, DAY_REQUESTS);
	}

	struct siphash_key key = usage_key(&u->slots, id);
	origin = origin != NULL ? origin : "";
	size_t len = usage_cut(origin, USAGE_SITE_LEN);
	uint64_t hash = nonzero_hash(&key, origin, len), tag = tagged_of_hash(hash);
	/* More than one round only while more sites than there is room for push each other out. */
	for (int round = 0; round < 3; round++) {
		size_t i = site_find(s, hash);
		if (i < USAGE_SITES && site_add(&s->sites[i], tag, what, at_s, old_text))
			break;
		if (!site_insert(s, &key, hash, origin, len, at_s))
			break;
	}
	touch_with(&s->last_used, tag, at_s);
}

/* One tag for both: a byte that neither holds stands between them. */
static uint64_t
refusal_tag(const struct siphash_key *key, const char *code, size_t code_len, const char *origin, size_t len)
{
	char both[USAGE_CODE_LEN + 1 + USAGE_SITE_LEN];
	char *at = mempcpy(both, code, code_len);

	*at++ = '\0';
	at = mempcpy(at, origin, len);
	return tagged_of_hash(siphash24(key, both, (size_t)(at - both)));
}

void
usage_refused(struct usage *u, uint32_t slot, const struct uuid *id, int64_t now_s, const char *code, const char *origin)
{
	struct slot *s = slot_claim(u, slot, id);
	uint32_t day = clock_day(now_s);
	uint64_t at_s = seconds_of(now_s), ticket;
	struct texts t;

	if (s == NULL)
		return;
	atomic_fetch_add_explicit(&s->refused, 1, memory_order_relaxed);
	day_add(&s->days[day % USAGE_DAYS].loads_refused, day, DAY_REFUSED);

	struct siphash_key key = usage_key(&u->slots, id);
	origin = origin != NULL ? origin : "";
	size_t code_len = usage_cut(code, USAGE_CODE_LEN), len = usage_cut(origin, USAGE_SITE_LEN);
	uint64_t tag = refusal_tag(&key, code, code_len, origin, len);
	/* A refusal like the last one only moves the time. */
	if (touch(&s->last_refused, tag, at_s) || !lock_patiently(s, &ticket))
		return;
	texts_load(s, &key, &t);
	memcpy(t.code, code, code_len);
	t.code_len = code_len;
	memcpy(t.refused.origin, origin, len);
	t.refused.len = len;
	texts_fit(s, &t, USAGE_SITES);
	texts_write(s, &key, &t);
	touch_with(&s->last_refused, tag, at_s);
	slot_unlock(s, ticket);
}

void
usage_rotated(struct usage *u, uint32_t slot, const struct uuid *id)
{
	struct slot *s = slot_of(u, slot, id);

	for (size_t i = 0; s != NULL && i < USAGE_SITES; i++) {
		/* Only the tags stay. */
		atomic_fetch_and_explicit(&s->sites[i].old_text_loads, ~TAGGED_MAX, memory_order_relaxed);
		atomic_fetch_and_explicit(&s->sites[i].old_text_at_s, ~TAGGED_MAX, memory_order_relaxed);
	}
}

/* ---- reading ---- */

static uint64_t
number_if(_Atomic uint64_t *word, uint64_t tag)
{
	uint64_t seen = atomic_load_explicit(word, memory_order_relaxed);

	return tagged_tag(seen) == tag ? tagged_number(seen) : 0;
}

static void
text_give(char *out, const char *text, size_t len)
{
	memcpy(out, text, len);
	out[len] = '\0';
}

/* Newest first; among those of one second, the last used. */
static void
sites_insert(struct usage_view *v, const struct usage_site *site, bool is_last)
{
	size_t i = v->site_count++;

	for (; i > 0 && (v->sites[i - 1].last_at_s < site->last_at_s ||
	    (is_last && v->sites[i - 1].last_at_s == site->last_at_s)); i--)
		v->sites[i] = v->sites[i - 1];
	v->sites[i] = *site;
}

static void
read_sites(struct slot *s, const struct siphash_key *key, const struct texts *t, struct usage_view *out)
{
	uint64_t last = atomic_load_explicit(&s->last_used, memory_order_relaxed);

	out->last_used_at_s = (int64_t)tagged_number(last);
	for (size_t i = 0; i < USAGE_SITES; i++) {
		struct slot_site *site = &s->sites[i];
		uint64_t tag = tagged_of_hash(nonzero_hash(key, t->sites[i].origin, t->sites[i].len));
		struct usage_site found = {
			.last_at_s = (int64_t)number_if(&site->last_at_s, tag),
			.old_text_at_s = (int64_t)number_if(&site->old_text_at_s, tag),
			.loads = number_if(&site->loads, tag),
			.old_text_loads = number_if(&site->old_text_loads, tag),
		};
		if (found.last_at_s == 0)
			continue;       /* free, or changing hands */
		text_give(found.origin, t->sites[i].origin, t->sites[i].len);
		if (tag == tagged_tag(last))
			memcpy(out->last_used_origin, found.origin, sizeof(found.origin));
		sites_insert(out, &found, tag == tagged_tag(last));
	}
}

void
usage_read(struct usage *u, uint32_t slot, const struct uuid *id, int64_t now_s, struct usage_view *out)
{
	struct slot *s = slot_of(u, slot, id);
	uint32_t today = clock_day(now_s);
	struct texts t;

	memset(out, 0, sizeof(*out));
	for (uint32_t i = 0; i < USAGE_DAYS; i++) {
		uint32_t day = out->day[i] = today + i - (USAGE_DAYS - 1);
		if (s == NULL)
			continue;
		struct slot_day *column = &s->days[day % USAGE_DAYS];
		out->day_loads[i] = day_read(&column->loads_refused, day, DAY_LOADS);
		out->day_requests[i] = day_read(&column->requests, day, DAY_REQUESTS);
		out->day_refused[i] = day_read(&column->loads_refused, day, DAY_REFUSED);
	}
	if (s == NULL)
		return;
	out->loads = atomic_load_explicit(&s->loads, memory_order_relaxed);
	out->requests = atomic_load_explicit(&s->requests, memory_order_relaxed);
	out->refused = atomic_load_explicit(&s->refused, memory_order_relaxed);

	struct siphash_key key = usage_key(&u->slots, id);
	texts_read(s, &key, &t);
	read_sites(s, &key, &t, out);
	uint64_t refused = atomic_load_explicit(&s->last_refused, memory_order_relaxed);
	out->refused_at_s = (int64_t)tagged_number(refused);
	if (refusal_tag(&key, t.code, t.code_len, t.refused.origin, t.refused.len) == tagged_tag(refused)) {
		text_give(out->refused_code, t.code, t.code_len);
		text_give(out->refused_origin, t.refused.origin, t.refused.len);
	}
}
