/* SPDX-License-Identifier: GPL-3.0-or-later */
/* policy.h - what a page that stands in other people's sites may do, and where it may stand. */
#ifndef EG_EMBED_POLICY_H
#define EG_EMBED_POLICY_H

#include "web/respond.h"

/* Set Content-Security-Policy and Referrer-Policy. Only scripts and styles with the nonce run; only the exchange and the
 * widgets can be asked; no form, no base, no plug-in, no markup from text but through the loader's policy. Framed by our own
 * pages and by the sites of `t`; by anybody where `t` is NULL: such a page holds no data and no control.
 * `*nonce` is for the page's script and style elements. EG_RANDOM. */
eg_err policy_set(struct rq *rq, struct resp *rs, const struct token_row *t, const char **nonce) EG_CHECKED;

#endif
