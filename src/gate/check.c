/* SPDX-License-Identifier: GPL-3.0-or-later */
/* check.c - one check of a list, and what several lists check alike. */
#include "gate/check.h"

#include <string.h>

#include "base/clock.h"
#include "base/codec.h"

#define PREFIX_LEN 4            /* "emb_", "egp_" ... */

void
gate_answer_init(struct gate_answer *out)
{
	memset(out, 0, sizeof(*out));
	out->verdict = VERDICT_INTERNAL_ERROR;
}

bool
gate_check(struct gate_answer *out, const char *check, bool ok, enum verdict otherwise)
{
	return gate_check_verdict(out, check, ok ? VERDICT_OK : otherwise);
}

bool
gate_check_verdict(struct gate_answer *out, const char *check, enum verdict v)
{
	if (out->step_count == GATE_STEPS_MAX) {
		out->verdict = VERDICT_INTERNAL_ERROR;
		return false;
	}
	out->steps[out->step_count++] = (struct gate_step){ .check = check, .ok = v == VERDICT_OK, .verdict = v };
	if (v != VERDICT_OK)
		out->verdict = v;
	return v == VERDICT_OK;
}

bool
gate_check_form(struct gate_answer *out, const char *text, size_t len, size_t full_len, eg_err parsed)
{
	bool has_shape = parsed != EG_MALFORMED;

	if (!has_shape && len == full_len) {
		uint8_t bytes[64];
		size_t n;

		has_shape = base64url_decode(text + PREFIX_LEN, len - PREFIX_LEN, bytes, sizeof(bytes), &n) == EG_OK;
	}
	return gate_check(out, "shape", has_shape, VERDICT_TOKEN_MALFORMED) &&
	    gate_check(out, "checksum", parsed != EG_MALFORMED, VERDICT_TOKEN_MALFORMED);
}

bool
gate_check_rate(struct service *sv, struct gate_answer *out, const void *name, size_t len, unsigned rate)
{
	if (!sv->config.rate_limit)
		return true;
	out->limited = true;
	out->limit_rule = (struct limit){ .rate = rate, .period_s = 60 };
	limit_take(sv->usage, name, len, &out->limit_rule, clock_mono_us(), &out->limit);
	return gate_check(out, "rate_limit", out->limit.allowed, VERDICT_RATE_LIMITED);
}

enum verdict
gate_verdict_of_load(eg_err e)
{
	return e == EG_NOTFOUND ? VERDICT_STORE_DAMAGED : verdict_of_err(e);
}

bool
gate_names_uuid(const char *text, const struct uuid *id)
{
	struct uuid named;

	return uuid_parse(text, strlen(text), &named) == EG_OK && uuid_equal(&named, id);
}
