/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "scratch.h"

#include <sys/resource.h>

#include "store/journal.h"

struct fixture {
	struct scratch *s;
	int dir_fd;
	struct journal_keys keys;
	struct journal_writer w;
	struct journal_reader r;
	struct place tail;
};

static void
fixture_open(struct fixture *f, struct scratch *s)
{
	struct place none = { 0 };
	struct uuid store = id_of(7);

	*f = (struct fixture){ .s = s, .dir_fd = open(s->base, O_RDONLY | O_DIRECTORY | O_CLOEXEC) };
	assert_int_equal(mac_open(s->ring, 1, "store journal", &f->keys.mac[1]), EG_OK);
	journal_writer_init(&f->w, f->dir_fd, &f->keys);
	journal_reader_init(&f->r, f->dir_fd, &f->keys);
	assert_int_equal(journal_start_segment(&f->w, s->a, &none, &store, 1, 1000, &f->tail), EG_OK);
}

static void
fixture_close(struct fixture *f)
{
	journal_writer_free(&f->w);
	journal_reader_free(&f->r);
	for (unsigned i = 0; i <= KEYRING_MAX_NUMBER; i++)
		mac_free(f->keys.mac[i]);
	close(f->dir_fd);
}

static void
append_line(struct fixture *f, uint64_t synced, size_t padding)
{
	struct line l = { .type = LINE_CHANGE, .sequence = f->tail.sequence + 1, .synced = synced, .at_us = 5, .op_count = 1 };
	struct line_op op = { .is_delete = true, .kind = 't', .id = id_of((unsigned)l.sequence) };
	char *actor = arena_alloc(f->s->a, padding + 1);

	memset(actor, 'x', padding);
	l.cause.actor = actor;
	l.ops = &op;
	struct slice json = line_format(f->s->a, &l);
	assert_int_equal(journal_room(&f->w, &f->tail, json.len), EG_OK);
	assert_int_equal(journal_append(&f->w, f->s->a, &f->tail, &l, json, &f->tail), EG_OK);
}

/* Reads from the beginning; the sequence where it ended, and how. */
static eg_err
read_all(struct fixture *f, uint64_t *sequence)
{
	struct slice json;
	eg_err e;

	journal_seek(&f->r, &PLACE_BEGIN);
	while ((e = journal_next(&f->r, &json)) == EG_OK)
		;
	*sequence = f->r.at.sequence;
	return e;
}

/* ---- the tail ---- */

#define LINES 6

enum where { JSON_OF, MAC_OF, SPACE_OF, NEWLINE_OF, WHOLE, HALF, NOWHERE };

/* A journal of six lines, each written when all before it were synced, or none; then one is hit. */
static const struct tail_case {
	const char *name;
	bool says_synced;
	unsigned line;          /* 0: the first line of the segment */
	enum where where;
	bool zero;              /* else flipped */
	unsigned lines;         /* after which the journal ends */
	eg_err expected;        /* of reading */
	uint64_t readable;
	bool was_synced;
} tail_cases[] = {
	{ "untouched", true, 0, NOWHERE, false, LINES, EG_NOTFOUND, LINES, false },
	{ "last line torn", true, 6, JSON_OF, false, LINES, EG_FORGED, 5, false },
	{ "last line's MAC", true, 6, MAC_OF, false, LINES, EG_FORGED, 5, false },
	{ "last line never written", true, 6, WHOLE, true, LINES, EG_NOTFOUND, 5, false },
	{ "last line half written", true, 6, HALF, true, LINES, EG_FORGED, 5, false },
	{ "middle line, nothing synced: a crash that wrote later sectors first", false, 3, JSON_OF, false, LINES, EG_FORGED, 2, false },
	{ "middle line zero, nothing synced", false, 3, WHOLE, true, LINES, EG_NOTFOUND, 2, false },
	{ "middle line, later ones say it was synced", true, 3, JSON_OF, false, LINES, EG_FORGED, 2, true },
	{ "its MAC", true, 3, MAC_OF, false, LINES, EG_FORGED, 2, true },
	{ "the space behind it", true, 3, SPACE_OF, false, LINES, EG_FORGED, 2, true },
	{ "its newline", true, 3, NEWLINE_OF, false, LINES, EG_FORGED, 2, true },
	{ "zeros in its place", true, 3, WHOLE, true, LINES, EG_NOTFOUND, 2, true },
	{ "half of it zero", true, 3, HALF, true, LINES, EG_FORGED, 2, true },
	{ "last but one: one line behind it says so", true, 5, JSON_OF, false, LINES, EG_FORGED, 4, true },
	{ "last but one: its MAC", true, 5, MAC_OF, false, LINES, EG_FORGED, 4, true },
	{ "last but one: its newline", true, 5, NEWLINE_OF, false, LINES, EG_FORGED, 4, true },
	{ "first line of the segment", true, 0, JSON_OF, false, LINES, EG_FORGED, 0, true },
	{ "first line zero", true, 0, WHOLE, true, LINES, EG_FORGED, 0, true },
};

static void
hit(struct fixture *f, const struct tail_case *c, const uint64_t starts[LINES + 2])
{
	uint64_t start = starts[c->line], end = starts[c->line + 1];
	const char *path = arena_printf(f->s->a, "%s/000001.log", f->s->base);
	off_t offset = 0;

	switch (c->where) {
	case NOWHERE:
		return;
	case JSON_OF:
		/* The actor, in the first line the time: another value that still reads well. */
		offset = (off_t)start + (c->line == 0 ? 84 : 95);
		break;
	case MAC_OF:
		offset = (off_t)start + 10;
		break;
	case SPACE_OF:
		offset = (off_t)start + JOURNAL_MAC_LEN;
		break;
	case NEWLINE_OF:
		offset = (off_t)end - 1;
		break;
	case HALF:
		start += (end - start) / 2;
		/* FALLTHROUGH */
	case WHOLE:
		break;
	}
	if (!c->zero) {
		flip_byte(path, offset, 1);
		return;
	}
	char zeros[1024] = "";
	write_bytes(path, (off_t)start, zeros, (size_t)(end - start));
}

static void
test_tail(void **state)
{
	for (size_t i = 0; i < EG_COUNT(tail_cases); i++) {
		const struct tail_case *c = &tail_cases[i];
		uint64_t starts[LINES + 2] = { 0 }, sequence;
		struct fixture f;
		bool was_synced;

		fixture_open(&f, *state);
		for (unsigned n = 1; n <= c->lines; n++) {
			starts[n] = f.tail.offset;
			append_line(&f, c->says_synced ? n - 1 : 0, 40);
		}
		starts[c->lines + 1] = f.tail.offset;
		hit(&f, c, starts);
		eg_err e = read_all(&f, &sequence);
		assert_int_equal(journal_was_synced(&f.r, &f.r.at, &was_synced), EG_OK);
		if (e != c->expected || sequence != c->readable || was_synced != c->was_synced)
			fail_msg("%s: %s at %u, was synced: %d", c->name, eg_err_name(e), (unsigned)sequence, was_synced);
		if (!was_synced) {
			/* Cut there, it is a journal again and can be gone on with. */
			struct place end = f.r.at;

			assert_int_equal(journal_cut(&f.w, &end), EG_OK);
			f.tail = end;
			append_line(&f, end.sequence, 1);
			assert_int_equal(read_all(&f, &sequence), EG_NOTFOUND);
			assert_int_equal(sequence, c->readable + 1);
			assert_int_equal(journal_was_synced(&f.r, &f.r.at, &was_synced), EG_OK);
			assert_false(was_synced);
		}
		fixture_close(&f);
	}
}

/* Lines moved, left out or taken from another journal do not authenticate. */
static void
test_chain(void **state)
{
	struct scratch *s = *state;
	uint64_t starts[5], sequence;
	struct fixture f;
	char lines[3][512];
	size_t len;

	fixture_open(&f, s);
	for (unsigned n = 1; n <= 3; n++) {
		starts[n] = f.tail.offset;
		append_line(&f, 0, 10);
	}
	starts[4] = f.tail.offset;
	len = starts[2] - starts[1];
	for (unsigned n = 0; n < 3; n++)
		assert_int_equal(pread(f.w.fd, lines[n], len, (off_t)starts[n + 1]), (ssize_t)len);
	/* 1 3 2 */
	assert_int_equal(pwrite(f.w.fd, lines[2], len, (off_t)starts[2]), (ssize_t)len);
	assert_int_equal(pwrite(f.w.fd, lines[1], len, (off_t)starts[3]), (ssize_t)len);
	assert_int_equal(read_all(&f, &sequence), EG_FORGED);
	assert_int_equal(sequence, 1);
	/* 1 1 3 */
	assert_int_equal(pwrite(f.w.fd, lines[0], len, (off_t)starts[2]), (ssize_t)len);
	assert_int_equal(pwrite(f.w.fd, lines[2], len, (off_t)starts[3]), (ssize_t)len);
	assert_int_equal(read_all(&f, &sequence), EG_FORGED);
	assert_int_equal(sequence, 1);
	/* 1 2 3 again */
	assert_int_equal(pwrite(f.w.fd, lines[1], len, (off_t)starts[2]), (ssize_t)len);
	assert_int_equal(read_all(&f, &sequence), EG_NOTFOUND);
	assert_int_equal(sequence, 3);
	fixture_close(&f);
}

/* The chain goes on from segment to segment, each under its own key; a segment that is missing or foreign is noticed. */
static void
test_segments(void **state)
{
	struct scratch *s = *state;
	struct keyring *both = scratch_ring(s->a, KEY_1 KEY_2);
	struct uuid store = id_of(7);
	uint64_t sequence;
	struct fixture f;
	bool was_synced;
	uint32_t last;

	fixture_open(&f, s);
	assert_int_equal(mac_open(both, 2, "store journal", &f.keys.mac[2]), EG_OK);
	append_line(&f, 0, 10);
	struct place middle = f.tail;
	assert_int_equal(journal_start_segment(&f.w, s->a, &f.tail, &store, 2, 1000, &f.tail), EG_OK);
	append_line(&f, 1, 10);
	assert_int_equal(journal_start_segment(&f.w, s->a, &f.tail, &store, 1, 1000, &f.tail), EG_OK);
	append_line(&f, 2, 300000);
	append_line(&f, 3, 10);
	assert_int_equal(journal_last_segment(f.dir_fd, &last), EG_OK);
	assert_int_equal(last, 3);
	assert_int_equal(read_all(&f, &sequence), EG_NOTFOUND);
	assert_int_equal(sequence, 4);
	/* Sealed ones keep no unused space, the last one whole chunks. */
	assert_int_equal(size_of(arena_printf(s->a, "%s/000001.log", s->base)), middle.offset);
	assert_int_equal(size_of(arena_printf(s->a, "%s/000003.log", s->base)) % JOURNAL_CHUNK, 0);

	/* From a place in the middle. */
	struct slice json;
	journal_seek(&f.r, &middle);
	for (int i = 0; i < 5; i++)     /* two first lines and three changes */
		assert_int_equal(journal_next(&f.r, &json), EG_OK);
	assert_int_equal(journal_next(&f.r, &json), EG_NOTFOUND);

	/* Zeros at the end of a sealed segment are no fault. */
	assert_int_equal(truncate(arena_printf(s->a, "%s/000001.log", s->base), (off_t)middle.offset + 5000), 0);
	assert_int_equal(read_all(&f, &sequence), EG_NOTFOUND);
	assert_int_equal(sequence, 4);

	struct mac *two = f.keys.mac[2];
	f.keys.mac[2] = NULL;
	assert_int_equal(read_all(&f, &sequence), EG_CONFIG);
	f.keys.mac[2] = two;
	assert_int_equal(renameat(f.dir_fd, "000002.log", f.dir_fd, "000002.gone"), 0);
	assert_int_equal(read_all(&f, &sequence), EG_NOTFOUND);
	assert_int_equal(sequence, 1);
	assert_int_equal(journal_was_synced(&f.r, &f.r.at, &was_synced), EG_OK);
	assert_true(was_synced);
	/* Segment 3 in its place. */
	assert_int_equal(linkat(f.dir_fd, "000003.log", f.dir_fd, "000002.log", 0), 0);
	assert_int_equal(read_all(&f, &sequence), EG_FORGED);
	fixture_close(&f);
	keyring_free(both);
}

static void
test_heal(void **state)
{
	struct scratch *s = *state;
	const char *path = arena_printf(s->a, "%s/000001.log", s->base);
	struct stat before, after;
	uint64_t sequence;
	struct fixture f;

	fixture_open(&f, s);
	for (unsigned n = 1; n <= 3; n++)
		append_line(&f, 0, 10);
	assert_int_equal(stat(path, &before), 0);
	assert_int_equal(journal_heal(&f.w, &f.tail), EG_OK);
	assert_int_equal(stat(path, &after), 0);
	assert_int_not_equal(before.st_ino, after.st_ino);
	append_line(&f, 3, 10);
	assert_int_equal(read_all(&f, &sequence), EG_NOTFOUND);
	assert_int_equal(sequence, 4);

	/* What was dropped from memory and never was on disk cannot be had again. */
	flip_byte(path, (off_t)f.tail.offset - 20, 1);
	assert_int_equal(journal_heal(&f.w, &f.tail), EG_FAILED);
	assert_int_equal(stat(path, &before), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	fixture_close(&f);
}

/* A file that cannot grow is EG_FULL, and nothing was changed. */
static int
full_child(void *arg)
{
	struct fixture *f = arg;
	struct rlimit limit = { JOURNAL_CHUNK, JOURNAL_CHUNK };
	struct stat sb;

	signal(SIGXFSZ, SIG_IGN);
	if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
		return 1;
	if (journal_room(&f->w, &f->tail, JOURNAL_CHUNK - f->tail.offset - JOURNAL_MAC_LEN - 2) != EG_OK)
		return 2;
	if (journal_room(&f->w, &f->tail, JOURNAL_CHUNK - f->tail.offset - JOURNAL_MAC_LEN - 1) != EG_FULL)
		return 3;
	return fstat(f->w.fd, &sb) == 0 && sb.st_size == JOURNAL_CHUNK ? 0 : 4;
}

static void
test_room(void **state)
{
	struct fixture f;

	fixture_open(&f, *state);
	assert_int_equal(await(spawn(full_child, &f)), 0);
	append_line(&f, 0, JOURNAL_CHUNK);
	assert_int_equal(lseek(f.w.fd, 0, SEEK_END), 2 * JOURNAL_CHUNK);
	assert_false(journal_is_segment_full(&f.tail, 100));
	assert_true(journal_is_segment_full(&f.tail, JOURNAL_SEGMENT_MAX));
	fixture_close(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_tail, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_chain, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_segments, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_heal, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_room, scratch_setup, scratch_teardown),
	};

	return cmocka_run_group_tests_name("store/journal", tests, NULL, NULL);
}
