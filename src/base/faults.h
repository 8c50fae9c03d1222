/* SPDX-License-Identifier: GPL-3.0-or-later */
/* faults.h - everything that is wrong with one input, collected so that it can be told in one answer. */
#ifndef EG_BASE_FAULTS_H
#define EG_BASE_FAULTS_H

#include <stddef.h>

#include "base/arena.h"

struct fault {
	const char *field;      /* as the caller spelled it; "allowed_origins[2]" for an entry of a list */
	const char *message;    /* a sentence that says what to do */
	struct fault *next;
};

/* A field that the caller calls otherwise. */
struct spelling {
	const char *field, *spelled;
	struct spelling *next;
};

struct faults {
	struct arena *arena;
	struct spelling *spellings;
	struct fault *first;
	struct fault **last;
	size_t count;           /* at most 64 are kept */
};

void faults_init(struct faults *f, struct arena *a);
/* What is added of `field` and its parts from now on ("field", "field[2]", "field.part") is called `spelled` instead. */
void faults_spell(struct faults *f, const char *field, const char *spelled);
void faults_add(struct faults *f, const char *field, const char *fmt, ...) EG_PRINTF(3, 4);
/* EG_OK where there are none, else EG_INVALID. */
eg_err faults_result(const struct faults *f) EG_CHECKED;

#endif
