/* SPDX-License-Identifier: GPL-3.0-or-later */
/* router.h - the site map of a program, and the one place that says no. A row says what a request needs; the router gives
 * 404, 405 (with Allow), CORS preflights and every refusal, in the order of interface.md, before a handler runs. */
#ifndef EG_WEB_ROUTER_H
#define EG_WEB_ROUTER_H

#include "web/fields.h"
#include "web/request.h"
#include "web/respond.h"

typedef eg_err handler_fn(struct rq *rq, struct resp *rs);

enum need {
	NEED_NOTHING     = 0,
	/* API keys, by kind */
	NEED_KEY_PARTNER   = 1 << 0,
	NEED_KEY_CUSTOMER  = 1 << 1,
	NEED_KEY_READ_ONLY = 1 << 2,
	NEED_KEY_WEBHOOK   = 1 << 3,
	NEED_KEY_ANY_API   = NEED_KEY_PARTNER | NEED_KEY_CUSTOMER | NEED_KEY_READ_ONLY,
	ANSWER_HAS_SECRET  = 1 << 4,    /* holds a working credential: not for read-only keys */
	/* embed credentials as Bearer; the route's `permission` is wanted */
	NEED_EMBED         = 1 << 5,    /* emb_ or session */
	NEED_SESSION       = 1 << 6,    /* session only */
	CORS               = 1 << 7,    /* answers preflights and carries Access-Control-* */
	/* portal */
	NEED_USER          = 1 << 8,    /* signed in; else the program's refuse() (a redirect to the sign-in page) */
	NEED_FORM          = 1 << 9,    /* carries its form token ("csrf"), bound to session and path; sets rq->form_nonce */
	NEED_OWN_ORIGIN    = 1 << 10,   /* a POST from our own pages: Sec-Fetch-Site and Origin say so */
	NEED_CUSTOMER      = 1 << 11,   /* ":customer" is in the identity's scope; sets rq->customer */
	NEED_ADMIN         = 1 << 12,   /* owner or admin */
	NEED_SETTINGS      = 1 << 13,   /* owner, or an admin granted it */
	NEED_OWNER         = 1 << 14,
	/* request */
	BODY_LARGE         = 1 << 15,   /* 8 MiB instead of 64 KiB */
	BODY_CREDENTIAL    = 1 << 16,   /* the credential is in the body or the query: the handler runs the gate itself */
	PLAIN_HTTP_OK      = 1 << 17,   /* health checks */
	BODY_ENTRIES       = 1 << 18,   /* the body is an array of what `fields` says */
	BODY_FORM          = 1 << 19,   /* the body is a form, not JSON */
	/* what the documentation says about the answer; without one of these: 200 and {"success": true, "data": answer} */
	ANSWER_CREATED     = 1 << 20,   /* 201 */
	ANSWER_LIST        = 1 << 21,   /* data is an array of it, with "pagination" */
	ANSWER_BARE        = 1 << 22,   /* no envelope */
	ANSWER_CSV         = 1 << 23,   /* as text/csv, too, where Accept asks for it */
	DEPRECATED         = 1 << 24,   /* kept for those who have it; not for new code. Every answer says so */
	FAULTS_ARE_400     = 1 << 25,   /* validation_failed is 400, as the source of this call has it */
};

struct route {
	unsigned methods;
	const char *path;               /* "/api/v1/embed-tokens/:id"; exact, no trailing slash unless written */
	unsigned needs;
	unsigned permission;            /* PERM_*, any one of which is enough, for NEED_EMBED and NEED_SESSION; 0: none needed */
	handler_fn *handler;
	const struct field *fields;     /* of the JSON body; NULL: none, or the handler reads it */
	const char *about;              /* a sentence for the documentation */
	const struct field *query;      /* of the query; NULL: it is not looked at. See rq_check_query() */
	const struct shape *answer;     /* NULL: not documented */
};

struct program {
	const char *name;               /* "api" */
	const struct route *routes;     /* ends with a row whose path is NULL */
	/* How this program tells the refusal recorded in rq. Must not fail: what it returns but EG_OK becomes a bare 500. */
	eg_err (*refuse)(struct rq *rq, struct resp *rs);
	/* What begins so is for other sites, be there something or not: a loader of another version reads the 404, too. */
	const char *cors_below;         /* "/api/v1/embed/"; NULL: nothing but the CORS routes */
	/* Once, after the service is open; or NULL. */
	eg_err (*start)(struct service *sv);
};

/* Find the row: sets rq->route and rq->path_params, where there is one. The first row that fits decides, so "/a/new" stands
 * before "/a/:id". Before the body is read, because the row says how much of it is wanted. A part ":name" stands for 1 to
 * 100 bytes without a slash. */
void router_match(struct rq *rq);
/* Bytes of a body that this request may have. */
size_t router_body_max(const struct rq *rq);

/* Answer a matched request with its body taken: `rs` is whole afterwards, whatever happened. `rq->route` is NULL for refusals
 * of what is not in the table. */
void router_answer(struct rq *rq, struct resp *rs);

/* Instead, where the body did not arrive whole: 408, for a path of any kind. Nobody is asked who it is. */
void router_answer_cut(struct rq *rq, struct resp *rs);

/* Does its row say that such a request shows, or should show, who asks? */
bool router_wants_credential(const struct rq *rq);

/* "GET, HEAD, POST": the methods that this path takes; "" where it is unknown. */
const char *router_allow(const struct rq *rq);

/* Access-Control-* for a CORS route: the request's own Origin and Vary where the identity's token lists it, "*" where its list
 * is empty, "*" on refusals, which hold no data. Called by the router; the exchange calls it itself after its gate. */
eg_err router_cors(struct rq *rq, struct resp *rs) EG_CHECKED;

/* The credential a request carries in its headers. EG_REFUSED, recorded: multiple_credentials (two headers, a repeated one, a
 * list, an alias such as X_API_KEY). *text is NULL where there is none. */
eg_err rq_credential(struct rq *rq, const char **text, bool *is_api_key_header) EG_CHECKED;

#endif
