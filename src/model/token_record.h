/* SPDX-License-Identifier: GPL-3.0-or-later */
/* token_record.h - the record behind a token's row. For the files of src/model. */
#ifndef EG_MODEL_TOKEN_RECORD_H
#define EG_MODEL_TOKEN_RECORD_H

#include "model/token.h"

/* Which of a record's lists is what. Events and agents begin with the same two. */
enum { LIST_CUSTOMER, LIST_PARTNER, LIST_EVENT, LIST_AGENT };

eg_err token_decode(struct arena *a, const struct store_record *rec, struct token_row *out) EG_CHECKED;
void token_encode(struct arena *a, const struct token_row *row, struct store_record *out);

#endif
