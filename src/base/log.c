/* SPDX-License-Identifier: GPL-3.0-or-later */
/* log.c - a line is put together in a fixed buffer and leaves in one write(2), so lines of several processes on one
 * descriptor do not mix (PIPE_BUF is 4,096 on Linux). Nothing is allocated: this runs when memory has ended, too. */
#include "base/log.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/codec.h"

#define LINE_MAX_BYTES 2048
#define REQUEST_ID_MAX 36
#define TAIL "...\"\n"          /* the longest end a line can have */

static const char *log_prog = "embedgate";
static enum log_level log_least = LOG_LEVEL_INFO;
static char log_rid[REQUEST_ID_MAX + 1];

struct line {
	char text[LINE_MAX_BYTES];
	size_t len;
};

void
log_open(const char *prog, enum log_level least)
{
	log_prog = prog;
	log_least = least;
}

/* A value without quotes: what could end it or begin another pair is replaced. */
static void
copy_bare(char *out, size_t size, const char *text)
{
	size_t n = 0;

	for (; text[n] != '\0' && n + 1 < size; n++)
		out[n] = text[n] > ' ' && text[n] < 0x7f && text[n] != '"' && text[n] != '=' ? text[n] : '_';
	out[n] = '\0';
}

void
log_request(const char *request_id)
{
	copy_bare(log_rid, sizeof(log_rid), request_id == NULL ? "" : request_id);
}

/* False where `len` bytes would leave no room for the tail. */
static bool
line_add(struct line *line, const char *bytes, size_t len)
{
	if (len > sizeof(line->text) - strlen(TAIL) - line->len)
		return false;
	memcpy(line->text + line->len, bytes, len);
	line->len += len;
	return true;
}

static bool
line_add_hex(struct line *line, const char *bytes, size_t len)
{
	char hex[4 * 4];
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		hex[n++] = '\\';
		hex[n++] = 'x';
		hex[n++] = "0123456789abcdef"[(uint8_t)bytes[i] >> 4];
		hex[n++] = "0123456789abcdef"[(uint8_t)bytes[i] & 15];
	}
	return line_add(line, hex, n);
}

/* Whole characters only, so that a cut leaves neither half an escape nor half a character. */
static bool
line_add_escaped(struct line *line, const char *text)
{
	size_t left = strlen(text);

	while (left > 0) {
		uint32_t cp;
		size_t n = utf8_decode(text, left, &cp);
		bool fits;

		if (n == 0)
			fits = line_add_hex(line, text, n = 1);
		else if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0))
			fits = line_add_hex(line, text, n);
		else if (cp == '"' || cp == '\\')
			fits = line_add(line, cp == '"' ? "\\\"" : "\\\\", 2);
		else
			fits = line_add(line, text, n);
		if (!fits)
			return false;
		text += n;
		left -= n;
	}
	return true;
}

static void
line_begin(struct line *line, enum log_level level)
{
	static const char *const names[] = { "debug", "info", "warn", "error" };
	int64_t now = clock_now_us();
	char when[CLOCK_RFC3339_SIZE];
	char prog[32];
	int n;

	clock_format(now / 1000000, when);
	copy_bare(prog, sizeof(prog), log_prog);
	when[CLOCK_RFC3339_SIZE - 2] = '\0';    /* the Z comes behind the milliseconds */
	n = snprintf(line->text, sizeof(line->text), "%s.%03dZ level=%s prog=%s pid=%ld %s%s%smsg=\"", when,
	    (int)(now / 1000 % 1000), names[level], prog, (long)getpid(), log_rid[0] != '\0' ? "rid=" : "", log_rid,
	    log_rid[0] != '\0' ? " " : "");
	line->len = n < 0 ? 0 : (size_t)n;
}

static void
line_write(const struct line *line)
{
	size_t done = 0;

	while (done < line->len) {
		ssize_t n = write(STDERR_FILENO, line->text + done, line->len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;         /* there is no place left to complain in */
		done += (size_t)n;
	}
}

void
log_vline(enum log_level level, const char *fmt, va_list args)
{
	int kept_errno = errno;
	struct line line;
	char message[LINE_MAX_BYTES];
	const char *end = "\"\n";

	if (level < log_least)
		return;
	line_begin(&line, level);
	errno = kept_errno;     /* for a %m in `fmt` */
	int wanted = vsnprintf(message, sizeof(message), fmt, args);
	if (wanted < 0)
		snprintf(message, sizeof(message), "(a message that cannot be formatted: %.80s)", fmt);
	if (!line_add_escaped(&line, message) || wanted >= (int)sizeof(message))
		end = TAIL;
	memcpy(line.text + line.len, end, strlen(end));
	line.len += strlen(end);
	line_write(&line);
	errno = kept_errno;
}

void
log_line(enum log_level level, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	log_vline(level, fmt, args);
	va_end(args);
}
