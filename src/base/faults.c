/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/faults.h"

#include <stdarg.h>
#include <string.h>

#define FAULTS_MAX 64

void
faults_init(struct faults *f, struct arena *a)
{
	*f = (struct faults){ .arena = a };
	f->last = &f->first;
}

void
faults_spell(struct faults *f, const char *field, const char *spelled)
{
	struct spelling *s = arena_alloc(f->arena, sizeof(*s));

	s->field = arena_strdup(f->arena, field);
	s->spelled = arena_strdup(f->arena, spelled);
	s->next = f->spellings;
	f->spellings = s;
}

static const char *
spelled(struct faults *f, const char *field)
{
	for (const struct spelling *s = f->spellings; s != NULL; s = s->next) {
		size_t len = strlen(s->field);

		if (strncmp(field, s->field, len) == 0 && strchr("[.", field[len]) != NULL)
			return arena_printf(f->arena, "%s%s", s->spelled, field + len);
	}
	return arena_strdup(f->arena, field);
}

void
faults_add(struct faults *f, const char *field, const char *fmt, ...)
{
	struct fault *fault;
	va_list args;

	if (f->count == FAULTS_MAX)
		return;
	fault = arena_alloc(f->arena, sizeof(*fault));
	fault->field = spelled(f, field);
	va_start(args, fmt);
	fault->message = arena_vprintf(f->arena, fmt, args);
	va_end(args);
	*f->last = fault;
	f->last = &fault->next;
	f->count++;
}

eg_err
faults_result(const struct faults *f)
{
	return f->count == 0 ? EG_OK : EG_INVALID;
}
