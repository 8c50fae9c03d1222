/* SPDX-License-Identifier: GPL-3.0-or-later */
/* record.h - what stands in an index file: keys, and values as bytes. Pure: no file, no clock, no key.
 * Numbers are little endian, so that a file may be read where it was not written.
 *
 *   'm'                               what the file as a whole holds: struct meta
 *   'r' kind id                       a record: struct stored
 *   'u' digest                        which record a unique text belongs to: kind id
 *   'h' kind list                     head of a list: how many stand in it, next position
 *   'n' kind list level number        a node of its tree (lists.h)
 *   'f'                               usage slots that deleted records left: an array of u32
 *
 * GDBM hashes a key by adding up its bytes, and a file breaks when more keys than fill a bucket have one hash. So
 * no byte of a key is for strangers to choose: ids are made here, and a unique text is under a keyed digest
 * (index.h).
 *
 * The MAC behind each value is not seen here (index.h adds and checks it). */
#ifndef EG_STORE_RECORD_H
#define EG_STORE_RECORD_H

#include "base/buf.h"
#include "store/store.h"

#define KEY_SIZE_MAX 27
#define KEY_DIGEST_SIZE 16
#define KINDS 64                /* 'A' to 'Z' and 'a' to 'z', by kind_index() */

/* Bytes that belong to somebody else. */
struct slice {
	const char *p;
	size_t len;
};

struct key {
	uint8_t b[KEY_SIZE_MAX];
	size_t len;
};

void key_meta(struct key *out);
void key_free_slots(struct key *out);
void key_record(struct key *out, char kind, const struct uuid *id);
void key_unique(struct key *out, const uint8_t digest[KEY_DIGEST_SIZE]);
void key_list_head(struct key *out, char kind, const struct uuid *list);
void key_node(struct key *out, char kind, const struct uuid *list, unsigned level, uint64_t number);
/* For tables in memory. That of a record's key can be had without the key. */
uint32_t key_hash(const struct key *key);
uint32_t key_hash_record(char kind, const struct uuid *id);
/* A key for people: "record t 0199...", "list t 0199...", in the arena. */
const char *key_text(struct arena *a, const void *key, size_t len);

/* Place of a kind in an array of KINDS; -1: not a letter. */
int kind_index(char kind);

/* A record as it stands in the index. All text is borrowed from the value it was decoded from. */
struct stored {
	char kind;
	struct uuid id;
	uint64_t sequence;                      /* of the change that wrote it */
	uint32_t slot;
	uint32_t ring;
	struct uuid lists[STORE_LISTS_MAX];     /* nil: unused */
	uint64_t positions[STORE_LISTS_MAX];    /* where it stands in each */
	struct slice uniques[STORE_UNIQUES_MAX];/* p NULL: unused */
	struct slice doc;                       /* compact JSON */
};

/* The arena's bytes of `r`; kind and id are in the key, not in the value. */
struct slice stored_encode(struct arena *a, const struct stored *r);
/* EG_DAMAGED where `value` is not what stored_encode() makes. Fills all but kind and id. */
eg_err stored_decode(struct slice value, struct stored *out) EG_CHECKED;

/* One per index file. */
struct meta {
	uint64_t sequence;              /* of the last change applied */
	int64_t built_at_s;             /* when the file was made from the journal */
	uint32_t next_slot;             /* slots below were given out; starts with 1 */
	uint32_t next_ring;
	uint64_t keys;                  /* entries in the file, this one not counted */
	uint64_t records[KINDS];        /* by kind */
};

struct slice meta_encode(struct arena *a, const struct meta *m);
eg_err meta_decode(struct slice value, struct meta *out) EG_CHECKED;

struct slice owner_encode(struct arena *a, char kind, const struct uuid *id);
eg_err owner_decode(struct slice value, char *kind, struct uuid *id) EG_CHECKED;

/* Little-endian numbers at any address. */
void put_u16(void *p, uint16_t n);
void put_u32(void *p, uint32_t n);
void put_u64(void *p, uint64_t n);
uint16_t get_u16(const void *p);
uint32_t get_u32(const void *p);
uint64_t get_u64(const void *p);

#endif
