/* SPDX-License-Identifier: GPL-3.0-or-later */
/* subject.c - what a token is for: one event, one agent, or all that its customer has. */
#include <stdio.h>
#include <string.h>

#include "gate/check.h"

/* ---- the token's own ---- */

static eg_err
absent_is_fine(eg_err e)
{
	return e == EG_NOTFOUND ? EG_OK : e;
}

eg_err
gate_subject_load(struct service *sv, struct arena *a, struct identity *id)
{
	static const struct scope everybody = { 0 };
	const struct token_row *t = &id->token;

	if (!uuid_is_nil(&t->event_id))
		EG_TRY(absent_is_fine(event_get(sv, a, &everybody, &t->event_id, &id->event)));
	if (!uuid_is_nil(&t->agent_id))
		EG_TRY(absent_is_fine(agent_get(sv, a, &everybody, &t->agent_id, &id->agent)));
	return EG_OK;
}

bool
gate_subject_is_gone(const struct identity *id)
{
	return !uuid_equal(&id->token.event_id, &id->event.id) || !uuid_equal(&id->token.agent_id, &id->agent.id);
}

/* ---- what the caller names ---- */

static bool
is_of_customer(const struct token_row *t)
{
	return uuid_is_nil(&t->event_id) && uuid_is_nil(&t->agent_id);
}

static struct scope
scope_of(const struct token_row *t)
{
	return (struct scope){ .partner_id = t->partner_id, .customer_id = t->customer_id };
}

static enum verdict
verdict_of_named(eg_err e)
{
	return e == EG_NOTFOUND ? VERDICT_SUBJECT_MISMATCH : verdict_of_err(e);
}

static enum verdict
judge_event(struct service *sv, struct arena *a, const char *text, struct identity *id)
{
	const struct token_row *t = &id->token;
	const struct scope own = scope_of(t);
	struct uuid named;

	if (text == NULL)
		return VERDICT_OK;
	if (uuid_parse(text, strlen(text), &named) != EG_OK)
		return VERDICT_SUBJECT_MISMATCH;
	if (!is_of_customer(t))
		return uuid_equal(&named, &t->event_id) ? VERDICT_OK : VERDICT_SUBJECT_MISMATCH;
	return verdict_of_named(event_get(sv, a, &own, &named, &id->event));
}

static bool
names_own_agent(const char *text, const struct token_row *t)
{
	char number[24];

	if (uuid_is_nil(&t->agent_id))
		return false;
	snprintf(number, sizeof(number), "%lld", (long long)t->agent_number);
	return strcmp(text, number) == 0 || gate_names_uuid(text, &t->agent_id);
}

static enum verdict
judge_agent(struct service *sv, struct arena *a, const char *text, struct identity *id)
{
	const struct token_row *t = &id->token;
	const struct scope own = scope_of(t);

	if (text == NULL)
		return VERDICT_OK;
	if (!is_of_customer(t))
		return names_own_agent(text, t) ? VERDICT_OK : VERDICT_SUBJECT_MISMATCH;
	return verdict_of_named(agent_find(sv, a, &own, text, &id->agent));
}

enum verdict
gate_subject_verdict(struct service *sv, struct arena *a, const struct gate_ask *ask, struct identity *id)
{
	const struct gate_subject *s = &ask->subject;
	const struct token_row *t = &id->token;
	enum verdict v;

	/* Our own pages name the token they were made for, so that nobody puts another one into them. */
	if (ask->place == GATE_EXCHANGE && s->token_id == NULL && gate_origin_is_own(sv, ask->origin))
		return VERDICT_SUBJECT_MISMATCH;
	if ((s->token_id != NULL && !gate_names_uuid(s->token_id, &t->id)) ||
	    (s->customer_id != NULL && !gate_names_uuid(s->customer_id, &t->customer_id)))
		return VERDICT_SUBJECT_MISMATCH;
	v = judge_event(sv, a, s->event_id, id);
	return v != VERDICT_OK ? v : judge_agent(sv, a, s->agent, id);
}
