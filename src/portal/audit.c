/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "portal/audit.h"

#include <string.h>

#include "base/clock.h"
#include "view/csv.h"
#include "view/when.h"

static const struct {
	const char *action;
	const char *words;
} actions[] = {
	{ "embed_token.create", "Token created" },
	{ "embed_token.update", "Token changed" },
	{ "embed_token.rotate", "Token rotated" },
	{ "embed_token.end_overlap", "Old text of a token ended" },
	{ "embed_token.revoke", "Token revoked" },
	{ "embed_token.url_copied", "Embed URL copied" },
	{ "customer.create", "Customer added" },
	{ "customer.update", "Customer changed" },
	{ "customer.metrics", "Metrics recorded" },
	{ "customer.revoke_tokens", "All tokens revoked" },
	{ "api_key.create", "API key created" },
	{ "api_key.update", "API key changed" },
	{ "api_key.rotate", "API key rotated" },
	{ "api_key.revoke", "API key revoked" },
	{ "api_key.in_browser", "API key seen in a browser" },
	{ "event.create", "Event added" },
	{ "event.update", "Event changed" },
	{ "event.import_schedule", "Schedule imported" },
	{ "event.delete", "Event deleted" },
	{ "partner.create", "Account made" },
	{ "partner.update", "Branding changed" },
	{ "partner.suspend", "Account suspended" },
	{ "partner.resume", "Account resumed" },
	{ "user.create", "Person added" },
	{ "user.update", "Person changed" },
	{ "user.password", "Password changed" },
	{ "user.sign_in", "Signed in" },
	{ "user.sign_out", "Signed out" },
};

const struct audit_topic audit_topics[] = {
	{ "", "Everything", NULL },
	{ "tokens", "Embed tokens", "embed_token." },
	{ "customers", "Customers", "customer." },
	{ "keys", "API keys", "api_key." },
	{ "people", "People", "user." },
	{ 0 },
};

const struct audit_topic *
audit_topic_of(struct rq *rq)
{
	const char *given = rq_query(rq, "about");

	for (const struct audit_topic *t = audit_topics; given != NULL && t->label != NULL; t++)
		if (strcmp(given, t->value) == 0)
			return t;
	return &audit_topics[0];
}

/* A later version may have written what this one has no words for. */
static const char *
words_of(const char *action)
{
	for (size_t i = 0; i < EG_COUNT(actions); i++)
		if (strcmp(actions[i].action, action) == 0)
			return actions[i].words;
	return action;
}

static const char *
who_of(const struct activity_row *row)
{
	if (row->actor_name != NULL)
		return row->actor_name;
	return strcmp(row->actor_kind, "cli") == 0 ? "Command line" : row->actor_kind;
}

json_object *
audit_view(struct rq *rq, const struct activity_row *rows, size_t count)
{
	json_object *list = json_new_array(rq->arena);

	for (size_t i = 0; i < count; i++) {
		json_object *o = json_new_object(rq->arena);

		json_add_object(o, "at", when_view(rq->arena, rows[i].at, rq->now_s));
		json_add_str(o, "what", words_of(rows[i].action));
		json_add_str(o, "name", rows[i].target_name);
		json_add_str(o, "detail", rows[i].detail);
		json_add_str(o, "who", who_of(&rows[i]));
		json_add_str(o, "address", rows[i].address);
		json_push_object(list, o);
	}
	return list;
}

eg_err
audit_csv(struct rq *rq, struct resp *rs, const char *name, const struct activity_row *rows, size_t count)
{
	struct buf b;

	buf_init(&b, rq->arena, 16u << 10);
	CSV_ROW(&b, "time", "action", "who", "who_kind", "address", "thing", "thing_id", "detail");
	for (size_t i = 0; i < count; i++) {
		char at[CLOCK_RFC3339_SIZE], id[UUID_TEXT_SIZE];

		clock_format(rows[i].at, at);
		uuid_format(&rows[i].target_id, id);
		CSV_ROW(&b, at, rows[i].action, who_of(&rows[i]), rows[i].actor_kind, rows[i].address, rows[i].target_name, id,
		    rows[i].detail);
	}
	return page_download(rq, rs, name, "text/csv; charset=utf-8", &b);
}
