/* SPDX-License-Identifier: GPL-3.0-or-later */
/* router.c - the order of an answer: request, credential, standing, handler. Each step either goes on or records a refusal;
 * refusing is one place, behind all of them. */
#include "web/router.h"

#include <string.h>

#include "base/log.h"
#include "web/answer.h"

#define PATH_PART_MAX 100       /* bytes of what a ":name" stands for */

/* ---- the table ---- */

/* Does the path fit the pattern? Fills `params` on the way. */
static bool
path_fits(struct arena *a, const char *pattern, const char *path, struct param params[8], size_t *count)
{
	*count = 0;
	while (*pattern != '\0') {
		size_t len, name_len;

		if (*pattern != ':') {
			if (*pattern++ != *path++)
				return false;
			continue;
		}
		len = strcspn(path, "/");
		name_len = strcspn(++pattern, "/");
		if (len == 0 || len > PATH_PART_MAX || *count == 8)
			return false;
		params[*count].name = arena_strndup(a, pattern, name_len);
		params[(*count)++].value = arena_strndup(a, path, len);
		pattern += name_len;
		path += len;
	}
	return *path == '\0';
}

/* Which methods a row takes, HEAD and preflights included. */
static unsigned
row_methods(const struct route *r)
{
	return r->methods | (r->methods & M_GET ? M_HEAD : 0) | (r->needs & CORS ? M_OPTIONS : 0);
}

/* Methods of all rows that this path fits; `needs` of all of them, too. */
static unsigned
path_methods(const struct rq *rq, unsigned *needs)
{
	struct param params[8];
	size_t count;
	unsigned methods = 0;

	*needs = 0;
	for (const struct route *r = rq->program->routes; r->path != NULL; r++)
		if (path_fits(rq->arena, r->path, rq->path, params, &count)) {
			methods |= row_methods(r);
			*needs |= r->needs;
		}
	return methods;
}

void
router_match(struct rq *rq)
{
	rq->route = NULL;
	for (const struct route *r = rq->program->routes; r->path != NULL; r++)
		if ((row_methods(r) & rq->method) && path_fits(rq->arena, r->path, rq->path, rq->path_params, &rq->path_count)) {
			rq->route = r;
			return;
		}
	rq->path_count = 0;
}

size_t
router_body_max(const struct rq *rq)
{
	return rq->route != NULL && (rq->route->needs & BODY_LARGE) ? REQUEST_BODY_MAX_LARGE : REQUEST_BODY_MAX;
}

bool
router_wants_credential(const struct rq *rq)
{
	return rq->route != NULL && (rq->route->needs &
	    (NEED_KEY_ANY_API | NEED_KEY_WEBHOOK | NEED_EMBED | NEED_SESSION | NEED_USER | BODY_CREDENTIAL)) != 0;
}

const char *
router_allow(const struct rq *rq)
{
	static const struct {
		unsigned method;
		const char *name;
	} names[] = {
		{ M_GET, "GET" }, { M_HEAD, "HEAD" }, { M_POST, "POST" }, { M_PUT, "PUT" }, { M_PATCH, "PATCH" },
		{ M_DELETE, "DELETE" }, { M_OPTIONS, "OPTIONS" },
	};
	unsigned needs, methods = path_methods(rq, &needs);
	struct buf b;

	buf_init(&b, rq->arena, 64);
	for (size_t i = 0; i < EG_COUNT(names); i++)
		if (methods & names[i].method)
			buf_printf(&b, "%s%s", b.len > 0 ? ", " : "", names[i].name);
	return b.data;
}

/* ---- one answer ---- */

/* May pages of other sites read an answer of this path? */
static bool
has_cors(const struct rq *rq)
{
	const char *below = rq->program->cors_below;
	unsigned needs;

	if (rq->route != NULL)
		return (rq->route->needs & CORS) != 0;
	if (below != NULL && strncmp(rq->path, below, strlen(below)) == 0)
		return true;
	path_methods(rq, &needs);
	return (needs & CORS) != 0;
}

static bool
is_preflight(const struct rq *rq)
{
	return rq->method == M_OPTIONS && has_cors(rq) && (rq->route == NULL || !(rq->route->methods & M_OPTIONS));
}

/* The first step: may this be asked at all, whoever asks? */
static eg_err
request_check(struct rq *rq)
{
	unsigned needs;

	if (rq->route == NULL && !is_preflight(rq))
		return rq_refuse(rq, path_methods(rq, &needs) != 0 ? VERDICT_METHOD_NOT_ALLOWED : VERDICT_NOT_FOUND, NULL);
	needs = rq->route != NULL ? rq->route->needs : 0;
	if (!rq->is_https && !rq->is_loopback && !(needs & PLAIN_HTTP_OK))
		return rq_refuse(rq, VERDICT_HTTPS_REQUIRED, NULL);
	if (rq->body_too_large)
		return rq_refuse(rq, VERDICT_BODY_TOO_LARGE, NULL);
	if (rq->route != NULL && rq->route->fields != NULL && rq->body_len > 0 && !(rq->route->needs & BODY_FORM ? rq_is_form(rq) : rq_is_json(rq)))
		return rq_refuse(rq, VERDICT_UNSUPPORTED_MEDIA_TYPE, NULL);
	return rq_check_faults(rq);     /* of headers, query and form: more of them than we take */
}

static eg_err
answer(struct rq *rq, struct resp *rs)
{
	EG_TRY(request_check(rq));
	if (is_preflight(rq))
		return cors_preflight(rq, rs);
	EG_TRY(admit(rq));
	EG_TRY(idempotent_answer(rq, rs));
	if (rs->status == 0)
		return eg_fail(EG_INTERNAL, "%s %s: the handler gave no answer", rq->method_name, rq->route->path);
	return EG_OK;
}

/* What went wrong becomes the refusal that is told. */
static void
refusal_settle(struct rq *rq, eg_err e)
{
	if (e != EG_REFUSED) {
		rq->refusal = e == EG_INVALID ? VERDICT_VALIDATION_FAILED : verdict_of_err(e);
		rq->refusal_detail = NULL;
		if (e == EG_INVALID && rq->faults.first == NULL)
			log_line(LOG_LEVEL_ERROR, "router: something is invalid, and no fault says what");
	} else if (rq->refusal == VERDICT_OK) {
		log_line(LOG_LEVEL_ERROR, "router: refused without a verdict");
		rq->refusal = VERDICT_INTERNAL_ERROR;
	}
}

/* A request that should have shown a genuine credential and did not takes from its address's bucket. Only these: a stranger
 * cannot use up what others behind the same address need, nor does a page that asks for nobody's name cost anything. */
static void
stranger_limit(struct rq *rq)
{
	struct limit_answer left;
	struct limit rule;
	int status = verdict_info(rq->refusal)->status;

	if (!router_wants_credential(rq) || rq->gate.secret_verified || rq->gate.limited ||
	    !rq->sv->config.rate_limit || (status != 400 && status != 401 && status != 403) ||
	    rq->refusal == VERDICT_HTTPS_REQUIRED)
		return;
	gate_limit_address(rq->sv, rq->address, &left, &rule);
	rq->gate.limited = true;
	rq->gate.limit = left;
	rq->gate.limit_rule = rule;
	if (!left.allowed) {
		rq->refusal = VERDICT_RATE_LIMITED;
		rq->refusal_detail = NULL;
	}
}

/* An answer that cannot fail: for when nothing else can be said. */
static void
bare_500(const struct rq *rq, struct resp *rs)
{
	static const char text[] = "Something went wrong here. The error log says what.\n";
	const struct resp_header headers[] = {
		{ "Content-Type", "text/plain; charset=utf-8" },
		{ "Cache-Control", "no-store" },
		{ "X-Content-Type-Options", "nosniff" },
		{ "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'" },
		{ "X-Request-Id", rq->request_id },
	};

	*rs = (struct resp){ .status = 500, .body = text, .body_len = sizeof(text) - 1, .header_count = EG_COUNT(headers) };
	memcpy(rs->headers, headers, sizeof(headers));
}

static eg_err
finish(struct rq *rq, struct resp *rs)
{
	if (rs->status == 0)
		return eg_fail(EG_INTERNAL, "router: a refusal without an answer");
	if (rs->status != 204 && has_cors(rq))
		EG_TRY(router_cors(rq, rs));
	return resp_common_headers(rq, rs);
}

void
router_answer(struct rq *rq, struct resp *rs)
{
	eg_err e;

	*rs = (struct resp){ .status = 0 };
	e = answer(rq, rs);
	if (e != EG_OK) {
		*rs = (struct resp){ .status = 0 };     /* of a half-filled page nothing stays */
		refusal_settle(rq, e);
		stranger_limit(rq);
		e = rq->program->refuse(rq, rs);
	}
	if (e == EG_OK)
		e = finish(rq, rs);
	if (e != EG_OK)
		bare_500(rq, rs);
}

void
router_answer_cut(struct rq *rq, struct resp *rs)
{
	eg_err e;

	*rs = (struct resp){ .status = 0 };
	e = resp_cut(rq, rs);
	if (e == EG_OK)
		e = finish(rq, rs);
	if (e != EG_OK)
		bare_500(rq, rs);
}
