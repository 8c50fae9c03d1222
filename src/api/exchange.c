/* SPDX-License-Identifier: GPL-3.0-or-later */
/* exchange.c - the order of what is told: a body that is no JSON, then the credential, then its standing, and only then a
 * field that is wrong. So the gate runs before the faults of the body are spoken of. */
#include "api/exchange.h"

#include <string.h>

#include "base/origin.h"
#include "view/exchanged.h"

const struct field exchange_fields[] = {
	{ "embed_token", FIELD_SECRET, FIELD_NULLABLE, 0, REQUEST_HEADER_MAX, NULL,
	  "The embed token, where it is not the Bearer." },
	{ "token_id", FIELD_UUID, FIELD_NULLABLE, 0, 0, NULL, "The id the token must have; our own pages send that of their address." },
	{ "customer_id", FIELD_UUID, FIELD_NULLABLE, 0, 0, NULL, "The customer the token must belong to." },
	{ "event_id", FIELD_UUID, FIELD_NULLABLE, 0, 0, NULL, "The event the token must be for." },
	{ "agent_id", FIELD_AGENT, FIELD_NULLABLE, 0, 0, NULL, "The agent the token must be for: its number, or its id." },
	{ "framed_by", FIELD_TEXT, FIELD_NULLABLE, 0, ORIGIN_MAX, NULL,
	  "The site whose frame shows our page, for the list of sites that use the token." },
	{ .type = FIELD_END },
};

/* The one credential of the request: its body's or its headers'. */
static eg_err
credential(struct rq *rq, json_object *body, const char **text)
{
	const char *header, *in_body = json_get_str(body, "embed_token");
	bool is_api_key_header;

	EG_TRY(rq_credential(rq, &header, &is_api_key_header));
	if (header != NULL && in_body != NULL)
		return rq_refuse(rq, VERDICT_MULTIPLE_CREDENTIALS, NULL);
	/* An API key there is told apart by the gate; anything else in that header is no API key, and not welcome either. */
	if (is_api_key_header && gate_text_kind(header, strlen(header)) != GATE_TEXT_API_KEY)
		return rq_refuse(rq, VERDICT_WRONG_TOKEN_TYPE, NULL);
	*text = header != NULL ? header : in_body;
	return *text != NULL ? EG_OK : rq_refuse(rq, VERDICT_MISSING_CREDENTIALS, NULL);
}

static eg_err
answer(struct rq *rq, struct resp *rs)
{
	const char *session;

	EG_TRY(gate_session_make(rq->sv, rq->arena, &rq->id, rq->now_s, &session));
	return resp_json(rq, rs, 200, exchanged_view(rq->arena, &rq->id, session, rq->now_s));
}

eg_err
exchange(struct rq *rq, struct resp *rs)
{
	json_object *body;
	const char *text;
	bool is_wrong;          /* in its fields or its query */
	eg_err e;

	rq_take_query(rq);
	e = rq_body(rq, exchange_fields, &body);
	is_wrong = e == EG_REFUSED && rq->refusal == VERDICT_VALIDATION_FAILED;
	if (e != EG_OK && !is_wrong)
		return e;
	EG_TRY(credential(rq, body, &text));
	gate_embed(rq->sv, rq->arena, &(struct gate_ask){
		.text = text, .len = strlen(text), .place = GATE_EXCHANGE, .origin = rq->origin,
		.framed_by = json_get_str(body, "framed_by"),
		.subject = {
			.token_id = json_get_str(body, "token_id"), .customer_id = json_get_str(body, "customer_id"),
			.event_id = json_get_str(body, "event_id"), .agent = json_get_str(body, "agent_id"),
		},
		.address = rq->address, .browser = gate_browser(rq_header(rq, "User-Agent")),
		.counts = !is_wrong, .use = USAGE_LOAD, .now_s = rq->now_s,
	}, &rq->gate);
	if (rq->gate.verdict != VERDICT_OK)
		return rq_refuse(rq, rq->gate.verdict, NULL);
	if (is_wrong)
		return rq_refuse(rq, VERDICT_VALIDATION_FAILED, NULL);
	rq->id = rq->gate.id;
	EG_TRY(router_cors(rq, rs));
	return answer(rq, rs);
}
