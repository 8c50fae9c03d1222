/* SPDX-License-Identifier: GPL-3.0-or-later */
/* agent_login.c - the order of what is told is that of the exchange: a body that is no JSON, then the credential, and only
 * then a field that is wrong. */
#include "api/agent_login.h"

#include <string.h>

const struct field agent_login_fields[] = {
	{ "api_key", FIELD_SECRET, FIELD_NULLABLE, 0, REQUEST_HEADER_MAX, NULL,
	  "A partner or customer API key, where it is not in a header." },
	{ "agent_id", FIELD_INT, FIELD_REQUIRED, 1, INT64_MAX, NULL, "The number of the agent." },
	{ .type = FIELD_END },
};

const struct field agent_refresh_fields[] = {
	{ "refresh", FIELD_SECRET, FIELD_NULLABLE, 0, REQUEST_HEADER_MAX, NULL,
	  "The refresh token. It is good once: a second use ends all tokens of its login." },
	{ .type = FIELD_END },
};

static eg_err
answer(struct rq *rq, struct resp *rs, const struct gate_agent_tokens *tokens)
{
	json_object *o = json_new_object(rq->arena);

	if (rq->gate.verdict != VERDICT_OK)
		return rq_refuse(rq, rq->gate.verdict, NULL);
	json_add_str(o, "refresh", tokens->refresh);
	json_add_str(o, "access", tokens->access);
	return resp_json(rq, rs, 200, o);
}

/* The body, which may have wrong fields: these are told of later. */
static eg_err
read_body(struct rq *rq, json_object **body, bool *is_wrong)
{
	eg_err e = rq_body(rq, rq->route->fields, body);

	*is_wrong = e == EG_REFUSED && rq->refusal == VERDICT_VALIDATION_FAILED;
	return *is_wrong ? EG_OK : e;
}

/* The API key: the body's, or where that has none a header's. */
static eg_err
read_key(struct rq *rq, json_object *body, const char **text)
{
	json_object *member = json_object_object_get(body, "api_key");
	const char *header, *in_body = json_get_str(body, "api_key");
	bool is_api_key_header;

	if (member != NULL && in_body == NULL)
		return rq_refuse(rq, VERDICT_VALIDATION_FAILED, NULL);
	if (in_body != NULL && *in_body == '\0')
		in_body = NULL;
	EG_TRY(rq_credential(rq, &header, &is_api_key_header));
	if (header != NULL && in_body != NULL)
		return rq_refuse(rq, VERDICT_MULTIPLE_CREDENTIALS, NULL);
	*text = in_body != NULL ? in_body : header;
	return *text != NULL ? EG_OK : rq_refuse(rq, VERDICT_MISSING_CREDENTIALS, NULL);
}

/* The refresh token, which is in the body or nowhere. */
static eg_err
read_refresh(struct rq *rq, json_object *body, const char **text)
{
	const char *header;
	bool is_api_key_header;

	EG_TRY(rq_credential(rq, &header, &is_api_key_header));
	*text = json_get_str(body, "refresh");
	if (header != NULL && *text != NULL)
		return rq_refuse(rq, VERDICT_MULTIPLE_CREDENTIALS, NULL);
	return *text != NULL ? EG_OK : rq_refuse(rq, VERDICT_MISSING_CREDENTIALS, "The refresh token stands in the body, as refresh.");
}

eg_err
agent_login(struct rq *rq, struct resp *rs)
{
	struct gate_agent_tokens tokens = { 0 };
	struct actor who;
	json_object *body;
	const char *key;
	bool body_is_wrong;

	EG_TRY(read_body(rq, &body, &body_is_wrong));
	EG_TRY(read_key(rq, body, &key));
	gate_api_key(rq->sv, rq->arena, &(struct gate_key_ask){
		.text = key, .len = strlen(key), .origin = rq->origin, .allow = GATE_KEY_PARTNER | GATE_KEY_CUSTOMER,
		.answer_has_secret = true, .address = rq->address, .now_s = rq->now_s,
	}, &rq->gate);
	if (rq->gate.verdict != VERDICT_OK)
		return rq_refuse(rq, rq->gate.verdict, NULL);
	if (body_is_wrong)
		return rq_refuse(rq, VERDICT_VALIDATION_FAILED, NULL);
	rq->id = rq->gate.id;
	who = rq_actor(rq);
	gate_agent_login(rq->sv, rq->arena, &who, json_get_int(body, "agent_id", 0), rq->now_s, &rq->gate, &tokens);
	return answer(rq, rs, &tokens);
}

eg_err
agent_refresh(struct rq *rq, struct resp *rs)
{
	struct gate_agent_tokens tokens = { 0 };
	json_object *body;
	const char *text;
	bool body_is_wrong;

	EG_TRY(read_body(rq, &body, &body_is_wrong));
	if (body_is_wrong)      /* the token would be used up */
		return rq_refuse(rq, VERDICT_VALIDATION_FAILED, NULL);
	EG_TRY(read_refresh(rq, body, &text));
	gate_agent_refresh(rq->sv, rq->arena, &(struct gate_refresh_ask){
		.text = text, .len = strlen(text), .address = rq->address, .request_id = rq->request_id, .now_s = rq->now_s,
	}, &rq->gate, &tokens);
	return answer(rq, rs, &tokens);
}
