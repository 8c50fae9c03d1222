/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/usage/mapped.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/codec.h"
#include "base/log.h"

#define NAME_SIZE 64
#define OPEN_ROUNDS 8
#define LOCK_TRIES 100                  /* of 10 ms */
#define DAMAGED_MAX 999
#define STEP_MIN_BYTES (256u << 10)     /* a file grows by an eighth, but at least and at most by this much */
#define STEP_MAX_BYTES (16u << 20)

_Static_assert(sizeof(struct mapped_head) == 48, "the head of a file has no holes");

static off_t
end_of(const struct mapped_kind *kind, uint32_t units)
{
	return (off_t)MAPPED_HEAD_SIZE + (off_t)units * kind->unit_size;
}

static uint32_t
head_crc(const struct mapped_head *head)
{
	return codec_crc32(0, head, offsetof(struct mapped_head, crc));
}

static eg_err
head_make(struct mapped_head *head, const struct mapped_kind *kind)
{
	memset(head, 0, sizeof(*head));
	memcpy(head->magic, kind->magic, sizeof(head->magic));
	head->version = MAPPED_VERSION;
	head->unit_size = kind->unit_size;
	if (getrandom(&head->key, sizeof(head->key), 0) != (ssize_t)sizeof(head->key))
		return eg_fail(EG_RANDOM, "%s: no randomness for its key: %s", kind->name, strerror(errno));
	head->crc = head_crc(head);
	atomic_store_explicit(&head->ready, kind->first_units, memory_order_relaxed);
	return EG_OK;
}

/* 0, or an errno. Where it fails the file is as long as before. */
static int
take_space(int fd, off_t from, off_t to)
{
	struct stat before;
	int error;

	if (fstat(fd, &before) != 0)
		return errno;
	do {
		error = posix_fallocate(fd, from, to - from);
	} while (error == EINTR);
	if (error != 0 && ftruncate(fd, before.st_size) != 0)
		log_line(LOG_LEVEL_WARN, "usage: cannot give back what was taken of a full disk: %s", strerror(errno));
	return error;
}

static eg_err
space_failed(const struct mapped_kind *kind, int error)
{
	bool full = error == ENOSPC || error == EDQUOT || error == EFBIG;

	return eg_fail(full ? EG_FULL : EG_IO, "%s: cannot take space: %s", kind->name, strerror(error));
}

/* Makes a whole new file under another name and then gives it its own, so that nobody ever opens half a file. Where
 * somebody else was quicker, theirs stays. */
static eg_err
make_file(int dir_fd, const struct mapped_kind *kind)
{
	struct mapped_head head;
	char temp[NAME_SIZE];
	eg_err e = EG_OK;
	int error;

	EG_TRY(head_make(&head, kind));
	snprintf(temp, sizeof(temp), "%s.new-%ld", kind->name, (long)getpid());
	unlinkat(dir_fd, temp, 0);      /* of a dead process with our number */
	int fd = openat(dir_fd, temp, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return eg_fail(errno == ENOSPC || errno == EDQUOT ? EG_FULL : EG_IO, "%s: cannot make it: %s", kind->name,
		    strerror(errno));
	if ((error = take_space(fd, 0, end_of(kind, kind->first_units))) != 0)
		e = space_failed(kind, error);
	else if (pwrite(fd, &head, sizeof(head), 0) != (ssize_t)sizeof(head) || fsync(fd) != 0)
		e = eg_fail(EG_IO, "%s: cannot write its head: %s", kind->name, strerror(errno));
	else if (linkat(dir_fd, temp, dir_fd, kind->name, 0) != 0 && errno != EEXIST)
		e = eg_fail(EG_IO, "%s: cannot give it its name: %s", kind->name, strerror(errno));
	unlinkat(dir_fd, temp, 0);
	close(fd);
	return e;
}

static bool
is_whole(int fd, const struct mapped_kind *kind)
{
	struct mapped_head head;
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size >= end_of(kind, kind->first_units) &&
	    pread(fd, &head, sizeof(head), 0) == (ssize_t)sizeof(head) &&
	    memcmp(head.magic, kind->magic, sizeof(head.magic)) == 0 && head.version == MAPPED_VERSION &&
	    head.unit_size == kind->unit_size && head.crc == head_crc(&head);
}

/* Two processes may find the same damage. Only the holder of the lock on that very file may move it, and only while the
 * name still leads to it, so the new file that the other one made is left alone. */
static eg_err
set_aside(int dir_fd, int fd, const struct mapped_kind *kind)
{
	const struct timespec pause = { .tv_nsec = 10 * 1000 * 1000 };
	struct stat mine, named;
	char aside[NAME_SIZE];
	int tries = 0;

	while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if ((errno != EWOULDBLOCK && errno != EINTR) || ++tries == LOCK_TRIES)
			return eg_fail(EG_IO, "%s: damaged, and cannot be locked: %s", kind->name, strerror(errno));
		nanosleep(&pause, NULL);
	}
	if (fstat(fd, &mine) != 0 || fstatat(dir_fd, kind->name, &named, AT_SYMLINK_NOFOLLOW) != 0 ||
	    mine.st_ino != named.st_ino || mine.st_dev != named.st_dev)
		return EG_OK;
	for (int n = 1; n <= DAMAGED_MAX; n++) {
		snprintf(aside, sizeof(aside), "%s.damaged-%d", kind->name, n);
		if (linkat(dir_fd, kind->name, dir_fd, aside, 0) == 0) {
			if (unlinkat(dir_fd, kind->name, 0) != 0)
				break;
			log_line(LOG_LEVEL_WARN, "%s is damaged or of another version: kept as %s, counting starts anew",
			    kind->name, aside);
			return EG_OK;
		}
		if (errno != EEXIST)
			break;
	}
	return eg_fail(EG_IO, "%s: damaged, and cannot be set aside: %s", kind->name, strerror(errno));
}

/* A copy of the folder may have become sparse. */
static eg_err
fill_holes(int fd, const struct mapped_kind *kind)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return eg_fail(EG_IO, "%s: %s", kind->name, strerror(errno));
	if ((off_t)st.st_blocks * 512 >= st.st_size)
		return EG_OK;
	/* Not posix_fallocate(): where the file system cannot do it, that one writes, and would race with those who
	 * count. */
	if (fallocate(fd, 0, 0, st.st_size) != 0 && errno != EOPNOTSUPP)
		return space_failed(kind, errno);
	return EG_OK;
}

/* How many units are safe to touch: the head may be newer than the size after a power cut. */
static uint32_t
safe_units(const struct mapped *m)
{
	uint32_t said = atomic_load_explicit(&m->head->ready, memory_order_acquire);
	struct stat st;

	if (fstat(m->fd, &st) != 0 || st.st_size < (off_t)MAPPED_HEAD_SIZE)
		return 0;
	off_t fit = (st.st_size - (off_t)MAPPED_HEAD_SIZE) / m->kind->unit_size;
	return fit < (off_t)said ? (uint32_t)fit : said;
}

static eg_err
adopt(struct mapped *m, int fd)
{
	void *head = mmap(NULL, MAPPED_HEAD_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (head == MAP_FAILED)
		return eg_fail(EG_IO, "%s: cannot map it: %s", m->kind->name, strerror(errno));
	m->head = head;
	m->fd = fd;
	m->ready = safe_units(m);
	return EG_OK;
}

void
mapped_none(struct mapped *m, int dir_fd, const struct mapped_kind *kind)
{
	*m = (struct mapped){ .kind = kind, .dir_fd = dir_fd, .fd = -1 };
}

eg_err
mapped_open(struct mapped *m, int dir_fd, const struct mapped_kind *kind)
{
	mapped_none(m, dir_fd, kind);
	/* Each round opens the file, or makes it, or moves a damaged one away; others may do the same between two
	 * rounds. */
	for (int round = 0; round < OPEN_ROUNDS; round++) {
		int fd = openat(dir_fd, kind->name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
		if (fd < 0 && errno != ENOENT)
			return eg_fail(EG_IO, "%s: cannot open it: %s", kind->name, strerror(errno));
		if (fd < 0) {
			EG_TRY(make_file(dir_fd, kind));
			continue;
		}
		bool whole = is_whole(fd, kind);
		eg_err e = whole ? fill_holes(fd, kind) : set_aside(dir_fd, fd, kind);
		if (e == EG_OK && whole && (e = adopt(m, fd)) == EG_OK)
			return EG_OK;
		close(fd);
		EG_TRY(e);
	}
	return eg_fail(EG_IO, "%s: is being replaced again and again", kind->name);
}

eg_err
mapped_private(struct mapped *m, const struct mapped_kind *kind)
{
	size_t size = (size_t)end_of(kind, kind->first_units);

	mapped_none(m, -1, kind);
	void **chunks = calloc(1, sizeof(*chunks));
	if (chunks == NULL)
		return eg_fail(EG_IO, "%s: no memory for it", kind->name);
	char *all = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	eg_err e = all == MAP_FAILED ? eg_fail(EG_IO, "%s: no memory for it", kind->name) : head_make((void *)all, kind);
	if (e != EG_OK) {
		if (all != MAP_FAILED)
			munmap(all, size);
		free(chunks);
		return e;
	}
	chunks[0] = all + MAPPED_HEAD_SIZE;
	m->head = (void *)all;
	m->ready = kind->first_units;
	m->chunks = chunks;
	m->chunk_count = 1;
	return EG_OK;
}

static size_t
chunk_size(const struct mapped_kind *kind)
{
	return (size_t)kind->chunk_units * kind->unit_size;
}

void
mapped_close(struct mapped *m)
{
	for (size_t i = 0; i < m->chunk_count; i++)
		if (m->chunks[i] != NULL)
			munmap(m->chunks[i], chunk_size(m->kind));
	free(m->chunks);
	if (m->head != NULL)
		munmap(m->head, MAPPED_HEAD_SIZE);
	if (m->fd >= 0)
		close(m->fd);
	mapped_none(m, -1, m->kind);
}

static uint32_t
next_size(const struct mapped_kind *kind, uint32_t have, uint32_t wanted)
{
	uint64_t step = (uint64_t)have * kind->unit_size / 8;

	step = step < STEP_MIN_BYTES ? STEP_MIN_BYTES : step > STEP_MAX_BYTES ? STEP_MAX_BYTES : step;
	step = (step + kind->unit_size - 1) / kind->unit_size;
	uint64_t grown = have + step;
	return grown < wanted || grown > UINT32_MAX ? wanted : (uint32_t)grown;
}

eg_err
mapped_reserve(struct mapped *m, uint32_t units)
{
	if (units <= m->ready)
		return EG_OK;
	if (m->fd < 0)
		EG_TRY(mapped_open(m, m->dir_fd, m->kind));
	uint32_t have = m->ready = safe_units(m);
	if (units <= have)
		return EG_OK;

	uint32_t grown = next_size(m->kind, have, units);
	int error = take_space(m->fd, end_of(m->kind, have), end_of(m->kind, grown));
	if (error != 0)
		return space_failed(m->kind, error);
	atomic_store_explicit(&m->head->ready, grown, memory_order_release);
	m->ready = grown;
	return EG_OK;
}

static void *
complain(struct mapped *m, uint32_t n, const char *why)
{
	if (!m->complained)
		log_line(LOG_LEVEL_WARN, "%s: number %u cannot be used and counts nowhere: %s", m->kind->name, n, why);
	m->complained = true;
	return NULL;
}

static bool
map_chunk(struct mapped *m, size_t index)
{
	size_t size = chunk_size(m->kind);

	if (index >= m->chunk_count) {
		size_t count = index + index / 2 + 1;
		void **bigger = realloc(m->chunks, count * sizeof(*bigger));
		if (bigger == NULL)
			return false;
		memset(bigger + m->chunk_count, 0, (count - m->chunk_count) * sizeof(*bigger));
		m->chunks = bigger;
		m->chunk_count = count;
	}
	off_t from = (off_t)MAPPED_HEAD_SIZE + (off_t)(index * size);
	void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, m->fd, from);
	if (at == MAP_FAILED)
		return false;
	if (m->kind->scattered)
		madvise(at, size, MADV_RANDOM);
	m->chunks[index] = at;
	return true;
}

void *
mapped_unit(struct mapped *m, uint32_t n)
{
	if (n == 0)
		return NULL;
	if (n > m->ready) {
		if (m->fd < 0)
			return complain(m, n, "there is no file");
		m->ready = safe_units(m);
		if (n > m->ready)
			return complain(m, n, "the file does not reach that far");
	}
	size_t index = (n - 1) / m->kind->chunk_units;
	if ((index >= m->chunk_count || m->chunks[index] == NULL) && !map_chunk(m, index))
		return complain(m, n, "no memory to map it");
	return (char *)m->chunks[index] + (size_t)((n - 1) % m->kind->chunk_units) * m->kind->unit_size;
}
