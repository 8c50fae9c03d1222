/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list for embed credentials, on a real store: each verdict, the checks before it, both sides of each boundary. */
#include <sys/wait.h>

#include "world.h"

#define ACME "https://acme.example"
#define SITES ACME " *.shop.example"
#define LIFE 500                /* seconds until a token with an expiry ends: before a session does */
#define OVERLAP 300

#define TEXT "shape checksum kind signature"
#define ALIVE TEXT " known revoked rotated expired paused"
#define STANDING " partner customer portal_access feature subject origin permission"
#define WHOLE ALIVE STANDING
#define SESSION_ALIVE "shape kind signature session known revoked rotated expired paused"

enum text {
	EMB, EMU, SESSION,
	NOTHING, HELLO, SPACE_BEFORE, SPACE_BEHIND, CUT, STRANGE_LETTER, ONE_LETTER, FORGED_MAC, FORGED_ID, FORGED_ISSUE, WRONG_HEAD,
	PARTNER_KEY, PARTNER_KEY_CUT, PARTNER_KEY_ONE_LETTER,
	SESSION_SPOILED, SESSION_UNSIGNED, SESSION_OTHER_AUDIENCE, SESSION_WITHOUT_TOKEN,
	UNKNOWN_ID, SESSION_UNKNOWN_ID,
};

/* What was done to the token, or around it, after it was made (and exchanged). */
enum done {
	DONE_NOTHING, REVOKED, REVOKED_ALL, PAUSED, PAUSED_AND_BACK, ROTATED, ROTATED_AT_ONCE, ROTATED_TWICE, ROTATED_THEN_LEAKED,
	REVOKED_PAUSED_EXPIRED, OF_EVENT, OF_DELETED_EVENT, OF_AGENT, OF_GONE_AGENT,
	PARTNER_SUSPENDED, CUSTOMER_DISABLED, PORTAL_OFF, EMBED_OFF, ANALYTICS_OFF, API_OFF, ALL_OF_THAT, ISSUED_BEFORE_REVOCATION,
	ISSUED_WITH_REVOCATION,
};

enum named { NAMES_NONE, NAMES_SELF, NAMES_SELF_UPPER, NAMES_OTHER, NAMES_CUSTOMER, NAMES_OTHER_CUSTOMER, NAMES_UNKNOWN_CUSTOMER,
	NAMES_NO_ID, NAMES_EVENT, NAMES_EVENT_UPPER, NAMES_SECOND_EVENT, NAMES_SIBLING_EVENT, NAMES_UNKNOWN_EVENT, NAMES_DELETED_EVENT,
	NAMES_NO_EVENT, NAMES_AGENT, NAMES_AGENT_ID, NAMES_SECOND_AGENT, NAMES_OTHER_AGENT, NAMES_UNKNOWN_AGENT,
	NAMES_NO_AGENT };

#define ROW(name_, text_, place_, origin_, done_, verdict_, steps_, ...) \
	{ .name = name_, .text = text_, .place = place_, .origin = origin_, .done = done_, .verdict = verdict_, .steps = steps_, __VA_ARGS__ }

/* From where the row's clock counts. */
enum clock { NOW, EXPIRY, OVERLAP_END, SESSION_START, SESSION_END };

static const struct row {
	const char *name;
	enum text text;
	enum gate_place place;
	const char *origin;
	enum done done;
	enum verdict verdict;
	const char *steps;
	enum clock clock;
	int64_t after;          /* seconds after that */
	unsigned may;           /* permissions of the token; 0: dashboard:read */
	unsigned want;
	enum named named;
	const char *sites;      /* NULL: any */
} rows[] = {
	ROW("a good token", EMB, GATE_EXCHANGE, NULL, 0, VERDICT_OK, WHOLE),
	ROW("A8 a good token from any browser", EMB, GATE_EXCHANGE, "https://any.example", 0, VERDICT_OK, WHOLE),

	/* the text */
	ROW("nothing", NOTHING, GATE_EXCHANGE, NULL, 0, VERDICT_MISSING_CREDENTIALS, "!shape"),
	ROW("not a token at all", HELLO, GATE_EXCHANGE, NULL, 0, VERDICT_TOKEN_MALFORMED, "!shape"),
	ROW("K33 a space before it", SPACE_BEFORE, GATE_EXCHANGE, NULL, 0, VERDICT_TOKEN_MALFORMED, "!shape"),
	ROW("K33 a space behind it", SPACE_BEHIND, GATE_EXCHANGE, NULL, 0, VERDICT_TOKEN_MALFORMED, "!shape"),
	ROW("K33 cut short", CUT, GATE_EXCHANGE, NULL, 0, VERDICT_TOKEN_MALFORMED, "!shape"),
	ROW("K33 a letter that no token has", STRANGE_LETTER, GATE_EXCHANGE, NULL, 0, VERDICT_TOKEN_MALFORMED, "!shape"),
	ROW("K34 one letter changed", ONE_LETTER, GATE_EXCHANGE, NULL, 0, VERDICT_TOKEN_MALFORMED, "shape !checksum"),
	ROW("purpose and prefix disagree", WRONG_HEAD, GATE_EXCHANGE, NULL, 0, VERDICT_TOKEN_MALFORMED, "shape !checksum"),
	ROW("K34 another MAC", FORGED_MAC, GATE_EXCHANGE, NULL, 0, VERDICT_INVALID_TOKEN, "shape checksum kind !signature"),
	ROW("another id", FORGED_ID, GATE_EXCHANGE, NULL, 0, VERDICT_INVALID_TOKEN, "shape checksum kind !signature"),
	ROW("another issue", FORGED_ISSUE, GATE_EXCHANGE, NULL, 0, VERDICT_INVALID_TOKEN, "shape checksum kind !signature"),
	ROW("K32 a partner API key", PARTNER_KEY, GATE_EXCHANGE, NULL, 0, VERDICT_WRONG_TOKEN_TYPE, "shape checksum !kind"),
	ROW("a partner API key from a browser", PARTNER_KEY, GATE_EXCHANGE, ACME, 0, VERDICT_WRONG_TOKEN_TYPE, "shape checksum !kind"),
	ROW("a partner API key, cut", PARTNER_KEY_CUT, GATE_EXCHANGE, NULL, 0, VERDICT_TOKEN_MALFORMED, "!shape"),
	ROW("a partner API key, one letter changed", PARTNER_KEY_ONE_LETTER, GATE_HEADER, NULL, 0, VERDICT_TOKEN_MALFORMED, "shape !checksum"),
	ROW("genuine, but without a record", UNKNOWN_ID, GATE_EXCHANGE, NULL, 0, VERDICT_STORE_DAMAGED, TEXT " !known"),

	/* the URL token */
	ROW("a URL token without Origin", EMU, GATE_EXCHANGE, NULL, 0, VERDICT_OK, WHOLE),
	ROW("a URL token from our embed page", EMU, GATE_EXCHANGE, EMBED, 0, VERDICT_OK, WHOLE, .named = NAMES_SELF),
	ROW("a URL token from our portal", EMU, GATE_EXCHANGE, PUBLIC, 0, VERDICT_OK, WHOLE, .named = NAMES_SELF),
	ROW("a URL token from a customer's page", EMU, GATE_EXCHANGE, ACME, 0, VERDICT_WRONG_TOKEN_TYPE, "shape checksum !kind", .sites = SITES),
	ROW("a URL token from a page without an origin", EMU, GATE_EXCHANGE, "null", 0, VERDICT_WRONG_TOKEN_TYPE, "shape checksum !kind"),
	ROW("a URL token as a header", EMU, GATE_HEADER, NULL, 0, VERDICT_WRONG_TOKEN_TYPE, "shape checksum !kind"),
	ROW("a URL token in dashboard.html", EMU, GATE_PAGE, NULL, 0, VERDICT_OK, WHOLE),
	ROW("dashboard.html fetched by a foreign page", EMU, GATE_PAGE, ACME, 0, VERDICT_WRONG_TOKEN_TYPE, "shape checksum !kind"),
	ROW("A5 a token in dashboard.html", EMB, GATE_PAGE, NULL, 0, VERDICT_OK, WHOLE),
	ROW("the tester takes a URL token and the site that frames it", EMU, GATE_TESTER, ACME, 0, VERDICT_OK, WHOLE, .sites = SITES),
	ROW("... and says where that site is not listed", EMU, GATE_TESTER, "https://evil.example", 0, VERDICT_ORIGIN_NOT_ALLOWED,
	    ALIVE " partner customer portal_access feature subject !origin", .sites = SITES),

	/* states */
	ROW("K32 E15 revoked", EMB, GATE_EXCHANGE, NULL, REVOKED, VERDICT_TOKEN_REVOKED, TEXT " known !revoked"),
	ROW("K28 all tokens of the customer revoked", EMB, GATE_EXCHANGE, NULL, REVOKED_ALL, VERDICT_TOKEN_REVOKED, TEXT " known !revoked"),
	ROW("K28 issued before all were revoked", EMB, GATE_EXCHANGE, NULL, ISSUED_BEFORE_REVOCATION, VERDICT_TOKEN_REVOKED,
	    TEXT " known !revoked"),
	ROW("K28 issued after all were revoked", EMB, GATE_EXCHANGE, NULL, ISSUED_WITH_REVOCATION, VERDICT_OK, WHOLE),
	ROW("revoked, paused and expired: revoked is told", EMB, GATE_EXCHANGE, NULL, REVOKED_PAUSED_EXPIRED, VERDICT_TOKEN_REVOKED,
	    TEXT " known !revoked", .clock = EXPIRY, .after = 1),
	ROW("K32 the last good second", EMB, GATE_EXCHANGE, NULL, 0, VERDICT_OK, WHOLE, .clock = EXPIRY, .after = -1),
	ROW("K32 the first dead second", EMB, GATE_EXCHANGE, NULL, 0, VERDICT_TOKEN_EXPIRED, TEXT " known revoked rotated !expired",
	    .clock = EXPIRY),
	ROW("paused", EMB, GATE_EXCHANGE, NULL, PAUSED, VERDICT_TOKEN_DISABLED, TEXT " known revoked rotated expired !paused"),
	ROW("paused and enabled again", EMB, GATE_EXCHANGE, NULL, PAUSED_AND_BACK, VERDICT_OK, WHOLE),
	ROW("paused and expired: expired is told", EMB, GATE_EXCHANGE, NULL, PAUSED, VERDICT_TOKEN_EXPIRED,
	    TEXT " known revoked rotated !expired", .clock = EXPIRY),
	ROW("K25 the old text, last good second", EMB, GATE_EXCHANGE, NULL, ROTATED, VERDICT_OK, WHOLE, .clock = OVERLAP_END, .after = -1),
	ROW("K25 the old text, first dead second", EMB, GATE_EXCHANGE, NULL, ROTATED, VERDICT_TOKEN_ROTATED, TEXT " known revoked !rotated",
	    .clock = OVERLAP_END),
	ROW("A21 A23 rotated without an overlap", EMB, GATE_EXCHANGE, NULL, ROTATED_AT_ONCE, VERDICT_TOKEN_ROTATED,
	    TEXT " known revoked !rotated"),
	ROW("the text before the one before", EMB, GATE_EXCHANGE, NULL, ROTATED_TWICE, VERDICT_OK, WHOLE, .clock = OVERLAP_END, .after = -1),
	ROW("the text before the one before, overlap over", EMB, GATE_EXCHANGE, NULL, ROTATED_TWICE, VERDICT_TOKEN_ROTATED,
	    TEXT " known revoked !rotated", .clock = OVERLAP_END),
	ROW("the text before a leak", EMB, GATE_EXCHANGE, NULL, ROTATED_THEN_LEAKED, VERDICT_TOKEN_ROTATED, TEXT " known revoked !rotated"),

	/* standing */
	ROW("the partner suspended", EMB, GATE_EXCHANGE, NULL, PARTNER_SUSPENDED, VERDICT_PARTNER_SUSPENDED, ALIVE " !partner"),
	ROW("K34 the customer disabled", EMB, GATE_EXCHANGE, NULL, CUSTOMER_DISABLED, VERDICT_CUSTOMER_DISABLED, ALIVE " partner !customer"),
	ROW("K3 portal access off", EMB, GATE_EXCHANGE, NULL, PORTAL_OFF, VERDICT_PORTAL_ACCESS_DISABLED,
	    ALIVE " partner customer !portal_access"),
	ROW("K34 the embed feature off", EMB, GATE_EXCHANGE, NULL, EMBED_OFF, VERDICT_FEATURE_NOT_ENABLED,
	    ALIVE " partner customer portal_access !feature"),
	ROW("all of that: the first is told", EMB, GATE_EXCHANGE, "https://evil.example", ALL_OF_THAT, VERDICT_PARTNER_SUSPENDED,
	    ALIVE " !partner", .sites = SITES, .want = PERM_AGENTS_READ, .named = NAMES_OTHER),
	ROW("analytics off: the exchange goes on", EMB, GATE_EXCHANGE, NULL, ANALYTICS_OFF, VERDICT_OK, WHOLE),
	ROW("K32 analytics off: not its dashboard", EMB, GATE_HEADER, NULL, ANALYTICS_OFF, VERDICT_FEATURE_NOT_ENABLED,
	    ALIVE " partner customer portal_access !feature", .want = PERM_DASHBOARD_READ),

	/* subject */
	ROW("its own id", EMB, GATE_EXCHANGE, NULL, 0, VERDICT_OK, WHOLE, .named = NAMES_SELF),
	ROW("its own id in capitals", EMB, GATE_EXCHANGE, NULL, 0, VERDICT_OK, WHOLE, .named = NAMES_SELF_UPPER),
	ROW("another token's id", EMB, GATE_EXCHANGE, NULL, 0, VERDICT_SUBJECT_MISMATCH, ALIVE " partner customer portal_access feature !subject",
	    .named = NAMES_OTHER),
	ROW("its own customer", EMB, GATE_EXCHANGE, NULL, 0, VERDICT_OK, WHOLE, .named = NAMES_CUSTOMER),
	ROW("K32 A20 another customer", EMB, GATE_EXCHANGE, NULL, 0, VERDICT_SUBJECT_MISMATCH,
	    ALIVE " partner customer portal_access feature !subject", .named = NAMES_OTHER_CUSTOMER),
	ROW("a customer that nobody knows: the same", EMB, GATE_EXCHANGE, NULL, 0, VERDICT_SUBJECT_MISMATCH,
	    ALIVE " partner customer portal_access feature !subject", .named = NAMES_UNKNOWN_CUSTOMER),
	ROW("a customer that is no id: the same", EMB, GATE_EXCHANGE, NULL, 0, VERDICT_SUBJECT_MISMATCH,
	    ALIVE " partner customer portal_access feature !subject", .named = NAMES_NO_ID),
	ROW("E18 an event of its customer", EMB, GATE_EXCHANGE, NULL, 0, VERDICT_OK, WHOLE, .named = NAMES_EVENT),
	ROW("another one of its customer", EMB, GATE_EXCHANGE, NULL, 0, VERDICT_OK, WHOLE, .named = NAMES_SECOND_EVENT),
	ROW("an event of its customer, by session", SESSION, GATE_HEADER, NULL, 0, VERDICT_OK, SESSION_ALIVE STANDING, .named = NAMES_EVENT),
	ROW("an event of another customer", EMB, GATE_EXCHANGE, NULL, 0, VERDICT_SUBJECT_MISMATCH,
	    ALIVE " partner customer portal_access feature !subject", .named = NAMES_SIBLING_EVENT),
	ROW("an event of another customer, by session", SESSION, GATE_HEADER, NULL, 0, VERDICT_SUBJECT_MISMATCH,
	    SESSION_ALIVE " partner customer portal_access feature !subject", .named = NAMES_SIBLING_EVENT),
	ROW("an event that nobody knows: the same", EMB, GATE_EXCHANGE, NULL, 0, VERDICT_SUBJECT_MISMATCH,
	    ALIVE " partner customer portal_access feature !subject", .named = NAMES_UNKNOWN_EVENT),
	ROW("an event that was deleted: the same", EMB, GATE_EXCHANGE, NULL, 0, VERDICT_SUBJECT_MISMATCH,
	    ALIVE " partner customer portal_access feature !subject", .named = NAMES_DELETED_EVENT),
	ROW("an event that is no id: the same", EMB, GATE_EXCHANGE, NULL, 0, VERDICT_SUBJECT_MISMATCH,
	    ALIVE " partner customer portal_access feature !subject", .named = NAMES_NO_EVENT),
	ROW("C3 an agent of its customer", EMB, GATE_EXCHANGE, NULL, 0, VERDICT_OK, WHOLE, .named = NAMES_AGENT),
	ROW("C3 an agent of its customer by id", EMB, GATE_EXCHANGE, NULL, 0, VERDICT_OK, WHOLE, .named = NAMES_AGENT_ID),
	ROW("an agent of another customer", EMB, GATE_EXCHANGE, NULL, 0, VERDICT_SUBJECT_MISMATCH,
	    ALIVE " partner customer portal_access feature !subject", .named = NAMES_OTHER_AGENT),
	ROW("an agent that nobody knows: the same", EMB, GATE_EXCHANGE, NULL, 0, VERDICT_SUBJECT_MISMATCH,
	    ALIVE " partner customer portal_access feature !subject", .named = NAMES_UNKNOWN_AGENT),
	ROW("what names no agent: the same", EMB, GATE_EXCHANGE, NULL, 0, VERDICT_SUBJECT_MISMATCH,
	    ALIVE " partner customer portal_access feature !subject", .named = NAMES_NO_AGENT),
	ROW("our own page must name its token", EMB, GATE_EXCHANGE, EMBED, 0, VERDICT_SUBJECT_MISMATCH,
	    ALIVE " partner customer portal_access feature !subject"),
	ROW("T11 our own page of another token", EMU, GATE_EXCHANGE, EMBED, 0, VERDICT_SUBJECT_MISMATCH,
	    ALIVE " partner customer portal_access feature !subject", .named = NAMES_OTHER),
	ROW("our own page, whose frame-ancestors did the list's work", EMB, GATE_EXCHANGE, EMBED, 0, VERDICT_OK, WHOLE, .sites = SITES,
	    .named = NAMES_SELF),
	ROW("E10 its own event", EMB, GATE_EXCHANGE, NULL, OF_EVENT, VERDICT_OK, WHOLE, .named = NAMES_EVENT),
	ROW("E10 its own event in capitals", EMB, GATE_EXCHANGE, NULL, OF_EVENT, VERDICT_OK, WHOLE, .named = NAMES_EVENT_UPPER),
	ROW("E10 another event of its customer", EMB, GATE_EXCHANGE, NULL, OF_EVENT, VERDICT_SUBJECT_MISMATCH,
	    ALIVE " partner customer portal_access feature !subject", .named = NAMES_SECOND_EVENT),
	ROW("E10 an event of another customer", EMB, GATE_EXCHANGE, NULL, OF_EVENT, VERDICT_SUBJECT_MISMATCH,
	    ALIVE " partner customer portal_access feature !subject", .named = NAMES_SIBLING_EVENT),
	ROW("its event was deleted: it is revoked already", EMB, GATE_EXCHANGE, NULL, OF_DELETED_EVENT, VERDICT_TOKEN_REVOKED,
	    TEXT " known !revoked"),
	ROW("its event was deleted, by session", SESSION, GATE_HEADER, NULL, OF_DELETED_EVENT, VERDICT_SESSION_REVOKED,
	    "shape kind signature session known !revoked"),
	ROW("an event, by a token of an agent", EMB, GATE_EXCHANGE, NULL, OF_AGENT, VERDICT_SUBJECT_MISMATCH,
	    ALIVE " partner customer portal_access feature !subject", .named = NAMES_EVENT),
	ROW("an agent, by a token of an event", EMB, GATE_EXCHANGE, NULL, OF_EVENT, VERDICT_SUBJECT_MISMATCH,
	    ALIVE " partner customer portal_access feature !subject", .named = NAMES_AGENT),
	ROW("the dashboard, by a token of an event", EMB, GATE_HEADER, NULL, OF_EVENT, VERDICT_INSUFFICIENT_SCOPE,
	    ALIVE " partner customer portal_access feature subject origin !permission", .may = PERM_ALL, .want = PERM_DASHBOARD_READ),
	ROW("its own agent by number", EMB, GATE_EXCHANGE, NULL, OF_AGENT, VERDICT_OK, WHOLE, .named = NAMES_AGENT),
	ROW("its own agent by id", EMB, GATE_EXCHANGE, NULL, OF_AGENT, VERDICT_OK, WHOLE, .named = NAMES_AGENT_ID),
	ROW("C3 another agent", EMB, GATE_EXCHANGE, NULL, OF_AGENT, VERDICT_SUBJECT_MISMATCH,
	    ALIVE " partner customer portal_access feature !subject", .named = NAMES_OTHER_AGENT),
	ROW("C3 another agent of the same customer", EMB, GATE_EXCHANGE, NULL, OF_AGENT, VERDICT_SUBJECT_MISMATCH,
	    ALIVE " partner customer portal_access feature !subject", .named = NAMES_SECOND_AGENT),
	ROW("its agent is deleted", EMB, GATE_EXCHANGE, NULL, OF_GONE_AGENT, VERDICT_TOKEN_REVOKED, TEXT " known !revoked"),
	ROW("its agent is deleted, by session", SESSION, GATE_HEADER, NULL, OF_GONE_AGENT, VERDICT_SESSION_REVOKED,
	    "shape kind signature session known !revoked"),
	ROW("a customer that is not its own, by session", SESSION, GATE_HEADER, NULL, 0, VERDICT_SUBJECT_MISMATCH,
	    SESSION_ALIVE " partner customer portal_access feature !subject", .named = NAMES_OTHER_CUSTOMER),

	/* sites: E3, K33 */
	ROW("E3 a listed site", EMB, GATE_EXCHANGE, ACME, 0, VERDICT_OK, WHOLE, .sites = SITES),
	ROW("E3 a subdomain of a wildcard", EMB, GATE_EXCHANGE, "https://a.b.shop.example", 0, VERDICT_OK, WHOLE, .sites = SITES),
	ROW("E3 no Origin: a server asks", EMB, GATE_EXCHANGE, NULL, 0, VERDICT_OK, WHOLE, .sites = SITES),
	ROW("K33 E3 another site", EMB, GATE_EXCHANGE, "https://evil.example", 0, VERDICT_ORIGIN_NOT_ALLOWED,
	    ALIVE " partner customer portal_access feature subject !origin", .sites = SITES),
	ROW("E3 the wildcard's apex", EMB, GATE_EXCHANGE, "https://shop.example", 0, VERDICT_ORIGIN_NOT_ALLOWED,
	    ALIVE " partner customer portal_access feature subject !origin", .sites = SITES),
	ROW("E3 another scheme", EMB, GATE_EXCHANGE, "http://acme.example", 0, VERDICT_ORIGIN_NOT_ALLOWED,
	    ALIVE " partner customer portal_access feature subject !origin", .sites = SITES),
	ROW("E3 another port", EMB, GATE_EXCHANGE, ACME ":8443", 0, VERDICT_ORIGIN_NOT_ALLOWED,
	    ALIVE " partner customer portal_access feature subject !origin", .sites = SITES),
	ROW("T13 null is no listed site", EMB, GATE_EXCHANGE, "null", 0, VERDICT_ORIGIN_NOT_ALLOWED,
	    ALIVE " partner customer portal_access feature subject !origin", .sites = SITES),
	ROW("an empty Origin is no listed site", EMB, GATE_EXCHANGE, "", 0, VERDICT_ORIGIN_NOT_ALLOWED,
	    ALIVE " partner customer portal_access feature subject !origin", .sites = SITES),
	ROW("checked at each use of a session, too", SESSION, GATE_HEADER, "https://evil.example", 0, VERDICT_ORIGIN_NOT_ALLOWED,
	    SESSION_ALIVE " partner customer portal_access feature subject !origin", .sites = SITES),

	/* permissions: K12, K31 */
	ROW("K12 what it was granted", EMB, GATE_HEADER, NULL, 0, VERDICT_OK, WHOLE, .want = PERM_DASHBOARD_READ),
	ROW("K12 what it was not granted", EMB, GATE_HEADER, NULL, 0, VERDICT_INSUFFICIENT_SCOPE,
	    ALIVE " partner customer portal_access feature subject origin !permission", .want = PERM_EVENTS_REGISTER),
	ROW("K31 api:read reads what the route names beside it", EMB, GATE_HEADER, NULL, 0, VERDICT_OK, WHOLE, .may = PERM_API_READ,
	    .want = PERM_DASHBOARD_READ | PERM_API_READ),
	ROW("api:read is not the dashboard where the route does not say so", EMB, GATE_HEADER, NULL, 0, VERDICT_INSUFFICIENT_SCOPE,
	    ALIVE " partner customer portal_access feature subject origin !permission", .may = PERM_API_READ, .want = PERM_DASHBOARD_READ),
	ROW("api:read of a thing that is switched off", EMB, GATE_HEADER, NULL, ANALYTICS_OFF, VERDICT_FEATURE_NOT_ENABLED,
	    ALIVE " partner customer portal_access !feature", .may = PERM_API_READ, .want = PERM_DASHBOARD_READ | PERM_API_READ),
	ROW("api:read switched off itself", EMB, GATE_HEADER, NULL, API_OFF, VERDICT_FEATURE_NOT_ENABLED,
	    ALIVE " partner customer portal_access !feature", .may = PERM_API_READ, .want = PERM_DASHBOARD_READ | PERM_API_READ),
	ROW("... is no loss to who needs it not", EMB, GATE_HEADER, NULL, API_OFF, VERDICT_OK, WHOLE,
	    .want = PERM_DASHBOARD_READ | PERM_API_READ),
	ROW("neither of the two", EMB, GATE_HEADER, NULL, 0, VERDICT_INSUFFICIENT_SCOPE,
	    ALIVE " partner customer portal_access feature subject origin !permission", .may = PERM_EVENTS_READ,
	    .want = PERM_DASHBOARD_READ | PERM_API_READ),

	/* sessions: A6, A7, T3, T6 */
	ROW("A7 a session", SESSION, GATE_HEADER, NULL, 0, VERDICT_OK, SESSION_ALIVE STANDING, .want = PERM_DASHBOARD_READ),
	ROW("A7 a session where only that is taken", SESSION, GATE_SESSION, NULL, 0, VERDICT_OK, SESSION_ALIVE STANDING),
	ROW("an embed token where only a session is taken", EMB, GATE_SESSION, NULL, 0, VERDICT_WRONG_TOKEN_TYPE, "shape checksum !kind"),
	ROW("a session in the exchange", SESSION, GATE_EXCHANGE, NULL, 0, VERDICT_WRONG_TOKEN_TYPE, "shape !kind"),
	ROW("a session in dashboard.html", SESSION, GATE_PAGE, NULL, 0, VERDICT_WRONG_TOKEN_TYPE, "shape !kind"),
	ROW("a session's signature changed", SESSION_SPOILED, GATE_HEADER, NULL, 0, VERDICT_SESSION_INVALID, "shape kind !signature"),
	ROW("T3 a session without a signature", SESSION_UNSIGNED, GATE_HEADER, NULL, 0, VERDICT_SESSION_INVALID, "shape kind !signature"),
	ROW("T4 another kind of JWT", SESSION_OTHER_AUDIENCE, GATE_HEADER, NULL, 0, VERDICT_SESSION_INVALID, "shape kind !signature"),
	ROW("a session that names no token", SESSION_WITHOUT_TOKEN, GATE_HEADER, NULL, 0, VERDICT_SESSION_INVALID, "shape kind !signature"),
	ROW("a session of a token without a record", SESSION_UNKNOWN_ID, GATE_HEADER, NULL, 0, VERDICT_STORE_DAMAGED,
	    "shape kind signature session !known"),
	ROW("a session's last good second", SESSION, GATE_HEADER, NULL, 0, VERDICT_OK, SESSION_ALIVE STANDING, .clock = SESSION_END, .after = -1),
	ROW("a session's first dead second", SESSION, GATE_HEADER, NULL, 0, VERDICT_SESSION_EXPIRED, "shape kind signature !session",
	    .clock = SESSION_END),
	ROW("a session a minute from the future", SESSION, GATE_HEADER, NULL, 0, VERDICT_OK, SESSION_ALIVE STANDING, .clock = SESSION_START, .after = -60),
	ROW("a session more than that from the future", SESSION, GATE_HEADER, NULL, 0, VERDICT_SESSION_NOT_YET_VALID,
	    "shape kind signature !session", .clock = SESSION_START, .after = -61),
	ROW("T6 a session of a revoked token", SESSION, GATE_HEADER, NULL, REVOKED, VERDICT_SESSION_REVOKED,
	    "shape kind signature session known !revoked"),
	ROW("a session of a paused token", SESSION, GATE_HEADER, NULL, PAUSED, VERDICT_SESSION_REVOKED,
	    "shape kind signature session known revoked rotated expired !paused"),
	ROW("a session of an expired token", SESSION, GATE_HEADER, NULL, 0, VERDICT_SESSION_REVOKED,
	    "shape kind signature session known revoked rotated !expired", .clock = EXPIRY),
	ROW("a session of the old text within the overlap", SESSION, GATE_HEADER, NULL, ROTATED, VERDICT_OK, SESSION_ALIVE STANDING,
	    .clock = OVERLAP_END, .after = -1),
	ROW("a session of the old text, overlap over", SESSION, GATE_HEADER, NULL, ROTATED, VERDICT_SESSION_REVOKED,
	    "shape kind signature session known revoked !rotated", .clock = OVERLAP_END),
	ROW("a session of the old text, no overlap", SESSION, GATE_HEADER, NULL, ROTATED_AT_ONCE, VERDICT_SESSION_REVOKED,
	    "shape kind signature session known revoked !rotated"),
	ROW("a session, the customer disabled", SESSION, GATE_HEADER, NULL, CUSTOMER_DISABLED, VERDICT_CUSTOMER_DISABLED,
	    SESSION_ALIVE " partner !customer"),
	ROW("T5 a session, the feature switched off", SESSION, GATE_HEADER, NULL, EMBED_OFF, VERDICT_FEATURE_NOT_ENABLED,
	    SESSION_ALIVE " partner customer portal_access !feature"),
};

/* ---- doing what the rows say ---- */

static const char unknown_id[] = "01990000-0000-7000-8000-000000000001";

static const char *
jwt_of(struct world *w, enum jwt_kind kind, json_object *claims)
{
	const char *text;

	assert_int_equal(jwt_make(w->sv.jwts, w->a, kind, claims, w->now, GATE_SESSION_TTL_S, &text), EG_OK);
	return text;
}

static const char *
session_of(struct world *w, const struct made_token *t)
{
	struct identity id = { .token = t->row };
	const char *text;

	memcpy(id.issue, t->row.issue, sizeof(id.issue));
	assert_int_equal(gate_session_make(&w->sv, w->a, &id, w->now, &text), EG_OK);
	return text;
}

static const char *
session_text(struct world *w, const struct made_token *t, enum text which)
{
	json_object *claims = json_new_object(w->a);
	char *text = arena_strdup(w->a, session_of(w, t));
	struct made_token unknown = *t;

	json_add_uuid(claims, "tid", &t->row.id);
	json_add_str(claims, "gen", "AAAAAAA");
	json_add_uuid(claims, "sub", &t->row.customer_id);
	switch (which) {
	case SESSION_SPOILED:
		return spoiled(w, text, strlen(text) - 10);
	case SESSION_UNSIGNED:          /* {"alg":"none","typ":"JWT"}, the same claims, no signature */
		*strrchr(text, '.') = '\0';
		return arena_printf(w->a, "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0%s.", strchr(text, '.'));
	case SESSION_OTHER_AUDIENCE:
		return jwt_of(w, JWT_AGENT_ACCESS, claims);
	case SESSION_WITHOUT_TOKEN:
		json_object_object_del(claims, "gen");
		return jwt_of(w, JWT_SESSION, claims);
	case SESSION_UNKNOWN_ID:
		assert_int_equal(uuid_parse(unknown_id, strlen(unknown_id), &unknown.row.id), EG_OK);
		return session_of(w, &unknown);
	default:
		return text;
	}
}

static const char *
text_of(struct world *w, const struct made_token *t, const char *key, enum text which)
{
	char *unknown = arena_alloc(w->a, EMBED_TOKEN_SIZE);
	struct token_row stranger = t->row;

	switch (which) {
	case EMB:			return t->emb;
	case EMU:			return t->emu;
	case NOTHING:			return "";
	case HELLO:			return "hello";
	case SPACE_BEFORE:		return arena_printf(w->a, " %s", t->emb);
	case SPACE_BEHIND:		return arena_printf(w->a, "%s ", t->emb);
	case CUT:			return arena_strndup(w->a, t->emb, EMBED_TOKEN_LEN - 1);
	case STRANGE_LETTER:		return arena_printf(w->a, "%.30s+%s", t->emb, t->emb + 31);
	case ONE_LETTER:		return spoiled(w, t->emb, 20);
	case FORGED_ISSUE:		return forged(w, t->emb, 0);
	case WRONG_HEAD:		return forged(w, t->emb, EMBED_TOKEN_ISSUE_SIZE);
	case FORGED_ID:			return forged(w, t->emb, 10);
	case FORGED_MAC:		return forged(w, t->emb, 30);
	case PARTNER_KEY:		return key;
	case PARTNER_KEY_CUT:		return arena_strndup(w->a, key, API_KEY_LEN - 1);
	case PARTNER_KEY_ONE_LETTER:	return spoiled(w, key, 20);
	case UNKNOWN_ID:
		assert_int_equal(uuid_parse(unknown_id, strlen(unknown_id), &stranger.id), EG_OK);
		world_text(w, &stranger, TOKEN_EMBED, unknown);
		return unknown;
	default:
		return session_text(w, t, which);
	}
}

static void
pause_token(struct world *w, struct made_token *t, bool active)
{
	const struct token_patch patch = { .set_active = true, .is_active = active };
	struct faults f;

	faults_init(&f, w->a);
	assert_int_equal(token_update(&w->sv, w->a, &w->scope, &w->who, &t->row.id, &patch, &f, &t->row), EG_OK);
}

static void
rotate_token(struct world *w, struct made_token *t, int64_t overlap_s)
{
	char text[EMBED_TOKEN_SIZE];
	struct faults f;

	faults_init(&f, w->a);
	assert_int_equal(token_rotate(&w->sv, w->a, &w->scope, &w->who, &t->row.id, overlap_s, &f, &t->row, text), EG_OK);
}

static void
revoke_token(struct world *w, struct made_token *t)
{
	assert_int_equal(token_revoke(&w->sv, w->a, &w->scope, &w->who, &t->row.id, &t->row), EG_OK);
}

static void
customer_is(struct world *w, bool disabled, bool portal, unsigned features)
{
	const struct customer_patch patch = { .set_disabled = true, .is_disabled = disabled, .set_portal_access = true,
		.has_portal_access = portal, .features = { .on = features, .off = FEATURE_ALL & ~features } };

	world_patch_customer(w, &patch);
}

static void
partner_is_suspended(struct world *w, bool suspended)
{
	assert_int_equal(partner_set_suspended(&w->sv, w->a, &w->who, &w->partner.id, suspended), EG_OK);
}

/* Of the customer, and of the other one. */
static struct agent_row agent, second_agent, other_agent;

static void
make_agents(struct world *w)
{
	agent = world_agent(w, &w->customer);
	second_agent = world_agent(w, &w->customer);
	other_agent = world_agent(w, &w->other_customer);
}

static struct uuid
gone_id(void)
{
	struct uuid id;

	assert_int_equal(uuid_parse(unknown_id, strlen(unknown_id), &id), EG_OK);
	return id;
}

static void
make_token_of_agent(struct world *w, struct made_token *t, struct uuid id, int64_t number)
{
	world_rewrite(w, &(struct world_rewrite){ KIND_TOKEN, &t->row.id, "agent", world_number(w, number), 3, id });
}

static void
do_to(struct world *w, struct made_token *t, enum done done)
{
	size_t count;

	switch (done) {
	case DONE_NOTHING:
		break;
	case OF_EVENT:
		world_rewrite(w, &(struct world_rewrite){ KIND_TOKEN, &t->row.id, "agent", NULL, 2, w->event.id });
		break;
	case OF_DELETED_EVENT:
		world_rewrite(w, &(struct world_rewrite){ KIND_TOKEN, &t->row.id, "agent", NULL, 2, w->deleted_event.id });
		break;
	case OF_AGENT:
		make_token_of_agent(w, t, agent.id, agent.number);
		break;
	case OF_GONE_AGENT:
		make_token_of_agent(w, t, gone_id(), 4711);
		break;
	case ISSUED_BEFORE_REVOCATION:
	case ISSUED_WITH_REVOCATION:
		world_rewrite(w, &(struct world_rewrite){ .kind = KIND_CUSTOMER, .id = &w->customer.id, .member = "revoked_before",
		    .value = world_number(w, t->row.issued_at + (done == ISSUED_BEFORE_REVOCATION)) });
		break;
	case REVOKED:
		revoke_token(w, t);
		break;
	case REVOKED_ALL:
		assert_int_equal(token_revoke_all(&w->sv, w->a, &w->scope, &w->who, &w->customer.id, &count), EG_OK);
		assert_true(count >= 1);
		break;
	case PAUSED:
		pause_token(w, t, false);
		break;
	case PAUSED_AND_BACK:
		pause_token(w, t, false);
		pause_token(w, t, true);
		break;
	case REVOKED_PAUSED_EXPIRED:
		pause_token(w, t, false);
		revoke_token(w, t);
		break;
	case ROTATED:
		rotate_token(w, t, OVERLAP);
		break;
	case ROTATED_AT_ONCE:
		rotate_token(w, t, 0);
		break;
	case ROTATED_TWICE:
		rotate_token(w, t, OVERLAP);
		rotate_token(w, t, OVERLAP - 1);
		break;
	case ROTATED_THEN_LEAKED:
		rotate_token(w, t, OVERLAP);
		rotate_token(w, t, 0);
		break;
	case PARTNER_SUSPENDED:
		partner_is_suspended(w, true);
		break;
	case CUSTOMER_DISABLED:
		customer_is(w, true, true, FEATURE_ALL);
		break;
	case PORTAL_OFF:
		customer_is(w, false, false, FEATURE_ALL);
		break;
	case EMBED_OFF:
		customer_is(w, false, true, FEATURE_ALL & ~FEATURE_EMBED);
		break;
	case ANALYTICS_OFF:
		customer_is(w, false, true, FEATURE_ALL & ~FEATURE_ANALYTICS);
		break;
	case API_OFF:
		customer_is(w, false, true, FEATURE_ALL & ~FEATURE_API);
		break;
	case ALL_OF_THAT:
		partner_is_suspended(w, true);
		customer_is(w, true, false, 0);
		break;
	}
}

static void
undo(struct world *w, enum done done)
{
	if (done >= ISSUED_BEFORE_REVOCATION)
		world_rewrite(w, &(struct world_rewrite){ .kind = KIND_CUSTOMER, .id = &w->customer.id, .member = "revoked_before" });
	else if (done >= PARTNER_SUSPENDED) {
		partner_is_suspended(w, false);
		customer_is(w, false, true, FEATURE_ALL);
	}
}

static char *
id_text(struct world *w, const struct uuid *id)
{
	char *text = arena_alloc(w->a, UUID_TEXT_SIZE);

	uuid_format(id, text);
	return text;
}

static char *
upper_text(char *text)
{
	for (char *p = text; *p != '\0'; p++)
		*p = *p >= 'a' ? (char)(*p - 32) : *p;
	return text;
}

static struct gate_subject
subject_of(struct world *w, const struct made_token *t, enum named named)
{
	static char own[UUID_TEXT_SIZE], own_upper[UUID_TEXT_SIZE], customer[UUID_TEXT_SIZE], other[UUID_TEXT_SIZE];

	uuid_format(&t->row.id, own);
	for (size_t i = 0; i < UUID_TEXT_SIZE; i++)
		own_upper[i] = own[i] >= 'a' ? (char)(own[i] - 32) : own[i];
	uuid_format(&t->row.customer_id, customer);
	uuid_format(&w->other_customer.id, other);
	switch (named) {
	case NAMES_SELF:		return (struct gate_subject){ .token_id = own };
	case NAMES_SELF_UPPER:		return (struct gate_subject){ .token_id = own_upper };
	case NAMES_OTHER:		return (struct gate_subject){ .token_id = unknown_id };
	case NAMES_CUSTOMER:		return (struct gate_subject){ .customer_id = customer };
	case NAMES_OTHER_CUSTOMER:	return (struct gate_subject){ .customer_id = other };
	case NAMES_UNKNOWN_CUSTOMER:	return (struct gate_subject){ .customer_id = unknown_id };
	case NAMES_NO_ID:		return (struct gate_subject){ .customer_id = "" };
	case NAMES_EVENT:		return (struct gate_subject){ .event_id = id_text(w, &w->event.id) };
	case NAMES_EVENT_UPPER:		return (struct gate_subject){ .event_id = upper_text(id_text(w, &w->event.id)) };
	case NAMES_SECOND_EVENT:	return (struct gate_subject){ .event_id = id_text(w, &w->second_event.id) };
	case NAMES_SIBLING_EVENT:	return (struct gate_subject){ .event_id = id_text(w, &w->other_event.id) };
	case NAMES_DELETED_EVENT:	return (struct gate_subject){ .event_id = id_text(w, &w->deleted_event.id) };
	case NAMES_UNKNOWN_EVENT:	return (struct gate_subject){ .event_id = unknown_id };
	case NAMES_NO_EVENT:		return (struct gate_subject){ .event_id = "fair" };
	case NAMES_AGENT:		return (struct gate_subject){ .agent = world_number_text(w, agent.number) };
	case NAMES_AGENT_ID:		return (struct gate_subject){ .agent = id_text(w, &agent.id) };
	case NAMES_SECOND_AGENT:	return (struct gate_subject){ .agent = world_number_text(w, second_agent.number) };
	case NAMES_OTHER_AGENT:		return (struct gate_subject){ .agent = world_number_text(w, other_agent.number) };
	case NAMES_UNKNOWN_AGENT:	return (struct gate_subject){ .agent = "999999" };
	case NAMES_NO_AGENT:		return (struct gate_subject){ .agent = "" };
	case NAMES_NONE:		break;
	}
	return (struct gate_subject){ 0 };
}

static int64_t
clock_of(const struct world *w, const struct made_token *t, const struct row *r)
{
	switch (r->clock) {
	case EXPIRY:		return t->row.expires_at + r->after;
	case OVERLAP_END:	return token_previous_valid_until(&t->row) + r->after;
	case SESSION_END:	return w->now + GATE_SESSION_TTL_S + r->after;
	case SESSION_START:
	case NOW:		break;
	}
	return w->now + r->after;
}

static void
every_verdict_with_the_checks_before_it(void **state)
{
	struct world *w = *state;
	char key[API_KEY_SIZE];

	make_agents(w);
	world_key(w, API_KEY_PARTNER, NULL, 0, key);
	for (size_t i = 0; i < EG_COUNT(rows); i++) {
		const struct row *r = &rows[i];

		w->now = clock_now_s();

		struct made_token t = world_token(w, &w->customer, r->sites, r->may, r->clock == EXPIRY ? w->now + LIFE : 0);
		const char *text = text_of(w, &t, key, r->text);
		struct gate_ask ask = { .text = text, .len = strlen(text), .place = r->place, .origin = r->origin, .want = r->want,
			.subject = subject_of(w, &t, r->named) };
		struct gate_answer out;

		do_to(w, &t, r->done);
		ask.now_s = clock_of(w, &t, r);
		gate_embed(&w->sv, w->a, &ask, &out);
		assert_verdict(r->name, &out, r->verdict);
		if (strcmp(steps_text(w, &out), r->steps) != 0)
			fail_msg("%s: %s, wanted %s", r->name, steps_text(w, &out), r->steps);
		/* A precise reason only after the secret verified. */
		assert_int_equal(out.secret_verified, strstr(r->steps, " signature") != NULL);
		assert_true(out.missing_permission == 0 || out.verdict == VERDICT_INSUFFICIENT_SCOPE);
		undo(w, r->done);
	}
}

/* ---- T4: every kind of credential in every place ---- */

/* The verdicts in the order of enum gate_place, and at last that of a route for API keys. */
static const struct {
	enum text text;
	enum verdict verdict[6];
} matrix[] = {
	{ EMB, { VERDICT_OK, VERDICT_OK, VERDICT_WRONG_TOKEN_TYPE, VERDICT_OK, VERDICT_OK, VERDICT_WRONG_TOKEN_TYPE } },
	{ EMU, { VERDICT_OK, VERDICT_WRONG_TOKEN_TYPE, VERDICT_WRONG_TOKEN_TYPE, VERDICT_OK, VERDICT_OK, VERDICT_WRONG_TOKEN_TYPE } },
	{ SESSION, { VERDICT_WRONG_TOKEN_TYPE, VERDICT_OK, VERDICT_OK, VERDICT_WRONG_TOKEN_TYPE, VERDICT_WRONG_TOKEN_TYPE,
	    VERDICT_WRONG_TOKEN_TYPE } },
	{ SESSION_OTHER_AUDIENCE, { VERDICT_WRONG_TOKEN_TYPE, VERDICT_SESSION_INVALID, VERDICT_SESSION_INVALID,
	    VERDICT_WRONG_TOKEN_TYPE, VERDICT_WRONG_TOKEN_TYPE, VERDICT_WRONG_TOKEN_TYPE } },
	{ PARTNER_KEY, { VERDICT_WRONG_TOKEN_TYPE, VERDICT_WRONG_TOKEN_TYPE, VERDICT_WRONG_TOKEN_TYPE, VERDICT_WRONG_TOKEN_TYPE,
	    VERDICT_WRONG_TOKEN_TYPE, VERDICT_OK } },
	{ HELLO, { VERDICT_TOKEN_MALFORMED, VERDICT_TOKEN_MALFORMED, VERDICT_TOKEN_MALFORMED, VERDICT_TOKEN_MALFORMED,
	    VERDICT_TOKEN_MALFORMED, VERDICT_TOKEN_MALFORMED } },
	{ NOTHING, { VERDICT_MISSING_CREDENTIALS, VERDICT_MISSING_CREDENTIALS, VERDICT_MISSING_CREDENTIALS, VERDICT_MISSING_CREDENTIALS,
	    VERDICT_MISSING_CREDENTIALS, VERDICT_MISSING_CREDENTIALS } },
};

static void
only_the_diagonal_passes(void **state)
{
	struct world *w = *state;
	struct made_token t = world_token(w, &w->customer, NULL, 0, 0);
	char key[API_KEY_SIZE];
	struct gate_answer out;

	w->now = clock_now_s();
	world_key(w, API_KEY_PARTNER, NULL, 0, key);
	for (size_t i = 0; i < EG_COUNT(matrix); i++) {
		const char *text = text_of(w, &t, key, matrix[i].text);

		for (unsigned place = GATE_EXCHANGE; place <= GATE_TESTER; place++) {
			const struct gate_ask ask = { .text = text, .len = strlen(text), .place = place, .now_s = w->now };

			gate_embed(&w->sv, w->a, &ask, &out);
			assert_verdict(arena_printf(w->a, "text %d in place %u", matrix[i].text, place), &out, matrix[i].verdict[place]);
		}
		const struct gate_key_ask ask = { .text = text, .len = strlen(text), .allow = GATE_KEY_PARTNER, .now_s = w->now };

		gate_api_key(&w->sv, w->a, &ask, &out);
		assert_verdict(arena_printf(w->a, "text %d to the API", matrix[i].text), &out, matrix[i].verdict[5]);
	}
}

/* ---- who it is ---- */

static void
exchange(struct world *w, const char *text, const char *origin, int64_t now_s, struct gate_answer *out)
{
	const struct gate_ask ask = { .text = text, .len = strlen(text), .place = GATE_EXCHANGE, .origin = origin, .now_s = now_s,
		.counts = true, .use = USAGE_LOAD, .address = "203.0.113.7", .browser = "Firefox", .widget = "dashboard" };

	gate_embed(&w->sv, w->a, &ask, out);
}

static void
use(struct world *w, const char *text, int64_t now_s, struct gate_answer *out)
{
	const struct gate_ask ask = { .text = text, .len = strlen(text), .place = GATE_HEADER, .now_s = now_s, .counts = true,
		.use = USAGE_REQUEST };

	gate_embed(&w->sv, w->a, &ask, out);
}

static void
a_token_speaks_for_its_customer_only(void **state)
{
	struct world *w = *state;
	struct made_token t = world_token(w, &w->customer, NULL, PERM_ALL, 0);
	struct gate_answer out;

	exchange(w, t.emu, NULL, w->now, &out);
	assert_verdict("exchange", &out, VERDICT_OK);
	assert_int_equal(out.id.kind, IDENTITY_EMBED_TOKEN);
	assert_int_equal(out.id.purpose, TOKEN_URL);
	assert_true(uuid_equal(&out.id.scope.partner_id, &w->partner.id));
	assert_true(uuid_equal(&out.id.scope.customer_id, &w->customer.id));
	assert_true(uuid_equal(&out.id.token.id, &t.row.id));
	assert_string_equal(out.id.customer.name, "Acme");
	assert_string_equal(out.id.partner.name, "Partner");
	assert_int_equal(out.id.permissions, PERM_ALL);
	assert_false(out.id.old_text);
	assert_string_equal(out.id.actor.kind, "embed_token");
}

static void
a_session_is_of_the_text_it_was_made_from(void **state)
{
	struct world *w = *state;
	struct made_token t = world_token(w, &w->customer, NULL, 0, 0);
	struct gate_answer old, of_session;
	const char *text;

	w->now = clock_now_s();
	rotate_token(w, &t, OVERLAP);
	exchange(w, t.emb, NULL, w->now, &old);
	assert_verdict("the old text", &old, VERDICT_OK);
	assert_true(old.id.old_text);
	assert_int_equal(gate_session_make(&w->sv, w->a, &old.id, w->now, &text), EG_OK);
	use(w, text, w->now, &of_session);
	assert_verdict("its session", &of_session, VERDICT_OK);
	assert_int_equal(of_session.id.kind, IDENTITY_SESSION);
	assert_true(of_session.id.old_text);
	assert_int_equal(of_session.id.session_expires_at, w->now + GATE_SESSION_TTL_S);

	int64_t end = old.id.old_text_until;

	assert_int_equal(end, t.row.rotated_at + OVERLAP);
	rotate_token(w, &t, 2 * OVERLAP);
	use(w, text, end - 1, &of_session);
	assert_verdict("its session, rotated once more", &of_session, VERDICT_OK);
	assert_int_equal(of_session.id.old_text_until, end);
	use(w, text, end, &of_session);
	assert_verdict("its session, overlap over", &of_session, VERDICT_SESSION_REVOKED);

	char current[EMBED_TOKEN_SIZE];

	world_text(w, &t.row, TOKEN_EMBED, current);
	exchange(w, current, NULL, w->now, &old);
	assert_verdict("the new text", &old, VERDICT_OK);
	assert_false(old.id.old_text);
}

static const struct {
	const char *name;
	unsigned granted, features;
	bool of_event, of_agent;
	unsigned may;
} permissions[] = {
	{ "all", PERM_ALL, FEATURE_ALL, false, false, PERM_ALL },
	{ "no embed feature", PERM_ALL, FEATURE_ALL & ~FEATURE_EMBED, false, false, 0 },
	{ "no analytics", PERM_ALL, FEATURE_ALL & ~FEATURE_ANALYTICS, false, false, PERM_ALL & ~PERM_DASHBOARD_READ },
	{ "no events", PERM_ALL, FEATURE_ALL & ~FEATURE_EVENTS, false, false, PERM_ALL & ~(PERM_EVENTS_READ | PERM_EVENTS_REGISTER) },
	{ "no agents", PERM_ALL, FEATURE_ALL & ~FEATURE_AGENTS, false, false, PERM_ALL & ~PERM_AGENTS_READ },
	{ "no api", PERM_ALL, FEATURE_ALL & ~FEATURE_API, false, false, PERM_ALL & ~PERM_API_READ },
	{ "only embed", PERM_ALL, FEATURE_EMBED, false, false, 0 },
	{ "of an event", PERM_ALL, FEATURE_ALL, true, false, PERM_EVENTS_READ | PERM_EVENTS_REGISTER | PERM_API_READ },
	{ "of an agent", PERM_ALL, FEATURE_ALL, false, true, PERM_AGENTS_READ | PERM_API_READ },
	{ "of an event, granted little", PERM_EVENTS_READ, FEATURE_ALL, true, false, PERM_EVENTS_READ },
	{ "of an event, granted the dashboard", PERM_DASHBOARD_READ, FEATURE_ALL, true, false, 0 },
};

/* K12: granted, and allowed by the customer's features, and by what the token is of. */
static void
permissions_are_what_all_three_allow(void **state)
{
	for (size_t i = 0; i < EG_COUNT(permissions); i++) {
		struct token_row t = { .permissions = permissions[i].granted };
		const struct customer_row c = { .features = permissions[i].features };

		t.event_id.b[0] = permissions[i].of_event;
		t.agent_id.b[0] = permissions[i].of_agent;
		if (gate_permissions(&t, &c) != permissions[i].may)
			fail_msg("%s: %#x, wanted %#x", permissions[i].name, gate_permissions(&t, &c), permissions[i].may);
	}
}

static void
frame_ancestors_are_the_sites_of_the_token(void **state)
{
	struct world *w = *state;
	struct made_token any = world_token(w, &w->customer, NULL, 0, 0), listed = world_token(w, &w->customer, SITES, 0, 0);

	assert_string_equal(gate_frame_ancestors(w->a, &any.row), "*");
	assert_string_equal(gate_frame_ancestors(w->a, &listed.row), "https://acme.example https://*.shop.example");
	assert_true(gate_origin_allowed(&w->sv, &listed.row, EMBED));
	assert_true(gate_origin_allowed(&w->sv, &listed.row, NULL));
	assert_false(gate_origin_allowed(&w->sv, &listed.row, EMBED ".evil.example"));
	assert_false(gate_origin_allowed(&w->sv, &listed.row, "null"));
	assert_true(gate_origin_allowed(&w->sv, &any.row, "null"));
}

/* ---- E15, T6: at once, in every process ---- */

/* In a process of its own, which opened the service before: answers each byte it is sent with the verdicts of token and
 * session. */
static _Noreturn void
serve_checks(struct world *w, const char *token, const char *session, int in, int out)
{
	struct service sv;
	const char *why;
	uint8_t answer[2];
	char c;

	if (service_open(&sv, w->conf, &why) != EG_OK)
		_exit(1);
	while (read(in, &c, 1) == 1) {
		struct gate_answer by_token, by_session;
		const struct gate_ask first = { .text = token, .len = strlen(token), .place = GATE_EXCHANGE, .now_s = w->now };
		const struct gate_ask second = { .text = session, .len = strlen(session), .place = GATE_SESSION, .now_s = w->now };

		gate_embed(&sv, w->a, &first, &by_token);
		gate_embed(&sv, w->a, &second, &by_session);
		answer[0] = (uint8_t)by_token.verdict;
		answer[1] = (uint8_t)by_session.verdict;
		if (write(out, answer, sizeof(answer)) != sizeof(answer))
			_exit(2);
	}
	service_close(&sv);
	_exit(0);
}

static void
assert_other_process_says(int to, int from, enum verdict token, enum verdict session)
{
	uint8_t answer[2];

	assert_int_equal(write(to, "?", 1), 1);
	assert_int_equal(read(from, answer, sizeof(answer)), sizeof(answer));
	assert_int_equal(answer[0], token);
	assert_int_equal(answer[1], session);
}

static void
a_change_binds_in_another_process_at_once(void **state)
{
	struct world *w = *state;
	struct made_token t = world_token(w, &w->customer, NULL, 0, 0);
	const char *session;
	int to[2], from[2], status;
	pid_t child;

	w->now = clock_now_s();
	session = session_of(w, &t);
	assert_int_equal(pipe(to), 0);
	assert_int_equal(pipe(from), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		close(to[1]);
		close(from[0]);
		serve_checks(w, t.emb, session, to[0], from[1]);
	}
	close(to[0]);
	close(from[1]);
	assert_other_process_says(to[1], from[0], VERDICT_OK, VERDICT_OK);
	pause_token(w, &t, false);
	assert_other_process_says(to[1], from[0], VERDICT_TOKEN_DISABLED, VERDICT_SESSION_REVOKED);
	pause_token(w, &t, true);
	assert_other_process_says(to[1], from[0], VERDICT_OK, VERDICT_OK);
	customer_is(w, true, true, FEATURE_ALL);
	assert_other_process_says(to[1], from[0], VERDICT_CUSTOMER_DISABLED, VERDICT_CUSTOMER_DISABLED);
	customer_is(w, false, true, FEATURE_ALL);
	revoke_token(w, &t);
	assert_other_process_says(to[1], from[0], VERDICT_TOKEN_REVOKED, VERDICT_SESSION_REVOKED);
	close(to[1]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	close(from[0]);
}

/* ---- what is counted ---- */

static struct usage_view
usage_of(struct world *w, const struct made_token *t)
{
	struct usage_view v;

	usage_read(w->sv.usage, t->row.slot, &t->row.id, w->now, &v);
	return v;
}

/* E5, K21, K28: uses and refusals of a genuine token, nothing of a forged one. */
static void
uses_and_refusals_are_counted_after_the_secret_verified(void **state)
{
	struct world *w = *state;
	struct made_token t = world_token(w, &w->customer, ACME, 0, 0);
	struct gate_answer out;
	struct usage_view v;
	const char *session;

	w->now = clock_now_s();
	exchange(w, t.emb, ACME, w->now, &out);
	exchange(w, t.emb, ACME, w->now, &out);
	assert_int_equal(gate_session_make(&w->sv, w->a, &out.id, w->now, &session), EG_OK);
	use(w, session, w->now, &out);
	assert_verdict("session", &out, VERDICT_OK);
	exchange(w, t.emb, "https://evil.example", w->now, &out);
	assert_verdict("another site", &out, VERDICT_ORIGIN_NOT_ALLOWED);

	exchange(w, forged(w, t.emb, 30), "https://evil.example", w->now, &out);
	exchange(w, spoiled(w, t.emb, 20), "https://evil.example", w->now, &out);
	exchange(w, t.emu, "https://evil.example", w->now, &out);
	use(w, spoiled(w, session, strlen(session) - 10), w->now, &out);
	const struct gate_ask tested = { .text = t.emb, .len = EMBED_TOKEN_LEN, .place = GATE_TESTER, .now_s = w->now, .counts = true };
	gate_embed(&w->sv, w->a, &tested, &out);
	const struct gate_ask preview = { .text = t.emb, .len = EMBED_TOKEN_LEN, .place = GATE_PAGE, .now_s = w->now, .counts = false };
	gate_embed(&w->sv, w->a, &preview, &out);
	assert_verdict("preview", &out, VERDICT_OK);

	v = usage_of(w, &t);
	assert_int_equal(v.loads, 2);
	assert_int_equal(v.requests, 1);
	assert_int_equal(v.refused, 1);
	assert_int_equal(v.last_used_at_s, w->now);
	assert_string_equal(v.refused_code, "origin_not_allowed");
	assert_string_equal(v.refused_origin, "https://evil.example");
}

static void
a_customer_sees_recent_events_with_cut_addresses(void **state)
{
	struct world *w = *state;
	struct made_token t = world_token(w, &w->customer, ACME, 0, 0);
	struct gate_answer out;
	struct ring_row *rows_seen;
	size_t count;

	w->now = clock_now_s();
	exchange(w, t.emb, ACME, w->now, &out);
	exchange(w, t.emb, "https://evil.example/<script>", w->now, &out);
	ring_read(w->sv.usage, w->a, w->customer.ring, &w->customer.id, &rows_seen, &count);
	assert_int_equal(count, 2);
	assert_string_equal(rows_seen[0].code, "origin_not_allowed");
	assert_string_equal(rows_seen[0].origin, "invalid");
	assert_string_equal(rows_seen[1].code, "ok");
	assert_string_equal(rows_seen[1].origin, ACME);
	assert_string_equal(rows_seen[1].address, "203.0.113.0");
	assert_string_equal(rows_seen[1].browser, "Firefox");
	assert_string_equal(rows_seen[1].widget, "dashboard");
	assert_true(uuid_equal(&rows_seen[1].token_id, &t.row.id));

	/* T39: nothing of it is the neighbour's. */
	ring_read(w->sv.usage, w->a, w->other_customer.ring, &w->other_customer.id, &rows_seen, &count);
	assert_int_equal(count, 0);
}

/* ---- how often ---- */

static enum verdict
exchange_from(struct world *w, const char *text, const char *address)
{
	const struct gate_ask ask = { .text = text, .len = strlen(text), .place = GATE_EXCHANGE, .now_s = w->now, .address = address };
	struct gate_answer out;

	gate_embed(&w->sv, w->a, &ask, &out);
	assert_int_equal(out.limited, out.step_count > 0 && strcmp(out.steps[out.step_count - 1].check, "rate_limit") == 0);
	if (out.limited)
		assert_int_equal(out.limit_rule.rate, w->sv.config.token_rate);
	if (out.verdict == VERDICT_RATE_LIMITED)
		assert_true(out.limit.retry_after_s >= 1);
	return out.verdict;
}

/* One stranger cannot stop a customer's embed for others. */
static void
a_limit_is_of_one_token_and_one_client(void **state)
{
	struct world *w = *state;
	struct made_token t, other;

	world_configure(w, "token_rate = 3\n");
	t = world_token(w, &w->customer, NULL, 0, 0);
	other = world_token(w, &w->customer, NULL, 0, 0);
	w->now = clock_now_s();
	for (int i = 0; i < 3; i++)
		assert_int_equal(exchange_from(w, t.emb, "2001:db8:1:2::1"), VERDICT_OK);
	assert_int_equal(exchange_from(w, t.emb, "2001:db8:1:2::1"), VERDICT_RATE_LIMITED);
	assert_int_equal(exchange_from(w, t.emu, "2001:db8:1:2:ffff::"), VERDICT_RATE_LIMITED);
	assert_int_equal(exchange_from(w, t.emb, "2001:db8:1:3::1"), VERDICT_OK);
	assert_int_equal(exchange_from(w, other.emb, "2001:db8:1:2::1"), VERDICT_OK);
	assert_int_equal(exchange_from(w, t.emb, NULL), VERDICT_OK);

	world_configure(w, "token_rate = 3\nrate_limit = off\n");
	for (int i = 0; i < 10; i++)
		assert_int_equal(exchange_from(w, t.emb, "2001:db8:1:2::1"), VERDICT_OK);
}

static void
an_address_without_a_credential_has_a_limit(void **state)
{
	struct world *w = *state;
	struct limit_answer out;
	struct limit rule;

	world_configure(w, "address_rate = 2\n");
	for (int i = 0; i < 2; i++) {
		gate_limit_address(&w->sv, "203.0.113.7", &out, &rule);
		assert_true(out.allowed);
		assert_int_equal(rule.rate, 2);
	}
	gate_limit_address(&w->sv, "203.0.113.7", &out, &rule);
	assert_false(out.allowed);
	assert_true(out.retry_after_s >= 1);
	gate_limit_address(&w->sv, "203.0.113.8", &out, &rule);
	assert_true(out.allowed);

	world_configure(w, "address_rate = 2\nrate_limit = off\n");
	for (int i = 0; i < 5; i++) {
		gate_limit_address(&w->sv, "203.0.113.7", &out, &rule);
		assert_true(out.allowed);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD(every_verdict_with_the_checks_before_it),
		WORLD(only_the_diagonal_passes),
		WORLD(a_token_speaks_for_its_customer_only),
		WORLD(a_session_is_of_the_text_it_was_made_from),
		cmocka_unit_test(permissions_are_what_all_three_allow),
		WORLD(frame_ancestors_are_the_sites_of_the_token),
		WORLD(a_change_binds_in_another_process_at_once),
		WORLD(uses_and_refusals_are_counted_after_the_secret_verified),
		WORLD(a_customer_sees_recent_events_with_cut_addresses),
		WORLD(a_limit_is_of_one_token_and_one_client),
		WORLD(an_address_without_a_credential_has_a_limit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
