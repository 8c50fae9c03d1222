/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <gdbm.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/index.h"

#define BLOCK_SIZE 4096
#define CACHED_BUCKETS 128              /* half a MiB */
#define COMMON_FLAGS (GDBM_NOLOCK | GDBM_NOMMAP | GDBM_CLOEXEC)

void
index_init(struct index *ix, const char *path, struct mac *mac)
{
	*ix = (struct index){ .path = path, .mac = mac };
}

/* What a failed GDBM call means; the handle is of no more use (after ENOSPC it would even refuse to read). */
static eg_err
failed(struct index *ix)
{
	int err = ix->db != NULL && gdbm_last_syserr(ix->db) != 0 ? gdbm_last_syserr(ix->db) : errno;
	gdbm_error cause = gdbm_errno;

	ix->fault = gdbm_strerror(cause);
	index_drop(ix);
	switch (cause) {
	case GDBM_FILE_WRITE_ERROR:
		return err == ENOSPC || err == EDQUOT || err == EFBIG ? EG_FULL : EG_IO;
	case GDBM_FILE_READ_ERROR:
	case GDBM_FILE_SEEK_ERROR:
		return err == EINVAL || err == EOVERFLOW ? EG_DAMAGED : EG_IO;  /* a place that no file has */
	case GDBM_FILE_OPEN_ERROR:
		return err == ENOENT ? EG_DAMAGED : EG_IO;
	case GDBM_FILE_STAT_ERROR:
	case GDBM_FILE_TRUNCATE_ERROR:
	case GDBM_MALLOC_ERROR:
		return EG_IO;
	default:
		return EG_DAMAGED;
	}
}

static void
set_cache(GDBM_FILE db, size_t buckets)
{
	/* Where this fails the cache is as GDBM likes it: larger. */
	(void)gdbm_setopt(db, GDBM_SETCACHESIZE, &buckets, sizeof buckets);
}

eg_err
index_open(struct index *ix, bool writable, uint64_t word)
{
	if (ix->db != NULL && ix->word == word && (ix->writable || !writable))
		return EG_OK;
	index_drop(ix);
	GDBM_FILE db = gdbm_open(ix->path, 0, COMMON_FLAGS | (writable ? GDBM_WRITER : GDBM_READER), 0600, NULL);
	if (db == NULL)
		return failed(ix);
	ix->db = db;
	ix->writable = writable;
	ix->word = word;
	if (gdbm_needs_recovery(db)) {
		index_drop(ix);
		ix->fault = "the file was not closed in order";
		return EG_DAMAGED;
	}
	set_cache(db, CACHED_BUCKETS);
	return EG_OK;
}

eg_err
index_create(struct index *ix, size_t buckets)
{
	index_drop(ix);
	GDBM_FILE db = gdbm_open(ix->path, BLOCK_SIZE, COMMON_FLAGS | GDBM_NEWDB, 0600, NULL);
	if (db == NULL)
		return failed(ix);
	ix->db = db;
	ix->writable = true;
	ix->word = 0;
	set_cache(db, buckets);
	return EG_OK;
}

/* A descriptor whose fsync costs nothing, one for the life of the process. */
static int
nowhere(void)
{
	static int fd = -1;

	if (fd < 0)
		fd = memfd_create("embedgate", MFD_CLOEXEC);
	return fd;
}

void
index_drop(struct index *ix)
{
	GDBM_FILE db = ix->db;

	if (db == NULL)
		return;
	/* gdbm_close() would sync the file, milliseconds under the writer lock. It writes nothing, so it may as
	 * well sync another one. Where that cannot be had it costs time, not truth. */
	if (ix->writable && nowhere() >= 0)
		(void)dup3(nowhere(), gdbm_fdesc(db), O_CLOEXEC);
	(void)gdbm_close(db);
	ix->db = NULL;
	ix->writable = false;
}

static eg_err
entry_mac(struct index *ix, const struct key *key, const char *value, size_t len, uint8_t out[MAC_SIZE])
{
	uint8_t key_len[4];
	struct mac_part parts[] = { { key_len, sizeof key_len }, { key->b, key->len }, { value, len } };

	put_u32(key_len, (uint32_t)key->len);
	return mac_compute(ix->mac, parts, EG_COUNT(parts), out);
}

eg_err
index_key_unique(struct index *ix, struct slice text, struct key *out)
{
	static const uint8_t no_entry[4] = { 0xff, 0xff, 0xff, 0xff };  /* a length that no key has, see entry_mac() */
	struct mac_part parts[] = { { no_entry, sizeof no_entry }, { text.p, text.len } };
	uint8_t mac[MAC_SIZE];

	EG_TRY(mac_compute(ix->mac, parts, EG_COUNT(parts), mac));
	key_unique(out, mac);
	return EG_OK;
}

static datum
key_datum(const struct key *key)
{
	union {
		const uint8_t *in;
		char *out;              /* GDBM does not write to keys */
	} u = { .in = key->b };

	return (datum){ .dptr = u.out, .dsize = (int)key->len };
}

eg_err
index_fetch(struct index *ix, struct arena *a, const struct key *key, struct slice *out)
{
	uint8_t mac[MAC_SIZE];

	if (ix->db == NULL) {
		ix->fault = "not open";
		return EG_DAMAGED;
	}
	datum value = gdbm_fetch(ix->db, key_datum(key));
	if (value.dptr == NULL)
		return gdbm_errno == GDBM_ITEM_NOT_FOUND ? EG_NOTFOUND : failed(ix);
	arena_own(a, value.dptr, free);
	if (value.dsize < INDEX_MAC_SIZE) {
		ix->fault = "an entry is too short";
		return EG_DAMAGED;
	}
	out->p = value.dptr;
	out->len = (size_t)value.dsize - INDEX_MAC_SIZE;
	EG_TRY(entry_mac(ix, key, out->p, out->len, mac));
	if (!keyring_equal(mac, out->p + out->len, INDEX_MAC_SIZE)) {
		ix->fault = "an entry does not authenticate";
		return EG_DAMAGED;
	}
	return EG_OK;
}

/* gdbm_store() and gdbm_delete() say success where a bucket could not be written; the handle then asks for recovery. */
eg_err
index_store(struct index *ix, const struct key *key, struct slice value)
{
	uint8_t mac[MAC_SIZE];
	char small[2048];
	char *bytes = value.len + INDEX_MAC_SIZE <= sizeof small ? small : malloc(value.len + INDEX_MAC_SIZE);
	eg_err e;

	if (bytes == NULL) {
		ix->fault = "no memory";
		return EG_IO;
	}
	e = entry_mac(ix, key, value.p, value.len, mac);
	if (e == EG_OK) {
		memcpy(bytes, value.p, value.len);
		memcpy(bytes + value.len, mac, INDEX_MAC_SIZE);
		datum content = { bytes, (int)(value.len + INDEX_MAC_SIZE) };

		if (gdbm_store(ix->db, key_datum(key), content, GDBM_REPLACE) != 0 || gdbm_needs_recovery(ix->db))
			e = failed(ix);
	}
	if (bytes != small)
		free(bytes);
	return e;
}

eg_err
index_remove(struct index *ix, const struct key *key)
{
	return gdbm_delete(ix->db, key_datum(key)) == 0 && !gdbm_needs_recovery(ix->db) ? EG_OK : failed(ix);
}

eg_err
index_room(struct index *ix, size_t entries, size_t bytes)
{
	/* A value that fits into no gap takes a block, or as many as it needs; a full bucket becomes two, with a
	 * block for each; the directory, at most a sixty-fourth of the file, may double. */
	off_t need = (off_t)(entries * 3 * BLOCK_SIZE + bytes * 2 + (32u << 10));
	int fd = gdbm_fdesc(ix->db);
	struct stat sb;
	int r;

	if (fstat(fd, &sb) != 0) {
		ix->fault = strerror(errno);
		return EG_IO;
	}
	need += sb.st_size / 32;
	/* Blocks the file already has behind its end are there from the last time. */
	if ((off_t)sb.st_blocks * 512 >= sb.st_size + need)
		return EG_OK;
	/* Behind the end, without moving it: GDBM takes a file that is longer than it thinks for broken. */
	while ((r = fallocate(fd, FALLOC_FL_KEEP_SIZE, sb.st_size, need + (128 << 10))) != 0 && errno == EINTR)
		;
	if (r == 0 || errno == EOPNOTSUPP)
		return EG_OK;
	ix->fault = strerror(errno);
	return errno == ENOSPC || errno == EDQUOT || errno == EFBIG ? EG_FULL : EG_IO;
}

eg_err
index_count(struct index *ix, uint64_t *out)
{
	gdbm_count_t n = 0;

	if (gdbm_count(ix->db, &n) != 0)
		return failed(ix);
	*out = n;
	return EG_OK;
}
