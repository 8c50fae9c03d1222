/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rebuild.h - an index file from the journal alone. */
#ifndef EG_STORE_REBUILD_H
#define EG_STORE_REBUILD_H

#include "store/engine.h"

/* Write a new index file at `path` that corresponds to `tail`. EG_DAMAGED: a line does not authenticate. EG_FULL,
 * EG_IO. */
eg_err rebuild_index(struct store *st, const char *path, const struct place *tail, store_progress_fn progress,
    void *arg) EG_CHECKED;

#endif
