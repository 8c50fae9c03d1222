/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/text.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"
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

/* White space, and what Unicode draws nothing for (Default_Ignorable_Code_Point, and the empty Braille pattern): each may
 * stand in a name, such as the joiner between two emoji, but no name is made of these alone. */
static bool
is_invisible(uint32_t cp)
{
	static const struct {
		uint32_t first, last;
	} unseen[] = {
		{ 0x00ad, 0x00ad }, { 0x034f, 0x034f }, { 0x061c, 0x061c }, { 0x115f, 0x1160 }, { 0x17b4, 0x17b5 },
		{ 0x180b, 0x180f }, { 0x200b, 0x200f }, { 0x2060, 0x206f }, { 0x2800, 0x2800 }, { 0x3164, 0x3164 },
		{ 0xfe00, 0xfe0f }, { 0xffa0, 0xffa0 }, { 0xfff0, 0xfff8 }, { 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a },
		{ 0xe0000, 0xe0fff },
	};

	for (size_t i = 0; i < EG_COUNT(unseen); i++)
		if (cp >= unseen[i].first && cp <= unseen[i].last)
			return true;
	return is_space(cp);
}

struct span {
	const char *at;
	size_t len;
};

/* `s` is valid UTF-8. */
static struct span
trim(struct span s)
{
	uint32_t cp;
	size_t n;

	while ((n = utf8_decode(s.at, s.len, &cp)) > 0 && is_space(cp)) {
		s.at += n;
		s.len -= n;
	}
	for (; s.len > 0; s.len -= n) {
		n = 1;
		while (n < s.len && (s.at[s.len - n] & 0xc0) == 0x80)
			n++;
		utf8_decode(s.at + s.len - n, n, &cp);
		if (!is_space(cp))
			break;
	}
	return s;
}

const char *
text_name(struct arena *a, const char *value, size_t max, const char *field, struct faults *f)
{
	struct span s = { value, value == NULL ? 0 : strlen(value) };
	size_t count = 0, visible = 0;
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
		visible += !is_invisible(cp);
	}
	if (count == 0 || count > max) {
		faults_add(f, field, count == 0 ? "Enter 1 to %zu characters." :
		    "Shorten this to at most %zu characters.", max);
		return NULL;
	}
	if (visible == 0) {
		faults_add(f, field, "Enter at least one character that can be seen.");
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

/* Line breaks: LF, CR, CR LF, VT, FF, NEL, and the separators of Unicode. */
static bool
is_line_break(uint32_t cp)
{
	return (cp >= 0x0a && cp <= 0x0d) || cp == 0x85 || cp == 0x2028 || cp == 0x2029;
}

/* Bytes at the start that stay as they are: printable ASCII, at most `max`. */
static size_t
plain_run(struct span s, size_t max)
{
	size_t n = 0;

	while (n < s.len && n < max && s.at[n] >= 0x20 && s.at[n] < 0x7f)
		n++;
	return n;
}

const char *
text_shown(struct arena *a, const char *value, size_t max, bool has_lines)
{
	struct span s = trim((struct span){ value, value == NULL ? 0 : strlen(value) });
	size_t count = 0, n;
	struct buf b;
	uint32_t cp;

	buf_init(&b, a, s.len + 1);
	for (; s.len > 0; s.at += n, s.len -= n) {
		n = plain_run(s, max - count);
		if (n > 0) {
			buf_add(&b, s.at, n);
			count += n;
			continue;
		}
		n = utf8_decode(s.at, s.len, &cp);
		if ((cp == '\r' && s.len > 1 && s.at[1] == '\n') || (is_forbidden(cp) && !is_line_break(cp) && cp != '\t'))
			continue;
		if (count++ == max) {
			buf_add_str(&b, "…");
			break;
		}
		if (is_line_break(cp))
			buf_add_char(&b, has_lines ? '\n' : ' ');
		else if (cp == '\t')
			buf_add_char(&b, ' ');
		else
			buf_add(&b, s.at, n);
	}
	s = trim((struct span){ b.data, b.len });       /* what was dropped may have stood outside of white space */
	if (s.len == 0)
		return NULL;
	b.data[s.at - b.data + (ptrdiff_t)s.len] = '\0';
	return s.at;
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool
takes_word(const char **text, const char *word)
{
	size_t n = 0;

	while (word[n] != '\0' && lower((*text)[n]) == word[n])
		n++;
	if (word[n] != '\0')
		return false;
	*text += n;
	return true;
}

bool
text_is_web_url(const char *value)
{
	const char *at = value;
	size_t host;

	if (strlen(value) > TEXT_URL_MAX || !utf8_is_valid(value, strlen(value)) ||
	    (!takes_word(&at, "https://") && !takes_word(&at, "http://")))
		return false;
	for (const char *p = at; *p != '\0'; p++) {
		if ((unsigned char)*p <= 0x20 || *p == 0x7f || strchr("\"'<>\\`{}|^", *p) != NULL)
			return false;
	}
	host = strcspn(at, "/?#");
	return host > 0 && *at != ':' && *at != '.' && memchr(at, '@', host) == NULL;
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
