/* SPDX-License-Identifier: GPL-3.0-or-later */
/* verdict.c - the table. A row's words must be true wherever the verdict can be given: several of them are told of embed
 * tokens and of API keys alike. What a visitor reads names no token, no code and nobody's fault. */
#include "gate/verdict.h"

#include <stddef.h>

#define GONE        "This content is no longer available."
#define PAUSED      "This content is not available at present."
#define BROKEN_LINK "This content cannot be shown: its link is incomplete or wrong."
#define NOT_HERE    "This content may not be shown here."
#define TRY_AGAIN   "This content cannot be shown right now. Please try again in a moment."
#define RELOAD      "Your visit has ended. Please reload this page."
#define BAD_FORM    "Something in this form is not right. Please check it and send it again."

static const struct verdict_info verdict_table[VERDICT_COUNT] = {
	[VERDICT_OK] = {
		"ok", 200, "OK",
		"Every check passed.",
		"Nothing to do.",
		"Everything is in order.", 0 },

	/* request */
	[VERDICT_NOT_FOUND] = {
		"not_found", 404, "Not found",
		"There is nothing at this address, or no such thing in this account.",
		"Check the path and the id. Ids of another account are not found either.",
		"There is nothing at this address.", 0 },
	[VERDICT_METHOD_NOT_ALLOWED] = {
		"method_not_allowed", 405, "Method not allowed",
		"This address does not take this method.",
		"Use one of the methods in the Allow header. Where a host blocks PATCH, PUT or DELETE, send POST with "
		"X-HTTP-Method-Override.",
		"This address cannot be used in this way.", 0 },
	[VERDICT_HTTPS_REQUIRED] = {
		"https_required", 403, "HTTPS required",
		"This request came over plain HTTP.",
		"Use https://. Behind a proxy that ends TLS, list the proxy under 'proxies' in embedgate.conf, so that its "
		"X-Forwarded-Proto is believed. A credential that was sent over plain HTTP should be rotated.",
		"Please open this page with https://.", 0 },
	[VERDICT_BODY_TOO_LARGE] = {
		"body_too_large", 413, "Body too large",
		"The request's body is larger than this address takes.",
		"Send at most 64 KiB, or 8 MiB for a schedule.",
		"What was sent is too large.", 0 },
	[VERDICT_UNSUPPORTED_MEDIA_TYPE] = {
		"unsupported_media_type", 415, "Unsupported media type",
		"The request's body is of a type that this address does not take.",
		"Send JSON with Content-Type: application/json.",
		"What was sent cannot be read.", 0 },
	[VERDICT_RATE_LIMITED] = {
		"rate_limited", 429, "Too many requests",
		"Too many requests came in a short time.",
		"Wait as long as Retry-After says. Cache sessions and answers, and spread requests.",
		"Too many visits at once. Please try again in a moment.", 1 },
	[VERDICT_INVALID_JSON] = {
		"invalid_json", 400, "Invalid JSON",
		"The request's body is not valid JSON.",
		"Send one JSON object in UTF-8, with each name once and nothing behind it.",
		"What was sent cannot be read.", 0 },

	/* credential */
	[VERDICT_MISSING_CREDENTIALS] = {
		"missing_credentials", 401, "Missing credentials",
		"The request carries no credential.",
		"Send the credential this call takes: an API key as X-API-Key or Authorization: Bearer, an embed token as "
		"Authorization: Bearer. If it was sent, the web server dropped it: on Apache set CGIPassAuth On, or use X-API-Key.",
		BROKEN_LINK, 0 },
	[VERDICT_MULTIPLE_CREDENTIALS] = {
		"multiple_credentials", 400, "More than one credential",
		"The request carries more than one credential.",
		"Send exactly one credential in exactly one place: one Authorization or one X-API-Key header, not repeated, or "
		"the token in the body.",
		BROKEN_LINK, 0 },
	[VERDICT_TOKEN_MALFORMED] = {
		"token_malformed", 401, "Malformed credential",
		"The credential is incomplete or mistyped.",
		"Copy it again, whole and without spaces: an embed token has 60 characters, an API key 52. A single changed "
		"character is noticed.",
		BROKEN_LINK, 0 },
	[VERDICT_WRONG_TOKEN_TYPE] = {
		"wrong_token_type", 401, "Wrong type of token",
		"The credential is well formed, but of a type that is not accepted here.",
		"Confirm that you used an embed token (emb_...), not a partner API key: API keys are for servers only, and one "
		"that was in a page should be rotated. A URL token (emu_...) works only within its embed URL, and the API takes "
		"API keys only.",
		BROKEN_LINK, 0 },
	[VERDICT_SERVER_KEY_IN_BROWSER] = {
		"server_key_in_browser", 403, "Server key in a browser",
		"API keys are for servers: this request was sent by a browser.",
		"Rotate this key, because visitors could read it. Call the API from your server, and give pages an embed token "
		"(emb_...).",
		NOT_HERE, 0 },
	[VERDICT_INVALID_TOKEN] = {
		"invalid_token", 401, "Invalid credential",
		"The credential is not valid.",
		"Check that it was copied correctly and belongs to this installation. If it was lost, create a new one.",
		BROKEN_LINK, 0 },
	[VERDICT_TOKEN_REVOKED] = {
		"token_revoked", 401, "Credential revoked",
		"The token or key was revoked.",
		"Revoked is final. Create a new one and replace it wherever the old one is used.",
		GONE, 0 },
	[VERDICT_TOKEN_ROTATED] = {
		"token_rotated", 401, "Credential rotated",
		"The token or key was replaced by a newer one, and the time in which both were valid is over.",
		"Replace it with the text that was shown at its rotation; if that was not kept, rotate once more.",
		GONE, 0 },
	[VERDICT_TOKEN_EXPIRED] = {
		"token_expired", 401, "Credential expired",
		"The token or key has expired.",
		"Create a new one, or set a later expiry date for an embed token.",
		GONE, 0 },
	[VERDICT_TOKEN_DISABLED] = {
		"token_disabled", 401, "Token paused",
		"The token is paused.",
		"Enable it on its page in the Embed URLs tab, or by PATCH with isActive true.",
		PAUSED, 0 },
	[VERDICT_SESSION_INVALID] = {
		"session_invalid", 401, "Invalid session",
		"The session is not valid.",
		"Exchange the embed token for a new session, and send its auth_token unchanged.",
		RELOAD, 0 },
	[VERDICT_SESSION_NOT_YET_VALID] = {
		"session_not_yet_valid", 401, "Session not yet valid",
		"The session comes from the future.",
		"The clocks of the servers differ by more than a minute: synchronise them, then exchange the embed token again.",
		RELOAD, 0 },
	[VERDICT_SESSION_EXPIRED] = {
		"session_expired", 401, "Session expired",
		"The session has ended.",
		"Exchange the embed token for a new session; the loader does this by itself.",
		RELOAD, 0 },
	[VERDICT_SESSION_REVOKED] = {
		"session_revoked", 401, "Session revoked",
		"What the session was made from, an embed token or an API key, was revoked, replaced, paused or has expired.",
		"Look at the status of the token or key. If it was rotated, use its new text; if it was revoked, create a new one. "
		"Then start a new session.",
		GONE, 0 },
	[VERDICT_REFRESH_INVALID] = {
		"refresh_invalid", 401, "Invalid refresh token",
		"The refresh token is not valid.",
		"Log in again with the API key.",
		RELOAD, 0 },
	[VERDICT_REFRESH_REUSED] = {
		"refresh_reused", 401, "Refresh token used before",
		"The refresh token was used before. All tokens of this login have been ended.",
		"Log in again with the API key, and keep the newest refresh token each time. If that is what you do, somebody "
		"else has a copy: rotate the API key.",
		RELOAD, 0 },

	/* standing */
	[VERDICT_PARTNER_SUSPENDED] = {
		"partner_suspended", 403, "Account suspended",
		"The partner account is suspended.",
		"Ask the operator of this installation; 'embedctl partner resume ID' lifts it.",
		PAUSED, 0 },
	[VERDICT_CUSTOMER_DISABLED] = {
		"customer_disabled", 403, "Customer disabled",
		"The customer account is disabled.",
		"Set the customer's status to active on its Overview tab; everything then works again.",
		PAUSED, 0 },
	[VERDICT_PORTAL_ACCESS_DISABLED] = {
		"portal_access_disabled", 403, "Portal access off",
		"The customer has no portal access.",
		"Turn portal access on, on the customer's Overview tab.",
		PAUSED, 0 },
	[VERDICT_FEATURE_NOT_ENABLED] = {
		"feature_not_enabled", 403, "Feature not enabled",
		"A feature that this needs is switched off.",
		"Turn the feature on, on the customer's Features tab: 'embed' for every embed, 'analytics' for dashboards, "
		"'events', 'agents' and 'api' for theirs. API keys need the partner's API access.",
		PAUSED, 0 },
	[VERDICT_READ_ONLY_KEY] = {
		"read_only_key", 403, "Read-only key",
		"A read-only API key can only fetch data, and never an answer that holds a working credential.",
		"Use a partner or customer API key for this call.",
		NOT_HERE, 0 },
	[VERDICT_KEY_TYPE_NOT_ALLOWED] = {
		"key_type_not_allowed", 403, "Key type not allowed",
		"This call does not take API keys of this type.",
		"Use an API key of a type that may do this; the table of credentials in the documentation lists them.",
		NOT_HERE, 0 },
	[VERDICT_SUBJECT_MISMATCH] = {
		"subject_mismatch", 403, "Token of something else",
		"The token belongs to another customer, event, agent or embed URL than the one asked for.",
		"Verify that the token matches the customer, the event and the agent named beside it, and that an embed URL is "
		"used as it was copied, with its own token.",
		NOT_HERE, 0 },
	[VERDICT_ORIGIN_NOT_ALLOWED] = {
		"origin_not_allowed", 403, "Site not allowed",
		"The token may not be used on this site.",
		"Add the site to the token's allowed sites, exactly as the browser shows it: scheme, host and port.",
		"This content may not be shown on this site.", 0 },
	[VERDICT_INSUFFICIENT_SCOPE] = {
		"insufficient_scope", 403, "Permission missing",
		"The token lacks the permission for this.",
		"Create a token whose intended use includes it and use that one here; its customer needs the feature, too.",
		NOT_HERE, 0 },
	[VERDICT_COPY_URL_DISABLED] = {
		"copy_url_disabled", 403, "Copy URL switched off",
		"Copying embed URLs is switched off on this installation.",
		"Use the token that was shown at creation, or rotate it to get a new one. 'copy_url' in embedgate.conf switches "
		"copying on.",
		"Copying is switched off.", 0 },

	/* body */
	[VERDICT_VALIDATION_FAILED] = {
		"validation_failed", 422, "Validation failed",
		"Some fields are missing or wrong.",
		"Correct the fields listed under 'errors'.",
		BAD_FORM, 0 },
	[VERDICT_IDEMPOTENCY_MISMATCH] = {
		"idempotency_mismatch", 422, "Idempotency key used before",
		"This Idempotency-Key was used before with another body.",
		"Draw a new key for each new request; repeat a key only with the same body.",
		BAD_FORM, 0 },
	[VERDICT_TOKEN_STATE_CONFLICT] = {
		"token_state_conflict", 409, "Not possible in this state",
		"The present state does not allow this change.",
		"Load it again and look at its status. What was revoked cannot be restored: create a new one.",
		"This was changed in the meantime. Please reload the page.", 0 },

	/* store */
	[VERDICT_STORE_BUSY] = {
		"store_busy", 503, "Busy",
		"The token database is busy. Nothing was changed.",
		"Repeat the request after a second. If it lasts, look for a stopped process of this installation.",
		TRY_AGAIN, 1 },
	[VERDICT_STORE_RECOVERING] = {
		"store_recovering", 503, "Recovering",
		"The token database is being rebuilt. Nothing was changed.",
		"Repeat the request in a few seconds; it recovers by itself.",
		TRY_AGAIN, 2 },
	[VERDICT_STORE_FULL] = {
		"store_full", 503, "Disk full",
		"The disk is full. Nothing was changed; reading goes on.",
		"Free space on the disk that holds the data directory; writing then goes on by itself.",
		TRY_AGAIN, 60 },
	[VERDICT_STORE_FAILED] = {
		"store_failed", 503, "Storage failed",
		"The token database could not complete this. If it was a change, whether it was kept is unknown.",
		"Look whether the change is there before repeating it. The log names the cause; check the disk.",
		TRY_AGAIN, 5 },
	[VERDICT_STORE_DAMAGED] = {
		"store_damaged", 503, "Storage damaged",
		"The token database is damaged here, and is not trusted.",
		"Run 'embedctl verify', which says what is wrong and where, then 'embedctl rebuild'.",
		TRY_AGAIN, 60 },
	[VERDICT_RANDOM_UNAVAILABLE] = {
		"random_unavailable", 503, "No randomness",
		"The system gave no random numbers, and nothing weaker is used. Nothing was changed.",
		"Repeat the request. If it lasts, the machine's random source is broken: see the log.",
		TRY_AGAIN, 5 },

	/* portal */
	[VERDICT_LOGIN_FAILED] = {
		"login_failed", 401, "Sign-in failed",
		"The mail address or the password is wrong.",
		"Check both. An operator sets a new password with 'embedctl user password --email MAIL'.",
		"The mail address or the password is wrong.", 0 },
	[VERDICT_LOGIN_LIMITED] = {
		"login_limited", 429, "Too many tries",
		"Too many tries to sign in. The password was not looked at.",
		"Wait as long as Retry-After says. At most 10 tries in 15 minutes are taken for an account, 30 from an address.",
		"Too many tries. Please wait a quarter of an hour, then try again.", 900 },
	[VERDICT_CSRF_FAILED] = {
		"csrf_failed", 403, "Form no longer valid",
		"The form's token is missing or wrong. Nothing was changed.",
		"Load the form again and send it from there.",
		"This form is no longer valid. Please go back, reload the page and send it again.", 0 },

	/* any */
	[VERDICT_INTERNAL_ERROR] = {
		"internal_error", 500, "Internal error",
		"Something went wrong on the server.",
		"Give the operator the request id; the log has the cause under it.",
		TRY_AGAIN, 0 },
};

const struct verdict_info *
verdict_info(enum verdict v)
{
	/* Out of range is a fault of the program; it must not read as a success. */
	return &verdict_table[(unsigned)v < VERDICT_COUNT ? v : VERDICT_INTERNAL_ERROR];
}

enum verdict
verdict_of_err(eg_err e)
{
	switch (e) {    /* no default: the compiler names the enumerator that is missing here */
	case EG_OK:		return VERDICT_OK;
	case EG_NOTFOUND:	return VERDICT_NOT_FOUND;
	case EG_EXISTS:
	case EG_CONFLICT:	return VERDICT_TOKEN_STATE_CONFLICT;
	case EG_INVALID:	return VERDICT_VALIDATION_FAILED;
	case EG_TOO_LARGE:	return VERDICT_BODY_TOO_LARGE;

	case EG_BUSY:		return VERDICT_STORE_BUSY;
	case EG_RECOVERING:	return VERDICT_STORE_RECOVERING;
	case EG_FULL:		return VERDICT_STORE_FULL;
	case EG_IO:             /* at run time, files that fail are the store's */
	case EG_FAILED:		return VERDICT_STORE_FAILED;
	case EG_DAMAGED:	return VERDICT_STORE_DAMAGED;
	case EG_RANDOM:		return VERDICT_RANDOM_UNAVAILABLE;

	/* Answers about a credential have verdicts of their own where they are found out; here they were forgotten. */
	case EG_MALFORMED:
	case EG_WRONG_KIND:
	case EG_FORGED:
	case EG_EXPIRED:
	case EG_NOT_YET:
	case EG_REFUSED:
	case EG_CONFIG:
	case EG_INTERNAL:	return VERDICT_INTERNAL_ERROR;
	}
	return VERDICT_INTERNAL_ERROR;
}
