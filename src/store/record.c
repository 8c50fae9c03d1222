/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <endian.h>
#include <string.h>

#include "store/record.h"

#define STORED_FORMAT 1
#define META_FORMAT 3   /* of the whole file: one of another format is made anew */
#define META_SIZE (1 + 8 + 8 + 4 + 4 + 8 + 8 * KINDS)
#define OWNER_SIZE 17

void
put_u16(void *p, uint16_t n)
{
	n = htole16(n);
	memcpy(p, &n, sizeof n);
}

void
put_u32(void *p, uint32_t n)
{
	n = htole32(n);
	memcpy(p, &n, sizeof n);
}

void
put_u64(void *p, uint64_t n)
{
	n = htole64(n);
	memcpy(p, &n, sizeof n);
}

uint16_t
get_u16(const void *p)
{
	uint16_t n;

	memcpy(&n, p, sizeof n);
	return le16toh(n);
}

uint32_t
get_u32(const void *p)
{
	uint32_t n;

	memcpy(&n, p, sizeof n);
	return le32toh(n);
}

uint64_t
get_u64(const void *p)
{
	uint64_t n;

	memcpy(&n, p, sizeof n);
	return le64toh(n);
}

int
kind_index(char kind)
{
	if (kind >= 'A' && kind <= 'Z')
		return kind - 'A';
	if (kind >= 'a' && kind <= 'z')
		return kind - 'a' + 26;
	return -1;
}

/* ---- keys ---- */

static void
key_start(struct key *out, char type)
{
	out->b[0] = (uint8_t)type;
	out->len = 1;
}

static void
key_add(struct key *out, const void *bytes, size_t len)
{
	memcpy(out->b + out->len, bytes, len);
	out->len += len;
}

void
key_meta(struct key *out)
{
	key_start(out, 'm');
}

void
key_free_slots(struct key *out)
{
	key_start(out, 'f');
}

void
key_record(struct key *out, char kind, const struct uuid *id)
{
	key_start(out, 'r');
	key_add(out, &kind, 1);
	key_add(out, id->b, sizeof id->b);
}

void
key_unique(struct key *out, const uint8_t digest[KEY_DIGEST_SIZE])
{
	key_start(out, 'u');
	key_add(out, digest, KEY_DIGEST_SIZE);
}

void
key_list_head(struct key *out, char kind, const struct uuid *list)
{
	key_start(out, 'h');
	key_add(out, &kind, 1);
	key_add(out, list->b, sizeof list->b);
}

void
key_node(struct key *out, char kind, const struct uuid *list, unsigned level, uint64_t number)
{
	uint8_t tail[9];

	tail[0] = (uint8_t)level;
	put_u64(tail + 1, number);
	key_start(out, 'n');
	key_add(out, &kind, 1);
	key_add(out, list->b, sizeof list->b);
	key_add(out, tail, sizeof tail);
}

uint32_t
key_hash_record(char kind, const struct uuid *id)
{
	uint64_t x, y;

	/* The bits of an id are random enough but for the time in front, which the product spreads. */
	memcpy(&x, id->b, 8);
	memcpy(&y, id->b + 8, 8);
	x = (x ^ (uint64_t)(unsigned char)kind) * 0x9e3779b97f4a7c15u;
	y = (y ^ x >> 29) * 0xbf58476d1ce4e5b9u;
	return (uint32_t)(y >> 32 ^ x);
}

uint32_t
key_hash(const struct key *key)
{
	uint64_t h = 0xcbf29ce484222325u;

	if (key->b[0] == 'r') {
		struct uuid id;

		memcpy(id.b, key->b + 2, sizeof id.b);
		return key_hash_record((char)key->b[1], &id);
	}
	/* FNV-1a */
	for (size_t i = 0; i < key->len; i++)
		h = (h ^ key->b[i]) * 0x100000001b3u;
	return (uint32_t)(h ^ h >> 32);
}

const char *
key_text(struct arena *a, const void *key, size_t len)
{
	const char *k = key;
	char id_text[UUID_TEXT_SIZE];
	struct uuid id;

	if (len >= 18 && (k[0] == 'r' || k[0] == 'h' || k[0] == 'n')) {
		memcpy(id.b, k + 2, sizeof id.b);
		uuid_format(&id, id_text);
		return arena_printf(a, "%s %c %s", k[0] == 'r' ? "record" : k[0] == 'h' ? "list" : "list node", k[1],
		    id_text);
	}
	if (len > 1 && k[0] == 'u')
		return "a unique name";
	if (len == 1 && k[0] == 'm')
		return "the file's own record";
	if (len == 1 && k[0] == 'f')
		return "the free slots";
	return "an entry of no known type";
}

/* ---- records ----
 * format u8, sequence u64, slot u32, ring u32, lists u8 (bit i: list i is used), {id 16, position u64} for each,
 * uniques u8 (bits), {len u16, text} for each, doc to the end. */

struct slice
stored_encode(struct arena *a, const struct stored *r)
{
	uint8_t head[18], entry[24];
	struct buf b;

	buf_init(&b, a, 128 + r->doc.len);
	head[0] = STORED_FORMAT;
	put_u64(head + 1, r->sequence);
	put_u32(head + 9, r->slot);
	put_u32(head + 13, r->ring);
	head[17] = 0;
	for (unsigned i = 0; i < STORE_LISTS_MAX; i++)
		if (!uuid_is_nil(&r->lists[i]))
			head[17] |= (uint8_t)(1u << i);
	buf_add(&b, head, sizeof head);
	for (unsigned i = 0; i < STORE_LISTS_MAX; i++) {
		if (uuid_is_nil(&r->lists[i]))
			continue;
		memcpy(entry, r->lists[i].b, 16);
		put_u64(entry + 16, r->positions[i]);
		buf_add(&b, entry, sizeof entry);
	}
	uint8_t bits = 0;
	for (unsigned i = 0; i < STORE_UNIQUES_MAX; i++)
		if (r->uniques[i].p != NULL)
			bits |= (uint8_t)(1u << i);
	buf_add(&b, &bits, 1);
	for (unsigned i = 0; i < STORE_UNIQUES_MAX; i++) {
		if (r->uniques[i].p == NULL)
			continue;
		put_u16(entry, (uint16_t)r->uniques[i].len);
		buf_add(&b, entry, 2);
		buf_add(&b, r->uniques[i].p, r->uniques[i].len);
	}
	buf_add(&b, r->doc.p, r->doc.len);
	return (struct slice){ b.data, b.len };
}

/* The next `len` bytes of `from`, which is shortened; NULL where it is too short. */
static const char *
take(struct slice *from, size_t len)
{
	const char *p = from->p;

	if (from->len < len)
		return NULL;
	from->p += len;
	from->len -= len;
	return p;
}

eg_err
stored_decode(struct slice value, struct stored *out)
{
	const char *p = take(&value, 18);

	if (p == NULL || p[0] != STORED_FORMAT)
		return EG_DAMAGED;
	out->sequence = get_u64(p + 1);
	out->slot = get_u32(p + 9);
	out->ring = get_u32(p + 13);
	unsigned bits = (uint8_t)p[17];
	if (bits >= 1u << STORE_LISTS_MAX)
		return EG_DAMAGED;
	for (unsigned i = 0; i < STORE_LISTS_MAX; i++) {
		out->lists[i] = uuid_nil;
		out->positions[i] = 0;
		if ((bits & 1u << i) == 0)
			continue;
		if ((p = take(&value, 24)) == NULL)
			return EG_DAMAGED;
		memcpy(out->lists[i].b, p, 16);
		out->positions[i] = get_u64(p + 16);
	}
	if ((p = take(&value, 1)) == NULL || (bits = (uint8_t)p[0]) >= 1u << STORE_UNIQUES_MAX)
		return EG_DAMAGED;
	for (unsigned i = 0; i < STORE_UNIQUES_MAX; i++) {
		out->uniques[i] = (struct slice){ NULL, 0 };
		if ((bits & 1u << i) == 0)
			continue;
		if ((p = take(&value, 2)) == NULL)
			return EG_DAMAGED;
		size_t len = get_u16(p);
		if (len > STORE_UNIQUE_LEN_MAX || (p = take(&value, len)) == NULL)
			return EG_DAMAGED;
		out->uniques[i] = (struct slice){ p, len };
	}
	out->doc = value;
	return EG_OK;
}

/* ---- the rest ---- */

struct slice
meta_encode(struct arena *a, const struct meta *m)
{
	char *p = arena_alloc(a, META_SIZE);

	p[0] = META_FORMAT;
	put_u64(p + 1, m->sequence);
	put_u64(p + 9, (uint64_t)m->built_at_s);
	put_u32(p + 17, m->next_slot);
	put_u32(p + 21, m->next_ring);
	put_u64(p + 25, m->keys);
	for (size_t i = 0; i < KINDS; i++)
		put_u64(p + 33 + 8 * i, m->records[i]);
	return (struct slice){ p, META_SIZE };
}

eg_err
meta_decode(struct slice value, struct meta *out)
{
	if (value.len != META_SIZE || value.p[0] != META_FORMAT)
		return EG_DAMAGED;
	out->sequence = get_u64(value.p + 1);
	out->built_at_s = (int64_t)get_u64(value.p + 9);
	out->next_slot = get_u32(value.p + 17);
	out->next_ring = get_u32(value.p + 21);
	out->keys = get_u64(value.p + 25);
	for (size_t i = 0; i < KINDS; i++)
		out->records[i] = get_u64(value.p + 33 + 8 * i);
	return EG_OK;
}

struct slice
owner_encode(struct arena *a, char kind, const struct uuid *id)
{
	char *p = arena_alloc(a, OWNER_SIZE);

	p[0] = kind;
	memcpy(p + 1, id->b, sizeof id->b);
	return (struct slice){ p, OWNER_SIZE };
}

eg_err
owner_decode(struct slice value, char *kind, struct uuid *id)
{
	if (value.len != OWNER_SIZE)
		return EG_DAMAGED;
	*kind = value.p[0];
	memcpy(id->b, value.p + 1, sizeof id->b);
	return EG_OK;
}
