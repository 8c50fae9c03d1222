/* SPDX-License-Identifier: GPL-3.0-or-later */
/* row.h - a record's document <-> the fields of a C struct, by one table for each kind: what is written is what is read.
 * A field of zero, NULL or false is not written, and what is not there reads as that. Ids of tenant and subject stand in
 * the record's lists, not in its document. Times are integers: seconds since 1970. */
#ifndef EG_MODEL_ROW_H
#define EG_MODEL_ROW_H

#include "store/store.h"

enum column_type {
	COLUMN_TEXT,            /* const char * */
	COLUMN_NUMBER,          /* int64_t */
	COLUMN_REAL,            /* double */
	COLUMN_FLAG,            /* bool */
	COLUMN_BITS,            /* unsigned, or an enum */
	COLUMN_UUID,            /* struct uuid */
	COLUMN_BYTES,           /* uint8_t[size] */
	COLUMN_TEXTS,           /* const char *const *, and a size_t at `count_offset` */
};

struct column {
	const char *name;       /* in the document; NULL: end of the table */
	enum column_type type;
	size_t offset;          /* in the struct */
	size_t size;            /* of the field; COLUMN_BYTES: at most ROW_BYTES_MAX */
	size_t count_offset;    /* COLUMN_TEXTS */
};

/* Rows of a table: COLUMN(TEXT, struct token_row, name, "name"). It ends with COLUMN_END. */
#define COLUMN(t, row, member, text) \
	{ .name = text, .type = COLUMN_##t, .offset = offsetof(row, member), .size = sizeof(((row *)NULL)->member) }
#define COLUMN_LIST(row, member, count, text) \
	{ .name = text, .type = COLUMN_TEXTS, .offset = offsetof(row, member), .count_offset = offsetof(row, count) }
#define COLUMN_END { .name = NULL }

#define ROW_BYTES_MAX 32

/* Fills the fields of the table in `row`, which the caller has zeroed. Texts are borrowed from the document, so they live
 * as long as the arena it was read into. One walk, if the members stand in the order of the table, as row_encode()
 * writes them; unknown ones are skipped. EG_DAMAGED: a member of another type, which no program of ours wrote. */
eg_err row_decode(struct arena *a, const struct store_record *rec, const struct column *table, void *row) EG_CHECKED;
json_object *row_encode(struct arena *a, const struct column *table, const void *row);

#endif
