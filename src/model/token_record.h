/* SPDX-License-Identifier: GPL-3.0-or-later */
/* token_record.h - the record behind a token's row. For the files of src/model. */
#ifndef EG_MODEL_TOKEN_RECORD_H
#define EG_MODEL_TOKEN_RECORD_H

#include "model/token.h"

/* Which of a record's lists is what. Events and agents begin with the same two. */
enum { LIST_CUSTOMER, LIST_PARTNER, LIST_EVENT, LIST_AGENT };

/* The record alone. Where it is given out, token_mark_revoked() follows: the one place that knows whether a revocation of all
 * tokens of the customer (customer_row.tokens_revoked_before) binds this one. */
eg_err token_decode(struct arena *a, const struct store_record *rec, struct token_row *out) EG_CHECKED;
void token_mark_revoked(struct token_row *row, int64_t revoked_before);
void token_encode(struct arena *a, const struct token_row *row, struct store_record *out);

#endif
