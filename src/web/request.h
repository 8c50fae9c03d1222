/* SPDX-License-Identifier: GPL-3.0-or-later */
/* request.h - one request: everything in it is bounded, in the request's arena, and gone after the answer. */
#ifndef EG_WEB_REQUEST_H
#define EG_WEB_REQUEST_H

#include "base/buf.h"
#include "base/faults.h"
#include "base/json.h"
#include "gate/gate.h"

#define REQUEST_BODY_MAX (64u << 10)
#define REQUEST_BODY_MAX_LARGE (8u << 20)
#define REQUEST_HEADER_MAX (8u << 10)   /* bytes of one header value; longer, where the server let it through: validation_failed */
#define REQUEST_PARAMS_MAX 128          /* names in a query or form */

enum method {
	M_GET    = 1 << 0,      /* a route with M_GET answers HEAD, too */
	M_HEAD   = 1 << 1,
	M_POST   = 1 << 2,
	M_PUT    = 1 << 3,
	M_PATCH  = 1 << 4,
	M_DELETE = 1 << 5,
	M_OPTIONS = 1 << 6,
	M_OTHER  = 1 << 7,
};

struct param {
	const char *name;
	const char *value;
};

struct route;

struct rq {
	struct service *sv;
	struct arena *arena;
	const struct route *route;
	const struct program *program;

	enum method method;             /* after the method override */
	const char *method_name;
	const char *path;               /* decoded once; never with "//", "/./", "/../", NUL or control bytes (those are 404) */
	const char *query;              /* raw, "" where none */
	const char *request_id;         /* UUIDv7 text */
	const char *address;            /* client: REMOTE_ADDR, or what a configured proxy says */
	bool is_https;
	bool is_loopback;               /* peer is loopback and there is no forwarding header */
	const char *origin;             /* Origin header, or NULL */
	bool is_own_origin;             /* ... and it is public_url's or embed_url's */
	int64_t now_s;
	int64_t mono_us;

	const char *body;               /* NUL-terminated behind body_len; "" where none */
	size_t body_len;
	bool body_too_large;

	struct param query_params[REQUEST_PARAMS_MAX];
	size_t query_count;
	struct param form_params[REQUEST_PARAMS_MAX];   /* application/x-www-form-urlencoded */
	size_t form_count;
	struct param path_params[8];    /* from the route's ":name" parts */
	size_t path_count;

	struct identity id;             /* who asks; IDENTITY_NONE where the route needs nobody */
	struct gate_answer gate;        /* how that was found out */
	struct customer_row customer;   /* NEED_CUSTOMER: the one named by ":customer" */
	struct uuid form_nonce;         /* NEED_FORM: of the form token */

	enum verdict refusal;           /* what rq_refuse() recorded; VERDICT_OK: nothing */
	const char *refusal_detail;     /* instead of the table's sentence; or NULL */
	bool is_other_request;          /* another one had its Idempotency-Key */
	struct faults faults;           /* of the body, the query or the form */

	char *const *env;               /* CGI variables; use rq_header() and rq_env() */
};

/* ---- how a request comes to be: for serve.c and tests ---- */

/* From CGI variables, which are borrowed. Everything but the body, the route and who asks. Never fails: what is wrong is
 * told by router_answer(), in the order of interface.md. */
void rq_open(struct rq *rq, struct service *sv, struct arena *a, const struct program *p, char *const *env);
/* The body, NUL-terminated behind `len` and as long-lived as the arena; forms are read out of it. Not called: no body.
 * `too_large`: it was over the cap; what there is of it is not looked at. */
void rq_take_body(struct rq *rq, const char *body, size_t len, bool too_large);

/* ---- what handlers ask ---- */

/* A request header by its HTTP name in any case; NULL where absent. "Authorization" is found under REDIRECT_HTTP_AUTHORIZATION, too. */
const char *rq_header(const struct rq *rq, const char *name);
const char *rq_env(const struct rq *rq, const char *name);
/* A value of the query, the form, the path; NULL where absent. The first, where there are several. */
const char *rq_query(const struct rq *rq, const char *name);
const char *rq_form(const struct rq *rq, const char *name);
const char *rq_path(const struct rq *rq, const char *name);
/* A cookie's value, or NULL; of several with the name the first. */
const char *rq_cookie(const struct rq *rq, const char *name);
/* EG_NOTFOUND where the path part is no uuid: an id that cannot exist. */
eg_err rq_path_uuid(const struct rq *rq, const char *name, struct uuid *out) EG_CHECKED;

/* Record why not, and return EG_REFUSED for the handler to pass on. `detail` may be NULL: the table's sentence. */
eg_err rq_refuse(struct rq *rq, enum verdict v, const char *detail) EG_CHECKED;
/* EG_OK where rq->faults is empty; else records VERDICT_VALIDATION_FAILED. */
eg_err rq_check_faults(struct rq *rq) EG_CHECKED;

/* `page` (1 to 1,000,000) and `limit` (1 to 100, default 50) of the query; others are faults. */
void rq_paging(struct rq *rq, size_t *page, size_t *limit);

/* The actor for model calls: rq->id.actor with address and request id. */
struct actor rq_actor(const struct rq *rq);

/* An absolute URL on our own site: config public_url + path. In the arena. */
const char *rq_public_url(const struct rq *rq, const char *path);
const char *rq_embed_url(const struct rq *rq, const char *path);

#endif
