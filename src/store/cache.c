/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "store/cache.h"
#include "store/must.h"

#define WAYS 2
#define SETS 512
#define NAMES 1024
#define KEPT_TEXT_MAX (16u << 10)       /* larger documents are decoded each time */
#define KEPT_TEXT_SUM (1u << 20)        /* of documents; decoded they take some ten times that */
#define DEPTH_MAX 64

struct cached {
	unsigned references;
	size_t text_len;
	struct store_record record;
	char names[];                   /* the unique texts */
};

struct name {
	char text[80];                  /* longer ones are not kept */
	char kind;
	struct uuid id;
};

struct cache {
	struct json_tokener *tokener;
	uint64_t version;
	uint64_t seen;                  /* of shared.changed_count */
	size_t text_sum;
	struct cached *sets[SETS][WAYS];/* newest first */
	struct name names[NAMES];
};

struct cache *
cache_new(void)
{
	struct cache *c = must(calloc(1, sizeof *c));

	c->tokener = must(json_tokener_new_ex(DEPTH_MAX));
	return c;
}

static void
unref(void *p)
{
	struct cached *x = p;

	if (--x->references > 0)
		return;
	json_object_put(x->record.doc);
	free(x);
}

static void
drop(struct cache *c, struct cached **slot)
{
	if (*slot == NULL)
		return;
	c->text_sum -= (*slot)->text_len;
	unref(*slot);
	*slot = NULL;
}

static void
drop_all(struct cache *c)
{
	for (size_t i = 0; i < SETS; i++)
		for (size_t way = 0; way < WAYS; way++)
			drop(c, &c->sets[i][way]);
}

void
cache_free(struct cache *c)
{
	if (c == NULL)
		return;
	drop_all(c);
	json_tokener_free(c->tokener);
	free(c);
}

static uint32_t
hash_of(const struct cached *x)
{
	return key_hash_record(x->record.kind, &x->record.id);
}

/* Drop what the page's list names from c->seen up to `version`. False: entries were overwritten before they were
 * read. */
static bool
drop_changed(struct cache *c, struct shared *page, uint64_t version)
{
	uint64_t first = c->seen, count = atomic_load(&page->changed_count);

	for (; c->seen < count; c->seen++) {
		uint64_t entry = atomic_load(&page->changed[c->seen % SHARED_CHANGED]);

		/* What belongs to a later version stays for later: it must still drop what is read at this one. */
		if ((int32_t)((uint32_t)(entry >> 32) - (uint32_t)version) > 0)
			break;
		struct cached **set = c->sets[(uint32_t)entry % SETS];
		for (size_t way = 0; way < WAYS; way++)
			if (set[way] != NULL && hash_of(set[way]) == (uint32_t)entry)
				drop(c, &set[way]);
	}
	return atomic_load(&page->changed_count) - first <= SHARED_CHANGED;
}

void
cache_advance(struct cache *c, struct shared *page, uint64_t version)
{
	if (version == c->version)
		return;
	uint64_t count = atomic_load(&page->changed_count);

	if (count - c->seen <= SHARED_CHANGED / 2 && drop_changed(c, page, version)) {
		c->version = version;
		return;
	}
	/* Too far behind: begin anew from the newest half of the list, if that reaches back to this version. */
	drop_all(c);
	c->version = 0;
	uint64_t first = count > SHARED_CHANGED / 2 ? count - SHARED_CHANGED / 2 : 0;
	c->seen = first;
	if (drop_changed(c, page, version) && (c->seen > first || first == 0))
		c->version = version;
}

static void
hand_out(struct arena *a, struct cached *x, struct store_record *out)
{
	x->references++;
	arena_own(a, x, unref);
	*out = x->record;
}

bool
cache_get(struct cache *c, struct arena *a, char kind, const struct uuid *id, struct store_record *out)
{
	struct cached **set = c->sets[key_hash_record(kind, id) % SETS];

	for (size_t way = 0; way < WAYS; way++) {
		struct cached *x = set[way];

		if (x == NULL || x->record.kind != kind || !uuid_equal(&x->record.id, id))
			continue;
		set[way] = set[0];
		set[0] = x;
		hand_out(a, x, out);
		return true;
	}
	return false;
}

static struct name *
name_slot(struct cache *c, const char *unique)
{
	uint32_t h = 0x811c9dc5u;

	for (const char *p = unique; *p != '\0'; p++)
		h = (h ^ (unsigned char)*p) * 0x01000193u;
	return &c->names[(h ^ h >> 16) % NAMES];
}

bool
cache_find(struct cache *c, const char *unique, char *kind, struct uuid *id)
{
	struct name *n = name_slot(c, unique);

	if (n->kind == 0 || strcmp(n->text, unique) != 0)
		return false;
	*kind = n->kind;
	*id = n->id;
	return true;
}

void
cache_note_unique(struct cache *c, const char *unique, char kind, const struct uuid *id)
{
	struct name *n = name_slot(c, unique);
	size_t len = strlen(unique);

	if (len >= sizeof n->text)
		return;
	memcpy(n->text, unique, len + 1);
	n->kind = kind;
	n->id = *id;
}

static void
keep(struct cache *c, struct cached *x)
{
	struct cached **set = c->sets[hash_of(x) % SETS];

	if (x->text_len > KEPT_TEXT_MAX)
		return;
	if (c->text_sum + x->text_len > KEPT_TEXT_SUM)
		drop_all(c);
	drop(c, &set[WAYS - 1]);
	memmove(&set[1], &set[0], (WAYS - 1) * sizeof set[0]);
	set[0] = x;
	x->references++;
	c->text_sum += x->text_len;
}

/* NULL: no object. */
static json_object *
parse(struct cache *c, struct slice doc)
{
	json_tokener_reset(c->tokener);
	json_object *o = json_tokener_parse_ex(c->tokener, doc.p, (int)doc.len);

	if (json_tokener_get_error(c->tokener) == json_tokener_success && json_object_is_type(o, json_type_object) &&
	    json_tokener_get_parse_end(c->tokener) == doc.len)
		return o;
	json_object_put(o);
	return NULL;
}

bool
cache_can_decode(struct cache *c, struct slice doc)
{
	json_object *o = parse(c, doc);

	json_object_put(o);
	return o != NULL;
}

eg_err
cache_decode(struct cache *c, struct arena *a, const struct stored *s, uint64_t version, struct store_record *out)
{
	size_t names_len = 0;
	struct cached *x;
	char *name;

	for (unsigned i = 0; i < STORE_UNIQUES_MAX; i++)
		names_len += s->uniques[i].len + 1;
	x = must(malloc(sizeof *x + names_len));
	*x = (struct cached){ .references = 1, .text_len = s->doc.len,
	    .record = { .kind = s->kind, .id = s->id, .slot = s->slot, .ring = s->ring } };
	memcpy(x->record.lists, s->lists, sizeof s->lists);
	name = x->names;
	for (unsigned i = 0; i < STORE_UNIQUES_MAX; i++) {
		if (s->uniques[i].p == NULL)
			continue;
		memcpy(name, s->uniques[i].p, s->uniques[i].len);
		name[s->uniques[i].len] = '\0';
		x->record.uniques[i] = name;
		name += s->uniques[i].len + 1;
	}
	x->record.doc = parse(c, s->doc);
	if (x->record.doc == NULL) {
		unref(x);
		return EG_DAMAGED;
	}
	if (version != 0 && version == c->version)
		keep(c, x);
	hand_out(a, x, out);
	unref(x);
	return EG_OK;
}
