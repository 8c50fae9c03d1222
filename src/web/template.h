/* SPDX-License-Identifier: GPL-3.0-or-later */
/* template.h - Mustache (mustache.github.io/mustache.5.html): {{name}} escaped for HTML text and double-quoted attributes,
 * {{#section}} {{^inverted}} {{/end}}, {{.}}, dotted names, {{! comments}}, {{> partial}} with standalone-line indentation rules.
 * Not there, on purpose: raw forms ({{{x}}}, {{&x}}), lambdas, delimiter changes; the compiler refuses them.
 * A template sees one json-c object. Templates and their partials are compiled once per process, on first use. */
#ifndef EG_WEB_TEMPLATE_H
#define EG_WEB_TEMPLATE_H

#include "base/buf.h"
#include "base/json.h"
#include "web/assets.h"

struct template_node;

/* Compile the text of a template, which is borrowed. EG_MALFORMED with `*why` (a sentence with its line). For tests; pages use
 * template_render(). */
eg_err template_compile(struct arena *a, const char *text, size_t len, struct template_node **out, const char **why) EG_CHECKED;
eg_err template_run(const struct template_node *t, json_object *view, struct buf *out) EG_CHECKED;

/* Does the asset compile, and is each of its partials there? EG_INTERNAL with `*why`: "templates/a.html: line 2: ...". */
eg_err template_check(struct arena *a, const struct asset *t, const char **why) EG_CHECKED;
/* All templates there are: before a program takes its first request, so that no visitor finds what is missing. */
eg_err template_check_all(struct arena *a, const char **why) EG_CHECKED;

/* Render the asset "templates/" + name. Partials are named the same way, without the ".html". EG_INTERNAL for an unknown or
 * broken template (see template_check_all()), and for a list or object where a value is printed. */
eg_err template_render(const char *name, json_object *view, struct buf *out) EG_CHECKED;

#endif
