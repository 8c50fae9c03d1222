/* SPDX-License-Identifier: GPL-3.0-or-later */
/* change.h - what every change of the model has in common. For the files of src/model. */
#ifndef EG_MODEL_CHANGE_H
#define EG_MODEL_CHANGE_H

#include "model/scope.h"
#include "model/service.h"

/* store_change() in the name of `who` (NULL: the program itself). `target` may be NULL. */
eg_err change_run(struct service *sv, struct arena *a, const struct actor *who, const char *action,
    const struct uuid *target, store_change_fn fn, void *arg) EG_CHECKED;

/* The second this change is made in. */
int64_t change_now_s(const struct store_tx *tx);

/* What `created_by` and `revoked_by` say: the actor's name, or kind and id where it has none. */
const char *change_author(struct arena *a, const struct actor *who);

#endif
