/* SPDX-License-Identifier: GPL-3.0-or-later */
/* view.h - an index file with changes laid over it that are not written yet, and the one place that knows how a
 * change of a record changes entries: its unique names, its lists, its slot, the counts.
 *
 * For reading alone it holds nothing. For changing it remembers each entry that was read or written, so that one
 * flush writes each entry once, however many changes of the set touch it. It lives as long as its arena. */
#ifndef EG_STORE_VIEW_H
#define EG_STORE_VIEW_H

#include "store/index.h"
#include "store/line.h"
#include "store/roster.h"

struct view_entry {
	struct key key;
	struct slice value;     /* p NULL: there is none */
	size_t room;            /* what it takes in the file; 0: it is not there */
	bool dirty;
};

struct view {
	struct index *ix;       /* open; borrowed */
	struct arena *a;
	bool remembers;
	struct roster *roster;  /* NULL, or where lists are kept until all of them are written at once (list_build()) */
	struct view_entry **entries;    /* in order of first use */
	size_t count, cap;
	uint32_t *table;        /* open addressing, entry number + 1; a power of two, at least twice `count` */
	size_t table_size;
	struct meta meta;
	bool has_meta;
	size_t meta_room;
	struct key absent;      /* for reading: the first key that was not there; len 0: none. A damaged file loses
	                         * entries silently, so this is held against the other file (read.c) */
};

/* For reading. */
void view_init(struct view *v, struct index *ix, struct arena *a);
/* For changing. */
void view_init_changing(struct view *v, struct index *ix, struct arena *a);

/* EG_NOTFOUND, and the faults of index_fetch(). Values are borrowed from the arena. */
eg_err view_get(struct view *v, const struct key *key, struct slice *out) EG_CHECKED;
/* `value` must live as long as the view. */
eg_err view_put(struct view *v, const struct key *key, struct slice value) EG_CHECKED;
eg_err view_delete(struct view *v, const struct key *key) EG_CHECKED;
/* The file's own record, as changed so far. */
eg_err view_meta(struct view *v, struct meta **out) EG_CHECKED;

/* Was that key neither in the file nor put? For a key that was looked for. */
bool view_never_had(struct view *v, const struct key *key);

/* What view_flush() will write, for index_room(). */
void view_size(const struct view *v, size_t *entries, size_t *bytes);
/* Write it. The faults of index_store(); the file is then broken. */
eg_err view_flush(struct view *v) EG_CHECKED;

/* ---- records ---- */

eg_err view_record(struct view *v, char kind, const struct uuid *id, struct stored *out) EG_CHECKED;
/* EG_NOTFOUND: the text is not taken. */
eg_err view_owner(struct view *v, struct slice unique, char *kind, struct uuid *id) EG_CHECKED;
/* EG_EXISTS: one of op's unique texts belongs to another record. */
eg_err view_check_uniques(struct view *v, const struct line_op *op) EG_CHECKED;
/* Do what a journal line says. EG_NOTFOUND for the deletion of what is not there. */
eg_err view_apply(struct view *v, const struct line_op *op, uint64_t sequence) EG_CHECKED;

/* Slots that were given out and are free again: an array of u32, newest last. */
eg_err view_free_slots(struct view *v, struct slice *out) EG_CHECKED;

#endif
