/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The agent login (C1 to C11): which key gets tokens for which agent, what an access token is worth at each use, and that a
 * refresh token is good once. */
#include "world.h"

#include "model/agent_login.h"

#define LIFE 500                /* seconds until a key with an expiry ends: before an access token does */
#define OVERLAP 300

#define TEXT "shape kind signature session"
#define ALIVE TEXT " known revoked rotated expired"
#define STANDING " partner customer portal_access feature subject origin permission"
#define WHOLE ALIVE STANDING

static struct agent_row agent, other_agent;

static void
make_agents(struct world *w)
{
	agent = world_agent(w, &w->customer);
	other_agent = world_agent(w, &w->other_customer);
}

/* ---- logging in ---- */

static void
log_in(struct world *w, const char *key, int64_t number, struct gate_answer *out, struct gate_agent_tokens *tokens)
{
	const struct gate_key_ask ask = { .text = key, .len = strlen(key), .allow = GATE_KEY_PARTNER | GATE_KEY_CUSTOMER,
		.answer_has_secret = true, .now_s = w->now };

	*tokens = (struct gate_agent_tokens){ 0 };
	gate_api_key(&w->sv, w->a, &ask, out);
	if (out->verdict == VERDICT_OK)
		gate_agent_login(&w->sv, w->a, &out->id.actor, number, w->now, out, tokens);
}

static struct gate_agent_tokens
logged_in(struct world *w, const char *key)
{
	struct gate_agent_tokens tokens;
	struct gate_answer out;

	log_in(w, key, agent.number, &out, &tokens);
	assert_verdict("login", &out, VERDICT_OK);
	return tokens;
}

/* C3 C6 C7: the key's own agents, by keys that may; whatever else is told apart. */
static void
who_gets_tokens_for_which_agent(void **state)
{
	struct world *w = *state;
	static const struct {
		const char *name;
		enum api_key_type type;
		bool bound;
		const struct agent_row *agent;
		enum verdict want;
	} cases[] = {
		{ "partner", API_KEY_PARTNER, false, &agent, VERDICT_OK },
		{ "partner, another customer's", API_KEY_PARTNER, false, &other_agent, VERDICT_OK },
		{ "partner, an unknown one", API_KEY_PARTNER, false, NULL, VERDICT_SUBJECT_MISMATCH },
		{ "customer", API_KEY_CUSTOMER, true, &agent, VERDICT_OK },
		{ "C7 customer, a sibling's", API_KEY_CUSTOMER, true, &other_agent, VERDICT_SUBJECT_MISMATCH },
		{ "customer, an unknown one: the same", API_KEY_CUSTOMER, true, NULL, VERDICT_SUBJECT_MISMATCH },
		{ "C7 read-only", API_KEY_READ_ONLY, false, &agent, VERDICT_READ_ONLY_KEY },
		{ "C7 webhook", API_KEY_WEBHOOK, false, &agent, VERDICT_KEY_TYPE_NOT_ALLOWED },
	};

	make_agents(w);
	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		struct gate_agent_tokens tokens;
		struct gate_answer out;
		char key[API_KEY_SIZE];

		world_key(w, cases[i].type, cases[i].bound ? &w->customer : NULL, 0, key);
		log_in(w, key, cases[i].agent == NULL ? 4711 : cases[i].agent->number, &out, &tokens);
		assert_verdict(cases[i].name, &out, cases[i].want);
		assert_int_equal(tokens.access != NULL, cases[i].want == VERDICT_OK);
		assert_int_equal(tokens.refresh != NULL, cases[i].want == VERDICT_OK);
	}
}

static void
set_features(struct world *w, bool disabled, bool portal, unsigned features)
{
	const struct customer_patch patch = { .set_disabled = true, .is_disabled = disabled, .set_portal_access = true,
		.has_portal_access = portal, .features = { .on = features, .off = FEATURE_ALL & ~features } };

	world_patch_customer(w, &patch);
}

static void
an_embed_that_would_be_refused_is_not_logged_in_to(void **state)
{
	struct world *w = *state;
	static const struct {
		bool disabled, portal;
		unsigned features;
		enum verdict want;
	} cases[] = {
		{ true, true, FEATURE_ALL, VERDICT_CUSTOMER_DISABLED },
		{ false, false, FEATURE_ALL, VERDICT_PORTAL_ACCESS_DISABLED },
		{ false, true, FEATURE_ALL & ~FEATURE_EMBED, VERDICT_FEATURE_NOT_ENABLED },
		{ false, true, FEATURE_ALL & ~FEATURE_AGENTS, VERDICT_FEATURE_NOT_ENABLED },
		{ false, true, FEATURE_ALL, VERDICT_OK },
	};
	char key[API_KEY_SIZE];

	make_agents(w);
	world_key(w, API_KEY_PARTNER, NULL, 0, key);
	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		struct gate_agent_tokens tokens;
		struct gate_answer out;

		set_features(w, cases[i].disabled, cases[i].portal, cases[i].features);
		log_in(w, key, agent.number, &out, &tokens);
		assert_verdict(arena_printf(w->a, "case %zu", i), &out, cases[i].want);
	}
}

/* ---- using ---- */

enum done {
	NOTHING, KEY_REVOKED, KEY_ROTATED, KEY_ROTATED_AT_ONCE, KEY_ROTATED_TWICE, AGENT_DELETED, REUSED, REFRESHED, REVOKED_ALL,
	PARTNER_SUSPENDED, CUSTOMER_DISABLED, PORTAL_OFF, EMBED_OFF, AGENTS_OFF, API_ACCESS_OFF,
};
enum clock { NOW, ACCESS_START, ACCESS_END, KEY_END, OVERLAP_END };
enum named { NAMES_NONE, NAMES_AGENT, NAMES_AGENT_ID, NAMES_OTHER_AGENT, NAMES_CUSTOMER, NAMES_OTHER_CUSTOMER };

#define ROW(name_, done_, verdict_, steps_, ...) { .name = name_, .done = done_, .verdict = verdict_, .steps = steps_, __VA_ARGS__ }

static const struct row {
	const char *name;
	enum done done;
	enum verdict verdict;
	const char *steps;
	enum clock clock;
	int64_t after;
	unsigned want;          /* 0: agents:read */
	enum named named;
	enum gate_place place;  /* 0, which is no place for it: GATE_HEADER */
	const char *origin;
} rows[] = {
	ROW("C11 a good access token", NOTHING, VERDICT_OK, WHOLE),
	ROW("C11 where only a session is taken", NOTHING, VERDICT_OK, WHOLE, .place = GATE_SESSION),
	ROW("C11 from any page", NOTHING, VERDICT_OK, WHOLE, .origin = "https://any.example"),
	ROW("in dashboard.html", NOTHING, VERDICT_WRONG_TOKEN_TYPE, "shape !kind", .place = GATE_PAGE),
	ROW("in the tester", NOTHING, VERDICT_WRONG_TOKEN_TYPE, "shape !kind", .place = GATE_TESTER),
	ROW("with or without api:read", NOTHING, VERDICT_OK, WHOLE, .want = PERM_AGENTS_READ | PERM_API_READ),
	ROW("the dashboard", NOTHING, VERDICT_INSUFFICIENT_SCOPE, ALIVE " partner customer portal_access feature subject origin !permission",
	    .want = PERM_DASHBOARD_READ),

	ROW("C9 its last good second", NOTHING, VERDICT_OK, WHOLE, .clock = ACCESS_END, .after = -1),
	ROW("C9 its first dead second", NOTHING, VERDICT_SESSION_EXPIRED, "shape kind signature !session", .clock = ACCESS_END),
	ROW("a minute from the future", NOTHING, VERDICT_OK, WHOLE, .clock = ACCESS_START, .after = -60),
	ROW("more than that", NOTHING, VERDICT_SESSION_NOT_YET_VALID, "shape kind signature !session", .clock = ACCESS_START, .after = -61),

	ROW("its key revoked", KEY_REVOKED, VERDICT_SESSION_REVOKED, TEXT " known !revoked"),
	ROW("its key's last good second", NOTHING, VERDICT_OK, WHOLE, .clock = KEY_END, .after = -1),
	ROW("its key's first dead second", NOTHING, VERDICT_SESSION_REVOKED, TEXT " known revoked rotated !expired", .clock = KEY_END),
	ROW("its key rotated, within the overlap", KEY_ROTATED, VERDICT_OK, WHOLE, .clock = OVERLAP_END, .after = -1),
	ROW("its key rotated, overlap over", KEY_ROTATED, VERDICT_SESSION_REVOKED, TEXT " known revoked !rotated", .clock = OVERLAP_END),
	ROW("its key rotated after a leak", KEY_ROTATED_AT_ONCE, VERDICT_SESSION_REVOKED, TEXT " known revoked !rotated"),
	ROW("its key rotated twice", KEY_ROTATED_TWICE, VERDICT_SESSION_REVOKED, TEXT " known revoked !rotated"),
	ROW("its agent deleted", AGENT_DELETED, VERDICT_SESSION_REVOKED, TEXT " !known"),
	ROW("C10 refreshed: the one before is good until its end", REFRESHED, VERDICT_OK, WHOLE),
	ROW("C10 a refresh token used twice ends it", REUSED, VERDICT_SESSION_REVOKED, TEXT " known !revoked"),
	ROW("K28 all of the customer revoked", REVOKED_ALL, VERDICT_SESSION_REVOKED, TEXT " known !revoked"),

	ROW("the partner suspended", PARTNER_SUSPENDED, VERDICT_PARTNER_SUSPENDED, ALIVE " !partner"),
	ROW("the customer disabled", CUSTOMER_DISABLED, VERDICT_CUSTOMER_DISABLED, ALIVE " partner !customer"),
	ROW("portal access off", PORTAL_OFF, VERDICT_PORTAL_ACCESS_DISABLED, ALIVE " partner customer !portal_access"),
	ROW("embeds off", EMBED_OFF, VERDICT_FEATURE_NOT_ENABLED, ALIVE " partner customer portal_access !feature"),
	ROW("agents off", AGENTS_OFF, VERDICT_FEATURE_NOT_ENABLED, ALIVE " partner customer portal_access !feature"),
	ROW("A1 the partner's API access off", API_ACCESS_OFF, VERDICT_FEATURE_NOT_ENABLED, ALIVE " partner customer portal_access !feature"),

	ROW("its agent by number", NOTHING, VERDICT_OK, WHOLE, .named = NAMES_AGENT),
	ROW("its agent by id", NOTHING, VERDICT_OK, WHOLE, .named = NAMES_AGENT_ID),
	ROW("another agent", NOTHING, VERDICT_SUBJECT_MISMATCH, ALIVE " partner customer portal_access feature !subject",
	    .named = NAMES_OTHER_AGENT),
	ROW("its customer", NOTHING, VERDICT_OK, WHOLE, .named = NAMES_CUSTOMER),
	ROW("another customer", NOTHING, VERDICT_SUBJECT_MISMATCH, ALIVE " partner customer portal_access feature !subject",
	    .named = NAMES_OTHER_CUSTOMER),
};

static void
refresh(struct world *w, const char *text, struct gate_answer *out, struct gate_agent_tokens *tokens)
{
	const struct gate_refresh_ask ask = { .text = text, .len = strlen(text), .now_s = w->now };

	*tokens = (struct gate_agent_tokens){ 0 };
	gate_agent_refresh(&w->sv, w->a, &ask, out, tokens);
}

static void
rotate_key(struct world *w, struct key_row *key, int64_t overlap_s)
{
	char text[API_KEY_SIZE];
	struct faults f;

	faults_init(&f, w->a);
	assert_int_equal(key_rotate(&w->sv, w->a, &w->scope, &w->who, &key->id, overlap_s, &f, key, text), EG_OK);
}

static void
set_api_access(struct world *w, bool on)
{
	world_rewrite(w, &(struct world_rewrite){ .kind = KIND_PARTNER, .id = &w->partner.id, .member = "api_access",
	    .value = on ? world_true(w) : NULL });
}

static void
do_to(struct world *w, struct key_row *key, const struct gate_agent_tokens *tokens, enum done done)
{
	struct gate_agent_tokens next;
	struct gate_answer out;
	struct agent_row gone;
	size_t count;

	switch (done) {
	case NOTHING:
		break;
	case KEY_REVOKED:
		assert_int_equal(key_revoke(&w->sv, w->a, &w->scope, &w->who, &key->id, key), EG_OK);
		break;
	case KEY_ROTATED:
		rotate_key(w, key, OVERLAP);
		break;
	case KEY_ROTATED_AT_ONCE:
		rotate_key(w, key, 0);
		break;
	case KEY_ROTATED_TWICE:
		rotate_key(w, key, OVERLAP);
		rotate_key(w, key, OVERLAP);
		break;
	case AGENT_DELETED:
		assert_int_equal(agent_delete(&w->sv, w->a, &w->scope, &w->who, &agent.id, &gone), EG_OK);
		break;
	case REUSED:
	case REFRESHED:
		refresh(w, tokens->refresh, &out, &next);
		assert_verdict("refresh", &out, VERDICT_OK);
		if (done == REUSED) {
			refresh(w, tokens->refresh, &out, &next);
			assert_verdict("reuse", &out, VERDICT_REFRESH_REUSED);
		}
		break;
	case REVOKED_ALL:
		assert_int_equal(token_revoke_all(&w->sv, w->a, &w->scope, &w->who, &w->customer.id, &count), EG_OK);
		break;
	case PARTNER_SUSPENDED:
		assert_int_equal(partner_set_suspended(&w->sv, w->a, &w->who, &w->partner.id, true), EG_OK);
		break;
	case CUSTOMER_DISABLED:
		set_features(w, true, true, FEATURE_ALL);
		break;
	case PORTAL_OFF:
		set_features(w, false, false, FEATURE_ALL);
		break;
	case EMBED_OFF:
		set_features(w, false, true, FEATURE_ALL & ~FEATURE_EMBED);
		break;
	case AGENTS_OFF:
		set_features(w, false, true, FEATURE_ALL & ~FEATURE_AGENTS);
		break;
	case API_ACCESS_OFF:
		set_api_access(w, false);
		break;
	}
}

static void
undo(struct world *w, enum done done)
{
	set_features(w, false, true, FEATURE_ALL);
	if (done == PARTNER_SUSPENDED)
		assert_int_equal(partner_set_suspended(&w->sv, w->a, &w->who, &w->partner.id, false), EG_OK);
	if (done == API_ACCESS_OFF)
		set_api_access(w, true);
	if (done == AGENT_DELETED)
		agent = world_agent(w, &w->customer);
	if (done == REVOKED_ALL)
		world_rewrite(w, &(struct world_rewrite){ .kind = KIND_CUSTOMER, .id = &w->customer.id, .member = "revoked_before" });
}

static struct gate_subject
subject_of(struct world *w, enum named named)
{
	char *id = arena_alloc(w->a, UUID_TEXT_SIZE);

	switch (named) {
	case NAMES_AGENT:
		return (struct gate_subject){ .agent = world_number_text(w, agent.number) };
	case NAMES_OTHER_AGENT:
		return (struct gate_subject){ .agent = world_number_text(w, other_agent.number) };
	case NAMES_AGENT_ID:
		uuid_format(&agent.id, id);
		return (struct gate_subject){ .agent = id };
	case NAMES_CUSTOMER:
		uuid_format(&w->customer.id, id);
		return (struct gate_subject){ .customer_id = id };
	case NAMES_OTHER_CUSTOMER:
		uuid_format(&w->other_customer.id, id);
		return (struct gate_subject){ .customer_id = id };
	case NAMES_NONE:
		break;
	}
	return (struct gate_subject){ 0 };
}

/* The second an access token was made in. */
static int64_t
made_at(struct world *w, const char *access)
{
	struct login_row login;
	json_object *claims;
	struct uuid id;

	assert_int_equal(jwt_parse(w->sv.jwts, w->a, JWT_AGENT_ACCESS, access, strlen(access), clock_now_s(), &claims), EG_OK);
	id = json_get_uuid(claims, "fam");
	assert_int_equal(login_get(&w->sv, w->a, &id, &login), EG_OK);
	return login.refreshed_at;
}

static void
every_verdict_with_the_checks_before_it(void **state)
{
	struct world *w = *state;

	make_agents(w);
	for (size_t i = 0; i < EG_COUNT(rows); i++) {
		const struct row *r = &rows[i];
		char text[API_KEY_SIZE];
		struct gate_answer out;

		w->now = clock_now_s();

		struct key_row key = world_key(w, API_KEY_PARTNER, NULL, r->clock == KEY_END ? w->now + LIFE : 0, text);
		struct gate_agent_tokens tokens = logged_in(w, text);
		int64_t start = made_at(w, tokens.access);

		do_to(w, &key, &tokens, r->done);

		const int64_t clocks[] = { [NOW] = w->now, [ACCESS_START] = start, [ACCESS_END] = start + LOGIN_ACCESS_S,
			[KEY_END] = key.expires_at, [OVERLAP_END] = key.previous_valid_until };
		const struct gate_ask ask = { .text = tokens.access, .len = strlen(tokens.access), .origin = r->origin,
			.place = r->place == 0 ? GATE_HEADER : r->place, .want = r->want == 0 ? PERM_AGENTS_READ : r->want,
			.subject = subject_of(w, r->named), .now_s = clocks[r->clock] + r->after };

		gate_embed(&w->sv, w->a, &ask, &out);
		assert_verdict(r->name, &out, r->verdict);
		if (strcmp(steps_text(w, &out), r->steps) != 0)
			fail_msg("%s: %s, wanted %s", r->name, steps_text(w, &out), r->steps);
		assert_int_equal(out.secret_verified, strstr(r->steps, " signature") != NULL);
		undo(w, r->done);
	}
}

/* C4 T4: each text is a JWT of its own kind, and none passes for another. */
static void
no_kind_passes_for_another(void **state)
{
	static const char header[] = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.";
	struct world *w = *state;
	struct made_token t = world_token(w, &w->customer, NULL, 0, 0);
	struct gate_agent_tokens tokens, next;
	struct gate_answer out;
	char key[API_KEY_SIZE];
	const char *session;

	make_agents(w);
	w->now = clock_now_s();
	world_key(w, API_KEY_PARTNER, NULL, 0, key);
	tokens = logged_in(w, key);
	assert_int_equal(strncmp(tokens.access, header, strlen(header)), 0);
	assert_int_equal(strncmp(tokens.refresh, header, strlen(header)), 0);
	assert_int_equal(gate_session_make(&w->sv, w->a, &(struct identity){ .token = t.row }, w->now, &session), EG_OK);

	struct gate_ask ask = { .text = tokens.refresh, .len = strlen(tokens.refresh), .place = GATE_HEADER, .now_s = w->now };

	gate_embed(&w->sv, w->a, &ask, &out);
	assert_verdict("a refresh token in a header", &out, VERDICT_SESSION_INVALID);
	assert_int_equal(out.id.kind, IDENTITY_NONE);
	ask.text = tokens.access;
	ask.len = strlen(ask.text);
	ask.place = GATE_EXCHANGE;
	gate_embed(&w->sv, w->a, &ask, &out);
	assert_verdict("an access token in the exchange", &out, VERDICT_WRONG_TOKEN_TYPE);
	ask.place = GATE_HEADER;
	ask.text = spoiled(w, tokens.access, strlen(tokens.access) - 10);
	ask.len = strlen(ask.text);
	gate_embed(&w->sv, w->a, &ask, &out);
	assert_verdict("an access token, one letter changed", &out, VERDICT_SESSION_INVALID);

	const struct {
		const char *name, *text;
		enum verdict want;
	} refreshes[] = {
		{ "nothing", "", VERDICT_MISSING_CREDENTIALS },
		{ "a word", "hello", VERDICT_REFRESH_INVALID },
		{ "an access token", tokens.access, VERDICT_REFRESH_INVALID },
		{ "a session", session, VERDICT_REFRESH_INVALID },
		{ "one letter changed", spoiled(w, tokens.refresh, strlen(tokens.refresh) - 10), VERDICT_REFRESH_INVALID },
		{ "an API key", key, VERDICT_WRONG_TOKEN_TYPE },
		{ "an embed token", t.emb, VERDICT_WRONG_TOKEN_TYPE },
		{ "itself", tokens.refresh, VERDICT_OK },
	};
	for (size_t i = 0; i < EG_COUNT(refreshes); i++) {
		refresh(w, refreshes[i].text, &out, &next);
		assert_verdict(refreshes[i].name, &out, refreshes[i].want);
		assert_int_equal(next.access != NULL, refreshes[i].want == VERDICT_OK);
	}
}

/* C10: single use; the second use ends the family, whoever of both came first. */
static void
a_refresh_token_is_good_once(void **state)
{
	struct world *w = *state;
	struct gate_agent_tokens first, second, third, none, others;
	struct gate_answer out;
	char key[API_KEY_SIZE];

	make_agents(w);
	w->now = clock_now_s();
	world_key(w, API_KEY_PARTNER, NULL, 0, key);
	first = logged_in(w, key);
	others = logged_in(w, key);
	refresh(w, first.refresh, &out, &second);
	assert_verdict("first", &out, VERDICT_OK);
	assert_string_not_equal(first.access, second.access);
	assert_string_not_equal(first.refresh, second.refresh);
	refresh(w, second.refresh, &out, &third);
	assert_verdict("second", &out, VERDICT_OK);
	refresh(w, first.refresh, &out, &none);
	assert_verdict("the first again", &out, VERDICT_REFRESH_REUSED);
	assert_null(none.access);
	refresh(w, third.refresh, &out, &none);
	assert_verdict("the third, which was due", &out, VERDICT_REFRESH_REUSED);
	for (int i = 0; i < 3; i++) {
		const char *text = ((const char *[]){ first.access, second.access, third.access })[i];
		const struct gate_ask ask = { .text = text, .len = strlen(text), .place = GATE_HEADER, .now_s = clock_now_s() };

		gate_embed(&w->sv, w->a, &ask, &out);
		assert_verdict("access", &out, VERDICT_SESSION_REVOKED);
	}
	refresh(w, others.refresh, &out, &none);
	assert_verdict("another login", &out, VERDICT_OK);
}

/* What is refused for another reason is not used up by it. */
static void
a_refused_refresh_token_stays_good(void **state)
{
	static const struct {
		enum done done;
		enum verdict want;
	} cases[] = {
		{ CUSTOMER_DISABLED, VERDICT_CUSTOMER_DISABLED },
		{ AGENTS_OFF, VERDICT_FEATURE_NOT_ENABLED },
		{ PARTNER_SUSPENDED, VERDICT_PARTNER_SUSPENDED },
		{ API_ACCESS_OFF, VERDICT_FEATURE_NOT_ENABLED },
		{ NOTHING, VERDICT_OK },
		{ NOTHING, VERDICT_REFRESH_REUSED },
	};
	struct world *w = *state;
	struct gate_agent_tokens tokens, next;
	struct gate_answer out;
	struct key_row key;
	char text[API_KEY_SIZE];

	make_agents(w);
	w->now = clock_now_s();
	key = world_key(w, API_KEY_PARTNER, NULL, 0, text);
	tokens = logged_in(w, text);
	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		do_to(w, &key, &tokens, cases[i].done);
		refresh(w, tokens.refresh, &out, &next);
		undo(w, cases[i].done);
		assert_verdict(arena_printf(w->a, "case %zu", i), &out, cases[i].want);
	}
	tokens = logged_in(w, text);
	do_to(w, &key, &tokens, KEY_REVOKED);
	refresh(w, tokens.refresh, &out, &next);
	assert_verdict("the key revoked", &out, VERDICT_SESSION_REVOKED);
}

/* Both sides of a refresh token's end. */
static void
a_refresh_token_ends(void **state)
{
	struct world *w = *state;
	struct gate_agent_tokens tokens, next;
	struct gate_answer out;
	char key[API_KEY_SIZE];
	int64_t start;

	make_agents(w);
	w->now = clock_now_s();
	world_key(w, API_KEY_PARTNER, NULL, 0, key);
	tokens = logged_in(w, key);
	start = made_at(w, tokens.access);
	w->now = start + LOGIN_LIFE_S;
	refresh(w, tokens.refresh, &out, &next);
	assert_verdict("the first dead second", &out, VERDICT_REFRESH_INVALID);
	w->now = start + LOGIN_LIFE_S - 1;
	refresh(w, tokens.refresh, &out, &next);
	assert_verdict("the last good second", &out, VERDICT_OK);
	w->now = clock_now_s() - 3600;
	refresh(w, next.refresh, &out, &next);
	assert_verdict("from the future", &out, VERDICT_SESSION_NOT_YET_VALID);
}

/* P10: who looks at the embed uses the API key; T7: and sees one customer. */
static void
an_access_token_speaks_for_its_key_and_agent(void **state)
{
	struct world *w = *state;
	struct gate_agent_tokens tokens;
	struct gate_answer out;
	struct usage_view before, after;
	struct ring_row *events;
	char text[API_KEY_SIZE];
	struct key_row key;
	size_t count;

	make_agents(w);
	w->now = clock_now_s();
	key = world_key(w, API_KEY_PARTNER, NULL, 0, text);
	tokens = logged_in(w, text);
	usage_read(w->sv.usage, key.slot, &key.id, w->now, &before);

	const struct gate_ask ask = { .text = tokens.access, .len = strlen(tokens.access), .place = GATE_HEADER,
		.origin = "https://acme.example", .widget = "agent", .counts = true, .use = USAGE_REQUEST, .now_s = w->now };

	gate_embed(&w->sv, w->a, &ask, &out);
	assert_verdict("use", &out, VERDICT_OK);
	assert_int_equal(out.id.kind, IDENTITY_AGENT_LOGIN);
	assert_int_equal(out.id.permissions, PERM_AGENTS_READ);
	assert_true(uuid_equal(&out.id.scope.partner_id, &w->partner.id));
	assert_true(uuid_equal(&out.id.scope.customer_id, &w->customer.id));
	assert_true(uuid_equal(&out.id.token.agent_id, &agent.id));
	assert_int_equal(out.id.token.agent_number, agent.number);
	assert_int_equal(out.id.session_expires_at, made_at(w, tokens.access) + LOGIN_ACCESS_S);
	assert_string_equal(out.id.actor.kind, "agent_login");
	usage_read(w->sv.usage, key.slot, &key.id, w->now, &after);
	assert_int_equal(after.requests, before.requests + 1);
	assert_string_equal(after.last_used_origin, "https://acme.example");
	ring_read(w->sv.usage, w->a, w->customer.ring, &w->customer.id, &events, &count);
	assert_int_equal(count, 1);
	assert_string_equal(events[0].widget, "agent");
	assert_true(uuid_equal(&events[0].token_id, &out.id.token.id));
	do_to(w, &key, &tokens, KEY_REVOKED);
	gate_embed(&w->sv, w->a, &ask, &out);
	usage_read(w->sv.usage, key.slot, &key.id, w->now, &after);
	assert_int_equal(after.refused, before.refused + 1);
	assert_string_equal(after.refused_code, "session_revoked");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD(who_gets_tokens_for_which_agent),
		WORLD(an_embed_that_would_be_refused_is_not_logged_in_to),
		WORLD(every_verdict_with_the_checks_before_it),
		WORLD(no_kind_passes_for_another),
		WORLD(a_refresh_token_is_good_once),
		WORLD(a_refused_refresh_token_stays_good),
		WORLD(a_refresh_token_ends),
		WORLD(an_access_token_speaks_for_its_key_and_agent),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
