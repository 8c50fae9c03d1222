/* SPDX-License-Identifier: GPL-3.0-or-later */
/* print.c - the words of embedctl. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/codec.h"
#include "ctl/ctl.h"
#include "gate/verdict.h"

#define FACT_WIDTH 14
#define PROGRESS_TTY_US 100000
#define PROGRESS_LOG_US 5000000

static void
sentence(const char *fmt, va_list args)
{
	fflush(stdout);
	fputs("embedctl: ", stderr);
	vfprintf(stderr, fmt, args);
	fputc('\n', stderr);
}

int
ctl_refuse(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	sentence(fmt, args);
	va_end(args);
	return CTL_REFUSED;
}

int
ctl_usage(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	sentence(fmt, args);
	va_end(args);
	return CTL_USAGE;
}

/* Is there a `list` for things of that kind? */
static bool
is_listed(const char *what)
{
	static const char *const kinds[] = { "partner", "key", "customer", "token" };

	for (size_t i = 0; i < EG_COUNT(kinds); i++)
		if (strcmp(kinds[i], what) == 0)
			return true;
	return false;
}

int
ctl_result(const struct ctl *c, eg_err e, const struct faults *f, const char *what)
{
	const struct verdict_info *v = verdict_info(verdict_of_err(e));

	if (e == EG_OK)
		return CTL_DONE;
	if (e == EG_INVALID && f != NULL && f->count > 0) {
		for (const struct fault *one = f->first; one != NULL; one = one->next)
			ctl_refuse("%s: %s", option_of_field(c->arena, one->field), one->message);
		return CTL_REFUSED;
	}
	if (e == EG_NOTFOUND && is_listed(what))
		return ctl_refuse("There is no %s with this id; copy it from 'embedctl %s list'.", what, what);
	if (e == EG_NOTFOUND)
		return ctl_refuse("There is no %s with this id; copy it from the portal.", what);
	if (v->status == 500)
		return ctl_refuse("This failed (%s); the line above says more.", eg_err_name(e));
	return ctl_refuse("%s %s", v->detail, v->fix);
}

/* ---- tables and facts ---- */

static const char *
cell(struct arena *a, json_object *view, const char *member)
{
	json_object *value = NULL;

	if (!json_object_object_get_ex(view, member, &value) || value == NULL)
		return "-";
	if (json_object_is_type(value, json_type_array)) {
		const char *text = "";

		for (size_t i = 0; i < json_object_array_length(value); i++)
			text = arena_printf(a, "%s%s%s", text, i > 0 ? "," : "",
			    json_object_get_string(json_object_array_get_idx(value, i)));
		return *text != '\0' ? text : "-";
	}
	if (json_object_is_type(value, json_type_boolean))
		return json_object_get_boolean(value) ? "yes" : "no";
	return json_object_get_string(value);
}

/* Names hold any letters: columns are counted in characters, not in bytes. */
static void
put_cell(const char *text, int width, bool is_last)
{
	size_t count = utf8_count(text, strlen(text));

	fputs(text, stdout);
	if (is_last)
		return;
	for (size_t i = count; i < (size_t)width; i++)
		fputc(' ', stdout);
	fputs("  ", stdout);
}

static void
put_titles(const struct ctl_column *columns)
{
	for (const struct ctl_column *col = columns; col->title != NULL; col++)
		put_cell(col->title, col->width, col[1].title == NULL);
	fputc('\n', stdout);
}

static void
put_row(struct arena *a, json_object *view, const struct ctl_column *columns)
{
	for (const struct ctl_column *col = columns; col->title != NULL; col++)
		put_cell(cell(a, view, col->member), col->width, col[1].title == NULL);
	fputc('\n', stdout);
}

int
print_list(struct ctl *c, const struct scope *s, const struct ctl_column *columns, const char *what, list_page_fn *fn)
{
	struct arena *a = arena_new();
	size_t on_page = LIST_PAGE, rows = 0, len;
	eg_err e = EG_OK;

	for (size_t page = 1; e == EG_OK && on_page >= LIST_PAGE; page++) {
		arena_reset(a);

		json_object *views = json_new_array(a);

		e = fn(c, a, s, page, views);
		on_page = json_object_array_length(views);
		if (page == 1 && e == EG_OK && !c->json && isatty(STDOUT_FILENO))
			put_titles(columns);
		for (size_t i = 0; e == EG_OK && i < on_page; i++, rows++) {
			json_object *view = json_object_array_get_idx(views, i);

			if (c->json)
				printf("%s%s", rows == 0 ? "[" : ",\n", json_text(a, view, &len));
			else
				put_row(a, view, columns);
		}
	}
	if (c->json && e == EG_OK)
		puts(rows == 0 ? "[]" : "]");
	arena_free(a);
	return ctl_result(c, e, NULL, what);
}

void
print_view(const struct ctl *c, json_object *view, const struct ctl_column *facts)
{
	size_t len;

	if (c->json) {
		puts(json_text(c->arena, view, &len));
		return;
	}
	for (; facts->title != NULL; facts++) {
		json_object *value;

		if (json_object_object_get_ex(view, facts->member, &value) && value != NULL)
			printf("%-*s  %s\n", FACT_WIDTH, facts->title, cell(c->arena, view, facts->member));
	}
}

void
print_hint(const struct ctl *c, const char *text)
{
	if (!c->json && isatty(STDOUT_FILENO))
		puts(text);
}

/* ---- progress ---- */

static bool progress_open_line;

void
print_progress(void *arg, const char *what, uint64_t done, uint64_t total)
{
	static int64_t last_us;
	bool is_tty = isatty(STDERR_FILENO) != 0;
	int64_t now_us = clock_mono_us();

	(void)arg;
	if (last_us == 0 && !is_tty)
		last_us = now_us;       /* short work needs no line in a log */
	if (now_us - last_us < (is_tty ? PROGRESS_TTY_US : PROGRESS_LOG_US))
		return;
	last_us = now_us;
	progress_open_line = is_tty;
	if (total > 0)
		fprintf(stderr, "%s%s: %llu of %llu%s", is_tty ? "\r" : "", what, (unsigned long long)done,
		    (unsigned long long)total, is_tty ? "  " : "\n");
	else
		fprintf(stderr, "%s%s: %llu%s", is_tty ? "\r" : "", what, (unsigned long long)done, is_tty ? "  " : "\n");
}

void
print_progress_end(void)
{
	if (progress_open_line)
		fputc('\n', stderr);
	progress_open_line = false;
}
