/* SPDX-License-Identifier: GPL-3.0-or-later */
/* verdict.h - every answer that is not a success, in one table: code, status, words, fix. interface.md, "Verdicts". The API
 * prints these rows, the pages show them, the token tester explains with them; OpenAPI and docs list them. */
#ifndef EG_GATE_VERDICT_H
#define EG_GATE_VERDICT_H

#include "base/err.h"

enum verdict {
	VERDICT_OK = 0,
	/* request */
	VERDICT_NOT_FOUND,
	VERDICT_METHOD_NOT_ALLOWED,
	VERDICT_HTTPS_REQUIRED,
	VERDICT_BODY_TOO_LARGE,
	VERDICT_UNSUPPORTED_MEDIA_TYPE,
	VERDICT_RATE_LIMITED,
	VERDICT_INVALID_JSON,
	/* credential */
	VERDICT_MISSING_CREDENTIALS,
	VERDICT_MULTIPLE_CREDENTIALS,
	VERDICT_TOKEN_MALFORMED,
	VERDICT_WRONG_TOKEN_TYPE,
	VERDICT_SERVER_KEY_IN_BROWSER,
	VERDICT_INVALID_TOKEN,
	VERDICT_TOKEN_REVOKED,
	VERDICT_TOKEN_ROTATED,
	VERDICT_TOKEN_EXPIRED,
	VERDICT_TOKEN_DISABLED,
	VERDICT_SESSION_INVALID,
	VERDICT_SESSION_NOT_YET_VALID,
	VERDICT_SESSION_EXPIRED,
	VERDICT_SESSION_REVOKED,
	VERDICT_REFRESH_INVALID,
	VERDICT_REFRESH_REUSED,
	/* standing */
	VERDICT_PARTNER_SUSPENDED,
	VERDICT_CUSTOMER_DISABLED,
	VERDICT_PORTAL_ACCESS_DISABLED,
	VERDICT_FEATURE_NOT_ENABLED,
	VERDICT_READ_ONLY_KEY,
	VERDICT_KEY_TYPE_NOT_ALLOWED,
	VERDICT_SUBJECT_MISMATCH,
	VERDICT_ORIGIN_NOT_ALLOWED,
	VERDICT_INSUFFICIENT_SCOPE,
	VERDICT_COPY_URL_DISABLED,
	/* body */
	VERDICT_VALIDATION_FAILED,
	VERDICT_IDEMPOTENCY_MISMATCH,
	VERDICT_TOKEN_STATE_CONFLICT,
	/* store */
	VERDICT_STORE_BUSY,
	VERDICT_STORE_RECOVERING,
	VERDICT_STORE_FULL,
	VERDICT_STORE_FAILED,
	VERDICT_STORE_DAMAGED,
	VERDICT_RANDOM_UNAVAILABLE,
	/* portal */
	VERDICT_LOGIN_FAILED,
	VERDICT_LOGIN_LIMITED,
	VERDICT_CSRF_FAILED,
	/* any */
	VERDICT_INTERNAL_ERROR,
	VERDICT_COUNT
};

struct verdict_info {
	const char *code;       /* "token_revoked" */
	int status;
	const char *title;      /* "Token revoked": a few words */
	const char *detail;     /* a sentence for the caller of the API */
	const char *fix;        /* what the operator or integrator does about it */
	const char *visitor;    /* what somebody who just looks at the page is told; no jargon */
	int retry_after_s;      /* 0: no such header */
};

const struct verdict_info *verdict_info(enum verdict v);
/* A store fault, EG_NOTFOUND, EG_CONFLICT, EG_INVALID, EG_EXISTS ... as the outside sees it; EG_OK gives VERDICT_OK. */
enum verdict verdict_of_err(eg_err e);

#endif
