/* SPDX-License-Identifier: GPL-3.0-or-later */
/* uuid.c - within one millisecond the 12 bits behind the time count up (RFC 9562 section 6.2, method 1) while the other
 * 62 are always fresh: ids ascend in a process, and two processes forked from one still make different ones. */
#include "base/uuid.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/codec.h"

#define COUNTER_MAX 0xfff
#define STEP_BACK_MS 10000      /* a clock that went back by more is believed; order across that step is given up */

const struct uuid uuid_nil;

static eg_err
fill_random(uint8_t *out, size_t len)
{
	size_t got = 0;

	while (got < len) {
		ssize_t n = getrandom(out + got, len - got, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return eg_fail(EG_RANDOM, "uuid_make: getrandom: %s", strerror(errno));
		got += (size_t)n;
	}
	return EG_OK;
}

eg_err
uuid_make(struct uuid *out)
{
	static int64_t last_ms;
	static unsigned counter;
	struct uuid id = uuid_nil;
	int64_t now_ms = clock_now_us() / 1000;

	EG_TRY(fill_random(id.b + 6, sizeof(id.b) - 6));
	if (now_ms > last_ms || last_ms - now_ms > STEP_BACK_MS) {
		last_ms = now_ms;
		counter = ((unsigned)id.b[6] << 8 | id.b[7]) & COUNTER_MAX;
	} else if (++counter > COUNTER_MAX) {
		last_ms++;      /* borrow from the next millisecond */
		counter = 0;
	}
	for (int i = 0; i < 6; i++)
		id.b[i] = (uint8_t)(last_ms >> (40 - 8 * i));
	id.b[6] = (uint8_t)(0x70 | counter >> 8);
	id.b[7] = (uint8_t)counter;
	id.b[8] = (uint8_t)(0x80 | (id.b[8] & 0x3f));
	*out = id;
	return EG_OK;
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static bool
is_dash_at(size_t i)
{
	return i == 8 || i == 13 || i == 18 || i == 23;
}

eg_err
uuid_parse(const char *text, size_t len, struct uuid *out)
{
	struct uuid id;
	size_t n = 0;

	if (len != UUID_TEXT_LEN)
		return EG_MALFORMED;
	for (size_t i = 0; i < UUID_TEXT_LEN;) {
		int high, low;

		if (is_dash_at(i)) {
			if (text[i++] != '-')
				return EG_MALFORMED;
			continue;
		}
		high = hex_value(text[i++]);
		low = hex_value(text[i++]);
		if (high < 0 || low < 0)
			return EG_MALFORMED;
		id.b[n++] = (uint8_t)(high << 4 | low);
	}
	*out = id;
	return EG_OK;
}

void
uuid_format(const struct uuid *id, char out[UUID_TEXT_SIZE])
{
	char hex[2 * sizeof(id->b) + 1];
	const char *from = hex;

	hex_encode(id->b, sizeof(id->b), hex);
	for (size_t i = 0; i < UUID_TEXT_LEN; i++)
		out[i] = is_dash_at(i) ? '-' : *from++;
	out[UUID_TEXT_LEN] = '\0';
}

bool
uuid_equal(const struct uuid *x, const struct uuid *y)
{
	return memcmp(x->b, y->b, sizeof(x->b)) == 0;
}

bool
uuid_is_nil(const struct uuid *id)
{
	return uuid_equal(id, &uuid_nil);
}

int64_t
uuid_time_s(const struct uuid *id)
{
	int64_t ms = 0;

	for (int i = 0; i < 6; i++)
		ms = ms << 8 | id->b[i];
	return ms / 1000;
}
