/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/codec.h"
#include "store/journal.h"

#define FRAME_LEN (JOURNAL_MAC_LEN + 2) /* MAC, space, newline */
#define FIRST_READ (16u << 10)
#define KEPT_BUFFER (1u << 20)           /* a reader that met a longer line gives its memory back */
#define FIRST_LINE_MAX 512              /* bytes of a segment's first line, at most */

void
journal_segment_name(uint32_t segment, char out[JOURNAL_NAME_SIZE])
{
	snprintf(out, JOURNAL_NAME_SIZE, "%06u.log", segment);
}

static eg_err
line_mac(struct mac *m, const uint8_t before[MAC_SIZE], struct slice json, uint8_t out[MAC_SIZE])
{
	struct mac_part parts[] = { { before, MAC_SIZE }, { json.p, json.len } };

	return mac_compute(m, parts, EG_COUNT(parts), out);
}

/* The MAC text at the start of a line. */
static bool
read_mac(const char *line, uint8_t out[MAC_SIZE])
{
	size_t len;

	return base64url_decode(line, JOURNAL_MAC_LEN, out, MAC_SIZE, &len) == EG_OK && len == MAC_SIZE;
}

/* `len` bytes at `offset`, fewer only at the end of the file. */
static eg_err
read_at(int fd, char *out, size_t len, uint64_t offset, size_t *got)
{
	*got = 0;
	while (*got < len) {
		ssize_t n = pread(fd, out + *got, len - *got, (off_t)(offset + *got));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return eg_fail(EG_IO, "journal: read: %s", strerror(errno));
		if (n == 0)
			break;
		*got += (size_t)n;
	}
	return EG_OK;
}

/* 0 or an errno. */
static int
write_at(int fd, const char *bytes, size_t len, uint64_t offset)
{
	while (len > 0) {
		ssize_t n = pwrite(fd, bytes, len, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		if (n == 0)
			return ENOSPC;
		bytes += n;
		offset += (uint64_t)n;
		len -= (size_t)n;
	}
	return 0;
}

static int
write_zeros(int fd, uint64_t offset, uint64_t end)
{
	static const char zeros[64u << 10];

	while (offset < end) {
		size_t len = end - offset < sizeof zeros ? (size_t)(end - offset) : sizeof zeros;
		int err = write_at(fd, zeros, len, offset);

		if (err != 0)
			return err;
		offset += len;
	}
	return 0;
}

/* The first line of an open segment. */
static eg_err
read_start(int fd, const char *name, struct line *out)
{
	char first[FIRST_LINE_MAX];
	size_t got;
	eg_err e;

	EG_TRY(read_at(fd, first, sizeof first, 0, &got));
	const char *newline = memchr(first, '\n', got);
	if (newline == NULL || newline - first <= JOURNAL_MAC_LEN)
		return EG_FORGED;
	struct slice json = { first + JOURNAL_MAC_LEN + 1, (size_t)(newline - first) - JOURNAL_MAC_LEN - 1 };
	e = line_parse_segment(json, out);
	if (e == EG_WRONG_KIND)
		return eg_fail(e, "journal/%s: written by a newer version of embedgate", name);
	return e == EG_OK ? EG_OK : EG_FORGED;
}

static eg_err
open_segment(int dir_fd, uint32_t segment, int flags, int *fd, struct line *start)
{
	char name[JOURNAL_NAME_SIZE];
	eg_err e;

	journal_segment_name(segment, name);
	*fd = openat(dir_fd, name, flags | O_CLOEXEC | O_NOFOLLOW);
	if (*fd < 0)
		return errno == ENOENT ? EG_NOTFOUND : eg_fail(EG_IO, "journal/%s: %s", name, strerror(errno));
	e = read_start(*fd, name, start);
	if (e != EG_OK) {
		close(*fd);
		*fd = -1;
	}
	return e;
}

/* The same with the key that its MACs are made with. */
static eg_err
open_with_key(int dir_fd, const struct journal_keys *keys, uint32_t segment, int flags, int *fd, struct mac **mac)
{
	struct line start;

	EG_TRY(open_segment(dir_fd, segment, flags, fd, &start));
	*mac = keys->mac[start.key];
	if (*mac != NULL)
		return EG_OK;
	close(*fd);
	*fd = -1;
	return eg_fail(EG_CONFIG, "journal: segment %u was made with master key %u, which is not in the key file", segment,
	    start.key);
}

eg_err
journal_segment_start(int dir_fd, uint32_t segment, struct line *out)
{
	int fd;

	EG_TRY(open_segment(dir_fd, segment, O_RDONLY, &fd, out));
	close(fd);
	return EG_OK;
}

/* Has the file that `fd` is open on been replaced by another of the same name? */
static bool
is_replaced(int fd)
{
	struct stat sb;

	return fstat(fd, &sb) != 0 || sb.st_nlink == 0;
}

/* ---- reading ---- */

void
journal_reader_init(struct journal_reader *r, int dir_fd, const struct journal_keys *keys)
{
	*r = (struct journal_reader){ .dir_fd = dir_fd, .keys = keys, .fd = -1, .at = PLACE_BEGIN };
}

static void
reader_close(struct journal_reader *r)
{
	if (r->fd >= 0)
		close(r->fd);
	r->fd = -1;
	r->open_segment = 0;
	r->start = r->len = 0;
}

void
journal_reader_free(struct journal_reader *r)
{
	reader_close(r);
	free(r->buf);
	r->buf = NULL;
	r->cap = 0;
}

void
journal_seek(struct journal_reader *r, const struct place *from)
{
	if (r->fd >= 0 && is_replaced(r->fd))
		reader_close(r);
	if (r->cap > KEPT_BUFFER) {
		free(r->buf);
		r->buf = NULL;
		r->cap = 0;
	}
	r->at = *from;
	r->start = r->len = 0;
}

/* Has more bytes in the buffer, or sets *end. */
static eg_err
reader_fill(struct journal_reader *r, bool *end)
{
	size_t got;

	if (r->start + r->len == r->cap) {
		if (r->len < r->cap / 2) {
			memmove(r->buf, r->buf + r->start, r->len);
		} else {
			size_t cap = r->cap == 0 ? FIRST_READ : r->cap * 2;
			char *bigger = malloc(cap);

			if (bigger == NULL)
				return eg_fail(EG_IO, "journal: no memory for a line");
			if (r->len > 0)
				memcpy(bigger, r->buf + r->start, r->len);
			free(r->buf);
			r->buf = bigger;
			r->cap = cap;
		}
		r->start = 0;
	}
	EG_TRY(read_at(r->fd, r->buf + r->start + r->len, r->cap - r->start - r->len, r->at.offset + r->len, &got));
	*end = got == 0;
	r->len += got;
	return EG_OK;
}

/* The bytes up to the next newline, with it. EG_NOTFOUND: the segment ends here. EG_FORGED: bytes, but no newline. */
static eg_err
reader_line(struct journal_reader *r, size_t *line_len)
{
	size_t seen = 0;
	bool end = false;

	for (;;) {
		if (r->len > 0 && r->buf[r->start] == '\0')
			return EG_NOTFOUND;
		char *newline = r->len > seen ? memchr(r->buf + r->start + seen, '\n', r->len - seen) : NULL;
		if (newline != NULL) {
			*line_len = (size_t)(newline - (r->buf + r->start)) + 1;
			return EG_OK;
		}
		if (end || r->len > JOURNAL_LINE_MAX + FRAME_LEN)
			return r->len == 0 ? EG_NOTFOUND : EG_FORGED;
		seen = r->len;
		EG_TRY(reader_fill(r, &end));
	}
}

/* Does the line stand where it belongs? */
static bool
is_in_order(const struct place *at, struct slice json, struct line *l)
{
	if (at->offset == 0)
		return line_parse_segment(json, l) == EG_OK && l->segment == at->segment && l->sequence == at->sequence;
	return line_peek(json, l) == EG_OK && l->sequence == at->sequence + 1;
}

eg_err
journal_next(struct journal_reader *r, struct slice *json)
{
	uint8_t have[MAC_SIZE], want[MAC_SIZE];
	size_t line_len;
	struct line l;
	eg_err e;

	for (;;) {
		if (r->fd < 0 || r->open_segment != r->at.segment) {
			reader_close(r);
			EG_TRY(open_with_key(r->dir_fd, r->keys, r->at.segment, O_RDONLY, &r->fd, &r->mac));
			r->open_segment = r->at.segment;
		}
		e = reader_line(r, &line_len);
		if (e != EG_NOTFOUND)
			break;
		if (r->at.offset == 0)
			return EG_FORGED;       /* a segment is put in place with its first line */
		char name[JOURNAL_NAME_SIZE];
		journal_segment_name(r->at.segment + 1, name);
		if (faccessat(r->dir_fd, name, F_OK, 0) != 0)
			return EG_NOTFOUND;
		r->at.segment++;
		r->at.offset = r->at.line = 0;
	}
	if (e != EG_OK)
		return e;

	const char *line = r->buf + r->start;
	if (line_len <= FRAME_LEN || line[JOURNAL_MAC_LEN] != ' ' || !read_mac(line, have))
		return EG_FORGED;
	*json = (struct slice){ line + JOURNAL_MAC_LEN + 1, line_len - FRAME_LEN };
	EG_TRY(line_mac(r->mac, r->at.mac, *json, want));
	if (!keyring_equal(have, want, MAC_SIZE) || !is_in_order(&r->at, *json, &l))
		return EG_FORGED;

	r->start += line_len;
	r->len -= line_len;
	r->at.offset += line_len;
	r->at.line++;
	r->at.sequence = l.sequence;
	r->at.at_us = l.at_us;
	memcpy(r->at.mac, want, MAC_SIZE);
	return EG_OK;
}

/* Lines are looked for by what stands between MAC and first number, as a newline may be among the bytes that
 * broke. A line's MAC covers the MAC of the line before, which is taken from that line's own text; behind the bad
 * line also as it should be, in case its MAC was hit. */
static eg_err
find_proof(struct mac *m, const struct place *bad, const char *text, size_t len, bool *out)
{
	static const char mark[] = " {\"sequence\":";
	const char *end = text + len, *p = text;
	uint8_t before[MAC_SIZE], computed[MAC_SIZE], have[MAC_SIZE], want[MAC_SIZE];
	bool has_before = false, has_computed = false;
	struct line l;

	*out = false;
	while ((p = memmem(p, (size_t)(end - p), mark, sizeof mark - 1)) != NULL) {
		const char *json = p + 1;
		const char *newline = memchr(json, '\n', (size_t)(end - json));
		struct slice s = { json, (size_t)((newline == NULL ? end : newline) - json) };
		bool has_mac = p - text >= JOURNAL_MAC_LEN && read_mac(p - JOURNAL_MAC_LEN, have);

		for (int i = 0; i < 2 && has_mac; i++) {
			if (!(i == 0 ? has_before : has_computed))
				continue;
			EG_TRY(line_mac(m, i == 0 ? before : computed, s, want));
			if (keyring_equal(have, want, MAC_SIZE) && line_peek(s, &l) == EG_OK &&
			    l.synced > bad->sequence) {
				*out = true;
				return EG_OK;
			}
		}
		has_computed = !has_before;
		if (has_computed)
			EG_TRY(line_mac(m, bad->mac, s, computed));
		has_before = has_mac;
		if (has_mac)
			memcpy(before, have, MAC_SIZE);
		p = json;
	}
	return EG_OK;
}

eg_err
journal_was_synced(struct journal_reader *r, const struct place *bad, bool *out)
{
	struct mac *m;
	struct stat sb;
	char *text = NULL;
	uint32_t last;
	size_t got;
	eg_err e;
	int fd;

	*out = true;
	EG_TRY(journal_last_segment(r->dir_fd, &last));
	if (bad->offset == 0 || last > bad->segment)
		return EG_OK;   /* a segment is put in place when it is synced, and so is the one before it */
	EG_TRY(open_with_key(r->dir_fd, r->keys, bad->segment, O_RDONLY, &fd, &m));
	if (fstat(fd, &sb) != 0) {
		e = eg_fail(EG_IO, "journal: fstat: %s", strerror(errno));
		goto out;
	}
	size_t len = (uint64_t)sb.st_size > bad->offset ? (size_t)((uint64_t)sb.st_size - bad->offset) : 0;
	text = malloc(len + 1);
	if (text == NULL)
		e = eg_fail(EG_IO, "journal: no memory for a segment");
	else if ((e = read_at(fd, text, len, bad->offset, &got)) == EG_OK)
		e = find_proof(m, bad, text, got, out);
out:
	free(text);
	close(fd);
	return e;
}

/* ---- writing ---- */

void
journal_writer_init(struct journal_writer *w, int dir_fd, const struct journal_keys *keys)
{
	*w = (struct journal_writer){ .dir_fd = dir_fd, .keys = keys, .fd = -1 };
}

void
journal_writer_free(struct journal_writer *w)
{
	if (w->fd >= 0)
		close(w->fd);
	w->fd = -1;
}

eg_err
journal_writer_use(struct journal_writer *w, uint32_t segment)
{
	if (w->fd >= 0 && w->segment == segment && !is_replaced(w->fd))
		return EG_OK;
	journal_writer_free(w);
	eg_err e = open_with_key(w->dir_fd, w->keys, segment, O_RDWR, &w->fd, &w->mac);
	if (e == EG_NOTFOUND || e == EG_FORGED)
		return eg_fail(EG_DAMAGED, "journal: segment %u is %s", segment,
		    e == EG_NOTFOUND ? "missing" : "damaged");
	w->segment = segment;
	w->allocated = 0;
	return e;
}

bool
journal_is_segment_full(const struct place *tail, size_t len)
{
	return tail->line > 1 && tail->offset + FRAME_LEN + len > JOURNAL_SEGMENT_MAX;
}

static eg_err
space_error(int err, const char *what)
{
	if (err == ENOSPC || err == EDQUOT || err == EFBIG)
		return eg_fail(EG_FULL, "%s: %s", what, strerror(err));
	return eg_fail(EG_IO, "%s: %s", what, strerror(err));
}

/* From `from` on, in whole chunks, at least to `end`. Zeros are written, as a sync of space that was merely
 * reserved would have to write the file system's own journal, too. */
static eg_err
allocate(int fd, uint64_t from, uint64_t end)
{
	int err;

	end = (end + JOURNAL_CHUNK - 1) / JOURNAL_CHUNK * JOURNAL_CHUNK;
	while ((err = posix_fallocate(fd, (off_t)from, (off_t)(end - from))) == EINTR)
		;
	if (err == 0)
		err = write_zeros(fd, from, end);
	if (err != 0) {
		if (ftruncate(fd, (off_t)from) != 0)
			return eg_fail(EG_IO, "journal: ftruncate: %s", strerror(errno));
		return space_error(err, "journal: no room for more");
	}
	return EG_OK;
}

eg_err
journal_room(struct journal_writer *w, const struct place *tail, size_t len)
{
	uint64_t end = tail->offset + FRAME_LEN + len;
	struct stat sb;

	if (end <= w->allocated)
		return EG_OK;
	if (fstat(w->fd, &sb) != 0)
		return eg_fail(EG_IO, "journal: fstat: %s", strerror(errno));
	w->allocated = (uint64_t)sb.st_size;
	if (end <= w->allocated)
		return EG_OK;
	EG_TRY(allocate(w->fd, w->allocated, end));
	w->allocated = (end + JOURNAL_CHUNK - 1) / JOURNAL_CHUNK * JOURNAL_CHUNK;
	return EG_OK;
}

/* MAC, space, JSON and newline in the arena; *after as behind them. */
static eg_err
frame(struct mac *m, struct arena *a, const struct place *tail, const struct line *l, struct slice json,
    struct slice *out, struct place *after)
{
	char *p = arena_alloc(a, FRAME_LEN + json.len + 1);
	struct place next = *tail;

	EG_TRY(line_mac(m, tail->mac, json, next.mac));
	base64url_encode(next.mac, MAC_SIZE, p);
	p[JOURNAL_MAC_LEN] = ' ';
	memcpy(p + JOURNAL_MAC_LEN + 1, json.p, json.len);
	p[JOURNAL_MAC_LEN + 1 + json.len] = '\n';
	*out = (struct slice){ p, FRAME_LEN + json.len };
	next.offset += out->len;
	next.line++;
	next.sequence = l->sequence;
	next.at_us = l->at_us;
	*after = next;
	return EG_OK;
}

eg_err
journal_append(struct journal_writer *w, struct arena *a, const struct place *tail, const struct line *l,
    struct slice json, struct place *after)
{
	struct place next;
	struct slice text;
	int err;

	EG_TRY(frame(w->mac, a, tail, l, json, &text, &next));
	err = write_at(w->fd, text.p, text.len, tail->offset);
	if (err == 0) {
		*after = next;
		return EG_OK;
	}
	if (write_zeros(w->fd, tail->offset, next.offset) != 0)
		return eg_fail(EG_FAILED, "journal: write: %s; and it could not be undone", strerror(err));
	return space_error(err, "journal: write");
}

eg_err
journal_sync(struct journal_writer *w)
{
	/* Never asked twice: after a failure the kernel has dropped what it could not write, and would say that
	 * all is well. */
	if (fdatasync(w->fd) != 0)
		return eg_fail(EG_FAILED, "journal: fdatasync of segment %u: %s", w->segment, strerror(errno));
	return EG_OK;
}

eg_err
journal_cut(struct journal_writer *w, const struct place *tail)
{
	uint64_t offset = tail->offset;
	char bytes[16u << 10];
	size_t got;

	for (;;) {
		EG_TRY(read_at(w->fd, bytes, sizeof bytes, offset, &got));
		if (got == 0)
			return EG_OK;
		for (size_t i = 0; i < got; i++) {
			if (bytes[i] == '\0')
				continue;
			int err = write_zeros(w->fd, offset, offset + got);
			if (err != 0)
				return eg_fail(EG_IO, "journal: cutting the tail: %s", strerror(err));
			break;
		}
		offset += got;
	}
}

/* Sync the finished `fd` and give it the name of `segment`. */
static eg_err
put_in_place(struct journal_writer *w, int fd, const char *temporary, uint32_t segment)
{
	char name[JOURNAL_NAME_SIZE];

	journal_segment_name(segment, name);
	if (fsync(fd) != 0)
		return eg_fail(EG_FAILED, "journal/%s: fsync: %s", temporary, strerror(errno));
	if (renameat(w->dir_fd, temporary, w->dir_fd, name) != 0)
		return eg_fail(EG_IO, "journal/%s: rename: %s", temporary, strerror(errno));
	if (fsync(w->dir_fd) != 0)
		return eg_fail(EG_FAILED, "journal: fsync of the folder: %s", strerror(errno));
	return EG_OK;
}

static eg_err
make_temporary(struct journal_writer *w, uint32_t segment, char name[JOURNAL_NAME_SIZE], int *fd)
{
	snprintf(name, JOURNAL_NAME_SIZE, "%06u.new", segment);
	*fd = openat(w->dir_fd, name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (*fd < 0)
		return space_error(errno, "journal: new segment");
	return EG_OK;
}

eg_err
journal_start_segment(struct journal_writer *w, struct arena *a, const struct place *tail, const struct uuid *store,
    unsigned key, int64_t at_us, struct place *after)
{
	struct place start = *tail, next;
	struct line l = { .type = LINE_SEGMENT, .sequence = tail->sequence, .synced = tail->sequence, .at_us = at_us,
	    .store = *store, .segment = tail->segment + 1, .key = key };
	struct mac *m = w->keys->mac[key];
	char name[JOURNAL_NAME_SIZE];
	struct slice text;
	eg_err e;
	int fd;

	if (m == NULL)
		return eg_fail(EG_CONFIG, "journal: master key %u is not in the key file", key);
	start.segment++;
	start.offset = start.line = 0;
	EG_TRY(frame(m, a, &start, &l, line_format(a, &l), &text, &next));
	EG_TRY(make_temporary(w, start.segment, name, &fd));
	e = allocate(fd, 0, text.len);
	if (e == EG_OK) {
		int err = write_at(fd, text.p, text.len, 0);

		e = err == 0 ? put_in_place(w, fd, name, start.segment) : space_error(err, "journal: new segment");
	}
	if (e != EG_OK) {
		unlinkat(w->dir_fd, name, 0);
		close(fd);
		return e;
	}
	/* The old one keeps no unused space. Where that fails it does no harm: zeros end a segment, too. */
	if (w->fd >= 0 && w->segment == tail->segment && ftruncate(w->fd, (off_t)tail->offset) != 0)
		(void)eg_fail(EG_IO, "journal: ftruncate of segment %u: %s", tail->segment, strerror(errno));
	journal_writer_free(w);
	w->fd = fd;
	w->segment = start.segment;
	w->mac = m;
	w->allocated = JOURNAL_CHUNK;
	*after = next;
	return EG_OK;
}

/* Do the lines in `text`, a whole segment, lead up to `tail`? */
static eg_err
check_lines(struct mac *m, const char *text, const struct place *tail)
{
	const char *p = text, *end = text + tail->offset, *newline;
	uint8_t before[MAC_SIZE] = { 0 }, have[MAC_SIZE], want[MAC_SIZE];

	for (bool first = true; (newline = memchr(p, '\n', (size_t)(end - p))) != NULL; first = false, p = newline + 1) {
		struct slice json = { p + JOURNAL_MAC_LEN + 1, (size_t)(newline - p) - JOURNAL_MAC_LEN - 1 };

		if (newline - p <= JOURNAL_MAC_LEN || !read_mac(p, have))
			return EG_FAILED;
		if (!first) {
			EG_TRY(line_mac(m, before, json, want));
			if (!keyring_equal(have, want, MAC_SIZE))
				return EG_FAILED;
		}
		memcpy(before, have, MAC_SIZE);
	}
	return p == end && memcmp(before, tail->mac, MAC_SIZE) == 0 ? EG_OK : EG_FAILED;
}

eg_err
journal_heal(struct journal_writer *w, const struct place *tail)
{
	char name[JOURNAL_NAME_SIZE];
	char *text;
	size_t got;
	eg_err e;
	int fd = -1, err;

	EG_TRY(journal_writer_use(w, tail->segment));
	text = malloc(tail->offset);
	if (text == NULL)
		return eg_fail(EG_FAILED, "journal: no memory for a segment");
	e = read_at(w->fd, text, tail->offset, 0, &got);
	if (e == EG_OK && (got < tail->offset || check_lines(w->mac, text, tail) != EG_OK))
		e = eg_fail(EG_FAILED, "journal: segment %u cannot be read back after a failed sync", tail->segment);
	if (e == EG_OK)
		e = make_temporary(w, tail->segment, name, &fd);
	if (e != EG_OK)
		goto out;
	e = allocate(fd, 0, tail->offset);
	if (e == EG_OK && (err = write_at(fd, text, got, 0)) != 0)
		e = space_error(err, "journal: new segment");
	if (e == EG_OK)
		e = put_in_place(w, fd, name, tail->segment);
	if (e != EG_OK) {
		unlinkat(w->dir_fd, name, 0);
		close(fd);
		goto out;
	}
	close(w->fd);
	w->fd = fd;
	w->allocated = 0;
out:
	free(text);
	return e == EG_OK ? EG_OK : EG_FAILED;
}

eg_err
journal_last_segment(int dir_fd, uint32_t *out)
{
	struct dirent *entry;
	DIR *dir;
	int fd;

	*out = 0;
	fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (dir == NULL) {
		if (fd >= 0)
			close(fd);
		return eg_fail(EG_IO, "journal: %s", strerror(errno));
	}
	while ((entry = readdir(dir)) != NULL) {
		char name[JOURNAL_NAME_SIZE];
		char *end;
		unsigned long number = strtoul(entry->d_name, &end, 10);

		if (number == 0 || number > UINT32_MAX || strcmp(end, ".log") != 0)
			continue;
		journal_segment_name((uint32_t)number, name);
		if (strcmp(name, entry->d_name) == 0 && number > *out)
			*out = (uint32_t)number;
	}
	closedir(dir);
	return EG_OK;
}
