/* SPDX-License-Identifier: GPL-3.0-or-later */
/* arena, buf, faults: memory of one request and what grows in it. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/faults.h"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#endif

static int
all_zero(const unsigned char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (bytes[i] != 0)
			return 0;
	}
	return 1;
}

/* Pieces of every size, also those larger than a chunk, are aligned, zero, and apart from each other, also after a reset. */
static void
pieces(void **state)
{
	static const size_t sizes[] = { 0, 1, 15, 16, 17, 100, 4096, 16000, 16384, 100000, 3000000, 1 };
	struct arena *a = arena_new();

	for (int round = 0; round < 3; round++) {
		unsigned char *piece[EG_COUNT(sizes)];

		for (size_t i = 0; i < EG_COUNT(sizes); i++) {
			piece[i] = arena_alloc(a, sizes[i]);
			assert_non_null(piece[i]);
			assert_int_equal((uintptr_t)piece[i] % _Alignof(max_align_t), 0);
			assert_true(all_zero(piece[i], sizes[i]));
			memset(piece[i], (int)i + 1, sizes[i]);
		}
		for (size_t i = 0; i < EG_COUNT(sizes); i++) {
			for (size_t n = 0; n < sizes[i]; n++)
				assert_int_equal(piece[i][n], i + 1);
		}
		arena_reset(a);
	}
	arena_free(a);
	arena_free(NULL);
}

static void
first_chunk_is_kept_and_wiped(void **state)
{
	struct arena *a = arena_new();
	char *first = arena_strdup(a, "canary");
	char *again;

	arena_alloc(a, 100000);
	arena_reset(a);
	again = arena_alloc(a, 7);
	assert_ptr_equal(first, again);
	assert_true(all_zero((unsigned char *)again, 7));
	arena_free(a);
}

#ifdef __SANITIZE_ADDRESS__
/* What makes the other tests of the `asan` build worth something: a step over a piece's end or life is seen. */
static void
sanitizer_sees_the_edges(void **state)
{
	struct arena *a = arena_new();
	char *piece = arena_alloc(a, 20), *next = arena_alloc(a, 1);

	assert_false(__asan_address_is_poisoned(piece + 19));
	assert_true(__asan_address_is_poisoned(piece + 20));
	assert_false(__asan_address_is_poisoned(next));
	assert_true(__asan_address_is_poisoned(next + 1));
	arena_reset(a);
	assert_true(__asan_address_is_poisoned(piece));
	arena_free(a);
}
#endif

static void
copies(void **state)
{
	struct arena *a = arena_new();
	char source[] = "some text";
	char *copy = arena_strdup(a, source);

	source[0] = 'X';
	assert_string_equal(copy, "some text");
	assert_null(arena_strdup(a, NULL));
	assert_string_equal(arena_strndup(a, "abcdef", 3), "abc");
	assert_string_equal(arena_strndup(a, NULL, 0), "");
	assert_memory_equal(arena_copy(a, "\0x", 2), "\0x", 2);
	assert_string_equal(arena_printf(a, "%s-%d", "a", 7), "a-7");
	assert_int_equal(strlen(arena_printf(a, "%050000d", 1)), 50000);
	arena_free(a);
}

static char order[8];
static size_t order_len;

static void
note(void *name)
{
	order[order_len++] = *(char *)name;
}

/* Owned things go newest first, once, while what is in the arena can still be read. */
static void
owners(void **state)
{
	struct arena *a = arena_new();

	order_len = 0;
	assert_string_equal(arena_own(a, arena_strdup(a, "1"), note), "1");
	arena_own(a, arena_strdup(a, "2"), note);
	arena_alloc(a, 200000);
	arena_own(a, arena_strdup(a, "3"), note);
	arena_reset(a);
	assert_memory_equal(order, "321", order_len);
	arena_own(a, arena_strdup(a, "4"), note);
	arena_free(a);
	assert_int_equal(order_len, 4);
}

static void ask_too_much(struct arena *a) { arena_alloc(a, SIZE_MAX); }
static void ask_product(struct arena *a) { arena_array(a, SIZE_MAX / 8 + 2, 8); }
static void ask_text(struct arena *a) { arena_strndup(a, "", SIZE_MAX); }

/* No caller checks for NULL, so what cannot be had must end the process. */
static void
exhaustion_aborts(void **state)
{
	static void (*const asks[])(struct arena *) = { ask_too_much, ask_product, ask_text };

	for (size_t i = 0; i < EG_COUNT(asks); i++) {
		pid_t child = fork();
		int status;

		assert_true(child >= 0);
		if (child == 0) {
			signal(SIGABRT, SIG_DFL);
			close(STDERR_FILENO);
			asks[i](arena_new());
			_exit(0);
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), SIGABRT);
	}
}

static void
buffer_grows(void **state)
{
	struct arena *a = arena_new();
	struct buf b;

	buf_init(&b, a, 0);
	assert_string_equal(b.data, "");
	for (int i = 0; i < 10000; i++) {
		buf_add(&b, "ab", 2);
		buf_add_char(&b, 'c');
		assert_int_equal(b.data[b.len], 0);
	}
	assert_int_equal(b.len, 30000);
	for (size_t i = 0; i < b.len; i++)
		assert_int_equal(b.data[i], "abc"[i % 3]);
	buf_add(&b, NULL, 0);
	assert_int_equal(b.len, 30000);
	arena_free(a);
}

/* Around the capacity, where the text fits, just fits with its NUL, and does not. */
static void
buffer_printf(void **state)
{
	for (int width = 25; width < 70; width++) {
		struct arena *a = arena_new();
		struct buf b;

		buf_init(&b, a, 32);
		buf_add_str(&b, "x");
		buf_printf(&b, "%0*d", width, 7);
		assert_int_equal(b.len, width + 1);
		assert_int_equal(strlen(b.data), width + 1);
		assert_int_equal(b.data[0], 'x');
		assert_int_equal(b.data[width], '7');
		arena_free(a);
	}
}

/* T16: nothing of a text can end an element's content or a double-quoted attribute. */
static void
html(void **state)
{
	static const struct {
		const char *text, *want;
		size_t len;
	} cases[] = {
		{ "", "", 0 },
		{ "plain text 1/2 = \xc3\xa9 \xf0\x9f\x98\x80", "plain text 1/2 = \xc3\xa9 \xf0\x9f\x98\x80", 0 },
		{ "<script>alert('1')</script>", "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;", 0 },
		{ "\" onload=\"x", "&quot; onload=&quot;x", 0 },
		{ "&amp;", "&amp;amp;", 0 },
		{ "<<>>", "&lt;&lt;&gt;&gt;", 0 },
		{ "a\tb\nc\r\f", "a\tb\nc\r\f", 0 },
		{ "a\0b\x01\x1f\x7f", "a\xef\xbf\xbd" "b\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", 6 },
	};

	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		struct arena *a = arena_new();
		struct buf b;

		buf_init(&b, a, 0);
		buf_add_html(&b, cases[i].text, cases[i].len != 0 ? cases[i].len : strlen(cases[i].text));
		assert_string_equal(b.data, cases[i].want);
		arena_free(a);
	}
}

/* RFC 3986: all 256 bytes; only the unreserved ones stand for themselves. */
static void
url(void **state)
{
	static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
	struct arena *a = arena_new();

	for (int c = 0; c < 256; c++) {
		char byte = (char)c;
		struct buf b;
		char want[4];

		buf_init(&b, a, 0);
		buf_add_url(&b, &byte, 1);
		if (c != 0 && strchr(unreserved, c) != NULL)
			snprintf(want, sizeof(want), "%c", c);
		else
			snprintf(want, sizeof(want), "%%%02X", (unsigned)c);
		assert_string_equal(b.data, want);
	}
	arena_free(a);
}

static void
faults_are_collected(void **state)
{
	struct arena *a = arena_new();
	struct faults f;
	char field[] = "name";
	size_t n = 0;

	faults_init(&f, a);
	assert_int_equal(faults_result(&f), EG_OK);
	faults_add(&f, field, "At most %d characters.", 100);
	field[0] = 'X';
	assert_int_equal(faults_result(&f), EG_INVALID);
	assert_string_equal(f.first->field, "name");
	assert_string_equal(f.first->message, "At most 100 characters.");
	for (int i = 0; i < 100; i++)
		faults_add(&f, "more", "%d", i);
	assert_int_equal(f.count, 64);
	for (struct fault *fault = f.first; fault != NULL; fault = fault->next)
		n++;
	assert_int_equal(n, 64);
	assert_string_equal(f.first->next->message, "0");
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces),
		cmocka_unit_test(first_chunk_is_kept_and_wiped),
#ifdef __SANITIZE_ADDRESS__
		cmocka_unit_test(sanitizer_sees_the_edges),
#endif
		cmocka_unit_test(copies),
		cmocka_unit_test(owners),
		cmocka_unit_test(exhaustion_aborts),
		cmocka_unit_test(buffer_grows),
		cmocka_unit_test(buffer_printf),
		cmocka_unit_test(html),
		cmocka_unit_test(url),
		cmocka_unit_test(faults_are_collected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
