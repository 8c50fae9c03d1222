/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/shared.h"

#define MAGIC "embedgate page 1"        /* 16 characters; the NUL is not kept */
#define JOIN_WAIT_MS 250
#define JOIN_STEP_US 1000

static const char zero_magic[16];

eg_err
shared_map(struct arena *a, int dir_fd, const char *dir, struct shared **out, const char **why)
{
	int fd = openat(dir_fd, "shared.page", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	struct stat sb;
	void *map;
	int err = 0;

	if (fd < 0) {
		*why = arena_printf(a, "%s/shared.page: %s: make the folder and what is in it writable for this user", dir,
		    strerror(errno));
		return EG_CONFIG;
	}
	if (fstat(fd, &sb) != 0)
		err = errno;
	else if (sb.st_size < (off_t)sizeof(struct shared))
		/* Space must be there before it is mapped: a hole on a full disk is a SIGBUS. */
		while ((err = posix_fallocate(fd, 0, sizeof(struct shared))) == EINTR)
			;
	map = err != 0 ? MAP_FAILED : mmap(NULL, sizeof(struct shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (err == 0 && map == MAP_FAILED)
		err = errno;
	close(fd);
	if (err != 0) {
		*why = arena_printf(a, "%s/shared.page: %s", dir, strerror(err));
		return err == ENOSPC || err == EDQUOT ? EG_FULL : EG_IO;
	}
	*out = map;
	return EG_OK;
}

void
shared_unmap(struct shared *page)
{
	if (page != NULL)
		munmap(page, sizeof *page);
}

/* As the kernel writes it: "0b1c...-....\n", in hexadecimal with dashes. All zero where there is none. */
static void
read_boot_id(uint8_t out[16])
{
	char text[UUID_TEXT_SIZE] = "";
	struct uuid id = uuid_nil;
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);

	if (fd >= 0) {
		if (read(fd, text, UUID_TEXT_LEN) != UUID_TEXT_LEN || uuid_parse(text, UUID_TEXT_LEN, &id) != EG_OK)
			id = uuid_nil;
		close(fd);
	}
	memcpy(out, id.b, 16);
}

void
shared_init(struct shared *page, uint64_t inode)
{
	page->size = sizeof *page;
	page->inode = inode;
	read_boot_id(page->boot_id);
}

eg_err
shared_init_mutex(struct shared *page)
{
	pthread_mutexattr_t attr;
	int err;

	err = pthread_mutexattr_init(&attr);
	if (err == 0)
		err = pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	if (err == 0)
		err = pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	if (err == 0)
		err = pthread_mutex_init(&page->mutex, &attr);
	pthread_mutexattr_destroy(&attr);
	return err == 0 ? EG_OK : eg_fail(EG_IO, "shared.page: mutex: %s", strerror(err));
}

void
shared_set_valid(struct shared *page)
{
	atomic_thread_fence(memory_order_seq_cst);
	memcpy(page->magic, MAGIC, sizeof page->magic);
	atomic_thread_fence(memory_order_seq_cst);
}

bool
shared_is_valid(const struct shared *page)
{
	return memcmp(page->magic, MAGIC, sizeof page->magic) == 0 && page->size == sizeof *page;
}

bool
shared_is_of_this_boot(const struct shared *page)
{
	uint8_t now[16];

	read_boot_id(now);
	return memcmp(now, page->boot_id, 16) == 0 && memcmp(now, zero_magic, 16) != 0;
}

eg_err
shared_lock(struct shared *page, bool *died)
{
	struct timespec until;
	int err;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += SHARED_LOCK_WAIT_MS * 1000000L;
	if (until.tv_nsec >= 1000000000L) {
		until.tv_nsec -= 1000000000L;
		until.tv_sec++;
	}
	err = pthread_mutex_clocklock(&page->mutex, CLOCK_MONOTONIC, &until);
	*died = err == EOWNERDEAD;
	if (*died)
		err = pthread_mutex_consistent(&page->mutex);
	if (err == ETIMEDOUT)
		return EG_BUSY;
	return err == 0 ? EG_OK : eg_fail(EG_IO, "shared.page: writer lock: %s", strerror(err));
}

void
shared_unlock(struct shared *page)
{
	int err = pthread_mutex_unlock(&page->mutex);

	if (err != 0)
		(void)eg_fail(EG_INTERNAL, "shared.page: writer unlock: %s", strerror(err));
}

void
shared_set_tail(struct shared *page, const struct place *tail)
{
	unsigned slot = (atomic_load(&page->tail_slot) & 1) ^ 1;

	page->tails[slot] = *tail;
	atomic_store(&page->tail_slot, slot);
	/* In this order: who syncs reads `appended` first, and the segment that holds that line is synced or the
	 * current one. */
	atomic_store(&page->segment, tail->segment);
	atomic_store(&page->appended, tail->sequence);
}

void
shared_publish(struct shared *page, unsigned which)
{
	uint64_t version = current_version(atomic_load(&page->current)) + 1;

	atomic_store(&page->current, version << 2 | 2 | which);
}

void
shared_publish_none(struct shared *page)
{
	uint64_t version = current_version(atomic_load(&page->current)) + 1;

	atomic_store(&page->current, version << 2);
}

void
shared_note_change(struct shared *page, uint32_t hash)
{
	uint64_t n = atomic_load(&page->changed_count);
	uint64_t version = current_version(atomic_load(&page->current)) + 1;

	atomic_store(&page->changed[n % SHARED_CHANGED], version << 32 | hash);
	atomic_store(&page->changed_count, n + 1);
}

bool
shared_changed_lately(struct shared *page, uint32_t hash, uint64_t version)
{
	uint64_t n = atomic_load(&page->changed_count);
	uint64_t oldest = n > SHARED_CHANGED / 2 ? n - SHARED_CHANGED / 2 : 0;

	while (n-- > oldest) {
		uint64_t entry = atomic_load(&page->changed[n % SHARED_CHANGED]);

		if ((int32_t)((uint32_t)(entry >> 32) - (uint32_t)(version - 1)) < 0)
			return false;
		if ((uint32_t)entry == hash)
			return true;
	}
	return oldest > 0;
}

/* ---- the lock file ---- */

static bool
set_lock(int fd, short type)
{
	struct flock fl = { .l_type = type, .l_whence = SEEK_SET };
	int r;

	while ((r = fcntl(fd, F_OFD_SETLK, &fl)) != 0 && errno == EINTR)
		;
	return r == 0;
}

eg_err
lock_join(int lock_fd, enum alone *out)
{
	int64_t until = clock_mono_us() + JOIN_WAIT_MS * 1000;

	for (;;) {
		*out = ALONE;
		if (set_lock(lock_fd, F_WRLCK))
			return EG_OK;
		if (errno != EAGAIN && errno != EACCES)
			return eg_fail(EG_IO, "lock: %s", strerror(errno));
		*out = NOT_ALONE;
		if (set_lock(lock_fd, F_RDLCK))
			return EG_OK;
		if (clock_mono_us() >= until)
			return EG_BUSY;
		usleep(JOIN_STEP_US);
	}
}

eg_err
lock_share(int lock_fd)
{
	return set_lock(lock_fd, F_RDLCK) ? EG_OK : eg_fail(EG_IO, "lock: %s", strerror(errno));
}

enum alone
lock_leave(int lock_fd)
{
	/* Of several who leave at once, the last to unlock finds the file free. */
	return set_lock(lock_fd, F_UNLCK) && set_lock(lock_fd, F_WRLCK) ? ALONE : NOT_ALONE;
}
