/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/text.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/codec.h"

#define EMAIL_LOCAL_MAX 64      /* RFC 5321 section 4.5.3.1.1 */
#define DOMAIN_LABEL_MAX 63

static bool
is_ascii_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool
is_space(uint32_t cp)
{
	return (cp >= 0x09 && cp <= 0x0d) || cp == 0x20 || cp == 0xa0 || cp == 0x1680 || (cp >= 0x2000 && cp <= 0x200a) ||
	    cp == 0x202f || cp == 0x205f || cp == 0x3000 || cp == 0xfeff;
}

/* Controls (Cc), line and paragraph separators, and the embeddings, overrides and isolates of bidirectional text, with
 * which a name could rewrite the row it stands in. */
static bool
is_forbidden(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp <= 0x9f) || (cp >= 0x2028 && cp <= 0x202e) || (cp >= 0x2066 && cp <= 0x2069);
}

struct span {
	const char *at;
	size_t len;
};

/* `s` is valid UTF-8. */
static struct span
trim(struct span s)
{
	size_t end = 0;
	uint32_t cp;

	while (s.len > 0) {
		size_t n = utf8_decode(s.at, s.len, &cp);

		if (!is_space(cp))
			break;
		s.at += n;
		s.len -= n;
	}
	for (size_t i = 0; i < s.len; ) {
		i += utf8_decode(s.at + i, s.len - i, &cp);
		if (!is_space(cp))
			end = i;
	}
	s.len = end;
	return s;
}

const char *
text_name(struct arena *a, const char *value, size_t max, const char *field, struct faults *f)
{
	struct span s = { value, value == NULL ? 0 : strlen(value) };
	size_t count = 0;
	uint32_t cp;

	if (!utf8_is_valid(s.at, s.len)) {
		faults_add(f, field, "Send this text in valid UTF-8.");
		return NULL;
	}
	s = trim(s);
	for (size_t i = 0; i < s.len; count++) {
		i += utf8_decode(s.at + i, s.len - i, &cp);
		if (is_forbidden(cp)) {
			faults_add(f, field, "Remove the control character U+%04X.", (unsigned)cp);
			return NULL;
		}
	}
	if (count == 0 || count > max) {
		faults_add(f, field, count == 0 ? "Enter 1 to %zu characters." :
		    "Shorten this to at most %zu characters.", max);
		return NULL;
	}
	return arena_strndup(a, s.at, s.len);
}

/* Labels of letters, digits and inner hyphens, with dots between. */
static bool
is_domain(const char *text)
{
	size_t label = 0;

	for (const char *p = text;; p++) {
		if (*p == '.' || *p == '\0') {
			if (label == 0 || label > DOMAIN_LABEL_MAX || p[-1] == '-')
				return false;
			label = 0;
			if (*p == '\0')
				return true;
		} else if (is_ascii_alnum(*p) || (*p == '-' && label > 0)) {
			label++;
		} else {
			return false;
		}
	}
}

static bool
is_email(const char *text)
{
	const char *at = strchr(text, '@');

	if (at == NULL || at == text || at - text > EMAIL_LOCAL_MAX || strlen(text) > TEXT_EMAIL_MAX)
		return false;
	for (const char *p = text; p < at; p++) {
		if (!is_ascii_alnum(*p) && strchr(".!#$%&'*+/=?^_`{|}~-", *p) == NULL)
			return false;
	}
	return is_domain(at + 1);
}

const char *
text_email(struct arena *a, const char *value, const char *field, struct faults *f)
{
	struct span s = { value, value == NULL ? 0 : strlen(value) };
	const char *text = NULL;

	if (utf8_is_valid(s.at, s.len)) {
		s = trim(s);
		text = arena_strndup(a, s.at, s.len);
	}
	if (text == NULL || !is_email(text)) {
		faults_add(f, field, "Enter a mail address such as anna@example.com, at most %d characters long.",
		    TEXT_EMAIL_MAX);
		return NULL;
	}
	return text;
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

const char *
text_lower(struct arena *a, const char *value)
{
	char *copy = arena_strdup(a, value);

	for (char *p = copy; *p != '\0'; p++)
		*p = lower(*p);
	return copy;
}

int
text_holds(const char *text, const char *part)
{
	if (text == NULL)
		return 0;
	for (;; text++) {
		size_t i = 0;

		while (part[i] != '\0' && lower(text[i]) == lower(part[i]))
			i++;
		if (part[i] == '\0')
			return 1;
		if (*text == '\0')
			return 0;
	}
}
