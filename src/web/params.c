/* SPDX-License-Identifier: GPL-3.0-or-later */
/* params.c - query, form, path, cookies: text a stranger chose. */
#include "web/params.h"

#include <string.h>

#include "base/codec.h"

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int
params_hex(const char *text, size_t len)
{
	int high, low;

	if (len < 2)
		return -1;
	high = hex_digit(text[0]);
	low = hex_digit(text[1]);
	return high < 0 || low < 0 ? -1 : high << 4 | low;
}

/* Each byte that is NUL or belongs to no code point becomes U+FFFD. */
static const char *
text_mend(struct arena *a, const char *text, size_t len)
{
	struct buf b;

	if (memchr(text, '\0', len) == NULL && utf8_is_valid(text, len))
		return text;
	buf_init(&b, a, len * 2);
	for (size_t i = 0; i < len;) {
		uint32_t code_point;
		size_t n = utf8_decode(text + i, len - i, &code_point);

		if (n == 0 || code_point == 0) {
			buf_add_str(&b, "\xef\xbf\xbd");
			i++;
		} else {
			buf_add(&b, text + i, n);
			i += n;
		}
	}
	return b.data;
}

static const char *
form_decode(struct arena *a, const char *text, size_t len)
{
	char *out = arena_alloc(a, len + 1);
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		int c = text[i] == '%' ? params_hex(text + i + 1, len - i - 1) : -1;

		if (c >= 0) {
			out[n++] = (char)c;
			i += 2;
		} else {
			out[n++] = text[i] == '+' ? ' ' : text[i];
		}
	}
	return text_mend(a, out, n);
}

void
params_parse(struct rq *rq, const char *what, const char *text, size_t len, struct param out[REQUEST_PARAMS_MAX],
    size_t *count)
{
	const char *end = text + len;

	while (text < end) {
		const char *amp = memchr(text, '&', (size_t)(end - text)), *stop = amp != NULL ? amp : end;
		const char *equals = memchr(text, '=', (size_t)(stop - text)), *name_end = equals != NULL ? equals : stop;

		if (stop > text && *count == REQUEST_PARAMS_MAX) {
			faults_add(&rq->faults, what, "There are more than %d fields.", REQUEST_PARAMS_MAX);
			return;
		}
		if (stop > text) {
			out[*count].name = form_decode(rq->arena, text, (size_t)(name_end - text));
			out[*count].value = equals == NULL ? "" :
			    form_decode(rq->arena, equals + 1, (size_t)(stop - equals - 1));
			(*count)++;
		}
		text = amp != NULL ? amp + 1 : end;
	}
}

static const char *
param_find(const struct param *params, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(params[i].name, name) == 0)
			return params[i].value;
	return NULL;
}

const char *
rq_query(const struct rq *rq, const char *name)
{
	return param_find(rq->query_params, rq->query_count, name);
}

const char *
rq_form(const struct rq *rq, const char *name)
{
	return param_find(rq->form_params, rq->form_count, name);
}

const char *
rq_path(const struct rq *rq, const char *name)
{
	return param_find(rq->path_params, rq->path_count, name);
}

eg_err
rq_path_uuid(const struct rq *rq, const char *name, struct uuid *out)
{
	const char *text = rq_path(rq, name);

	return text != NULL && uuid_parse(text, strlen(text), out) == EG_OK ? EG_OK : EG_NOTFOUND;
}

const char *
rq_cookie(const struct rq *rq, const char *name)
{
	const char *at = rq_header(rq, "Cookie");
	size_t name_len = strlen(name);

	while (at != NULL && *at != '\0') {
		size_t len;

		at += strspn(at, " \t;");
		len = strcspn(at, ";");
		if (len > name_len && strncmp(at, name, name_len) == 0 && at[name_len] == '=') {
			const char *value = at + name_len + 1, *end = at + len;

			while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
				end--;
			return arena_strndup(rq->arena, value, (size_t)(end - value));
		}
		at += len;
	}
	return NULL;
}

/* A whole number of the query, `fallback` where it is not given. Anything else than `least` to `most` is a fault. */
static size_t
query_number(struct rq *rq, const char *name, size_t least, size_t most, size_t fallback)
{
	const char *text = rq_query(rq, name);
	size_t n = 0, len = 0;

	if (text == NULL)
		return fallback;
	for (; text[len] >= '0' && text[len] <= '9' && n <= most; len++)
		n = n * 10 + (size_t)(text[len] - '0');
	if (len > 0 && text[len] == '\0' && n >= least && n <= most)
		return n;
	faults_add(&rq->faults, name, "Give a whole number from %zu to %zu.", least, most);
	return fallback;
}

void
rq_paging(struct rq *rq, size_t *page, size_t *limit)
{
	*page = query_number(rq, "page", 1, 1000000, 1);
	*limit = query_number(rq, "limit", 1, 100, 50);
}
