/* SPDX-License-Identifier: GPL-3.0-or-later */
/* idempotency.c - Idempotency-Key on a POST with an API key: a request that is sent again gets the answer of the first. Only
 * successes are kept: a refusal changed nothing and may be tried again with the same key. */
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "model/replay.h"
#include "web/answer.h"
#include "web/router.h"

#define WAIT_US 250000          /* for the answer of a request that is at work at this moment; as for the writer lock */
#define NAP_US 5000
#define LOST_AFTER_S 30         /* an answer that is not there by then was lost with its process */

static bool
is_key(const char *key)
{
	size_t len = strlen(key);

	for (size_t i = 0; i < len; i++)
		if (key[i] < ' ' || key[i] > '~')
			return false;
	return len > 0 && len <= REPLAY_KEY_MAX;
}

/* All that makes a request the same one. */
static eg_err
replay_of(struct rq *rq, const char *key, struct replay *out)
{
	struct buf b;

	buf_init(&b, rq->arena, rq->body_len + 256);
	buf_printf(&b, "%s\n%s\n%s\n", rq->method_name, rq->path, rq->query);
	buf_add(&b, rq->body, rq->body_len);
	return replay_init(&rq->id.key.id, key, b.data, b.len, out);
}

/* What is there, after a while for the answer of a request that is still at work. */
static eg_err
look(struct rq *rq, const struct replay *r, enum replay_found *found, struct replay_answer *kept)
{
	const int64_t until = clock_mono_us() + WAIT_US;

	for (;;) {
		EG_TRY(replay_look(rq->sv, rq->arena, r, found, kept));
		if (*found != REPLAY_UNANSWERED || rq->now_s >= kept->at + LOST_AFTER_S || clock_mono_us() >= until)
			return EG_OK;
		usleep(NAP_US);
	}
}

static eg_err
answer_again(struct rq *rq, struct resp *rs, enum replay_found found, const struct replay_answer *kept)
{
	if (found == REPLAY_OTHER)
		return rq_refuse(rq, VERDICT_IDEMPOTENCY_MISMATCH, NULL);
	if (found == REPLAY_UNANSWERED && rq->now_s < kept->at + LOST_AFTER_S)
		return rq_refuse(rq, VERDICT_STORE_BUSY, "The first request with this Idempotency-Key is still at work.");
	if (found == REPLAY_UNANSWERED)
		return rq_refuse(rq, VERDICT_TOKEN_STATE_CONFLICT, "What the first request with this Idempotency-Key asked for was "
		    "done, but its answer was lost. See what is there; a lost text is had anew by rotating.");
	*rs = (struct resp){ .status = 0 };
	EG_TRY(resp_header(rq, rs, "Idempotent-Replayed", "true"));
	return resp_bytes(rq, rs, kept->status, kept->type, kept->body, kept->body_len);
}

static const char *
media_type(const struct resp *rs)
{
	for (size_t i = 0; i < rs->header_count; i++)
		if (strcmp(rs->headers[i].name, "Content-Type") == 0)
			return rs->headers[i].value;
	return "application/json";
}

/* The handler, with `r` hanging on whatever it changes. */
static eg_err
work(struct rq *rq, struct resp *rs, struct replay *r)
{
	eg_err e;

	rq->sv->replay = r;
	e = rq->route->handler(rq, rs);
	rq->sv->replay = NULL;
	if (e != EG_OK || rs->status < 200 || rs->status > 299)
		return e;
	/* What was asked for is done, so it is told, even where the answer cannot be kept: that is logged. */
	(void)!replay_keep(rq->sv, rq->arena, r, &(struct replay_answer){
		.status = rs->status, .type = media_type(rs), .body = rs->body, .body_len = rs->body_len,
	});
	return EG_OK;
}

eg_err
idempotent_answer(struct rq *rq, struct resp *rs)
{
	const char *key = rq->method == M_POST && rq->id.kind == IDENTITY_API_KEY ? rq_header(rq, "Idempotency-Key") : NULL;
	struct replay_answer kept;
	enum replay_found found;
	struct replay r;
	eg_err e;

	if (key == NULL)
		return rq->route->handler(rq, rs);
	if (!is_key(key)) {
		faults_add(&rq->faults, "Idempotency-Key", "Give 1 to %d printable ASCII characters.", REPLAY_KEY_MAX);
		return rq_check_faults(rq);
	}
	EG_TRY(replay_of(rq, key, &r));
	EG_TRY(look(rq, &r, &found, &kept));
	/* Of another body that is wrong in itself, too, that is said first: rq_body() and its like know of this. */
	rq->is_other_request = found == REPLAY_OTHER;
	if (found == REPLAY_ANSWERED || found == REPLAY_UNANSWERED)
		return answer_again(rq, rs, found, &kept);
	e = work(rq, rs, &r);
	if (e == EG_OK && rq->is_other_request)
		return rq_refuse(rq, VERDICT_IDEMPOTENCY_MISMATCH, NULL);
	if (!r.is_taken)
		return e;
	EG_TRY(look(rq, &r, &found, &kept));
	return found == REPLAY_NONE ? e : answer_again(rq, rs, found, &kept);
}
