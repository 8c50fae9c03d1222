/* SPDX-License-Identifier: GPL-3.0-or-later */
/* origin.c - what a person typed is cut into scheme, host and port, and put together anew from what was understood: no
 * byte is passed on. Names follow the host parser of the URL Standard, but are held to letters, digits, hyphens and
 * dots, because frame-ancestors (CSP Level 3) can say no other name; a browser that writes a host differently than we do
 * would only be refused, never let in. */
#include "base/origin.h"

#include <arpa/inet.h>
#include <idn2.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/codec.h"

#define TYPED_MAX 2000
#define NAME_MAX_BYTES 253
#define LABEL_MAX_BYTES 63

struct span {
	const char *at;
	size_t len;
};

struct parts {
	const char *scheme;     /* "https" or "http"; NULL: not typed */
	bool wildcard;
	const char *host;       /* canonical, IPv6 in brackets; without "*." */
	bool is_address;
	unsigned port;          /* 0: the default one */
};

/* ---- small tools ---- */

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-';
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Does `s` begin with `prefix` (lower case), in either case? */
static bool
begins_with(struct span s, const char *prefix)
{
	size_t len = strlen(prefix);

	if (s.len < len)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (lower(s.at[i]) != prefix[i])
			return false;
	}
	return true;
}

static struct span
skip(struct span s, size_t n)
{
	return (struct span){ s.at + n, s.len - n };
}

static bool
is_one_of(const char *set, char c)
{
	return c != '\0' && strchr(set, c) != NULL;
}

/* Bytes of `s` before the first of `set`; all of them where there is none. */
static size_t
span_until(struct span s, const char *set)
{
	size_t n = 0;

	while (n < s.len && !is_one_of(set, s.at[n]))
		n++;
	return n;
}

static struct span
trim(struct span s)
{
	while (s.len > 0 && is_one_of(" \t\r\n\f", s.at[0]))
		s = skip(s, 1);
	while (s.len > 0 && is_one_of(" \t\r\n\f", s.at[s.len - 1]))
		s.len--;
	return s;
}

/* ---- hosts ---- */

/* The way the URL Standard writes it: the first longest run of two or more zero groups becomes "::", and no group is ever
 * written as IPv4. inet_ntop(3) differs in the latter. */
static const char *
format_ipv6(struct arena *a, const uint8_t bytes[16])
{
	unsigned group[8];
	int run_at = -1, run_len = 1;
	char text[48];
	size_t n = 0;

	for (int i = 0; i < 8; i++)
		group[i] = (unsigned)bytes[2 * i] << 8 | bytes[2 * i + 1];
	for (int i = 0; i < 8; i++) {
		int len = 0;

		while (i + len < 8 && group[i + len] == 0)
			len++;
		if (len > run_len) {
			run_at = i;
			run_len = len;
		}
	}
	text[n++] = '[';
	for (int i = 0; i < 8; i++) {
		if (i == run_at) {
			text[n++] = ':';
			text[n++] = ':';
			i += run_len - 1;
			continue;
		}
		if (text[n - 1] != ':' && text[n - 1] != '[')
			text[n++] = ':';
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%x", group[i]);
	}
	text[n++] = ']';
	return arena_strndup(a, text, n);
}

/* `s` is in brackets. */
static const char *
read_ipv6(struct arena *a, struct span s, struct parts *out)
{
	uint8_t bytes[16];
	const char *text;

	text = arena_strndup(a, s.at + 1, s.len - 2);
	if (inet_pton(AF_INET6, text, bytes) != 1)
		return "This is not an IPv6 address.";
	out->host = format_ipv6(a, bytes);
	out->is_address = true;
	return NULL;
}

/* Names whose last label is a number, which a URL parser takes for an IPv4 address. */
static bool
ends_in_number(const char *name)
{
	const char *last = strrchr(name, '.');
	size_t len;

	last = last == NULL ? name : last + 1;
	len = strlen(last);
	return strspn(last, "0123456789") == len ||
	    (strncmp(last, "0x", 2) == 0 && strspn(last + 2, "0123456789abcdef") == len - 2);
}

/* Lower-case names of one to 63 letters, digits and hyphens, with dots between; no hyphen at an end of such a part. */
static const char *
check_name(const char *name)
{
	size_t label = 0;

	if (strlen(name) > NAME_MAX_BYTES)
		return "This name is too long.";
	for (const char *p = name;; p++) {
		if (*p == '.' || *p == '\0') {
			if (label == 0)
				return "A part of this name between two dots is empty.";
			if (label > LABEL_MAX_BYTES)
				return "A part of this name is longer than 63 characters.";
			if (p[-1] == '-' || *(p - label) == '-')
				return "A part of a name may not begin or end with a hyphen.";
			label = 0;
			if (*p == '\0')
				return NULL;
		} else if (*p == '*') {
			return "A * may only stand for whole subdomains at the front, such as *.example.com.";
		} else if (*p == '%') {
			return "A name may not be percent-encoded; write it as it is read.";
		} else if (is_name_char(*p)) {
			label++;
		} else {
			return "A name consists of letters, digits, hyphens and dots.";
		}
	}
}

/* Lower case, and punycode where there is anything but ASCII. What is punycode already is checked the same way. */
static const char *
name_to_ascii(struct arena *a, struct span s, char **out)
{
	char *name = arena_strndup(a, s.at, s.len);
	bool ascii = true;
	bool punycode = false;
	char *converted;
	int rc;

	for (size_t i = 0; i < s.len; i++) {
		name[i] = lower(name[i]);
		ascii = ascii && (unsigned char)name[i] < 0x80;
	}
	for (const char *label = name; label != NULL && !punycode; label = strchr(label, '.')) {
		label += *label == '.';
		punycode = strncmp(label, "xn--", 4) == 0;
	}
	*out = name;
	if (ascii && !punycode)
		return NULL;
	if (!utf8_is_valid(name, s.len))
		return "This is not UTF-8.";
	rc = idn2_lookup_u8((const uint8_t *)name, (uint8_t **)&converted, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
	if (rc == IDN2_MALLOC)
		arena_exhausted();
	if (rc != IDN2_OK)
		return "This is no valid international name.";
	*out = arena_strdup(a, converted);
	idn2_free(converted);
	return NULL;
}

/* A name or an IPv4 address. */
static const char *
read_name(struct arena *a, struct span s, struct parts *out)
{
	uint8_t ipv4[4];
	const char *why;
	char *name;
	size_t len;

	why = name_to_ascii(a, s, &name);
	if (why != NULL)
		return why;
	/* A dot at the end only says that the name is complete. */
	len = strlen(name);
	if (len > 1 && name[len - 1] == '.')
		name[len - 1] = '\0';
	why = check_name(name);
	if (why != NULL)
		return why;
	if (ends_in_number(name)) {
		if (inet_pton(AF_INET, name, ipv4) != 1)
			return "An IPv4 address is four decimal numbers, such as 192.0.2.1.";
		out->is_address = true;
	}
	out->host = name;
	return NULL;
}

static bool
is_local_host(const char *host)
{
	uint8_t ipv4[4];

	return strcmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0 ||
	    (inet_pton(AF_INET, host, ipv4) == 1 && ipv4[0] == 127);
}

static const char *
read_host(struct arena *a, struct span s, struct parts *out)
{
	const char *why;

	if (s.len == 0)
		return "The name of the site is missing, such as https://www.example.com.";
	if (s.at[0] == '[')
		return read_ipv6(a, s, out);
	if (begins_with(s, "*.")) {
		out->wildcard = true;
		s = skip(s, 2);
	}
	why = read_name(a, s, out);
	if (why != NULL)
		return why;
	if (out->wildcard && (out->is_address || strchr(out->host, '.') == NULL))
		return "A * must stand before a name of at least two parts, such as *.example.com.";
	return NULL;
}

/* ---- the whole ---- */

/* `s` is what stands behind the colon. Nothing is the default port, as in a URL. */
static const char *
read_port(struct span s, struct parts *out)
{
	unsigned port = 0;

	for (size_t i = 0; i < s.len; i++) {
		if (!is_digit(s.at[i]) || s.len > 5)
			return "A port is a number from 1 to 65535.";
		port = port * 10 + (unsigned)(s.at[i] - '0');
	}
	if (s.len > 0 && (port == 0 || port > 65535))
		return "A port is a number from 1 to 65535.";
	out->port = port;
	return NULL;
}

/* What stands between the scheme and the path. */
static const char *
read_authority(struct arena *a, struct span s, struct parts *out)
{
	size_t host_len;
	const char *why;

	if (memchr(s.at, '@', s.len) != NULL)
		return "A site is written without a user name or password.";
	if (memchr(s.at, '\\', s.len) != NULL)
		return "A site is written with forward slashes.";
	if (s.len > 0 && s.at[0] == '[')
		host_len = span_until(s, "]") + 1;
	else
		host_len = span_until(s, ":");
	if (host_len > s.len)
		return "An IPv6 address stands in brackets, such as [2001:db8::1].";
	why = read_host(a, (struct span){ s.at, host_len }, out);
	if (why != NULL)
		return why;
	s = skip(s, host_len);
	if (s.len == 0)
		return NULL;
	if (s.at[0] != ':')
		return "Only a port may stand behind the brackets.";
	return read_port(skip(s, 1), out);
}

static bool
is_bare_ipv6(struct span s)
{
	char text[INET6_ADDRSTRLEN];
	uint8_t bytes[16];

	if (s.len >= sizeof(text))
		return false;
	memcpy(text, s.at, s.len);
	text[s.len] = '\0';
	return inet_pton(AF_INET6, text, bytes) == 1;
}

/* "word:" that is neither "host:port" nor followed by "//". */
static bool
has_other_scheme(struct span s)
{
	size_t n = span_until(s, ":/?#[");

	return n < s.len && s.at[n] == ':' && n + 1 < s.len && !is_digit(s.at[n + 1]) && !is_one_of("/?#", s.at[n + 1]);
}

static const char *
read_parts(struct arena *a, struct span s, struct parts *out)
{
	size_t scheme_len;

	if (s.len == 0)
		return "Enter a site, such as https://www.example.com.";
	if (s.len > TYPED_MAX)
		return "This is too long for a site.";
	for (size_t i = 0; i < s.len; i++) {
		if ((unsigned char)s.at[i] < 0x20 || s.at[i] == 0x7f)
			return "A site may not hold control characters.";
	}
	if (s.len == 4 && begins_with(s, "null"))
		return "\"null\" is what browsers send for pages without a site, so it cannot be allowed.";

	if (s.len == 1 && s.at[0] == '*')
		return "To allow any site, leave the list of sites empty.";
	if (is_bare_ipv6(s))
		return "An IPv6 address stands in brackets, such as [2001:db8::1].";

	scheme_len = span_until(s, ":/?#[");
	if (begins_with(s, "https://") || begins_with(s, "http://")) {
		out->scheme = scheme_len == 5 ? "https" : "http";
		s = skip(s, scheme_len + 3);
	} else if (begins_with(s, "//")) {
		s = skip(s, 2);
	} else if (begins_with(skip(s, scheme_len), ":/") || has_other_scheme(s)) {
		return "A site begins with https:// or http://.";
	}
	s.len = span_until(s, "/?#");
	return read_authority(a, s, out);
}

static const char *
build(struct arena *a, const struct parts *p)
{
	bool plain = p->port == 80 || (is_local_host(p->host) && !p->wildcard);
	const char *scheme = p->scheme != NULL ? p->scheme : plain ? "http" : "https";
	unsigned standard = strcmp(scheme, "https") == 0 ? 443 : 80;
	const char *star = p->wildcard ? "*." : "";

	if (p->port == 0 || p->port == standard)
		return arena_printf(a, "%s://%s%s", scheme, star, p->host);
	return arena_printf(a, "%s://%s%s:%u", scheme, star, p->host, p->port);
}

static eg_err
invalid(const char **why, const char *sentence)
{
	if (why != NULL)
		*why = sentence;
	return EG_INVALID;
}

eg_err
origin_normalise(struct arena *a, const char *text, size_t len, const char **out, const char **why)
{
	struct parts p = { 0 };
	const char *fault = read_parts(a, trim((struct span){ text, len }), &p);
	const char *origin;

	if (fault != NULL)
		return invalid(why, fault);
	/* With a port, too: "javascript:1" is nobody's site. */
	if (p.scheme == NULL && !p.is_address && strchr(p.host, '.') == NULL && !is_local_host(p.host))
		return invalid(why, "This name has no dot. Write the whole name, such as www.example.com, or https:// in front of it.");
	origin = build(a, &p);
	if (strlen(origin) > ORIGIN_MAX)
		return invalid(why, "This site's name is longer than 200 characters.");
	*out = origin;
	return EG_OK;
}

/* Is all of it one or more labels, each followed by a dot? */
static bool
is_subdomains(const char *from, const char *to)
{
	size_t label = 0;

	if (from == to)
		return false;
	for (; from < to; from++) {
		if (*from == '.') {
			if (label == 0 || label > LABEL_MAX_BYTES)
				return false;
			label = 0;
		} else if (is_name_char(*from)) {
			label++;
		} else {
			return false;
		}
	}
	return label == 0;
}

bool
origin_covers(const char *allowed, const char *header)
{
	const char *star = strstr(allowed, "://*.");
	size_t scheme_len, tail_len, len;

	if (star == NULL)
		return strcmp(allowed, header) == 0;
	/* "https://" + labels, each with its dot + "acme.com:8443" */
	scheme_len = (size_t)(star - allowed) + 3;
	tail_len = strlen(star + 5);
	len = strlen(header);
	return len <= ORIGIN_MAX && len > scheme_len + tail_len && strncmp(header, allowed, scheme_len) == 0 &&
	    strcmp(header + len - tail_len, star + 5) == 0 &&
	    is_subdomains(header + scheme_len, header + len - tail_len);
}

bool
origin_is_loopback(const char *origin)
{
	struct parts p = { 0 };
	char room[ORIGIN_MAX + 1];
	const char *host = origin + strlen("http://");
	const char *port;
	size_t len;

	if (strncmp(origin, "http://", strlen("http://")) != 0)
		return false;
	port = *host == '[' ? strchr(host, ']') : strchr(host, ':');
	if (port != NULL && *port == ']')
		port++;
	len = port == NULL ? strlen(host) : (size_t)(port - host);
	if (len >= sizeof(room))
		return false;
	memcpy(room, host, len);
	room[len] = '\0';
	if (!is_local_host(room))
		return false;
	return port == NULL || *port == '\0' ||
	    (*port == ':' && port[1] != '\0' && read_port((struct span){ port + 1, strlen(port + 1) }, &p) == NULL);
}

eg_err
origin_of_url(struct arena *a, const char *url, const char **out)
{
	struct parts p = { 0 };

	if (read_parts(a, (struct span){ url, strlen(url) }, &p) != NULL || p.scheme == NULL || p.wildcard)
		return EG_INVALID;
	*out = build(a, &p);
	return strlen(*out) > ORIGIN_MAX ? EG_INVALID : EG_OK;
}
