/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/usage/usage.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "store/usage/files.h"

/* Usage is never a reason not to start: a file that cannot be had was logged, and is done without. */
static void
open_or_do_without(struct mapped *m, int dir_fd, const struct mapped_kind *kind)
{
	if (mapped_open(m, dir_fd, kind) != EG_OK)
		log_line(LOG_LEVEL_WARN, "%s: going on without it, nothing is counted there", kind->name);
}

eg_err
usage_open(const char *dir, struct usage **out)
{
	struct usage *u = calloc(1, sizeof(*u));
	eg_err e = EG_OK;

	if (u == NULL)
		return eg_fail(EG_INTERNAL, "usage_open: no memory");
	u->dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (u->dir_fd < 0) {
		e = eg_fail(EG_IO, "usage_open: %s: %s", dir, strerror(errno));
		free(u);
		return e;
	}
	open_or_do_without(&u->slots, u->dir_fd, &slots_kind);
	open_or_do_without(&u->rings, u->dir_fd, &rings_kind);
	/* Limits guard sign-in, so without the file each process keeps its own. */
	if (mapped_open(&u->limits, u->dir_fd, &limits_kind) != EG_OK) {
		log_line(LOG_LEVEL_WARN, "%s: going on with limits of each process alone", limits_kind.name);
		if ((e = mapped_private(&u->limits, &limits_kind)) != EG_OK) {
			usage_close(u);
			return e;
		}
	}
	limits_boot(u);
	*out = u;
	return EG_OK;
}

void
usage_close(struct usage *u)
{
	if (u == NULL)
		return;
	mapped_close(&u->slots);
	mapped_close(&u->rings);
	mapped_close(&u->limits);
	close(u->dir_fd);
	free(u);
}

eg_err
usage_reserve_slots(struct usage *u, uint32_t slots)
{
	return mapped_reserve(&u->slots, slots);
}

eg_err
usage_reserve_rings(struct usage *u, uint32_t rings)
{
	return mapped_reserve(&u->rings, rings);
}
