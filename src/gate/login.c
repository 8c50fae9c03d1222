/* SPDX-License-Identifier: GPL-3.0-or-later */
/* login.c - people: signing in to the portal, and being signed in. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "gate/check.h"
#include "sign/password.h"

#define TRIES_PERIOD_S 900
#define TRIES_ACCOUNT 10
#define TRIES_ADDRESS 30
#define EMAIL_MAX 254           /* RFC 5321: no longer address can be an account */

static void
identify(struct arena *a, struct identity *id)
{
	char *text = arena_alloc(a, UUID_TEXT_SIZE);

	uuid_format(&id->user.id, text);
	id->kind = IDENTITY_USER;
	id->scope = (struct scope){ .partner_id = id->user.partner_id };
	id->actor = (struct actor){ .kind = "user", .id = text, .name = id->user.email };
}

/* The partner of a user who is who they say. */
static enum verdict
partner_verdict(struct service *sv, struct arena *a, struct identity *id)
{
	enum verdict v = gate_verdict_of_load(partner_get(sv, a, &id->user.partner_id, &id->partner));

	return v != VERDICT_OK ? v : id->partner.is_suspended ? VERDICT_PARTNER_SUSPENDED : VERDICT_OK;
}

void
gate_portal(struct service *sv, struct arena *a, const char *cookie, size_t len, int64_t now_s, struct gate_answer *out)
{
	struct identity *id = &out->id;
	eg_err e;

	gate_answer_init(out);
	if (cookie == NULL || len == 0) {
		out->verdict = VERDICT_MISSING_CREDENTIALS;
		return;
	}
	e = portal_session_check(sv, a, cookie, len, now_s, &id->portal, &id->user);
	if (e != EG_OK) {
		out->verdict = e == EG_NOTFOUND ? VERDICT_MISSING_CREDENTIALS : verdict_of_err(e);
		return;
	}
	out->secret_verified = true;
	out->verdict = partner_verdict(sv, a, id);
	if (out->verdict == VERDICT_OK)
		identify(a, id);
}

/* A bucket of `n` a quarter of an hour lets up to twice as many pass in its first one, because it fills while it is emptied.
 * So a try takes one of `n` tickets instead, each of which comes back a quarter of an hour after it was taken: never more than
 * `n` in any quarter of an hour. A try that succeeds gives its tickets back. */
struct ticket {
	uint8_t name[2 + EMAIL_MAX];    /* what, number, who */
	size_t len;
};
static const struct limit ticket_limit = { .rate = 1, .period_s = TRIES_PERIOD_S };

static bool
ticket_take(struct service *sv, char what, const void *who, size_t len, unsigned n, struct ticket *t,
    struct limit_answer *out)
{
	int64_t now_us = clock_mono_us();
	uint32_t soonest = TRIES_PERIOD_S;

	t->len = 2 + len;
	t->name[0] = (uint8_t)what;
	memcpy(t->name + 2, who, len);
	for (unsigned i = 0; i < n; i++) {
		t->name[1] = (uint8_t)i;
		limit_take(sv->usage, t->name, t->len, &ticket_limit, now_us, out);
		if (out->allowed)
			return true;
		if (out->retry_after_s < soonest)
			soonest = out->retry_after_s;
	}
	out->retry_after_s = soonest;
	return false;
}

static void
ticket_return(struct service *sv, const struct ticket *t)
{
	limit_give_back(sv->usage, t->name, t->len, &ticket_limit, clock_mono_us());
}

/* One try of an address and of an account. */
struct try {
	struct ticket address;
	struct ticket account;
};

static bool
may_try(struct service *sv, const char *email, size_t email_len, const char *address, struct try *t, struct gate_answer *out)
{
	uint8_t from[GATE_BUCKET_SIZE];
	size_t from_len = gate_address_bucket(address, from);
	char account[EMAIL_MAX];
	bool allowed;

	for (size_t i = 0; i < email_len; i++)
		account[i] = (char)tolower((unsigned char)email[i]);
	/* The address first: one that has no tries left cannot use up those of an account. */
	out->limit_rule = (struct limit){ .rate = TRIES_ADDRESS, .period_s = TRIES_PERIOD_S };
	allowed = ticket_take(sv, 'L', from, from_len, TRIES_ADDRESS, &t->address, &out->limit);
	if (allowed) {
		out->limit_rule.rate = TRIES_ACCOUNT;
		allowed = ticket_take(sv, 'M', account, email_len, TRIES_ACCOUNT, &t->account, &out->limit);
	}
	out->limited = !allowed;        /* how many tries are left is nobody's business */
	return allowed;
}

void
gate_login(struct service *sv, struct arena *a, const char *email, const char *password, const char *address, int64_t now_s,
    struct gate_answer *out)
{
	struct identity *id = &out->id;
	size_t email_len = email == NULL ? 0 : strlen(email);
	struct try try;
	eg_err e;

	gate_answer_init(out);
	out->verdict = VERDICT_LOGIN_FAILED;
	if (email_len == 0 || email_len > EMAIL_MAX || password == NULL || strlen(password) > PASSWORD_MAX_BYTES)
		return;
	if (!may_try(sv, email, email_len, address, &try, out)) {
		out->verdict = VERDICT_LOGIN_LIMITED;
		return;
	}
	e = user_find(sv, a, email, &id->user);
	if (e != EG_OK && e != EG_NOTFOUND) {
		out->verdict = verdict_of_err(e);
		return;
	}

	/* The same work for an unknown account, so that the time taken tells nothing. */
	bool is_account = e == EG_OK;

	e = password_verify(password, is_account ? id->user.password_hash : NULL);
	if (e != EG_OK && e != EG_FORGED)
		out->verdict = verdict_of_err(e);
	if (e != EG_OK || !is_account || id->user.is_disabled) {
		*id = (struct identity){ .kind = IDENTITY_NONE };
		return;
	}
	ticket_return(sv, &try.address);
	ticket_return(sv, &try.account);
	out->secret_verified = true;
	out->verdict = partner_verdict(sv, a, id);
	if (out->verdict == VERDICT_OK)
		identify(a, id);
}
