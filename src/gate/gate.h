/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gate.h - who may do what. One ordered list of checks (interface.md, "Verdicts") turns a presented text, the place where it
 * was presented, the origin and what is asked for into one verdict; the first check that fails decides. The exchange, the
 * embed routes, the pages, the API, the portal's tester and `embedctl token check` all run this list.
 * What cannot be decided is refused: a fault of the store is its 503, never a yes. */
#ifndef EG_GATE_GATE_H
#define EG_GATE_GATE_H

#include "gate/verdict.h"
#include "model/agent.h"
#include "model/api_key.h"
#include "model/customer.h"
#include "model/event.h"
#include "model/partner.h"
#include "model/token.h"
#include "model/user.h"

/* Where an embed credential was presented: says which kinds are right there. */
enum gate_place {
	GATE_EXCHANGE,          /* body or Bearer of validate-embed-token: emb_; emu_ from our own origin or without one */
	GATE_HEADER,            /* Bearer on /api/v1/embed and widgets: emb_, a session, or an access token of an agent login */
	GATE_SESSION,           /* the latter two only */
	GATE_PAGE,              /* ?token= of dashboard.html: emb_ or emu_ */
	GATE_TESTER,            /* emb_ or emu_, judged as the exchange would, `origin` being the site that is to show it; counts
	                         * nothing, limits nothing */
	GATE_INTROSPECT,        /* emb_, emu_ or a session, judged where no site is known; counts nothing, limits nothing */
};

/* What the caller names and the credential must agree with; NULL: not named. Texts as they came. */
struct gate_subject {
	const char *token_id;
	const char *customer_id;
	const char *event_id;
	const char *agent;              /* number or id */
};

struct gate_ask {
	const char *text;
	size_t len;
	enum gate_place place;
	const char *origin;             /* the Origin header, or NULL */
	const char *framed_by;          /* origin of the site whose frame shows our page, as the browser says; NULL: unknown. It is
	                                 * counted by and shown, never decided by: only frame-ancestors binds a browser */
	unsigned want;                  /* PERM_* bits, any one of which is enough; 0: none needed */
	struct gate_subject subject;
	const char *address;            /* whole client address, for limits; NULL: no limits */
	const char *widget;             /* for the event row, or NULL */
	const char *browser;            /* family, or NULL */
	bool counts;                    /* count the use or the refusal */
	enum usage_what use;            /* as what */
	int64_t now_s;
};

#define GATE_STEPS_MAX 24
struct gate_step {
	const char *check;              /* "shape", "checksum", "kind", "signature", "session" (its own times), "known", "revoked",
	                                 * "rotated", "expired", "paused", "partner", "customer", "portal_access", "feature",
	                                 * "subject", "origin", "permission", "rate_limit" */
	bool ok;
	enum verdict verdict;           /* VERDICT_OK where ok */
};

enum identity_kind {
	IDENTITY_NONE = 0,
	IDENTITY_API_KEY,
	IDENTITY_EMBED_TOKEN,
	IDENTITY_SESSION,
	IDENTITY_AGENT_LOGIN,   /* a token of an agent login: `token` is what one of that agent would be, with the login's id */
	IDENTITY_USER,
};

/* Who asks, once the gate said yes. */
struct identity {
	enum identity_kind kind;
	struct scope scope;
	struct actor actor;             /* address and request_id are filled by the caller */
	struct partner_row partner;
	struct customer_row customer;   /* embed credentials; keys bound to a customer */
	struct token_row token;         /* embed credentials, agent logins */
	enum token_purpose purpose;     /* ... and which of the two texts */
	/* embed credentials, agent logins: what the token is for, or what of its customer's was named. Id nil: none */
	struct event_row event;
	struct agent_row agent;
	struct key_row key;             /* API keys, agent logins */
	struct user_row user;
	struct portal_session portal;
	unsigned permissions;           /* embed: what it may do now: granted, and allowed by features and subject */
	bool old_text;                  /* a text from before a rotation, inside its overlap */
	int64_t old_text_until;         /* embed credentials: where it is one, its first dead second */
	uint8_t issue[EMBED_TOKEN_ISSUE_SIZE];  /* embed credentials: which text of the token it is, or the session was made from */
	int64_t session_expires_at;     /* IDENTITY_SESSION, IDENTITY_AGENT_LOGIN */
	const char *framed_by;          /* the site around our page, as gate_ask was told; a session carries it on. NULL: unknown */
};

struct gate_answer {
	enum verdict verdict;
	struct identity id;             /* filled as far as was found out; to be trusted only where verdict is VERDICT_OK */
	bool secret_verified;           /* the credential was genuine: a precise reason may be told */
	bool limited;                   /* `limit` is filled */
	struct limit_answer limit;
	struct limit limit_rule;
	unsigned missing_permission;    /* VERDICT_INSUFFICIENT_SCOPE */
	struct gate_step steps[GATE_STEPS_MAX];
	size_t step_count;
};

/* An embed token or session. Never fails otherwise than by verdict. */
void gate_embed(struct service *sv, struct arena *a, const struct gate_ask *ask, struct gate_answer *out);

/* Which sites may frame pages of this token: its normalised origins, space separated, or "*" for any. In the arena. */
const char *gate_frame_ancestors(struct arena *a, const struct token_row *t);
/* May this Origin (NULL: none sent) use this token? Our own embed origin may. */
bool gate_origin_allowed(const struct service *sv, const struct token_row *t, const char *origin);

/* What a token of these permissions can do now. */
unsigned gate_permissions(const struct token_row *t, const struct customer_row *c);

/* Make the session of an exchange: claims tid (token id), gen (issue), sub (customer id); 15 minutes. */
#define GATE_SESSION_TTL_S 900
eg_err gate_session_make(struct service *sv, struct arena *a, const struct identity *id, int64_t now_s,
    const char **text) EG_CHECKED;

/* ---- API keys ---- */
enum gate_key_allow {
	GATE_KEY_PARTNER   = 1 << 0,
	GATE_KEY_CUSTOMER  = 1 << 1,
	GATE_KEY_READ_ONLY = 1 << 2,
	GATE_KEY_WEBHOOK   = 1 << 3,
};
struct gate_key_ask {
	const char *text;
	size_t len;
	const char *origin;             /* any: server_key_in_browser */
	unsigned allow;                 /* GATE_KEY_* the route takes */
	bool is_read;                   /* GET or HEAD */
	bool answer_has_secret;
	const char *address;
	int64_t now_s;
};
void gate_api_key(struct service *sv, struct arena *a, const struct gate_key_ask *ask, struct gate_answer *out);

/* ---- the agent login ---- */

struct gate_agent_tokens {
	const char *access;             /* for LOGIN_ACCESS_S */
	const char *refresh;            /* good once, for LOGIN_LIFE_S */
};
/* Goes on in `out` where gate_api_key() said yes there: the first two tokens for the agent of that number.
 * VERDICT_SUBJECT_MISMATCH where the key's account has no such agent; else the standing of its customer decides. `who` acts. */
void gate_agent_login(struct service *sv, struct arena *a, const struct actor *who, int64_t number, int64_t now_s,
    struct gate_answer *out, struct gate_agent_tokens *tokens);

struct gate_refresh_ask {
	const char *text;
	size_t len;
	const char *address;            /* whole client address, for limits; NULL: no limits */
	const char *request_id;         /* or NULL */
	int64_t now_s;
};
/* Two new tokens for a refresh token, which is good once. VERDICT_REFRESH_INVALID for what is none of ours or too old,
 * VERDICT_REFRESH_REUSED where it was used before: then all tokens of its login have ended. */
void gate_agent_refresh(struct service *sv, struct arena *a, const struct gate_refresh_ask *ask, struct gate_answer *out,
    struct gate_agent_tokens *tokens);

/* ---- limits ---- */

/* Requests without a genuine credential: one bucket an address (/64 for IPv6). Taken when a credential failed or none came. */
void gate_limit_address(struct service *sv, const char *address, struct limit_answer *out, struct limit *rule);

/* ---- portal ---- */
/* The cookie's text -> user and partner. VERDICT_MISSING_CREDENTIALS where there is no live session. */
void gate_portal(struct service *sv, struct arena *a, const char *cookie, size_t len, int64_t now_s, struct gate_answer *out);
/* Sign in. At most 10 failed tries in 15 minutes an account and 30 an address, checked before any hashing: VERDICT_LOGIN_LIMITED.
 * VERDICT_LOGIN_FAILED tells nothing about which of both was wrong. On VERDICT_OK the user, and no session yet. */
void gate_login(struct service *sv, struct arena *a, const char *email, const char *password, const char *address, int64_t now_s,
    struct gate_answer *out);

/* What a credential looks like, from its text alone. */
enum gate_text_kind { GATE_TEXT_EMPTY, GATE_TEXT_EMB, GATE_TEXT_EMU, GATE_TEXT_API_KEY, GATE_TEXT_JWT, GATE_TEXT_OTHER };
enum gate_text_kind gate_text_kind(const char *text, size_t len);

/* "203.0.113.7" -> "203.0.113.0", IPv6 to /48: what is kept of an address. In the arena. */
const char *gate_cut_address(struct arena *a, const char *address);
/* User-Agent -> "Chrome", "Firefox", "Safari", "Edge", "bot", "curl", "other"; static. */
const char *gate_browser(const char *user_agent);

#endif
