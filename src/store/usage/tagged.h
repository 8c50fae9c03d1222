/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tagged.h - 64-bit words that say whose they are: a tag of 24 bits on top of a number of 40. A change is one compare
 * and swap from a value that still carries the expected tag, so a count can never land on what took the place of its
 * owner, and two processes never lose each other's. */
#ifndef EG_STORE_USAGE_TAGGED_H
#define EG_STORE_USAGE_TAGGED_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define TAGGED_BITS 40
#define TAGGED_MAX ((UINT64_C(1) << TAGGED_BITS) - 1)

static inline uint64_t
tagged_make(uint64_t tag, uint64_t number)
{
	return tag << TAGGED_BITS | (number < TAGGED_MAX ? number : TAGGED_MAX);
}

static inline uint64_t
tagged_tag(uint64_t word)
{
	return word >> TAGGED_BITS;
}

static inline uint64_t
tagged_number(uint64_t word)
{
	return word & TAGGED_MAX;
}

/* The tag that a hash gives. */
static inline uint64_t
tagged_of_hash(uint64_t hash)
{
	return hash >> TAGGED_BITS;
}

/* False: the word is somebody else's by now, and nothing was changed. */
static inline bool
tagged_add(_Atomic uint64_t *word, uint64_t tag, uint64_t n)
{
	uint64_t old = atomic_load_explicit(word, memory_order_relaxed);

	do {
		if (tagged_tag(old) != tag)
			return false;
	} while (!atomic_compare_exchange_weak_explicit(word, &old, tagged_make(tag, tagged_number(old) + n),
	    memory_order_relaxed, memory_order_relaxed));
	return true;
}

#endif
