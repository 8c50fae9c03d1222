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
#include "store/must.h"

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
set_options(GDBM_FILE db, size_t buckets)
{
	int yes = 1;

	/* Where one of these fails it costs memory, or space. */
	(void)gdbm_setopt(db, GDBM_SETCACHESIZE, &buckets, sizeof buckets);
	(void)gdbm_setopt(db, GDBM_SETCOALESCEBLKS, &yes, sizeof yes);
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
	set_options(db, CACHED_BUCKETS);
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
	set_options(db, buckets);
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

/* Over all that stands in front of the MAC. */
static eg_err
entry_mac(struct index *ix, const struct key *key, const char *bytes, size_t len, uint8_t out[MAC_SIZE])
{
	uint8_t key_len[4];
	struct mac_part parts[] = { { key_len, sizeof key_len }, { key->b, key->len }, { bytes, len } };

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

static eg_err
damaged(struct index *ix, const char *fault)
{
	ix->fault = fault;
	return EG_DAMAGED;
}

eg_err
index_fetch(struct index *ix, struct arena *a, const struct key *key, struct slice *out, size_t *room)
{
	uint8_t mac[MAC_SIZE];

	if (ix->db == NULL)
		return damaged(ix, "not open");
	datum found = gdbm_fetch(ix->db, key_datum(key));
	if (found.dptr == NULL)
		return gdbm_errno == GDBM_ITEM_NOT_FOUND ? EG_NOTFOUND : failed(ix);
	arena_own(a, found.dptr, free);
	if (found.dsize < INDEX_TRAILER_SIZE)
		return damaged(ix, "an entry is too short");
	*room = (size_t)found.dsize;
	size_t len = *room - INDEX_MAC_SIZE;
	EG_TRY(entry_mac(ix, key, found.dptr, len, mac));
	if (!keyring_equal(mac, found.dptr + len, INDEX_MAC_SIZE))
		return damaged(ix, "an entry does not authenticate");
	len -= 4;
	size_t padding = get_u32(found.dptr + len);
	if (padding > len)
		return damaged(ix, "an entry is shorter than its padding");
	*out = (struct slice){ found.dptr, len - padding };
	return EG_OK;
}

/* What a value of `len` bytes may take, with its key. */
static size_t
size_class(size_t len)
{
	size_t octave = 64;

	if (len > BLOCK_SIZE)
		return (len + BLOCK_SIZE - 1) / BLOCK_SIZE * BLOCK_SIZE;
	while (octave < len)
		octave *= 2;
	return len <= octave / 4 * 3 ? octave / 4 * 3 : octave;
}

/* What it shall take: the place of the old one, where that is not far too large. */
static size_t
choose_room(const struct key *key, size_t len, size_t old)
{
	size_t room = size_class(key->len + len + INDEX_TRAILER_SIZE) - key->len;
	size_t too_large = room < BLOCK_SIZE / 8 ? room * 8 : room * 2;

	return old >= room && old <= too_large ? old : room;
}

/* gdbm_store() and gdbm_delete() say success where a bucket could not be written; the handle then asks for recovery. */
eg_err
index_store(struct index *ix, const struct key *key, struct slice value, size_t *room)
{
	size_t size = choose_room(key, value.len, *room), padding = size - INDEX_TRAILER_SIZE - value.len;
	uint8_t mac[MAC_SIZE];
	char small[BLOCK_SIZE];
	char *bytes = size <= sizeof small ? small : must(malloc(size));
	eg_err e;

	memcpy(bytes, value.p, value.len);
	memset(bytes + value.len, 0, padding);
	put_u32(bytes + value.len + padding, (uint32_t)padding);
	e = entry_mac(ix, key, bytes, size - INDEX_MAC_SIZE, mac);
	if (e == EG_OK) {
		datum content = { bytes, (int)size };

		memcpy(bytes + size - INDEX_MAC_SIZE, mac, INDEX_MAC_SIZE);
		if (gdbm_store(ix->db, key_datum(key), content, GDBM_REPLACE) != 0 || gdbm_needs_recovery(ix->db))
			e = failed(ix);
	}
	*room = size;
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
	 * block for each; the directory, a small part of the file, may double. */
	off_t need = (off_t)(entries * 3 * BLOCK_SIZE + bytes * 2 + (32u << 10));
	int fd = gdbm_fdesc(ix->db);
	struct stat sb;
	int r;

	if (fstat(fd, &sb) != 0) {
		ix->fault = strerror(errno);
		return EG_IO;
	}
	need += sb.st_size / 256;
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
