/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/usage/siphash.h"

#include <endian.h>
#include <string.h>

static inline uint64_t
rotate(uint64_t x, unsigned bits)
{
	return x << bits | x >> (64 - bits);
}

static inline void
rounds(uint64_t v[4], unsigned count)
{
	while (count-- > 0) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = rotate(v[1], 13) ^ v[0];
		v[3] = rotate(v[3], 16) ^ v[2];
		v[0] = rotate(v[0], 32);
		v[2] += v[1];
		v[0] += v[3];
		v[1] = rotate(v[1], 17) ^ v[2];
		v[3] = rotate(v[3], 21) ^ v[0];
		v[2] = rotate(v[2], 32);
	}
}

static inline void
absorb(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	rounds(v, 2);
	v[0] ^= word;
}

uint64_t
siphash24(const struct siphash_key *key, const void *bytes, size_t len)
{
	const uint8_t *at = bytes;
	uint64_t v[4] = {
		key->k[0] ^ 0x736f6d6570736575, /* "somepseudorandomlygeneratedbytes" */
		key->k[1] ^ 0x646f72616e646f6d,
		key->k[0] ^ 0x6c7967656e657261,
		key->k[1] ^ 0x7465646279746573,
	};
	uint64_t word;

	for (size_t left = len / 8; left > 0; left--, at += 8) {
		memcpy(&word, at, 8);
		absorb(v, le64toh(word));
	}
	word = (uint64_t)(len & 0xff) << 56;
	for (size_t i = 0; i < len % 8; i++)
		word |= (uint64_t)at[i] << 8 * i;
	absorb(v, word);
	v[2] ^= 0xff;
	rounds(v, 4);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}
