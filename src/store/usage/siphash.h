/* SPDX-License-Identifier: GPL-3.0-or-later */
/* siphash.h - SipHash-2-4 (Aumasson and Bernstein, 2012): 64 bits, quick on short input, and nobody without the key can
 * make two inputs meet. It names buckets and tells torn text from whole text; it signs nothing. */
#ifndef EG_STORE_USAGE_SIPHASH_H
#define EG_STORE_USAGE_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

struct siphash_key {
	uint64_t k[2];
};

uint64_t siphash24(const struct siphash_key *key, const void *bytes, size_t len);

#endif
