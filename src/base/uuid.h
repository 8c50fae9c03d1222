/* SPDX-License-Identifier: GPL-3.0-or-later */
/* uuid.h - UUID version 7 (RFC 9562 section 5.7): 48 bits of milliseconds, 74 random bits.
 * Ids are public names, not secrets. */
#ifndef EG_BASE_UUID_H
#define EG_BASE_UUID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define UUID_TEXT_LEN 36
#define UUID_TEXT_SIZE 37

struct uuid {
	uint8_t b[16];
};

extern const struct uuid uuid_nil;

/* EG_RANDOM where getrandom(2) fails. Ids made by one process in one millisecond still ascend. */
eg_err uuid_make(struct uuid *out) EG_CHECKED;
/* Exactly 36 characters 8-4-4-4-12, hexadecimal in either case. `len` bytes are looked at. EG_MALFORMED otherwise. */
eg_err uuid_parse(const char *text, size_t len, struct uuid *out) EG_CHECKED;
/* Lower case. */
void uuid_format(const struct uuid *id, char out[UUID_TEXT_SIZE]);
bool uuid_equal(const struct uuid *x, const struct uuid *y);
bool uuid_is_nil(const struct uuid *id);
/* The seconds the id was made at, as its first 48 bits say. */
int64_t uuid_time_s(const struct uuid *id);

#endif
