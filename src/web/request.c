/* SPDX-License-Identifier: GPL-3.0-or-later */
/* request.c - CGI variables -> struct rq. The path comes from REQUEST_URI, the client's own words: what a server makes of
 * SCRIPT_NAME and PATH_INFO depends on its configuration. What a proxy says is believed of configured proxies only. */
#include "web/request.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/codec.h"
#include "base/log.h"
#include "base/origin.h"
#include "web/fields.h"
#include "web/params.h"

/* ---- variables ---- */

/* The value of `entry`, "NAME=value", where NAME is `name`; else NULL. */
static const char *
entry_value(const char *entry, const char *name)
{
	while (*name != '\0' && *entry == *name) {
		entry++;
		name++;
	}
	return *name == '\0' && *entry == '=' ? entry + 1 : NULL;
}

/* The same for the header `name`, as CGI spells it: "HTTP_X_API_KEY". */
static const char *
entry_header(const char *entry, const char *name)
{
	if (strncmp(entry, "HTTP_", 5) != 0)
		return NULL;
	for (entry += 5; *name != '\0'; entry++, name++) {
		char c = *name == '-' ? '_' : *name >= 'a' && *name <= 'z' ? (char)(*name - 'a' + 'A') : *name;

		if (*entry != c)
			return NULL;
	}
	return *entry == '=' ? entry + 1 : NULL;
}

const char *
rq_env(const struct rq *rq, const char *name)
{
	for (char *const *entry = rq->env; *entry != NULL; entry++) {
		const char *value = entry_value(*entry, name);

		if (value != NULL)
			return value;
	}
	return NULL;
}

const char *
rq_header_next(const struct rq *rq, const char *name, size_t *at)
{
	while (rq->env[*at] != NULL) {
		const char *value = entry_header(rq->env[(*at)++], name);

		if (value != NULL)
			return value;
	}
	return NULL;
}

const char *
rq_header(const struct rq *rq, const char *name)
{
	size_t at = 0;
	const char *value = rq_header_next(rq, name, &at);

	if (value == NULL && strcasecmp(name, "Content-Type") == 0)
		value = rq_env(rq, "CONTENT_TYPE");
	if (value == NULL && strcasecmp(name, "Content-Length") == 0)
		value = rq_env(rq, "CONTENT_LENGTH");
	if (value == NULL && strcasecmp(name, "Authorization") == 0)
		value = rq_env(rq, "REDIRECT_HTTP_AUTHORIZATION");
	return value;
}

/* ---- method ---- */

static const struct {
	const char *name;
	enum method method;
} methods[] = {
	{ "GET", M_GET }, { "HEAD", M_HEAD }, { "POST", M_POST }, { "PUT", M_PUT }, { "PATCH", M_PATCH },
	{ "DELETE", M_DELETE }, { "OPTIONS", M_OPTIONS },
};

static enum method
method_by_name(const char *name)
{
	for (size_t i = 0; i < EG_COUNT(methods); i++)
		if (strcmp(methods[i].name, name) == 0)
			return methods[i].method;
	return M_OTHER;
}

static void
method_read(struct rq *rq)
{
	const char *name = rq_env(rq, "REQUEST_METHOD");
	const char *override = rq_header(rq, "X-HTTP-Method-Override");

	rq->method_name = name != NULL ? name : "";
	rq->method = method_by_name(rq->method_name);
	if (rq->method != M_POST || override == NULL)
		return;
	/* Another word there is nothing we know: better refused than taken for a POST. */
	rq->method_name = override;
	rq->method = method_by_name(override);
	if ((rq->method & (M_PUT | M_PATCH | M_DELETE)) == 0)
		rq->method = M_OTHER;
}

/* ---- path ---- */

/* "http://host:1/x?y" -> "/x?y": proxies may send a target in absolute form (RFC 9112 section 3.2.2). */
static const char *
target_path(const char *target)
{
	size_t scheme = strncasecmp(target, "http://", 7) == 0 ? 7 : strncasecmp(target, "https://", 8) == 0 ? 8 : 0;

	if (scheme == 0)
		return target;
	target += scheme;
	target += strcspn(target, "/?");
	return *target == '/' ? target : "/";
}

/* Percent-decoding, once. NULL for a bad escape and an escaped slash. */
static char *
path_decode(struct arena *a, const char *raw, size_t len, size_t *out_len)
{
	char *path = arena_alloc(a, len + 1);

	*out_len = 0;
	for (size_t i = 0; i < len; i++) {
		int c = (unsigned char)raw[i];

		if (c == '%') {
			c = params_hex(raw + i + 1, len - i - 1);
			if (c < 0 || c == '/')
				return NULL;
			i += 2;
		}
		path[(*out_len)++] = (char)c;
	}
	return path;
}

/* Text without control characters, NUL among them. */
static bool
path_is_text(const char *path, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)path[i] < 0x20 || path[i] == 0x7f)
			return false;
	return utf8_is_valid(path, len);
}

/* One slash, and no segment that is empty (but the last) or made of dots. */
static bool
path_is_plain(const char *path)
{
	if (*path != '/')
		return false;
	while (*path == '/') {
		size_t len = strcspn(++path, "/");

		if ((len == 0 && *path == '/') || (len == 1 && path[0] == '.') || (len == 2 && path[0] == '.' && path[1] == '.'))
			return false;
		path += len;
	}
	return true;
}

/* How much of `path` is the configured `prefix`, which ends where a segment ends. */
static size_t
prefix_len(const char *path, const char *prefix)
{
	size_t len = strlen(prefix);

	return strncmp(path, prefix, len) == 0 && (path[len] == '/' || path[len] == '\0') ? len : 0;
}

/* What a server that gives no REQUEST_URI makes of the path, already decoded. A script is not part of our paths, the
 * prefix that a FastCGI server was asked to serve is. */
static const char *
path_of_script(const struct rq *rq)
{
	const char *script = rq_env(rq, "SCRIPT_NAME"), *info = rq_env(rq, "PATH_INFO");
	size_t len = script != NULL ? strlen(script) : 0;

	if (len >= 4 && (strcmp(script + len - 4, ".cgi") == 0 || (len >= 5 && strcmp(script + len - 5, ".fcgi") == 0)))
		script = "";
	return arena_printf(rq->arena, "%s%s", script != NULL ? script : "", info != NULL ? info : "");
}

static void
path_read(struct rq *rq)
{
	const char *uri = rq_env(rq, "REQUEST_URI"), *path, *query = NULL;
	const struct config *c = &rq->sv->config;
	size_t len, at_public, at_embed;

	if (uri != NULL && *uri != '\0') {
		uri = target_path(uri);
		query = strchr(uri, '?');
		path = path_decode(rq->arena, uri, query != NULL ? (size_t)(query - uri) : strlen(uri), &len);
		if (query != NULL)
			query++;
	} else {
		path = path_of_script(rq);
		len = strlen(path);
		query = rq_env(rq, "QUERY_STRING");
	}
	rq->query = query != NULL ? query : "";
	rq->path = "";  /* the path of nothing */
	if (path == NULL || !path_is_text(path, len) || !path_is_plain(path))
		return;

	at_public = prefix_len(path, c->public_path);
	at_embed = prefix_len(path, c->embed_path);
	path += at_public > at_embed ? at_public : at_embed;
	rq->path = *path != '\0' ? path : "/";
}

/* ---- who is at the other end ---- */

/* An address as one text: "::ffff:192.0.2.1" and "192.0.2.1" are the same. NULL where it is none. */
static const char *
address_normalise(struct arena *a, const char *text, size_t len)
{
	char *copy = arena_strndup(a, text, len), *out = arena_alloc(a, INET6_ADDRSTRLEN);
	struct in6_addr six;
	struct in_addr four;

	if (inet_pton(AF_INET, copy, &four) == 1) {
		inet_ntop(AF_INET, &four, out, INET6_ADDRSTRLEN);
		return out;
	}
	if (inet_pton(AF_INET6, copy, &six) != 1)
		return NULL;
	if (IN6_IS_ADDR_V4MAPPED(&six))
		inet_ntop(AF_INET, &six.s6_addr[12], out, INET6_ADDRSTRLEN);
	else
		inet_ntop(AF_INET6, &six, out, INET6_ADDRSTRLEN);
	return out;
}

/* An element of X-Forwarded-For: an address, which some proxies write with a port or in brackets. */
static const char *
forwarded_address(struct arena *a, const char *text, size_t len)
{
	const char *address, *colon = memchr(text, ':', len), *close;

	if (len > 0 && text[0] == '[') {
		close = memchr(text, ']', len);
		return close != NULL ? address_normalise(a, text + 1, (size_t)(close - text - 1)) : NULL;
	}
	address = address_normalise(a, text, len);
	if (address == NULL && colon != NULL)
		address = address_normalise(a, text, (size_t)(colon - text));
	return address;
}

/* The last element of the list that ends at `*end`, which moves to the comma before it, or becomes NULL at the first one. */
static const char *
forwarded_last(struct arena *a, const char *list, const char **end)
{
	const char *from = *end, *to = *end;

	while (from > list && from[-1] != ',')
		from--;
	*end = from > list ? from - 1 : NULL;
	while (from < to && (*from == ' ' || *from == '\t'))
		from++;
	while (to > from && (to[-1] == ' ' || to[-1] == '\t'))
		to--;
	return forwarded_address(a, from, (size_t)(to - from));
}

/* The rightmost address that is no proxy of ours: each proxy adds the one it saw behind those the client may have made up. */
static const char *
client_address(const struct rq *rq, const char *peer)
{
	const char *list = rq_header(rq, "X-Forwarded-For"), *address = peer;
	const char *end = list != NULL ? list + strlen(list) : NULL;

	while (end != NULL && config_is_proxy(&rq->sv->config, address)) {
		const char *before = forwarded_last(rq->arena, list, &end);

		if (before == NULL)
			break;
		address = before;
	}
	return address;
}

static bool
address_is_loopback(const char *address)
{
	return strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0;
}

static bool
is_forwarded(const struct rq *rq)
{
	static const char *const marks[] = { "HTTP_FORWARDED=", "HTTP_X_FORWARDED_", "HTTP_X_REAL_IP=", "HTTP_VIA=" };

	for (char *const *entry = rq->env; *entry != NULL; entry++)
		for (size_t i = 0; i < EG_COUNT(marks); i++)
			if (strncmp(*entry, marks[i], strlen(marks[i])) == 0)
				return true;
	return false;
}

/* Every hop that X-Forwarded-Proto tells of must have been https. */
static bool
forwarded_is_https(const char *proto)
{
	for (;;) {
		size_t len = strcspn(proto, ",");

		while (len > 0 && (*proto == ' ' || *proto == '\t')) {
			proto++;
			len--;
		}
		while (len > 0 && (proto[len - 1] == ' ' || proto[len - 1] == '\t'))
			len--;
		if (len != 5 || strncasecmp(proto, "https", 5) != 0)
			return false;
		proto += strcspn(proto, ",");
		if (*proto++ == '\0')
			return true;
	}
}

static void
peer_read(struct rq *rq)
{
	const char *peer = rq_env(rq, "REMOTE_ADDR"), *https = rq_env(rq, "HTTPS"), *scheme = rq_env(rq, "REQUEST_SCHEME");
	const char *proto;

	peer = peer != NULL ? address_normalise(rq->arena, peer, strlen(peer)) : NULL;
	rq->address = peer != NULL ? peer : "";
	rq->is_https = (https != NULL && (strcasecmp(https, "on") == 0 || strcmp(https, "1") == 0)) ||
	    (scheme != NULL && strcasecmp(scheme, "https") == 0);
	rq->is_loopback = address_is_loopback(rq->address) && !is_forwarded(rq);
	if (peer == NULL || !config_is_proxy(&rq->sv->config, peer))
		return;
	rq->address = client_address(rq, peer);
	proto = rq_header(rq, "X-Forwarded-Proto");
	if (proto != NULL)
		rq->is_https = forwarded_is_https(proto);
}

/* ---- the whole ---- */

static void
headers_check(struct rq *rq)
{
	for (char *const *entry = rq->env; *entry != NULL; entry++) {
		const char *name = *entry + 5, *value;

		if (strncmp(*entry, "HTTP_", 5) != 0)
			continue;
		value = strchr(name, '=');
		if (value != NULL && strlen(value + 1) > REQUEST_HEADER_MAX)
			faults_add(&rq->faults, arena_strndup(rq->arena, name, (size_t)(value - name)),
			    "This header is longer than %u bytes.", REQUEST_HEADER_MAX);
	}
}

void
rq_open(struct rq *rq, struct service *sv, struct arena *a, const struct program *p, char *const *env)
{
	char *request_id = arena_alloc(a, UUID_TEXT_SIZE);
	struct uuid id = uuid_nil;

	memset(rq, 0, sizeof(*rq));
	rq->sv = sv;
	rq->arena = a;
	rq->program = p;
	rq->env = env;
	rq->body = "";
	rq->now_s = clock_now_s();
	rq->mono_us = clock_mono_us();
	faults_init(&rq->faults, a);

	/* Without randomness the answer has no name of its own; whatever needs a real id fails by itself. */
	if (uuid_make(&id) != EG_OK)
		id = uuid_nil;
	uuid_format(&id, request_id);
	rq->request_id = request_id;
	log_request(request_id);

	method_read(rq);
	path_read(rq);
	peer_read(rq);
	rq->origin = rq_header(rq, "Origin");
	rq->is_own_origin = rq->origin != NULL &&
	    (strcmp(rq->origin, sv->config.public_origin) == 0 || strcmp(rq->origin, sv->config.embed_origin) == 0);
	headers_check(rq);
	params_parse(rq, "query", rq->query, strlen(rq->query), rq->query_params, &rq->query_count);
}

void
rq_take_body(struct rq *rq, const char *body, size_t len, bool too_large)
{
	rq->body_too_large = too_large;
	if (too_large)
		return;
	rq->body = body;
	rq->body_len = len;
	if (rq_is_form(rq))
		params_parse(rq, "form", body, len, rq->form_params, &rq->form_count);
}

/* ---- refusing ---- */

eg_err
rq_refuse(struct rq *rq, enum verdict v, const char *detail)
{
	rq->refusal = v;
	rq->refusal_detail = detail;
	return EG_REFUSED;
}

eg_err
rq_check_faults(struct rq *rq)
{
	if (rq->faults.count == 0)
		return EG_OK;
	return rq_refuse(rq, VERDICT_VALIDATION_FAILED, NULL);
}

/* ---- who acts, and our own addresses ---- */

struct actor
rq_actor(const struct rq *rq)
{
	struct actor who = rq->id.actor;

	who.address = *rq->address != '\0' ? gate_cut_address(rq->arena, rq->address) : NULL;
	who.request_id = rq->request_id;
	return who;
}

const char *
rq_public_url(const struct rq *rq, const char *path)
{
	return arena_printf(rq->arena, "%s%s", rq->sv->config.public_url, path);
}

const char *
rq_embed_url(const struct rq *rq, const char *path)
{
	return arena_printf(rq->arena, "%s%s", rq->sv->config.embed_url, path);
}
