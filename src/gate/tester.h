/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tester.h - testing a pasted token: what the portal's token tester, `embedctl token check -` and POST /api/v1/tokens/verify
 * have in common. The checks themselves are those of gate_embed(). */
#ifndef EG_GATE_TESTER_H
#define EG_GATE_TESTER_H

#include "gate/gate.h"

#define TESTER_PASTED_MAX 8192          /* bytes; longer than any token, embed URL or snippet */

struct tester_pasted {
	const char *token;
	const char *token_id;           /* the id in an embed URL's path, or NULL */
};

/* What somebody pasted -> the token in it: a token by itself, an embed URL (/e/ID#TOKEN, or ?token=TOKEN), or a piece of code
 * or a header line that holds one of these. White space around it is nothing. A text in which no token can be seen is
 * given as it is, for the check of its shape to say so. In the arena.
 *   EG_INVALID   nothing, too long, or a URL without a token; `*why` is a sentence */
eg_err tester_take_apart(struct arena *a, const char *text, size_t len, struct tester_pasted *out,
    const char **why) EG_CHECKED;

/* gate_embed() as somebody in `s` may know it: a genuine token of another tenant is told like a forged one, and the checks end
 * where a forgery's do. */
void tester_run(struct service *sv, struct arena *a, const struct scope *s, const struct gate_ask *ask,
    struct gate_answer *out);

/* The checks that a tested token can meet, in order; NULL behind the last. */
const char *tester_check(size_t i);
/* What a check asks, to follow on "The token ...": "is not revoked". */
const char *tester_question(const char *check);

/* {"verdict": "ok" or a code, "checks": [{check, ok, code, fix}]} */
json_object *tester_view(struct arena *a, const struct gate_answer *answer);

#endif
