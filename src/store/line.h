/* SPDX-License-Identifier: GPL-3.0-or-later */
/* line.h - the JSON of one journal line <-> its parts. Pure; who calls has checked the MAC (journal.h). Members
 * stand in one fixed order without white space, so that a line is read in one pass and a document is copied, not
 * parsed. Three types:
 *
 *   {"sequence":0,"synced":0,"at":US,"journal":1,"store":UUID,"segment":1,"key":1}
 *       first in each segment: format, store, number of the segment, number of the master key its MACs are made with
 *   {"sequence":7,"synced":6,"at":US,"actor":..,"action":..,"target":..,"request_id":..,"changes":[CHANGE,...]}
 *       CHANGE = {"put":"t","id":UUID,"lists":[UUID|null,..],"uniques":[text|null,..],"slot":N,"ring":N,
 *                 "size":BYTES,"doc":{..}}
 *              | {"delete":"t","id":UUID}
 *   {"sequence":8,"synced":8,"at":US,"stop":true}
 *       everything up to here is synced and so are the index files
 *
 * `sequence` counts changes and stops, without a gap; a segment's first line repeats the last one. `synced` is the
 * highest sequence known to be on disk when the line was written. `at` is in microseconds since 1970. */
#ifndef EG_STORE_LINE_H
#define EG_STORE_LINE_H

#include "store/record.h"

#define LINE_FORMAT 1

enum line_type {
	LINE_SEGMENT,
	LINE_CHANGE,
	LINE_STOP,
};

struct line_op {
	bool is_delete;         /* then only kind and id are set */
	char kind;
	struct uuid id;
	struct uuid lists[STORE_LISTS_MAX];
	struct slice uniques[STORE_UNIQUES_MAX];
	uint32_t slot;
	uint32_t ring;
	struct slice doc;       /* the text between "doc": and the closing brace */
};

struct line {
	enum line_type type;
	uint64_t sequence;
	uint64_t synced;
	int64_t at_us;
	/* LINE_SEGMENT */
	struct uuid store;
	uint32_t segment;
	unsigned key;
	/* LINE_CHANGE */
	struct store_cause cause;
	struct line_op *ops;    /* in the order they were done */
	size_t op_count;
};

/* The text, in the arena, without MAC and newline. */
struct slice line_format(struct arena *a, const struct line *l);
/* EG_MALFORMED where `text` is not what line_format() makes, EG_WRONG_KIND where it starts a segment of another
 * format. Documents are borrowed from `text`. Safe on any bytes: the key of a segment must be read before its MAC
 * can be checked. */
eg_err line_parse(struct arena *a, struct slice text, struct line *out) EG_CHECKED;
/* Only of type LINE_SEGMENT; EG_MALFORMED for another. Takes no memory. */
eg_err line_parse_segment(struct slice text, struct line *out) EG_CHECKED;
/* Only sequence, synced and time. */
eg_err line_peek(struct slice text, struct line *out) EG_CHECKED;

#endif
