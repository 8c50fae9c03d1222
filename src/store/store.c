/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opening and closing a store. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/engine.h"
#include "store/must.h"
#include "store/usage/usage.h"

#define JOIN_TRIES 8

/* ---- is this a folder for a store? ---- */

/* Locks, mapped pages and syncs of these do not hold between machines, or not at all. */
static const struct {
	uint32_t type;
	const char *name;
} refused_file_systems[] = {
	{ 0x6969, "NFS" },
	{ 0xff534d42, "CIFS" },
	{ 0xfe534d42, "SMB" },
	{ 0x517b, "SMB" },
	{ 0x65735546, "FUSE" },
	{ 0x01021997, "9p" },
	{ 0x00c36400, "Ceph" },
	{ 0x5346414f, "AFS" },
	{ 0x73757245, "Coda" },
	{ 0x01161970, "GFS2" },
	{ 0x7461636f, "OCFS2" },
	{ 0x0bd00bd0, "Lustre" },
	{ 0x786f4256, "a shared folder of VirtualBox" },
};

static eg_err
check_folder(struct arena *a, int dir_fd, const char *dir, const char **why)
{
	struct statfs fs;
	struct stat sb;

	if (fstat(dir_fd, &sb) != 0 || fstatfs(dir_fd, &fs) != 0) {
		*why = arena_printf(a, "%s: %s", dir, strerror(errno));
		return EG_IO;
	}
	if (sb.st_uid != geteuid()) {
		*why = arena_printf(a, "%s belongs to user %u, but this program runs as user %u: run it as the owner, or "
		    "change the owner of the folder and all that is in it", dir, (unsigned)sb.st_uid, (unsigned)geteuid());
		return EG_CONFIG;
	}
	if ((sb.st_mode & 077) != 0) {
		*why = arena_printf(a, "%s can be opened by others: chmod 0700 it", dir);
		return EG_CONFIG;
	}
	for (size_t i = 0; i < EG_COUNT(refused_file_systems); i++) {
		if ((uint32_t)fs.f_type != refused_file_systems[i].type)
			continue;
		*why = arena_printf(a, "%s is on %s, where locks and syncs cannot be relied on: use a local disk", dir,
		    refused_file_systems[i].name);
		return EG_CONFIG;
	}
	return EG_OK;
}

/* Who opens a store has a configuration and keys: it was there before, or is elsewhere. */
static eg_err
no_store(const struct store *st, struct arena *a, const char **why)
{
	*why = arena_printf(a, "%s holds no store: restore it from a backup, or correct store_dir in embedgate.conf",
	    st->dir);
	return EG_NOTFOUND;
}

static eg_err
open_folders(struct store *st, struct arena *a, bool create, const char **why)
{
	if (create && mkdir(st->dir, 0700) != 0 && errno != EEXIST) {
		*why = arena_printf(a, "%s: cannot be made: %s", st->dir, strerror(errno));
		return EG_CONFIG;
	}
	st->dir_fd = open(st->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (st->dir_fd < 0 && errno == ENOENT)
		return no_store(st, a, why);
	if (st->dir_fd < 0) {
		*why = arena_printf(a, "%s: %s", st->dir, strerror(errno));
		return EG_CONFIG;
	}
	EG_TRY(check_folder(a, st->dir_fd, st->dir, why));
	if (create && mkdirat(st->dir_fd, "journal", 0700) != 0 && errno != EEXIST) {
		*why = arena_printf(a, "%s/journal: cannot be made: %s", st->dir, strerror(errno));
		return EG_CONFIG;
	}
	st->journal_fd = openat(st->dir_fd, "journal", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (st->journal_fd < 0 && errno == ENOENT)
		return no_store(st, a, why);
	if (st->journal_fd < 0) {
		*why = arena_printf(a, "%s/journal: %s: all that is in the folder must belong to this user", st->dir,
		    strerror(errno));
		return EG_CONFIG;
	}
	return EG_OK;
}

static eg_err
open_lock(struct store *st, struct arena *a, const char **why)
{
	st->lock_fd = openat(st->dir_fd, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (st->lock_fd >= 0)
		return EG_OK;
	*why = arena_printf(a, "%s/lock: %s: make the folder and what is in it writable for this user", st->dir,
	    strerror(errno));
	return EG_CONFIG;
}

/* ---- keys ---- */

static eg_err
derive_keys(struct store *st, const struct keyring *ring)
{
	st->newest_key = keyring_newest(ring);
	for (unsigned n = 1; n <= KEYRING_MAX_NUMBER; n++) {
		if (!keyring_has(ring, n))
			continue;
		EG_TRY(mac_open(ring, n, "store journal", &st->journal_keys.mac[n]));
		EG_TRY(mac_open(ring, n, "store index", &st->index_macs[n]));
	}
	return mac_open(ring, st->newest_key, "store page", &st->page_mac);
}

void
engine_use_index_key(struct store *st)
{
	for (unsigned i = 0; i < 2; i++) {
		index_drop(&st->index[i]);
		st->index[i].mac = st->index_macs[st->page->index_key];
	}
}

/* ---- open ---- */

static void
make_paths(struct store *st)
{
	for (unsigned i = 0; i < 2; i++) {
		if (asprintf(&st->index_paths[i], "%s/index.%c", st->dir, 'a' + (int)i) < 0)
			arena_exhausted();
		index_init(&st->index[i], st->index_paths[i], NULL);
	}
	if (asprintf(&st->new_path, "%s/index.new", st->dir) < 0)
		arena_exhausted();
}

static eg_err
guard_against_fork(struct store *st)
{
	size_t size = (size_t)sysconf(_SC_PAGESIZE);
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || madvise(p, size, MADV_WIPEONFORK) != 0)
		return eg_fail(EG_IO, "store: mmap: %s", strerror(errno));
	*p = 1;
	st->not_forked = p;
	return EG_OK;
}

/* The first segment: with its file in place there is a store. */
static eg_err
make_journal(struct store *st, struct arena *a)
{
	struct place none = { 0 }, after;
	struct uuid id;

	EG_TRY(uuid_make(&id));
	return journal_start_segment(&st->writer, a, &none, &id, st->newest_key, clock_now_us(), &after);
}

/* Become one of those who have the store open, or the one who puts it in order. */
static eg_err
join(struct store *st, struct arena *a, bool create, const char **why)
{
	enum alone alone;
	uint32_t last;
	eg_err e;

	for (int i = 0; i < JOIN_TRIES; i++) {
		e = lock_join(st->lock_fd, &alone);
		if (e != EG_OK) {
			*why = arena_printf(a, "%s is being opened by another process: try again", st->dir);
			return e == EG_BUSY ? EG_RECOVERING : e;
		}
		EG_TRY(journal_last_segment(st->journal_fd, &last));
		if (create && (last != 0 || alone == NOT_ALONE)) {
			*why = arena_printf(a, "%s holds a store already", st->dir);
			return EG_EXISTS;
		}
		if (!create && last == 0)
			return no_store(st, a, why);
		if (alone == ALONE) {
			*why = arena_printf(a, "%s: the store cannot be made; the log says why", st->dir);
			if (create)
				EG_TRY(make_journal(st, a));
			EG_TRY(usage_open(st->dir, &st->usage));
			return start(st, a, why);
		}
		if (!shared_is_valid(st->page)) {
			/* Who made the page died, or another version of this program has the store open. */
			lock_leave(st->lock_fd);
			usleep(10000);
			continue;
		}
		*why = arena_printf(a, "%s: the store cannot be opened; the log says why", st->dir);
		if (st->index_macs[st->page->index_key] == NULL || st->journal_keys.mac[st->page->journal_key] == NULL) {
			*why = arena_printf(a, "the processes that have %s open use a master key that is not in the "
			    "key file", st->dir);
			return EG_CONFIG;
		}
		engine_use_index_key(st);
		return usage_open(st->dir, &st->usage);
	}
	*why = arena_printf(a, "%s is open in another version of embedgate: stop that first", st->dir);
	return EG_CONFIG;
}

static void
store_free(struct store *st)
{
	for (unsigned i = 0; i < 2; i++) {
		index_drop(&st->index[i]);
		free(st->index_paths[i]);
	}
	free(st->new_path);
	journal_writer_free(&st->writer);
	journal_reader_free(&st->reader);
	cache_free(st->cache);
	for (unsigned n = 1; n <= KEYRING_MAX_NUMBER; n++) {
		mac_free(st->journal_keys.mac[n]);
		mac_free(st->index_macs[n]);
	}
	mac_free(st->page_mac);
	shared_unmap(st->page);
	if (st->not_forked != NULL)
		munmap((void *)(uintptr_t)st->not_forked, (size_t)sysconf(_SC_PAGESIZE));
	if (st->lock_fd >= 0)
		close(st->lock_fd);
	if (st->journal_fd >= 0)
		close(st->journal_fd);
	if (st->dir_fd >= 0)
		close(st->dir_fd);
	free(st->dir);
	free(st);
}

static eg_err
open_all(struct store *st, struct arena *a, const struct keyring *ring, bool create, const char **why)
{
	EG_TRY(open_folders(st, a, create, why));
	EG_TRY(open_lock(st, a, why));
	EG_TRY(shared_map(a, st->dir_fd, st->dir, &st->page, why));
	*why = "the store cannot be opened; the log says why";
	EG_TRY(derive_keys(st, ring));
	EG_TRY(guard_against_fork(st));
	make_paths(st);
	st->cache = cache_new();
	journal_writer_init(&st->writer, st->journal_fd, &st->journal_keys);
	journal_reader_init(&st->reader, st->journal_fd, &st->journal_keys);
	return join(st, a, create, why);
}

eg_err
store_open(struct arena *a, const char *dir, const struct keyring *ring, enum store_open_mode mode, struct store **out,
    const char **why)
{
	struct store *st = must(calloc(1, sizeof *st));
	eg_err e;

	st->dir = must(strdup(dir));
	st->dir_fd = st->journal_fd = st->lock_fd = st->writer.fd = st->reader.fd = -1;
	e = open_all(st, a, ring, mode == STORE_CREATE, why);
	if (e != EG_OK) {
		usage_close(st->usage);
		store_free(st);
		return e;
	}
	*out = st;
	return EG_OK;
}

void
store_close(struct store *st)
{
	if (st == NULL)
		return;
	usage_close(st->usage);
	if (*st->not_forked == 1 && lock_leave(st->lock_fd) == ALONE)
		stop(st);
	store_free(st);
}

struct usage *
store_usage(struct store *st)
{
	return st->usage;
}
