/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bulk.h - a customer with many embed tokens, made in change sets of many: load tests would wait for as many syncs otherwise. */
#ifndef EG_MODEL_BULK_H
#define EG_MODEL_BULK_H

#include "model/customer.h"
#include "model/token.h"

/* A new customer of the scope's partner, with all features, and `count` tokens for any site named "`name` 1", "`name` 2" ... Their
 * texts are written to `texts`. Each token has its row in the activity log, as if it had been made alone. A failure may leave the
 * customer with some of them. */
eg_err bulk_create(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who, const char *name,
    size_t count, struct customer_row *out, char (*texts)[EMBED_TOKEN_SIZE]) EG_CHECKED;

#endif
