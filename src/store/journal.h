/* SPDX-License-Identifier: GPL-3.0-or-later */
/* journal.h - the segment files of the journal: DIR/journal/000001.log and on. One line a change set: MAC in
 * base64url, a space, JSON (line.h), a newline. The MAC is HMAC-SHA256 over the MAC of the line before (32 zero
 * bytes before the very first) and the JSON; the chain goes on from segment to segment. Segments are preallocated
 * and zeroed in chunks, so that a sync writes data only; behind the last line there are zero bytes.
 *
 * Nothing here takes a lock. Appending is for who holds the writer lock; reading is for everybody, up to a tail
 * they know. */
#ifndef EG_STORE_JOURNAL_H
#define EG_STORE_JOURNAL_H

#include "sign/mac.h"
#include "store/line.h"

#define JOURNAL_CHUNK (256u << 10)      /* preallocated at once */
#define JOURNAL_SEGMENT_MAX (64u << 20) /* a line that would go beyond starts a new segment */
#define JOURNAL_LINE_MAX (48u << 20)    /* bytes of one line */
#define JOURNAL_MAC_LEN 43              /* characters of the MAC at the start of a line */

/* A place between two lines. All zero but segment 1: the very beginning. */
struct place {
	uint32_t segment;
	uint64_t offset;        /* in the segment's file */
	uint64_t line;          /* lines before, in this segment */
	uint64_t sequence;      /* of the line before */
	int64_t at_us;          /* its time */
	uint8_t mac[MAC_SIZE];  /* its MAC */
};

#define PLACE_BEGIN ((struct place){ .segment = 1 })

/* MAC contexts by number of the master key; NULL where the ring has none. */
struct journal_keys {
	struct mac *mac[KEYRING_MAX_NUMBER + 1];
};

/* ---- reading ---- */

struct journal_reader {
	int dir_fd;             /* of DIR/journal, borrowed */
	const struct journal_keys *keys;
	int fd;                 /* of the segment being read; -1: none */
	struct mac *mac;        /* of that segment */
	struct place at;        /* behind the last line read */
	uint32_t open_segment;  /* fd's; 0: none */
	char *buf;
	size_t cap, start, len; /* buf[start .. start + len) are the bytes from at.offset on */
};

void journal_reader_init(struct journal_reader *r, int dir_fd, const struct journal_keys *keys);
void journal_reader_free(struct journal_reader *r);
/* Go on reading from `from`; bytes read earlier are forgotten. */
void journal_seek(struct journal_reader *r, const struct place *from);

/* The next line's JSON, valid until the next call. Goes on in the next segment by itself, and gives its first
 * line, too.
 *   EG_OK        r->at is behind the line
 *   EG_NOTFOUND  the journal ends here: end of the last segment, or a zero byte in it
 *   EG_FORGED    there are bytes, but no line that authenticates (r->at: where)
 *   EG_CONFIG    the segment's key is not in the ring
 *   EG_WRONG_KIND  the segment is of another format
 *   EG_IO */
eg_err journal_next(struct journal_reader *r, struct slice *json) EG_CHECKED;

/* Whether bytes behind `bad` prove that the line there had once been synced: some later line authenticates, and
 * says so. Then the journal is damaged; else it is torn and `bad` is its end. */
eg_err journal_was_synced(struct journal_reader *r, const struct place *bad, bool *out) EG_CHECKED;

/* ---- writing ---- */

struct journal_writer {
	int dir_fd;             /* borrowed */
	const struct journal_keys *keys;
	int fd;                 /* of the open segment; -1: none */
	uint32_t segment;
	struct mac *mac;
	uint64_t allocated;     /* bytes of the file known to be allocated */
};

void journal_writer_init(struct journal_writer *w, int dir_fd, const struct journal_keys *keys);
void journal_writer_free(struct journal_writer *w);
/* Have the file of that segment open, also where another process has put a new one in its place. */
eg_err journal_writer_use(struct journal_writer *w, uint32_t segment) EG_CHECKED;

/* Whether a line of `len` bytes of JSON belongs into a new segment. */
bool journal_is_segment_full(const struct place *tail, size_t len);
/* Make sure that `len` more bytes of JSON fit at `tail`. EG_FULL: the disk is; nothing changed. */
eg_err journal_room(struct journal_writer *w, const struct place *tail, size_t len) EG_CHECKED;
/* Write `json`, the text of `l`, as a line at `tail`, for which there is room; `*after` (it may be `*tail`) is
 * then behind it. Not synced. Where it fails, what was written is zeroed again: EG_IO, nothing changed; or
 * EG_FAILED, where that failed, too. */
eg_err journal_append(struct journal_writer *w, struct arena *a, const struct place *tail, const struct line *l,
    struct slice json, struct place *after) EG_CHECKED;
eg_err journal_sync(struct journal_writer *w) EG_CHECKED;
/* Zero all that stands behind `tail` in its segment. Not synced. */
eg_err journal_cut(struct journal_writer *w, const struct place *tail) EG_CHECKED;

/* Start the segment behind `tail` (or the first one, where tail->segment is 0) under key number `key`: the file is made
 * aside, synced, renamed and its folder synced. The segment before must be synced. `w` then has the new one open. */
eg_err journal_start_segment(struct journal_writer *w, struct arena *a, const struct place *tail,
    const struct uuid *store, unsigned key, int64_t at_us, struct place *after) EG_CHECKED;
/* After a failed sync nobody knows what of the segment is on disk: write its lines up to `tail` to a new file,
 * sync that and put it in the old one's place. EG_FAILED where that does not work either. */
eg_err journal_heal(struct journal_writer *w, const struct place *tail) EG_CHECKED;

/* What a segment's first line says, not authenticated. EG_NOTFOUND, EG_FORGED (no such line), EG_WRONG_KIND, EG_IO. */
eg_err journal_segment_start(int dir_fd, uint32_t segment, struct line *out) EG_CHECKED;
/* Highest number of a segment file; 0: there is none. */
eg_err journal_last_segment(int dir_fd, uint32_t *out) EG_CHECKED;

/* "000001.log" */
#define JOURNAL_NAME_SIZE 16
void journal_segment_name(uint32_t segment, char out[JOURNAL_NAME_SIZE]);

#endif
