/* SPDX-License-Identifier: GPL-3.0-or-later */
/* faults.h - the calls by which a program changes files, standing in front of libc's for this test program and
 * every library in it: counted, and at a chosen one the process dies, or the call fails. Include it in one file of
 * a program. */
#ifndef EG_TESTS_STORE_FAULTS_H
#define EG_TESTS_STORE_FAULTS_H

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum fault_action {
	FAULT_NONE,             /* only count */
	FAULT_DIE_BEFORE,       /* the call is not made */
	FAULT_DIE_HALFWAY,      /* of a write: its first half is; other calls: made, then dead */
	FAULT_FAIL,             /* with `error`; ENOSPC after what still fits, which is half of it */
	FAULT_FULL,             /* the disk is full: what needs space it does not have yet fails */
	FAULT_FAIL_SYNC,        /* each fdatasync() */
};

static struct {
	enum fault_action action;
	unsigned long at;       /* number of the call, from 1 */
	bool sticky;            /* and all after it */
	int error;
	bool reads_too;
	unsigned long calls;    /* so far */
	bool unsynced;          /* a pwrite(), which only the journal uses, is not followed by a sync yet */
	unsigned long early;    /* write() calls, which only index files get, meanwhile */
} fault;

/* From now on. */
static void
fault_arm(enum fault_action action, unsigned long at)
{
	fault.action = action;
	fault.at = at;
	fault.calls = 0;
}

/* Is it this call's turn? Dies where that is to happen before. */
static bool
fault_hit(void)
{
	fault.calls++;
	if (fault.action == FAULT_NONE || fault.action >= FAULT_FULL || (fault.sticky ? fault.calls < fault.at : fault.calls != fault.at))
		return false;
	if (fault.action == FAULT_DIE_BEFORE)
		syscall(SYS_kill, (pid_t)syscall(SYS_getpid), SIGKILL);
	return true;
}

static long
fault_end(long result)
{
	if (fault.action == FAULT_DIE_HALFWAY)
		syscall(SYS_kill, (pid_t)syscall(SYS_getpid), SIGKILL);
	return result;
}

/* The call, or what is made of it. */
#define FAULT_CALL(...)                                 \
	do {                                            \
		if (!fault_hit())                       \
			return syscall(__VA_ARGS__);    \
		if (fault.action == FAULT_FAIL) {       \
			errno = fault.error;            \
			return -1;                      \
		}                                       \
		return fault_end(syscall(__VA_ARGS__)); \
	} while (0)

/* Has the disk no room for that file to be `end` bytes long? */
static bool
fault_is_full(int fd, off_t end)
{
	struct stat sb;

	if (fault.action != FAULT_FULL || fstat(fd, &sb) != 0)
		return false;
	off_t has = sb.st_blocks * 512 > sb.st_size ? sb.st_blocks * 512 : sb.st_size;
	errno = ENOSPC;
	return end > has;
}

ssize_t
write(int fd, const void *bytes, size_t len)
{
	if (fd <= 2)
		return syscall(SYS_write, fd, bytes, len);
	fault.early += fault.unsynced;
	if (fault_is_full(fd, lseek(fd, 0, SEEK_CUR) + (off_t)len))
		return -1;
	if (!fault_hit())
		return syscall(SYS_write, fd, bytes, len);
	if (fault.action == FAULT_FAIL) {
		/* A disk that is full takes what still fits. */
		if (fault.error == ENOSPC && len > 1)
			return syscall(SYS_write, fd, bytes, len / 2);
		errno = fault.error;
		return -1;
	}
	return fault_end(syscall(SYS_write, fd, bytes, len / 2));
}

ssize_t
pwrite(int fd, const void *bytes, size_t len, off_t offset)
{
	fault.unsynced = true;
	if (fault_is_full(fd, offset + (off_t)len))
		return -1;
	if (!fault_hit())
		return syscall(SYS_pwrite64, fd, bytes, len, offset);
	if (fault.action == FAULT_FAIL) {
		errno = fault.error;
		return -1;
	}
	return fault_end(syscall(SYS_pwrite64, fd, bytes, len / 2, offset));
}

int
fsync(int fd)
{
	fault.unsynced = false;
	FAULT_CALL(SYS_fsync, fd);
}

int
fdatasync(int fd)
{
	if (fault.action == FAULT_FAIL_SYNC) {
		errno = EIO;
		return -1;
	}
	fault.unsynced = false;
	FAULT_CALL(SYS_fdatasync, fd);
}

int
ftruncate(int fd, off_t len)
{
	FAULT_CALL(SYS_ftruncate, fd, len);
}

int
rename(const char *from, const char *to)
{
	FAULT_CALL(SYS_rename, from, to);
}

int
renameat(int from_fd, const char *from, int to_fd, const char *to)
{
	FAULT_CALL(SYS_renameat, from_fd, from, to_fd, to);
}

int
fallocate(int fd, int mode, off_t offset, off_t len)
{
	if (fault_is_full(fd, offset + len))
		return -1;
	FAULT_CALL(SYS_fallocate, fd, mode, offset, len);
}

int
posix_fallocate(int fd, off_t offset, off_t len)
{
	if (fault_is_full(fd, offset + len))
		return ENOSPC;
	if (!fault_hit())
		return syscall(SYS_fallocate, fd, 0, offset, len) == 0 ? 0 : errno;
	if (fault.action == FAULT_FAIL)
		return fault.error;
	return (int)fault_end(syscall(SYS_fallocate, fd, 0, offset, len) == 0 ? 0 : errno);
}

ssize_t
copy_file_range(int in, off_t *in_offset, int out, off_t *out_offset, size_t len, unsigned flags)
{
	if (!fault_hit())
		return syscall(SYS_copy_file_range, in, in_offset, out, out_offset, len, flags);
	if (fault.action == FAULT_FAIL) {
		errno = fault.error;
		return -1;
	}
	return fault_end(syscall(SYS_copy_file_range, in, in_offset, out, out_offset, len / 2, flags));
}

int
msync(void *p, size_t len, int flags)
{
	FAULT_CALL(SYS_msync, p, len, flags);
}

ssize_t
read(int fd, void *bytes, size_t len)
{
	if (!fault.reads_too || fd <= 2)
		return syscall(SYS_read, fd, bytes, len);
	FAULT_CALL(SYS_read, fd, bytes, len);
}

ssize_t
pread(int fd, void *bytes, size_t len, off_t offset)
{
	if (!fault.reads_too)
		return syscall(SYS_pread64, fd, bytes, len, offset);
	FAULT_CALL(SYS_pread64, fd, bytes, len, offset);
}

#endif
