/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "embed/policy.h"

#include "base/codec.h"

#define NONCE_SIZE 16

static eg_err
make_nonce(struct arena *a, const char **out)
{
	uint8_t bytes[NONCE_SIZE];
	char *text = arena_alloc(a, BASE64URL_LEN(NONCE_SIZE) + 1);

	EG_TRY(keyring_random(bytes, sizeof(bytes)));
	base64url_encode(bytes, sizeof(bytes), text);
	*out = text;
	return EG_OK;
}

eg_err
policy_set(struct rq *rq, struct resp *rs, const struct token_row *t, const char **nonce)
{
	const char *frames = t == NULL ? "*" : gate_frame_ancestors(rq->arena, t);

	EG_TRY(make_nonce(rq->arena, nonce));
	EG_TRY(resp_header(rq, rs, "Referrer-Policy", "no-referrer"));
	return resp_header(rq, rs, "Content-Security-Policy", arena_printf(rq->arena,
	    "default-src 'none'; script-src 'nonce-%s'; style-src 'nonce-%s'; connect-src %s %s; frame-ancestors 'self' %s; "
	    "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types embedgate",
	    *nonce, *nonce, rq_public_url(rq, "/api/validate-embed-token"), rq_public_url(rq, "/embed/v1/widgets/"), frames));
}
