/* SPDX-License-Identifier: GPL-3.0-or-later */
/* template.c - text -> tree of nodes -> text. A template is read line by line, because a line that holds nothing but white
 * space and section, comment or partial tags leaves no trace of its own. Nodes borrow the template's bytes.
 *
 * Where the specification leaves room, npm's mustache is followed (tests/web/template_oracle.mjs compares): 0 and "" are
 * false, a name is looked for from the innermost section outward until the whole dotted path is there. One thing differs:
 * printing a list or an object is an error instead of "[object Object]". */
#include "web/template.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PARTIAL_DEPTH_MAX 32
#define SECTION_DEPTH_MAX 32
#define KEYS_MAX 8              /* parts of a dotted name */

enum node_type { NODE_TEXT, NODE_VALUE, NODE_SECTION, NODE_INVERTED, NODE_PARTIAL };

struct template_node {
	enum node_type type;
	const char *text;               /* NODE_TEXT: these bytes; else the name as written, NUL-terminated */
	size_t len;
	const char *keys[KEYS_MAX];     /* the name's parts; none for "." */
	size_t key_count;
	const char *indent;             /* NODE_PARTIAL: white space in front of each of its lines */
	struct template_node *inside;   /* sections */
	struct template_node *next;
};

/* ---- compiling ---- */

struct tag {
	char type;              /* one of # ^ / > ! or 'v', a value */
	const char *name;       /* without white space around it */
	size_t name_len;
	const char *end;        /* behind the closing braces */
};

struct open_section {
	struct template_node *node;
	struct template_node **after;   /* where the node behind the section goes */
	size_t line;
};

struct compiler {
	struct arena *arena;
	const char *end;
	size_t line;
	struct template_node **tail;
	struct template_node *last;     /* the node that `tail` is the end of, or NULL: text may grow it */
	struct open_section open[SECTION_DEPTH_MAX];
	size_t depth;
	const char *why;
};

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\v' || c == '\f';
}

static bool
is_blank(const char *from, const char *to)
{
	while (from < to && is_space(*from))
		from++;
	return from == to;
}

static eg_err malformed(struct compiler *c, const char *fmt, ...) EG_PRINTF(2, 3);

static eg_err
malformed(struct compiler *c, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	c->why = arena_printf(c->arena, "line %zu: %s", c->line, arena_vprintf(c->arena, fmt, args));
	va_end(args);
	return EG_MALFORMED;
}

static bool
is_name(const struct tag *t)
{
	bool wants_part = true;

	if (t->type != '>' && t->name_len == 1 && t->name[0] == '.')
		return true;
	for (size_t i = 0; i < t->name_len; i++) {
		char c = t->name[i];

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-')
			wants_part = false;
		else if (!wants_part && c == (t->type == '>' ? '/' : '.'))
			wants_part = true;
		else
			return false;
	}
	return !wants_part;
}

/* The tag whose opening braces stand at `at`. */
static eg_err
tag_read(struct compiler *c, const char *at, struct tag *out)
{
	const char *from = at + 2, *close;

	out->type = 'v';
	if (from < c->end && strchr("#^/>!", *from) != NULL && *from != '\0')
		out->type = *from++;
	else if (from < c->end && (*from == '{' || *from == '&'))
		return malformed(c, "raw values are not for templates: write {{name}}");
	else if (from < c->end && *from == '=')
		return malformed(c, "the braces cannot be changed");

	close = memmem(from, (size_t)(c->end - from), "}}", 2);
	if (close == NULL)
		return malformed(c, "a tag is not closed");
	out->end = close + 2;
	while (from < close && is_space(*from))
		from++;
	while (close > from && is_space(close[-1]))
		close--;
	out->name = from;
	out->name_len = (size_t)(close - from);
	if (out->type != '!' && !is_name(out))
		return malformed(c, "'%.*s' is no name", (int)out->name_len, out->name);
	return EG_OK;
}

static const char *
tag_find(const char *from, const char *to)
{
	return memmem(from, (size_t)(to - from), "{{", 2);
}

static struct template_node *
node_add(struct compiler *c, enum node_type type)
{
	struct template_node *n = arena_alloc(c->arena, sizeof(*n));

	n->type = type;
	*c->tail = c->last = n;
	c->tail = &n->next;
	return n;
}

static void
text_add(struct compiler *c, const char *from, const char *to)
{
	struct template_node *n = c->last;

	if (from == to)
		return;
	if (n == NULL || n->type != NODE_TEXT || n->text + n->len != from) {
		n = node_add(c, NODE_TEXT);
		n->text = from;
	}
	n->len = (size_t)(to - n->text);
}

static eg_err
name_split(struct compiler *c, const struct tag *t, struct template_node *n)
{
	char *part = arena_strndup(c->arena, t->name, t->name_len);

	n->text = arena_strndup(c->arena, t->name, t->name_len);
	n->len = t->name_len;
	if (strcmp(part, ".") == 0)
		return EG_OK;
	while (part != NULL) {
		if (n->key_count == KEYS_MAX)
			return malformed(c, "'%s' has more than %d parts", n->text, KEYS_MAX);
		n->keys[n->key_count++] = strsep(&part, ".");
	}
	return EG_OK;
}

static eg_err
section_open(struct compiler *c, const struct tag *t)
{
	struct template_node *n = node_add(c, t->type == '#' ? NODE_SECTION : NODE_INVERTED);

	if (c->depth == SECTION_DEPTH_MAX)
		return malformed(c, "more than %d sections inside each other", SECTION_DEPTH_MAX);
	c->open[c->depth++] = (struct open_section){ .node = n, .after = c->tail, .line = c->line };
	c->tail = &n->inside;
	c->last = NULL;
	return name_split(c, t, n);
}

static eg_err
section_close(struct compiler *c, const struct tag *t)
{
	struct open_section *o;

	if (c->depth == 0)
		return malformed(c, "{{/%.*s}} closes nothing", (int)t->name_len, t->name);
	o = &c->open[--c->depth];
	if (o->node->len != t->name_len || memcmp(o->node->text, t->name, t->name_len) != 0)
		return malformed(c, "{{/%.*s}} stands where {{/%s}} belongs, which line %zu opened", (int)t->name_len, t->name,
		    o->node->text, o->line);
	c->tail = o->after;
	c->last = NULL;
	return EG_OK;
}

/* `indent`: what stands before the tag, where it has its line for itself. */
static eg_err
tag_compile(struct compiler *c, const struct tag *t, const char *indent)
{
	struct template_node *n;

	switch (t->type) {
	case '!':
		return EG_OK;
	case '#':
	case '^':
		return section_open(c, t);
	case '/':
		return section_close(c, t);
	case '>':
		n = node_add(c, NODE_PARTIAL);
		n->text = arena_strndup(c->arena, t->name, t->name_len);
		n->len = t->name_len;
		n->indent = indent;
		return EG_OK;
	default:
		return name_split(c, t, node_add(c, NODE_VALUE));
	}
}

/* Where the line at `from` ends, and whether it is a line of tags only. A tag that goes over several lines does not end it. */
static eg_err
line_measure(struct compiler *c, const char *from, const char **line_end, bool *only_tags)
{
	const size_t line = c->line;
	bool has_tag = false, has_other = false;

	for (;;) {
		const char *newline = memchr(from, '\n', (size_t)(c->end - from));
		const char *text_end = newline != NULL ? newline + 1 : c->end;
		const char *at = tag_find(from, text_end);
		struct tag t;

		has_other |= !is_blank(from, at != NULL ? at : text_end);
		if (at == NULL) {
			*line_end = text_end;
			*only_tags = has_tag && !has_other;
			c->line = line;
			return EG_OK;
		}
		EG_TRY(tag_read(c, at, &t));
		has_tag = true;
		has_other |= t.type == 'v';
		from = t.end;
	}
}

static eg_err
line_compile(struct compiler *c, const char *from, const char *line_end, bool only_tags)
{
	const char *indent = "";

	for (bool is_first = true;; is_first = false) {
		const char *at = tag_find(from, line_end);
		struct tag t;

		if (!only_tags)
			text_add(c, from, at != NULL ? at : line_end);
		else if (is_first && at != NULL)
			indent = arena_strndup(c->arena, from, (size_t)(at - from));
		else
			indent = "";
		if (at == NULL)
			break;
		EG_TRY(tag_read(c, at, &t));
		EG_TRY(tag_compile(c, &t, indent));
		for (const char *p = at; (p = memchr(p, '\n', (size_t)(t.end - p))) != NULL; p++)
			c->line++;
		from = t.end;
	}
	c->line++;
	return EG_OK;
}

eg_err
template_compile(struct arena *a, const char *text, size_t len, struct template_node **out, const char **why)
{
	struct template_node *first = NULL;
	struct compiler c = { .arena = a, .end = text + len, .line = 1, .tail = &first };
	eg_err e = EG_OK;

	while (e == EG_OK && text < c.end) {
		const char *line_end = c.end;
		bool only_tags = false;

		e = line_measure(&c, text, &line_end, &only_tags);
		if (e == EG_OK)
			e = line_compile(&c, text, line_end, only_tags);
		text = line_end;
	}
	if (e == EG_OK && c.depth > 0) {
		c.line = c.open[c.depth - 1].line;
		e = malformed(&c, "{{%c%s}} is not closed", c.open[c.depth - 1].node->type == NODE_SECTION ? '#' : '^',
		    c.open[c.depth - 1].node->text);
	}
	if (e != EG_OK) {
		*why = c.why;
		return e;
	}
	*out = first != NULL ? first : arena_alloc(a, sizeof(*first));  /* an empty template is an empty text */
	return EG_OK;
}

/* ---- templates of the process ---- */

struct compiled {
	const char *name;       /* "portal/tokens.html" */
	const char *indent;
	const struct template_node *first;
	struct compiled *next;
};

static struct arena *compiled_arena;
static struct compiled *compiled_first;

/* The text with `indent` in front of each line that holds anything. */
static struct buf
text_indent(struct arena *a, const char *text, size_t len, const char *indent)
{
	const char *end = text + len;
	struct buf b;

	buf_init(&b, a, len + len / 8);
	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		const char *line_end = newline != NULL ? newline + 1 : end;

		if (*text != '\n')
			buf_add_str(&b, indent);
		buf_add(&b, text, (size_t)(line_end - text));
		text = line_end;
	}
	return b;
}

static eg_err
compiled_find(struct arena *scratch, const char *name, const char *indent, const struct template_node **out)
{
	struct compiled *c;
	struct template_node *first;
	const struct asset *asset;
	const char *asset_name, *bytes, *why = NULL;
	size_t len;

	for (c = compiled_first; c != NULL; c = c->next)
		if (strcmp(c->name, name) == 0 && strcmp(c->indent, indent) == 0) {
			*out = c->first;
			return EG_OK;
		}

	if (compiled_arena == NULL)
		compiled_arena = arena_new();
	asset_name = arena_printf(scratch, "templates/%s", name);
	asset = asset_find(asset_name);
	if (asset == NULL)
		return eg_fail(EG_INTERNAL, "template: there is no %s", asset_name);
	bytes = asset->bytes;
	len = asset->len;
	if (*indent != '\0') {
		struct buf b = text_indent(compiled_arena, bytes, len, indent);

		bytes = b.data;
		len = b.len;
	}
	if (template_compile(compiled_arena, bytes, len, &first, &why) != EG_OK)
		return eg_fail(EG_INTERNAL, "template: %s: %s", asset_name, why);

	c = arena_alloc(compiled_arena, sizeof(*c));
	*c = (struct compiled){ .name = arena_strdup(compiled_arena, name), .indent = arena_strdup(compiled_arena, indent),
		.first = first, .next = compiled_first };
	compiled_first = c;
	*out = first;
	return EG_OK;
}

/* Of the nodes from `n` on: each partial that they name. */
static eg_err
partials_check(struct arena *a, const struct asset *t, const struct template_node *n, const char **why)
{
	for (; n != NULL; n = n->next) {
		const char *name = n->type == NODE_PARTIAL ? arena_printf(a, "templates/%s.html", n->text) : NULL;

		if (name != NULL && asset_find(name) == NULL) {
			*why = arena_printf(a, "%s: there is no %s for {{> %s}}", t->name, name, n->text);
			return EG_INTERNAL;
		}
		EG_TRY(partials_check(a, t, n->inside, why));
	}
	return EG_OK;
}

eg_err
template_check(struct arena *a, const struct asset *t, const char **why)
{
	struct template_node *first;
	const char *fault = NULL;

	if (template_compile(a, t->bytes, t->len, &first, &fault) != EG_OK) {
		*why = arena_printf(a, "%s: %s", t->name, fault);
		return EG_INTERNAL;
	}
	return partials_check(a, t, first, why);
}

eg_err
template_check_all(struct arena *a, const char **why)
{
	for (size_t i = 0; i < assets_count; i++)
		if (strncmp(assets[i].name, "templates/", 10) == 0)
			EG_TRY(template_check(a, &assets[i], why));
	return EG_OK;
}

/* ---- running ---- */

struct frame {
	json_object *view;
	const struct frame *outer;
};

struct run {
	struct buf *out;
	unsigned partial_depth;
};

/* Walk `keys` down from `view`. True where the last of them is there, be it null. */
static bool
path_find(json_object *view, const struct template_node *n, json_object **out)
{
	for (size_t i = 0; i < n->key_count; i++)
		if (!json_object_is_type(view, json_type_object) || !json_object_object_get_ex(view, n->keys[i], &view))
			return false;
	*out = view;
	return true;
}

static json_object *
lookup(const struct frame *f, const struct template_node *n)
{
	json_object *value = NULL;

	while (f != NULL && !path_find(f->view, n, &value))
		f = f->outer;
	return value;
}

static bool
is_truthy(json_object *value)
{
	switch (json_object_get_type(value)) {
	case json_type_null:	return false;
	case json_type_boolean:	return json_object_get_boolean(value);
	case json_type_int:	return json_object_get_int64(value) != 0;
	case json_type_double:	return json_object_get_double(value) != 0;
	case json_type_string:	return json_object_get_string_len(value) > 0;
	case json_type_array:	return json_object_array_length(value) > 0;
	default:		return true;
	}
}

/* The shortest decimal that reads back as the same number; whole numbers without a point. */
static void
double_print(struct buf *out, double d)
{
	char text[32];

	if (!isfinite(d))
		return;
	for (int digits = 1; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, d);
		if (strtod(text, NULL) == d)
			break;
	}
	if (strchr(text, 'e') != NULL && fabs(d) < 1e21 && d == trunc(d))
		snprintf(text, sizeof(text), "%.0f", d);
	buf_add_str(out, text);
}

static eg_err
value_print(struct run *r, json_object *value, const struct template_node *n)
{
	switch (json_object_get_type(value)) {
	case json_type_null:
		break;
	case json_type_boolean:
		buf_add_str(r->out, json_object_get_boolean(value) ? "true" : "false");
		break;
	case json_type_int:
		buf_printf(r->out, "%" PRId64, json_object_get_int64(value));
		break;
	case json_type_double:
		double_print(r->out, json_object_get_double(value));
		break;
	case json_type_string:
		buf_add_html(r->out, json_object_get_string(value), (size_t)json_object_get_string_len(value));
		break;
	default:
		return eg_fail(EG_INTERNAL, "template: {{%s}} is a list or an object, which cannot be printed", n->text);
	}
	return EG_OK;
}

static eg_err run_nodes(struct run *r, const struct template_node *n, const struct frame *f);

static eg_err
run_section(struct run *r, const struct template_node *n, json_object *value, const struct frame *f)
{
	struct frame inner = { .view = value, .outer = f };

	if (!is_truthy(value))
		return EG_OK;
	if (json_object_is_type(value, json_type_boolean))
		return run_nodes(r, n->inside, f);
	if (!json_object_is_type(value, json_type_array))
		return run_nodes(r, n->inside, &inner);
	for (size_t i = 0; i < json_object_array_length(value); i++) {
		inner.view = json_object_array_get_idx(value, i);
		EG_TRY(run_nodes(r, n->inside, &inner));
	}
	return EG_OK;
}

static eg_err
run_partial(struct run *r, const struct template_node *n, const struct frame *f)
{
	const struct template_node *first;

	if (r->partial_depth == PARTIAL_DEPTH_MAX)
		return eg_fail(EG_INTERNAL, "template: {{> %s}} goes more than %d deep", n->text, PARTIAL_DEPTH_MAX);
	EG_TRY(compiled_find(r->out->arena, arena_printf(r->out->arena, "%s.html", n->text), n->indent, &first));
	r->partial_depth++;
	EG_TRY(run_nodes(r, first, f));
	r->partial_depth--;
	return EG_OK;
}

static eg_err
run_nodes(struct run *r, const struct template_node *n, const struct frame *f)
{
	for (; n != NULL; n = n->next) {
		switch (n->type) {
		case NODE_TEXT:
			buf_add(r->out, n->text, n->len);
			break;
		case NODE_VALUE:
			EG_TRY(value_print(r, lookup(f, n), n));
			break;
		case NODE_SECTION:
			EG_TRY(run_section(r, n, lookup(f, n), f));
			break;
		case NODE_INVERTED:
			if (!is_truthy(lookup(f, n)))
				EG_TRY(run_nodes(r, n->inside, f));
			break;
		case NODE_PARTIAL:
			EG_TRY(run_partial(r, n, f));
			break;
		}
	}
	return EG_OK;
}

eg_err
template_run(const struct template_node *t, json_object *view, struct buf *out)
{
	struct run r = { .out = out };
	struct frame outermost = { .view = view };

	return run_nodes(&r, t, &outermost);
}

eg_err
template_render(const char *name, json_object *view, struct buf *out)
{
	const struct template_node *first;

	EG_TRY(compiled_find(out->arena, name, "", &first));
	return template_run(first, view, out);
}
