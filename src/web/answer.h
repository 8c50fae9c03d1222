/* SPDX-License-Identifier: GPL-3.0-or-later */
/* answer.h - inside src/web: the steps of router_answer() that live in files of their own. */
#ifndef EG_WEB_ANSWER_H
#define EG_WEB_ANSWER_H

#include "web/respond.h"

/* admit.c: the credential the route needs, who that is, and their standing. Sets rq->gate, id, customer, form_nonce. */
eg_err admit(struct rq *rq) EG_CHECKED;
/* Is this an unsafe request that our own pages did not make? By Sec-Fetch-Site, else by Origin; neither: yes. */
bool admit_is_foreign_form(const struct rq *rq);

/* idempotency.c: the handler's answer, or the one it gave to the same request before. */
eg_err idempotent_answer(struct rq *rq, struct resp *rs) EG_CHECKED;

/* cors.c: the answer to OPTIONS on a CORS route. */
eg_err cors_preflight(struct rq *rq, struct resp *rs) EG_CHECKED;

/* respond.c: set it where there is none of this name. */
eg_err resp_default_header(struct rq *rq, struct resp *rs, const char *name, const char *value) EG_CHECKED;

#endif
