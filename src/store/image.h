/* SPDX-License-Identifier: GPL-3.0-or-later */
/* image.h - what the journal says should be in an index, in memory: which records there are and what they look
 * like, and who stands in which list in what order. Made by another way than an index (view.h), so that the two
 * can be held against each other. Takes some 170 bytes a record. */
#ifndef EG_STORE_IMAGE_H
#define EG_STORE_IMAGE_H

#include "store/line.h"
#include "store/roster.h"

#define PRINT_SIZE 16

struct image_record {
	struct idmap_key key;
	bool is_live;                           /* not deleted */
	uint8_t print[PRINT_SIZE];              /* image_print() */
	uint32_t lists[STORE_LISTS_MAX];        /* number in the roster + 1; 0: none */
	uint64_t positions[STORE_LISTS_MAX];
};

struct image {
	struct image_record *records;
	size_t count, cap;
	struct idmap map;
	struct roster roster;
	uint64_t live[KINDS];
};

void image_init(struct image *im);
void image_free(struct image *im);
/* EG_NOTFOUND: the journal deletes what is not there. */
eg_err image_apply(struct image *im, const struct line_op *op, uint64_t sequence) EG_CHECKED;
/* SHA-256, cut short, of all that a record is but its positions. */
eg_err image_print(struct arena *a, const struct stored *r, uint8_t out[PRINT_SIZE]) EG_CHECKED;

#endif
