/* SPDX-License-Identifier: GPL-3.0-or-later */
/* refusal.h - how embed.fcgi says no: a page for those who look at one, problem+json for those who call. */
#ifndef EG_EMBED_REFUSAL_H
#define EG_EMBED_REFUSAL_H

#include "web/respond.h"

/* A page has words for visitors and the code for the operator. Where the refused token is known, its sites still frame it. */
eg_err refusal_answer(struct rq *rq, struct resp *rs) EG_CHECKED;

#endif
