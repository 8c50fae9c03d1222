/* SPDX-License-Identifier: GPL-3.0-or-later */
/* member.h - members of JSON that somebody else wrote: what is missing is told from what is of no use, and the latter
 * is a fault that names its place, "schedule.conference.days[2].rooms.Main[3].title". For the files of src/model. */
#ifndef EG_MODEL_MEMBER_H
#define EG_MODEL_MEMBER_H

#include "base/faults.h"
#include "base/json.h"

/* Where something stands: chained on the stack, made a text only for a fault. */
struct place {
	const struct place *up;         /* NULL: the top */
	const char *name;               /* of a member, clean (text.h); NULL: `index` of a list */
	size_t index;
};

struct member_reader {
	struct arena *arena;
	struct faults *faults;
};

/* Something is wrong at `at`. */
void member_fault_at(struct member_reader *r, const struct place *at, const char *fmt, ...) EG_PRINTF(3, 4);
/* ... in a member of what is there. */
void member_fault(struct member_reader *r, const struct place *at, const char *name, const char *sentence);

/* Null, false, "" and empty lists and objects are how exporters write "none". NULL is null. */
bool member_is_none(json_object *value);

/* A member of `o`, which stands at `at`; NULL where it is none. Texts may be numbers, or objects: of {"en": ...,
 * "de": ...} the English text or else the first, of {"name": ...} the name. A list or true is a fault. `raw` is as it
 * stands, borrowed from `o`; the others are in the arena. */
const char *member_raw(struct member_reader *r, const struct place *at, json_object *o, const char *name);
/* At most `max` characters of it, without and with lines (text_shown()). */
const char *member_text(struct member_reader *r, const struct place *at, json_object *o, const char *name, size_t max);
const char *member_lines(struct member_reader *r, const struct place *at, json_object *o, const char *name, size_t max);
/* A web address (text_is_web_url()), or that of {"url": ...}; any other text is NULL. */
const char *member_url(struct member_reader *r, const struct place *at, json_object *o, const char *name);
/* A list that is not empty. Anything else that is there is a fault. */
json_object *member_list(struct member_reader *r, const struct place *at, json_object *o, const char *name);

#endif
