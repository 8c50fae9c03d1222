/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mac: RFC 4231, FIPS 180-4, and that a kept context forgets nothing and remembers nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/codec.h"
#include "base/log.h"
#include "sign/mac.h"

#define KEY_A "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
#define KEY_B "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8"

static const char *
mac_hex(struct mac *m, const struct mac_part *parts, size_t n)
{
	static char hex[2 * MAC_SIZE + 1];
	uint8_t out[MAC_SIZE];

	assert_int_equal(mac_compute(m, parts, n, out), EG_OK);
	hex_encode(out, sizeof(out), hex);
	return hex;
}

/* Our keys are 32 bytes. RFC 2104 pads shorter keys with zeros and hashes longer ones, so both fit in here. */
static void
rfc4231(void **state)
{
	static const struct {
		int key_byte;           /* 0: the key is 01 02 03 ... */
		size_t key_len;
		const char *key_text, *data;
		int data_byte;
		size_t data_len;
		const char *want;
	} cases[] = {
		{ 0x0b, 20, NULL, "Hi There", 0, 8, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
		{ 0, 4, "Jefe", "what do ya want for nothing?", 0, 28, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
		{ 0xaa, 20, NULL, NULL, 0xdd, 50, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe" },
		{ 0, 25, NULL, NULL, 0xcd, 50, "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b" },
		{ 0xaa, 131, NULL, "Test Using Larger Than Block-Size Key - Hash Key First", 0, 54,
		    "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54" },
		{ 0xaa, 131, NULL, "This is a test using a larger than block-size key and a larger than block-size data. The key needs "
		    "to be hashed before being used by the HMAC algorithm.", 0, 152,
		    "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2" },
	};

	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		uint8_t long_key[131], key[KEYRING_KEY_SIZE] = { 0 }, data[152];
		struct mac_part part = { data, cases[i].data_len };
		struct mac *m;

		for (size_t n = 0; n < cases[i].key_len; n++)
			long_key[n] = (uint8_t)(cases[i].key_text != NULL ? cases[i].key_text[n] :
			    cases[i].key_byte != 0 ? cases[i].key_byte : (int)n + 1);
		if (cases[i].key_len > sizeof(key))
			assert_int_equal(mac_sha256(long_key, cases[i].key_len, key), EG_OK);
		else
			memcpy(key, long_key, cases[i].key_len);
		for (size_t n = 0; n < cases[i].data_len; n++)
			data[n] = (uint8_t)(cases[i].data != NULL ? cases[i].data[n] : cases[i].data_byte);
		assert_int_equal(mac_open_raw(key, &m), EG_OK);
		for (int round = 0; round < 3; round++)
			assert_string_equal(mac_hex(m, &part, 1), cases[i].want);
		mac_free(m);
	}
	mac_free(NULL);
}

/* Parts are only a way to bring the bytes, wherever they are cut. */
static void
parts(void **state)
{
	static const char text[] = "Test Using Larger Than Block-Size Key - Hash Key First";
	const size_t len = sizeof(text) - 1;
	const uint8_t key[KEYRING_KEY_SIZE] = { 1 };
	char want[2 * MAC_SIZE + 1];
	struct mac *m;

	assert_int_equal(mac_open_raw(key, &m), EG_OK);
	strcpy(want, mac_hex(m, &(struct mac_part){ text, len }, 1));
	for (size_t cut = 0; cut <= len; cut++) {
		const struct mac_part two[] = { { text, cut }, { text + cut, len - cut } };

		assert_string_equal(mac_hex(m, two, 2), want);
	}
	assert_string_not_equal(mac_hex(m, NULL, 0), want);
	mac_free(m);
}

static void
rekeying(void **state)
{
	const uint8_t keys[2][KEYRING_KEY_SIZE] = { { 1 }, { 2 } };
	const struct mac_part part = { "x", 1 };
	char want[2][2 * MAC_SIZE + 1];
	struct mac *m;

	for (int i = 0; i < 2; i++) {
		assert_int_equal(mac_open_raw(keys[i], &m), EG_OK);
		strcpy(want[i], mac_hex(m, &part, 1));
		mac_free(m);
	}
	assert_string_not_equal(want[0], want[1]);
	assert_int_equal(mac_open_raw(keys[0], &m), EG_OK);
	for (int i = 0; i < 10; i++) {
		assert_int_equal(mac_rekey(m, keys[i % 2]), EG_OK);
		assert_string_equal(mac_hex(m, &part, 1), want[i % 2]);
	}
	mac_free(m);
}

static void
sets(void **state)
{
	static const char text[] = "2 " KEY_A "\n9 " KEY_B;
	const struct mac_part part = { "x", 1 };
	struct arena *a = arena_new();
	struct keyring *ring;
	struct mac_set set;
	struct mac *m;
	const char *why;
	char one[2 * MAC_SIZE + 1];

	assert_int_equal(keyring_parse(a, text, strlen(text), &ring, &why), EG_OK);
	assert_int_equal(mac_set_open(ring, "label", &set), EG_OK);
	assert_int_equal(set.newest, 9);
	for (unsigned i = 0; i <= KEYRING_MAX_NUMBER; i++)
		assert_int_equal(set.by_number[i] != NULL, i == 2 || i == 9);
	assert_int_equal(mac_open(ring, 2, "label", &m), EG_OK);
	strcpy(one, mac_hex(m, &part, 1));
	assert_string_equal(mac_hex(set.by_number[2], &part, 1), one);
	assert_string_not_equal(mac_hex(set.by_number[9], &part, 1), one);
	mac_free(m);
	assert_int_equal(mac_open(ring, 2, "lapel", &m), EG_OK);
	assert_string_not_equal(mac_hex(m, &part, 1), one);
	mac_free(m);
	assert_int_equal(mac_open(ring, 3, "label", &m), EG_NOTFOUND);
	mac_set_free(&set);
	mac_set_free(&set);
	assert_int_equal(mac_set_open(ring, "a label that is much longer than any label a reader would like to look at twice", &set),
	    EG_INTERNAL);
	keyring_free(ring);
	arena_free(a);
}

/* FIPS 180-4 examples. */
static void
digests(void **state)
{
	uint8_t sha256[32], sha384[48];
	char hex[97];

	assert_int_equal(mac_sha256("abc", 3, sha256), EG_OK);
	hex_encode(sha256, sizeof(sha256), hex);
	assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_int_equal(mac_sha384("abc", 3, sha384), EG_OK);
	hex_encode(sha384, sizeof(sha384), hex);
	assert_string_equal(hex,
	    "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7");
	assert_int_equal(mac_sha256("", 0, sha256), EG_OK);
	hex_encode(sha256, sizeof(sha256), hex);
	assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rfc4231),
		cmocka_unit_test(parts),
		cmocka_unit_test(rekeying),
		cmocka_unit_test(sets),
		cmocka_unit_test(digests),
	};

	log_open("test", (enum log_level)(LOG_LEVEL_ERROR + 1));        /* the faults made here are no news */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
