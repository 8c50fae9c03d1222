/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sign_in.c - in and out. There is no session yet to bind a form token to, so the sign-in form is guarded by where it comes
 * from (NEED_OWN_ORIGIN). */
#include "portal/sign_in.h"

#include <string.h>

#include "portal/handlers.h"
#include "portal/page.h"

#define HOME "/portal/customers"
#define NEXT_MAX 512

bool
sign_in_is_next(const char *next)
{
	static const char path_chars[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_/";

	if (strncmp(next, "/portal/", 8) != 0 || strlen(next) > NEXT_MAX)
		return false;
	next += strspn(next, path_chars);
	if (*next == '\0')
		return true;
	if (*next++ != '?')
		return false;
	for (; *next != '\0'; next++)
		if (*next <= ' ' || *next >= 0x7f || strchr("\\#<>\"", *next) != NULL)
			return false;
	return true;
}

static const char *
next_of(const char *given)
{
	return given != NULL && sign_in_is_next(given) ? given : HOME;
}

eg_err
portal_home(struct rq *rq, struct resp *rs)
{
	return resp_redirect(rq, rs, strcmp(rq->path, "/") == 0 ? "/portal/" : HOME);
}

static eg_err
show(struct rq *rq, struct resp *rs, int status, const char *next, const char *email, const struct verdict_info *failure)
{
	json_object *view = page_bare(rq, "Sign in");

	json_add_str(view, "action", page_link(rq, "/portal/login"));
	json_add_str(view, "next", next);
	json_add_str(view, "email_typed", email);
	json_add_bool(view, "signed_out", failure == NULL && rq_query(rq, "signed-out") != NULL);
	json_add_str(view, "failure", failure != NULL ? failure->visitor : NULL);
	json_add_str(view, "code", failure != NULL ? failure->code : NULL);
	return page_answer(rq, rs, status, "login", view);
}

eg_err
sign_in_page(struct rq *rq, struct resp *rs)
{
	const char *next = next_of(rq_query(rq, "next")), *cookie = rq_portal_cookie(rq);
	struct gate_answer g;

	gate_portal(rq->sv, rq->arena, cookie, cookie != NULL ? strlen(cookie) : 0, rq->now_s, &g);
	if (g.verdict == VERDICT_OK)
		return resp_redirect(rq, rs, next);
	return show(rq, rs, 200, next, "", NULL);
}

static eg_err
start_session(struct rq *rq, struct resp *rs)
{
	const char *browser = gate_browser(rq_header(rq, "User-Agent"));
	char text[PORTAL_SESSION_TEXT_SIZE];
	struct actor who = rq_actor(rq);
	struct portal_session session;

	EG_TRY(portal_session_start(rq->sv, rq->arena, &who, &rq->id.user, browser, text, &session));
	return resp_portal_cookie(rq, rs, text);
}

eg_err
sign_in_submit(struct rq *rq, struct resp *rs)
{
	const char *next = next_of(rq_form(rq, "next"));
	const char *email = page_field_text(rq, "email"), *password = rq_form(rq, "password");

	gate_login(rq->sv, rq->arena, email, password != NULL ? password : "", rq->address, rq->now_s, &rq->gate);
	if (rq->gate.verdict == VERDICT_OK) {
		rq->id = rq->gate.id;
		EG_TRY(start_session(rq, rs));
		return resp_redirect(rq, rs, next);
	}
	if (rq->gate.verdict != VERDICT_LOGIN_FAILED && rq->gate.verdict != VERDICT_LOGIN_LIMITED)
		return rq_refuse(rq, rq->gate.verdict, NULL);
	rq->refusal = rq->gate.verdict;
	EG_TRY(resp_refusal_headers(rq, rs));
	return show(rq, rs, verdict_info(rq->refusal)->status, next, email, verdict_info(rq->refusal));
}

eg_err
sign_out_submit(struct rq *rq, struct resp *rs)
{
	struct actor who = rq_actor(rq);

	EG_TRY(portal_session_end(rq->sv, rq->arena, &who, &rq->id.portal.id));
	EG_TRY(resp_portal_cookie(rq, rs, NULL));
	return resp_redirect(rq, rs, "/portal/login?signed-out=1");
}
