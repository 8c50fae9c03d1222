/* SPDX-License-Identifier: GPL-3.0-or-later */
/* respond.h - an answer is a value until it is whole; then it leaves at once. One header writer, which refuses CR, LF and other
 * control bytes. */
#ifndef EG_WEB_RESPOND_H
#define EG_WEB_RESPOND_H

#include "web/request.h"

#define RESP_HEADERS_MAX 32

struct resp_header {
	const char *name;
	const char *value;
};

struct resp {
	int status;                     /* 0: nothing decided yet */
	struct resp_header headers[RESP_HEADERS_MAX];
	size_t header_count;
	const char *body;
	size_t body_len;
};

/* The answer as CGI wants it: "Status:", headers, body. A HEAD request gets the headers of its GET. */
void resp_write(const struct rq *rq, const struct resp *rs, struct buf *out);

/* The same as people look at it: "HTTP/1.1 403 Forbidden", the headers, an empty line, the body. For pages that explain what
 * somebody else would get. */
void resp_show(const struct resp *rs, struct buf *out);

/* Set (replacing one of the same name). Bytes below 0x20 or 0x7f, or too many headers: EG_INTERNAL, and nothing is set. */
eg_err resp_header(struct rq *rq, struct resp *rs, const char *name, const char *value) EG_CHECKED;
/* Add another of the same name (Set-Cookie). */
eg_err resp_add_header(struct rq *rq, struct resp *rs, const char *name, const char *value) EG_CHECKED;

/* {"success": true, "data": view} */
eg_err resp_data(struct rq *rq, struct resp *rs, int status, json_object *view) EG_CHECKED;
/* The same with "pagination" and a Link to the next page. */
eg_err resp_list(struct rq *rq, struct resp *rs, json_object *array, size_t page, size_t limit, size_t total) EG_CHECKED;
/* A document as it is. */
eg_err resp_json(struct rq *rq, struct resp *rs, int status, json_object *document) EG_CHECKED;
/* HTML from "templates/" + name. */
eg_err resp_page(struct rq *rq, struct resp *rs, int status, const char *name, json_object *view) EG_CHECKED;
/* Bytes that live as long as the arena. */
eg_err resp_bytes(struct rq *rq, struct resp *rs, int status, const char *type, const char *bytes, size_t len) EG_CHECKED;
/* 303 to an own path, which is put behind public_url. Refuses anything that is no plain own path. */
eg_err resp_redirect(struct rq *rq, struct resp *rs, const char *path) EG_CHECKED;

/* The refusal recorded in `rq` as application/problem+json (RFC 9457), with WWW-Authenticate, Retry-After, RateLimit. For
 * programs' `refuse` functions. */
eg_err resp_problem(struct rq *rq, struct resp *rs) EG_CHECKED;
/* 408, code "request_timeout": the body did not arrive whole. */
eg_err resp_cut(struct rq *rq, struct resp *rs) EG_CHECKED;
/* Only the headers a refusal carries (WWW-Authenticate, Retry-After, Allow), for refusals that are pages. */
eg_err resp_refusal_headers(struct rq *rq, struct resp *rs) EG_CHECKED;

/* What every answer carries, unless the handler set another. The router adds it to its own answers. */
eg_err resp_common_headers(struct rq *rq, struct resp *rs) EG_CHECKED;

/* Content-Security-Policy and its kin:
 *   RESP_POLICY_API     default-src 'none'; frame-ancestors 'none'
 *   RESP_POLICY_PORTAL  own scripts, styles and images, no inline, frame-ancestors 'none', form-action 'self'
 * Embed pages write their own (src/embed). */
enum resp_policy { RESP_POLICY_API, RESP_POLICY_PORTAL };
eg_err resp_policy(struct rq *rq, struct resp *rs, enum resp_policy p) EG_CHECKED;

/* "Set-Cookie" of the portal session: __Host- name, Secure, HttpOnly, SameSite=Lax, Path=/; over plain loopback HTTP a name
 * without the prefix and without Secure. NULL text ends it. */
eg_err resp_portal_cookie(struct rq *rq, struct resp *rs, const char *text) EG_CHECKED;
const char *rq_portal_cookie(const struct rq *rq);

#endif
