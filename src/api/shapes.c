/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "api/shapes.h"

#define TEXT(name, about) { name, FIELD_TEXT, 0, 0, 0, NULL, about }
#define TEXT_OR_NULL(name, about) { name, FIELD_TEXT, FIELD_NULLABLE, 0, 0, NULL, about }
#define ID(name, about) { name, FIELD_UUID, 0, 0, 0, NULL, about }
#define ID_OR_NULL(name, about) { name, FIELD_UUID, FIELD_NULLABLE, 0, 0, NULL, about }
#define TIME(name, about) { name, FIELD_TIME, 0, 0, 0, NULL, about }
#define TIME_OR_NULL(name, about) { name, FIELD_TIME, FIELD_NULLABLE, 0, 0, NULL, about }
#define NUMBER(name, about) { name, FIELD_INT, 0, 0, 0, NULL, about }
#define FLAG(name, about) { name, FIELD_BOOL, 0, 0, 0, NULL, about }
#define CHOICE(name, of, about) { name, FIELD_CHOICE, 0, 0, 0, of, about }
#define NAMES(name, of, about) { name, FIELD_NAMES, 0, 0, 0, of, about }
#define OBJECT(name, of, about) { name, FIELD_SHAPE, 0, 0, 0, NULL, about, &(of) }
#define OBJECT_OR_NULL(name, of, about) { name, FIELD_SHAPE, FIELD_NULLABLE, 0, 0, NULL, about, &(of) }
#define OBJECTS(name, of, about) { name, FIELD_SHAPES, 0, 0, 0, NULL, about, &(of) }
#define OPTIONAL(name, type, about) { name, type, FIELD_OPTIONAL, 0, 0, NULL, about }
#define END { .type = FIELD_END }

static const char *const permissions[] = {
	"dashboard:read", "events:read", "events:register", "agents:read", "api:read", NULL,
};
static const char *const features[] = { "embed", "analytics", "events", "agents", "api", NULL };

/* ---- customers ---- */

static const char *const customer_statuses[] = { "active", "disabled", NULL };

#define CUSTOMER \
	ID("id", NULL), \
	ID("partner_id", NULL), \
	TEXT("name", "What the customer is called."), \
	TEXT_OR_NULL("email", NULL), \
	TEXT_OR_NULL("external_id", "Your own id of the customer."), \
	CHOICE("status", customer_statuses, "While disabled, none of the customer's embeds and keys works."), \
	FLAG("portal_access", "Off: none of the customer's embeds works."), \
	NAMES("features", features, "What is switched on."), \
	TIME("created_at", NULL), \
	TIME("updated_at", NULL)

const struct shape customer_shape = { "Customer", (const struct field[]){ CUSTOMER, END }, "Whose data an embed shows." };

const struct shape user_shape = { "User", (const struct field[]){
	CUSTOMER,
	TEXT("embed_token", "The primary token's text."),
	ID("embed_token_id", NULL),
	END }, "A customer, with its primary embed token." };

const struct shape revoked_tokens_shape = { "RevokedTokens", (const struct field[]){
	ID("customer_id", NULL),
	NUMBER("revoked", "How many tokens lived until now."),
	END }, NULL };

const struct shape recorded_shape = { "RecordedMetrics", (const struct field[]){
	ID("customer_id", NULL),
	NUMBER("recorded", "How many values were set."),
	END }, NULL };

/* ---- embed tokens ---- */

static const char *const token_statuses[] = { "active", "disabled", "rotating", "expired", "revoked", NULL };

static const struct shape refusal_shape = { "Refusal", (const struct field[]){
	TIME("at", NULL),
	TEXT("code", "Why; one of the codes of problems."),
	TEXT_OR_NULL("origin", "The site that asked; null where none was named."),
	END }, NULL };

#define TOKEN \
	ID("id", NULL), \
	ID("customer_id", NULL), \
	ID("partner_id", NULL), \
	ID_OR_NULL("event_id", "The event it is for."), \
	ID_OR_NULL("agent_id", "The agent it is for."), \
	TEXT("name", NULL), \
	TEXT("prefix", "How its text begins: \"emb_AbC123...\"."), \
	CHOICE("status", token_statuses, "rotating: the text from before is good for a while, too."), \
	FLAG("is_active", "false: paused, or revoked."), \
	FLAG("is_primary", "The one token of the users routes."), \
	NAMES("permissions", permissions, "What was granted. What it may do now depends on the customer's features, too."), \
	{ "allowed_origins", FIELD_TEXTS, 0, 0, 0, NULL, "The sites on which it works; empty: any site." }, \
	NUMBER("usage_count", "Exchanges, and pages made on the server."), \
	NUMBER("request_count", "Requests by header or session."), \
	NUMBER("refused_count", "Refusals of this token, genuine as it was."), \
	TIME_OR_NULL("last_used_at", NULL), \
	TEXT_OR_NULL("last_used_origin", "The site of the last use."), \
	OBJECT_OR_NULL("last_refused", refusal_shape, NULL), \
	TIME("created_at", NULL), \
	TEXT("created_by", NULL), \
	TIME_OR_NULL("expires_at", "null: never."), \
	TIME_OR_NULL("rotated_at", NULL), \
	TIME_OR_NULL("previous_valid_until", "Until when the text from before the rotation is good."), \
	TIME_OR_NULL("revoked_at", NULL), \
	TEXT_OR_NULL("revoked_by", NULL)

const struct shape token_shape = { "EmbedToken", (const struct field[]){ TOKEN, END }, "An embed token, without its text." };

const struct shape token_made_shape = { "EmbedTokenMade", (const struct field[]){
	TOKEN,
	TEXT("token", "The text. It is in no later answer."),
	END }, "An embed token, with its text this once." };

const struct shape token_primary_shape = { "PrimaryToken", (const struct field[]){
	TOKEN,
	TEXT("embed_token", "The text."),
	ID("embed_token_id", "The same as id."),
	END }, "A customer's primary embed token, with its text." };

static const struct shape snippets_shape = { "Snippets", (const struct field[]){
	TEXT("iframe", "With the URL token in it: ready to paste."),
	TEXT("script", "Put the token's text for YOUR_TOKEN."),
	TEXT("web_component", "Put the token's text for YOUR_TOKEN."),
	TEXT("header", "A request from a server, as curl would make it."),
	END }, NULL };

const struct shape token_url_shape = { "EmbedUrl", (const struct field[]){
	TEXT("url", "The secret is behind the #, so that no server's log has it."),
	TEXT("legacy_url", "For pages that take ?token= only."),
	OBJECT("snippets", snippets_shape, NULL),
	END }, NULL };

const struct shape use_shape = { "Use", (const struct field[]){
	TIME("at", "Of the last of them."),
	TEXT("code", "ok, or why it was refused."),
	TEXT_OR_NULL("origin", "The site; null where none was named."),
	TEXT_OR_NULL("widget", NULL),
	NUMBER("count", "Equal ones of one minute are one row."),
	END }, NULL };

static const struct shape check_shape = { "Check", (const struct field[]){
	TEXT("check", "Which check, in the order they are made."),
	FLAG("ok", NULL),
	TEXT_OR_NULL("code", "Where it failed: the code the exchange would give."),
	TEXT_OR_NULL("fix", "Where it failed: what to do."),
	END }, NULL };

const struct shape tested_shape = { "TestedToken", (const struct field[]){
	TEXT("verdict", "ok, or the code of the check that failed."),
	OBJECTS("checks", check_shape, "The checks, up to the one that failed."),
	END }, NULL };

const struct shape introspected_shape = { "Introspection", (const struct field[]){
	FLAG("active", "false, and nothing else, for what would be refused, is unknown or is not yours."),
	OPTIONAL("token_type", FIELD_TEXT, "embed_token, embed_url_token, session, agent_access or api_key."),
	OPTIONAL("iss", FIELD_TEXT, "This installation."),
	OPTIONAL("jti", FIELD_UUID, "The id of the token or key."),
	OPTIONAL("sub", FIELD_UUID, "The customer, or the partner."),
	OPTIONAL("scope", FIELD_TEXT, "What it may do now, separated by spaces."),
	OPTIONAL("iat", FIELD_INT, "Seconds since 1970."),
	OPTIONAL("exp", FIELD_INT, "Seconds since 1970; not there: never."),
	END }, "RFC 7662." };

const struct shape done_shape = { "Done", (const struct field[]){ FLAG("success", "true."), END }, NULL };

/* ---- API keys ---- */

static const char *const key_types[] = { "partner", "customer", "read_only", "webhook", NULL };
static const char *const key_statuses[] = { "active", "rotating", "expired", "revoked", NULL };

#define KEY \
	ID("id", NULL), \
	TEXT("name", NULL), \
	CHOICE("type", key_types, NULL), \
	TEXT("prefix", "How its text begins: \"egp_AbC123...\"."), \
	ID_OR_NULL("customer_id", "The one customer it is for."), \
	ID("partner_id", NULL), \
	CHOICE("status", key_statuses, NULL), \
	TIME("created_at", NULL), \
	TEXT("created_by", NULL), \
	TIME_OR_NULL("last_used_at", NULL), \
	TIME_OR_NULL("expires_at", "null: never."), \
	TIME_OR_NULL("rotated_at", NULL), \
	TIME_OR_NULL("previous_valid_until", "Until when the text from before the rotation is good."), \
	TIME_OR_NULL("revoked_at", NULL)

const struct shape key_shape = { "ApiKey", (const struct field[]){ KEY, END }, "An API key, without its text." };

const struct shape key_made_shape = { "ApiKeyMade", (const struct field[]){
	KEY,
	TEXT("key", "The text. It is in no later answer."),
	END }, "An API key, with its text this once." };

/* ---- agents ---- */

#define AGENT_NUMBER(name) { name, FIELD_INT, 0, 1, INT64_MAX, NULL, "Unique in this installation." }
#define SCORE { "score", FIELD_NUMBER, FIELD_NULLABLE, 0, 0, NULL, "A number of the agent's own scale." }

const struct shape agent_shape = { "Agent", (const struct field[]){
	ID("id", NULL),
	AGENT_NUMBER("number"),
	ID("customer_id", "The customer it works for."),
	ID("partner_id", NULL),
	TEXT("name", NULL),
	TEXT_OR_NULL("description", "What it does."),
	NUMBER("result_count", "How many results it reported."),
	TIME("created_at", NULL),
	TEXT("created_by", NULL),
	TIME("updated_at", NULL),
	END }, "What works for a customer by itself." };

const struct shape result_shape = { "AgentResult", (const struct field[]){
	ID("id", NULL),
	ID("agent_id", NULL),
	AGENT_NUMBER("agent_number"),
	TEXT("title", "What was done."),
	TEXT("status", "The agent's own word for how it went."),
	SCORE,
	TEXT_OR_NULL("summary", "What came of it."),
	TIME("at", "When it came about."),
	TIME("created_at", "When it was reported."),
	END }, "What came of an agent's work." };

const struct shape agent_tokens_shape = { "AgentTokens", (const struct field[]){
	TEXT("refresh", "For the next two tokens, once, within seven days."),
	TEXT("access", "A Bearer on the embed routes, for 24 hours."),
	END }, "Two tokens of an agent login." };

/* ---- usage ---- */

#define COUNTS \
	NUMBER("loads", "Exchanges, and pages made on the server."), \
	NUMBER("requests", "Requests by header, session or API key."), \
	NUMBER("refused", "Refusals of something genuine.")

static const struct shape counts_shape = { "UsageCounts", (const struct field[]){ COUNTS, END }, NULL };

static const struct shape day_shape = { "UsageDay", (const struct field[]){
	{ "date", FIELD_DATE, 0, 0, 0, NULL, "In UTC." },
	COUNTS,
	END }, NULL };

static const struct shape key_usage_shape = { "ApiKeyUsage", (const struct field[]){
	ID("id", NULL),
	TEXT("name", NULL),
	CHOICE("type", key_types, NULL),
	TEXT("prefix", NULL),
	CHOICE("status", key_statuses, NULL),
	TIME_OR_NULL("last_used_at", NULL),
	OBJECTS("days", day_shape, NULL),
	OBJECT("totals", counts_shape, NULL),
	END }, NULL };

const struct shape analytics_shape = { "Analytics", (const struct field[]){
	ID_OR_NULL("customer_id", "null: all customers."),
	OBJECTS("days", day_shape, "What embeds did; the last is today."),
	OBJECT("totals", counts_shape, "Of these days."),
	OBJECTS("keys", key_usage_shape, "What API keys did; the newest 100 keys."),
	NUMBER("keys_total", "How many keys there are."),
	END }, NULL };

/* ---- embeds ---- */

static const struct shape named_shape = { "Named", (const struct field[]){ ID("id", NULL), TEXT("name", NULL), END }, NULL };

#define OWNER \
	OBJECT("customer", named_shape, NULL), \
	OBJECT("partner", named_shape, NULL)

#define MAY \
	NAMES("permissions", permissions, "What may be done now."), \
	{ "widgets", FIELD_TEXTS, 0, 0, 0, NULL, "What can be shown now." }

const struct shape exchanged_shape = { "Session", (const struct field[]){
	FLAG("success", "true."),
	TEXT("auth_token", "The session: send it as Authorization: Bearer."),
	TEXT("token_type", "Bearer."),
	NUMBER("expires_in", "Seconds."),
	ID("token_id", NULL),
	OWNER,
	ID_OR_NULL("event_id", NULL),
	ID_OR_NULL("agent_id", NULL),
	MAY,
	END }, "What an embed token is exchanged for." };

static const struct shape me_token_shape = { "OwnToken", (const struct field[]){
	ID("id", NULL),
	TEXT("name", NULL),
	ID_OR_NULL("event_id", NULL),
	ID_OR_NULL("agent_id", NULL),
	TIME_OR_NULL("expires_at", NULL),
	END }, NULL };

const struct shape me_shape = { "Me", (const struct field[]){
	OWNER,
	OBJECT("token", me_token_shape, NULL),
	MAY,
	END }, NULL };

static const struct shape dashboard_day_shape = { "DashboardDay", (const struct field[]){
	{ "date", FIELD_DATE, 0, 0, 0, NULL, "In UTC." },
	NUMBER("loads", NULL),
	NUMBER("requests", NULL),
	END }, NULL };

static const struct shape dashboard_totals_shape = { "DashboardTotals", (const struct field[]){
	NUMBER("loads", NULL),
	NUMBER("requests", NULL),
	END }, NULL };

static const struct shape point_shape = { "MetricPoint", (const struct field[]){
	{ "date", FIELD_DATE, 0, 0, 0, NULL, NULL },
	{ "value", FIELD_NUMBER, 0, 0, 0, NULL, NULL },
	END }, NULL };

static const struct shape series_shape = { "MetricSeries", (const struct field[]){
	TEXT("name", NULL),
	OBJECTS("points", point_shape, "Oldest first."),
	END }, NULL };

const struct shape dashboard_shape = { "Dashboard", (const struct field[]){
	OWNER,
	OBJECT("totals", dashboard_totals_shape, NULL),
	OBJECTS("usage", dashboard_day_shape, "The last 30 days."),
	OBJECTS("metrics", series_shape, "The customer's own figures."),
	END }, NULL };

static const struct shape embedded_agent_shape = { "EmbeddedAgent", (const struct field[]){
	ID("id", NULL),
	AGENT_NUMBER("number"),
	TEXT("name", NULL),
	TEXT_OR_NULL("description", "What it does."),
	END }, NULL };

static const struct shape embedded_result_shape = { "EmbeddedResult", (const struct field[]){
	ID("id", NULL),
	TEXT("title", "What was done."),
	TEXT("status", "The agent's own word for how it went."),
	SCORE,
	TEXT_OR_NULL("summary", "What came of it."),
	TIME("at", "When it came about."),
	END }, NULL };

const struct shape shown_agent_shape = { "ShownAgent", (const struct field[]){
	OWNER,
	OBJECT("agent", embedded_agent_shape, "The token's agent, or the one asked about."),
	OBJECTS("results", embedded_result_shape, "The newest twenty."),
	NUMBER("result_count", "How many there are."),
	END }, NULL };

const struct shape status_shape = { "Status", (const struct field[]){ TEXT("status", NULL), END }, NULL };

const struct shape document_shape = { "Document", (const struct field[]){ END }, NULL };
