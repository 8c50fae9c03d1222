/* SPDX-License-Identifier: GPL-3.0-or-later */
/* respond.c - answers. What reaches a header from outside are dates, origins and paths; resp_header() is the last gate. */
#include "web/respond.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/codec.h"
#include "web/answer.h"
#include "web/router.h"
#include "web/template.h"

#define COOKIE_SECURE "__Host-embedgate"
#define COOKIE_PLAIN  "embedgate"
#define DEPRECATED_SINCE_S 1793491200   /* 2026-11-01: before the first release, so as long as there is such a call */

/* ---- headers ---- */

static bool
is_header_text(const char *value)
{
	for (; *value != '\0'; value++)
		if ((unsigned char)*value < 0x20 || *value == 0x7f)
			return false;
	return true;
}

eg_err
resp_add_header(struct rq *rq, struct resp *rs, const char *name, const char *value)
{
	if (!is_header_text(value))
		return eg_fail(EG_INTERNAL, "resp_header: a control byte in %s", name);
	if (rs->header_count == RESP_HEADERS_MAX)
		return eg_fail(EG_INTERNAL, "resp_header: more than %d headers at %s", RESP_HEADERS_MAX, name);
	rs->headers[rs->header_count++] = (struct resp_header){ .name = name, .value = arena_strdup(rq->arena, value) };
	return EG_OK;
}

static struct resp_header *
header_find(struct resp *rs, const char *name)
{
	for (size_t i = 0; i < rs->header_count; i++)
		if (strcasecmp(rs->headers[i].name, name) == 0)
			return &rs->headers[i];
	return NULL;
}

eg_err
resp_header(struct rq *rq, struct resp *rs, const char *name, const char *value)
{
	struct resp_header *h = header_find(rs, name);

	if (h == NULL)
		return resp_add_header(rq, rs, name, value);
	if (!is_header_text(value))
		return eg_fail(EG_INTERNAL, "resp_header: a control byte in %s", name);
	h->value = arena_strdup(rq->arena, value);
	return EG_OK;
}

eg_err
resp_default_header(struct rq *rq, struct resp *rs, const char *name, const char *value)
{
	return header_find(rs, name) != NULL ? EG_OK : resp_add_header(rq, rs, name, value);
}

static const char *
reason(int status)
{
	static const struct {
		int status;
		const char *reason;
	} reasons[] = {
		{ 200, "OK" }, { 201, "Created" }, { 202, "Accepted" }, { 204, "No Content" }, { 302, "Found" },
		{ 303, "See Other" }, { 304, "Not Modified" }, { 400, "Bad Request" }, { 401, "Unauthorized" },
		{ 403, "Forbidden" }, { 404, "Not Found" }, { 405, "Method Not Allowed" }, { 408, "Request Timeout" },
		{ 409, "Conflict" }, { 410, "Gone" }, { 413, "Content Too Large" }, { 415, "Unsupported Media Type" },
		{ 422, "Unprocessable Content" }, { 429, "Too Many Requests" }, { 500, "Internal Server Error" },
		{ 503, "Service Unavailable" },
	};

	for (size_t i = 0; i < EG_COUNT(reasons); i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "Other";
}

static void
write_headers(const struct resp *rs, const char *line_end, struct buf *out)
{
	for (size_t i = 0; i < rs->header_count; i++) {
		buf_add_str(out, rs->headers[i].name);
		buf_add(out, ": ", 2);
		buf_add_str(out, rs->headers[i].value);
		buf_add_str(out, line_end);
	}
}

void
resp_show(const struct resp *rs, struct buf *out)
{
	buf_printf(out, "HTTP/1.1 %d %s\n", rs->status, reason(rs->status));
	write_headers(rs, "\n", out);
	buf_add_char(out, '\n');
	buf_add(out, rs->body, rs->body_len);
}

void
resp_write(const struct rq *rq, const struct resp *rs, struct buf *out)
{
	buf_printf(out, "Status: %d %s\r\n", rs->status, reason(rs->status));
	write_headers(rs, "\r\n", out);
	if (rs->status != 204 && rs->status != 304)
		buf_printf(out, "Content-Length: %zu\r\n", rs->body_len);
	buf_add(out, "\r\n", 2);
	if (rq->method != M_HEAD)
		buf_add(out, rs->body, rs->body_len);
}

/* ---- bodies ---- */

eg_err
resp_bytes(struct rq *rq, struct resp *rs, int status, const char *type, const char *bytes, size_t len)
{
	EG_TRY(resp_header(rq, rs, "Content-Type", type));
	rs->status = status;
	rs->body = bytes;
	rs->body_len = len;
	return EG_OK;
}

eg_err
resp_json(struct rq *rq, struct resp *rs, int status, json_object *document)
{
	size_t len;
	const char *text = json_text(rq->arena, document, &len);

	return resp_bytes(rq, rs, status, "application/json", text, len);
}

eg_err
resp_data(struct rq *rq, struct resp *rs, int status, json_object *view)
{
	json_object *document = json_new_object(rq->arena);

	json_add_bool(document, "success", true);
	json_add_object(document, "data", view);
	return resp_json(rq, rs, status, document);
}

/* The request's own address with another page. */
static const char *
url_of_page(struct rq *rq, size_t page)
{
	struct buf b;

	buf_init(&b, rq->arena, 256);
	buf_add_str(&b, rq->sv->config.public_url);
	for (const char *part = rq->path; *part == '/'; part += strcspn(part, "/")) {
		buf_add_char(&b, *part++);
		buf_add_url(&b, part, strcspn(part, "/"));
	}
	buf_printf(&b, "?page=%zu", page);
	for (size_t i = 0; i < rq->query_count; i++) {
		const struct param *p = &rq->query_params[i];

		if (strcmp(p->name, "page") == 0)
			continue;
		buf_add_char(&b, '&');
		buf_add_url(&b, p->name, strlen(p->name));
		buf_add_char(&b, '=');
		buf_add_url(&b, p->value, strlen(p->value));
	}
	return b.data;
}

eg_err
resp_list(struct rq *rq, struct resp *rs, json_object *array, size_t page, size_t limit, size_t total)
{
	json_object *document = json_new_object(rq->arena), *pagination = json_new_object(rq->arena);
	size_t pages = total / limit + (total % limit != 0);

	json_add_int(pagination, "page", (int64_t)page);
	json_add_int(pagination, "limit", (int64_t)limit);
	json_add_int(pagination, "total", (int64_t)total);
	json_add_int(pagination, "total_pages", (int64_t)pages);
	json_add_bool(document, "success", true);
	json_add_object(document, "data", array);
	json_add_object(document, "pagination", pagination);
	if (page < pages)
		EG_TRY(resp_header(rq, rs, "Link", arena_printf(rq->arena, "<%s>; rel=\"next\"", url_of_page(rq, page + 1))));
	return resp_json(rq, rs, 200, document);
}

eg_err
resp_page(struct rq *rq, struct resp *rs, int status, const char *name, json_object *view)
{
	struct buf b;

	buf_init(&b, rq->arena, 16u << 10);
	EG_TRY(template_render(name, view, &b));
	return resp_bytes(rq, rs, status, "text/html; charset=utf-8", b.data, b.len);
}

/* ---- redirects ---- */

/* One slash in front and no second one, nor what browsers read as one. */
static bool
is_own_path(const char *path)
{
	if (path[0] != '/' || path[1] == '/' || !utf8_is_valid(path, strlen(path)))
		return false;
	for (const char *p = path; *p != '\0'; p++)
		if ((unsigned char)*p <= ' ' || *p == 0x7f || *p == '\\')
			return false;
	return true;
}

eg_err
resp_redirect(struct rq *rq, struct resp *rs, const char *path)
{
	if (!is_own_path(path))
		return eg_fail(EG_INTERNAL, "resp_redirect: this is no path of ours");
	EG_TRY(resp_header(rq, rs, "Location", rq_public_url(rq, path)));
	return resp_bytes(rq, rs, 303, "text/plain; charset=utf-8", "", 0);
}

/* ---- refusals ---- */

/* RFC 6750 section 3. Why not is told only where a credential came. */
static const char *
challenge(const struct rq *rq, const struct verdict_info *v)
{
	struct buf b;

	if (rq->refusal == VERDICT_MISSING_CREDENTIALS || rq->refusal == VERDICT_LOGIN_FAILED ||
	    (rq->route != NULL && !router_wants_credential(rq)))
		return "Bearer realm=\"embedgate\"";
	if (rq->refusal != VERDICT_INSUFFICIENT_SCOPE)
		return arena_printf(rq->arena,
		    "Bearer realm=\"embedgate\", error=\"invalid_token\", error_description=\"%s\"", v->code);

	buf_init(&b, rq->arena, 128);
	buf_add_str(&b, "Bearer realm=\"embedgate\", error=\"insufficient_scope\", scope=\"");
	for (unsigned bit = 1, first = 1; bit != 0 && bit <= PERM_ALL; bit <<= 1)
		if (rq->gate.missing_permission & bit) {
			buf_printf(&b, "%s%s", first ? "" : " ", permission_name(bit));
			first = 0;
		}
	buf_add_char(&b, '"');
	return b.data;
}

eg_err
resp_refusal_headers(struct rq *rq, struct resp *rs)
{
	const struct verdict_info *v = verdict_info(rq->refusal);
	unsigned retry_after_s = (unsigned)v->retry_after_s;

	if (v->status == 401 || (rq->refusal == VERDICT_INSUFFICIENT_SCOPE && rq->gate.missing_permission != 0))
		EG_TRY(resp_header(rq, rs, "WWW-Authenticate", challenge(rq, v)));
	if (v->status == 405)
		EG_TRY(resp_header(rq, rs, "Allow", router_allow(rq)));
	if (v->status == 429 && rq->gate.limited && rq->gate.limit.retry_after_s > 0)
		retry_after_s = rq->gate.limit.retry_after_s;
	if (retry_after_s > 0)
		EG_TRY(resp_header(rq, rs, "Retry-After", arena_printf(rq->arena, "%u", retry_after_s)));
	return EG_OK;
}

static json_object *
problem_new(struct rq *rq, const struct verdict_info *v, int status, const char *detail)
{
	json_object *p = json_new_object(rq->arena);

	json_add_str(p, "type", arena_printf(rq->arena, "urn:embedgate:error:%s", v->code));
	json_add_str(p, "title", v->title);
	json_add_int(p, "status", status);
	json_add_str(p, "detail", detail);
	json_add_str(p, "code", v->code);
	json_add_str(p, "request_id", rq->request_id);
	json_add_bool(p, "success", false);
	return p;
}

static eg_err
problem_write(struct rq *rq, struct resp *rs, int status, json_object *p)
{
	size_t len;
	const char *text = json_text(rq->arena, p, &len);

	return resp_bytes(rq, rs, status, "application/problem+json", text, len);
}

eg_err
resp_cut(struct rq *rq, struct resp *rs)
{
	/* Not a verdict: nobody who sent a whole request is ever told this. */
	static const struct verdict_info cut = { .code = "request_timeout", .status = 408, .title = "Request cut off",
		.detail = "The body of the request did not arrive whole in time. Nothing was changed." };

	return problem_write(rq, rs, cut.status, problem_new(rq, &cut, cut.status, cut.detail));
}

/* Where neither a header nor a list of fields says what to do about it, the sentence does. */
static const char *
problem_detail(struct rq *rq, const struct verdict_info *v)
{
	if (rq->refusal_detail != NULL && v->status != 500)
		return rq->refusal_detail;
	if (v->status == 409 || rq->refusal == VERDICT_IDEMPOTENCY_MISMATCH)
		return arena_printf(rq->arena, "%s %s", v->detail, v->fix);
	return v->detail;
}

eg_err
resp_problem(struct rq *rq, struct resp *rs)
{
	const struct verdict_info *v = verdict_info(rq->refusal);
	bool is_400 = v->status == 422 && rq->route != NULL && (rq->route->needs & FAULTS_ARE_400);
	int status = is_400 ? 400 : v->status;
	json_object *p = problem_new(rq, v, status, problem_detail(rq, v));

	if (v->status == 422) {
		json_object *errors = json_new_array(rq->arena);

		for (const struct fault *f = rq->faults.first; f != NULL; f = f->next) {
			json_object *error = json_new_object(rq->arena);

			json_add_str(error, "field", f->field);
			json_add_str(error, "message", f->message);
			json_push_object(errors, error);
		}
		json_add_object(p, "errors", errors);
	}
	EG_TRY(resp_refusal_headers(rq, rs));
	return problem_write(rq, rs, status, p);
}

/* ---- policies and cookies ---- */

eg_err
resp_policy(struct rq *rq, struct resp *rs, enum resp_policy p)
{
	if (p == RESP_POLICY_API) {
		EG_TRY(resp_header(rq, rs, "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"));
		return resp_header(rq, rs, "Referrer-Policy", "no-referrer");
	}
	/* A form may lead to public_url, too, which is another origin where somebody typed "localhost". The Referrer-Policy must
	 * let browsers send the Origin of a form: with no-referrer it would be "null". */
	EG_TRY(resp_header(rq, rs, "Content-Security-Policy", arena_printf(rq->arena,
	    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
	    "form-action 'self' %s; frame-ancestors 'none'; base-uri 'none'", rq->sv->config.public_origin)));
	EG_TRY(resp_header(rq, rs, "Cross-Origin-Opener-Policy", "same-origin"));
	return resp_header(rq, rs, "Referrer-Policy", "same-origin");
}

eg_err
resp_portal_cookie(struct rq *rq, struct resp *rs, const char *text)
{
	return resp_add_header(rq, rs, "Set-Cookie", arena_printf(rq->arena, "%s=%s; Path=/; HttpOnly; SameSite=Lax%s%s",
	    rq->is_https ? COOKIE_SECURE : COOKIE_PLAIN, text != NULL ? text : "", rq->is_https ? "; Secure" : "",
	    text != NULL ? "" : "; Max-Age=0"));
}

const char *
rq_portal_cookie(const struct rq *rq)
{
	return rq_cookie(rq, rq->is_https ? COOKIE_SECURE : COOKIE_PLAIN);
}

/* ---- what every answer carries ---- */

static const char *
http_date(struct arena *a, int64_t t_s)
{
	char *text = arena_alloc(a, 40);
	time_t t = (time_t)t_s;
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(text, 40, "%a, %d %b %Y %H:%M:%S GMT", &tm);
	return text;
}

/* draft-ietf-httpapi-ratelimit-headers: the policy, and what is left of it. */
static eg_err
limit_headers(struct rq *rq, struct resp *rs)
{
	const struct gate_answer *g = &rq->gate;
	const char *name = !g->secret_verified ? "address" : g->id.kind == IDENTITY_API_KEY ? "key" : "token";

	EG_TRY(resp_header(rq, rs, "RateLimit-Policy",
	    arena_printf(rq->arena, "\"%s\";q=%u;w=%u", name, g->limit_rule.rate, g->limit_rule.period_s)));
	return resp_header(rq, rs, "RateLimit",
	    arena_printf(rq->arena, "\"%s\";r=%u;t=%u", name, g->limit.remaining, g->limit.reset_s));
}

/* The text from before a rotation still works: since when it should not be used (RFC 9745), and until when (RFC 8594). */
static eg_err
old_text_headers(struct rq *rq, struct resp *rs)
{
	bool is_key = rq->id.kind == IDENTITY_API_KEY;
	int64_t rotated_at = is_key ? rq->id.key.rotated_at : rq->id.token.rotated_at;
	int64_t until = is_key ? rq->id.key.previous_valid_until : rq->id.old_text_until;

	EG_TRY(resp_header(rq, rs, "Deprecation", arena_printf(rq->arena, "@%lld", (long long)rotated_at)));
	return resp_header(rq, rs, "Sunset", http_date(rq->arena, until));
}

/* A call that is there for old clients: since when it should not be used, and from when on it may be gone. */
static eg_err
deprecation_headers(struct rq *rq, struct resp *rs)
{
	EG_TRY(resp_header(rq, rs, "Deprecation", arena_printf(rq->arena, "@%lld", (long long)DEPRECATED_SINCE_S)));
	return resp_header(rq, rs, "Sunset", http_date(rq->arena, rq->sv->config.agent_login_sunset));
}

eg_err
resp_common_headers(struct rq *rq, struct resp *rs)
{
	EG_TRY(resp_header(rq, rs, "X-Request-Id", rq->request_id));
	EG_TRY(resp_header(rq, rs, "X-Content-Type-Options", "nosniff"));
	EG_TRY(resp_default_header(rq, rs, "Cache-Control", "no-store"));
	EG_TRY(resp_default_header(rq, rs, "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"));
	EG_TRY(resp_default_header(rq, rs, "Referrer-Policy", "no-referrer"));
	if (rq->gate.limited)
		EG_TRY(limit_headers(rq, rs));
	if (rq->route != NULL && (rq->route->needs & DEPRECATED))
		EG_TRY(deprecation_headers(rq, rs));
	if (rq->id.old_text)
		EG_TRY(old_text_headers(rq, rs));
	return EG_OK;
}
