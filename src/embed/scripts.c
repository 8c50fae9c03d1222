/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "embed/scripts.h"

#include <string.h>

#include "base/codec.h"
#include "sign/mac.h"
#include "web/assets.h"

#define AN_HOUR "public, max-age=3600"
#define FOR_EVER "public, max-age=31536000, immutable"

#define HASH_KEPT 16            /* bytes of a SHA-256 that tell one file from another */
#define TAG_SIZE (2 * HASH_KEPT + 1)

/* What the entity tag says: it changes with the bytes. */
static eg_err
hash_of(const struct asset *script, char out[TAG_SIZE])
{
	uint8_t hash[32];

	EG_TRY(mac_sha256(script->bytes, script->len, hash));
	hex_encode(hash, HASH_KEPT, out);
	return EG_OK;
}

/* Does If-None-Match (RFC 9110 section 13.1.2) name it? A server that compresses may have made the tag weak, W/"...", or
 * put something behind the hash, "...-gzip": the hash within is enough. */
static bool
is_known(const char *if_none_match, const char *hash)
{
	return if_none_match != NULL && (strcmp(if_none_match, "*") == 0 || strstr(if_none_match, hash) != NULL);
}

static eg_err
answer(struct rq *rq, struct resp *rs, const char *name, const char *cache)
{
	const struct asset *script = asset_find(name);
	char hash[TAG_SIZE];
	bool known;

	if (script == NULL)
		return eg_fail(EG_INTERNAL, "%s is not compiled in", name);
	EG_TRY(hash_of(script, hash));
	known = is_known(rq_header(rq, "If-None-Match"), hash);
	EG_TRY(resp_bytes(rq, rs, known ? 304 : 200, "text/javascript; charset=utf-8", script->bytes, known ? 0 : script->len));
	EG_TRY(resp_header(rq, rs, "ETag", arena_printf(rq->arena, "\"%s\"", hash)));
	EG_TRY(resp_header(rq, rs, "Cache-Control", cache));
	EG_TRY(resp_header(rq, rs, "Access-Control-Allow-Origin", "*"));
	return resp_header(rq, rs, "Cross-Origin-Resource-Policy", "cross-origin");
}

eg_err
scripts_loader(struct rq *rq, struct resp *rs)
{
	return answer(rq, rs, "static/loader.js", AN_HOUR);
}

eg_err
scripts_loader_versioned(struct rq *rq, struct resp *rs)
{
	return answer(rq, rs, "static/loader.js", FOR_EVER);
}

eg_err
scripts_page_versioned(struct rq *rq, struct resp *rs)
{
	return answer(rq, rs, "static/page.js", FOR_EVER);
}
