/* SPDX-License-Identifier: GPL-3.0-or-later */
/* keyring.c - the only holder of master keys. They are never given out: everybody else gets derived ones. */
#include "sign/keyring.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>

#include "base/codec.h"
#include "sign/fault.h"

#define FILE_MAX (16u << 10)
#define KEY_TEXT_LEN BASE64URL_LEN(KEYRING_KEY_SIZE)
#define RESTORE "Restore it from your backup of the keys; embedctl init makes one for a new installation."
#define INFO_SIZE 80            /* "embedgate " and a label */
#define DISTINCT_MIN 8          /* different bytes of 32 random ones: fewer come once in 10^36 draws */

struct keyring {
	uint8_t keys[KEYRING_MAX_NUMBER + 1][KEYRING_KEY_SIZE];
	bool has[KEYRING_MAX_NUMBER + 1];
	unsigned newest;
};

/* Before any other call of OpenSSL, which would read openssl.cnf: nothing in it concerns these programs, and plain CGI
 * would pay 0.6 ms for it on each request. */
static void
start_openssl(void)
{
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
}

/* ---- the text of a key file ---- */

struct line {
	const char *at;
	size_t len;
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Cut the next line off `*text`, without the blanks around it. */
static struct line
take_line(const char **text, const char *end)
{
	const char *newline = memchr(*text, '\n', (size_t)(end - *text));
	const char *stop = newline == NULL ? end : newline;
	struct line line = { *text, (size_t)(stop - *text) };

	*text = newline == NULL ? end : newline + 1;
	while (line.len > 0 && is_blank(line.at[0])) {
		line.at++;
		line.len--;
	}
	while (line.len > 0 && is_blank(line.at[line.len - 1]))
		line.len--;
	return line;
}

/* "NUMBER " -> 1 to 15, and the rest of the line; 0 for anything else. */
static unsigned
take_number(struct line *line)
{
	unsigned number = 0;
	size_t n = 0;

	while (n < line->len && n < 2 && line->at[n] >= '0' && line->at[n] <= '9')
		number = number * 10 + (unsigned)(line->at[n++] - '0');
	if (n == line->len || !is_blank(line->at[n]) || number > KEYRING_MAX_NUMBER)
		return 0;
	while (is_blank(line->at[n]))   /* the line does not end in a blank */
		n++;
	line->at += n;
	line->len -= n;
	return number;
}

static const char *
add_key(struct keyring *ring, struct line line)
{
	unsigned number = take_number(&line);
	size_t len;

	if (number == 0)
		return "a line is a key number from 1 to 15, a space and the key";
	if (ring->has[number])
		return "this key number stands twice";
	if (line.len != KEY_TEXT_LEN ||
	    base64url_decode(line.at, line.len, ring->keys[number], KEYRING_KEY_SIZE, &len) != EG_OK)
		return "a key is 43 characters of base64url, which are 32 bytes";
	ring->has[number] = true;
	if (number > ring->newest)
		ring->newest = number;
	return NULL;
}

eg_err
keyring_parse(struct arena *a, const char *text, size_t len, struct keyring **out, const char **why)
{
	struct keyring *ring = calloc(1, sizeof(*ring));
	const char *end = text + len;
	const char *fault = NULL;
	unsigned line_number = 0;

	if (ring == NULL)
		arena_exhausted();
	start_openssl();
	while (text < end && fault == NULL) {
		struct line line = take_line(&text, end);

		line_number++;
		if (line.len > 0 && line.at[0] != '#')
			fault = add_key(ring, line);
	}
	if (fault == NULL && ring->newest > 0) {
		*out = ring;
		return EG_OK;
	}
	*why = fault == NULL ? "It holds no key." : arena_printf(a, "Line %u: %s.", line_number, fault);
	keyring_free(ring);
	return EG_CONFIG;
}

/* ---- the file ---- */

/* NULL where the open file may be trusted with keys. */
static const char *
check_file(struct arena *a, int fd, const char *path)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return arena_printf(a, "The key file %s cannot be examined: %s.", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return arena_printf(a, "The key file %s is not a regular file. Put the key file itself there.", path);
	if (st.st_uid != geteuid() && st.st_uid != 0)
		return arena_printf(a, "The key file %s belongs to user %lu, but this program runs as user %lu. "
		    "Run it as the owner of the file, or change the owner.", path, (unsigned long)st.st_uid,
		    (unsigned long)geteuid());
	if ((st.st_mode & 077) != 0)
		return arena_printf(a, "The key file %s may be read or written by others (mode %04o). Run: chmod 600 %s",
		    path, (unsigned)st.st_mode & 07777, path);
	if (st.st_size > FILE_MAX)
		return arena_printf(a, "The key file %s is larger than 16 KiB, so it is no key file.", path);
	return NULL;
}

/* Up to `cap` bytes; -1 and errno where reading fails. */
static ssize_t
read_all(int fd, char *out, size_t cap)
{
	size_t len = 0;

	while (len < cap) {
		ssize_t n = read(fd, out + len, cap - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

static unsigned
distinct_bytes(const uint8_t key[KEYRING_KEY_SIZE])
{
	bool seen[256] = { false };
	unsigned n = 0;

	for (size_t i = 0; i < KEYRING_KEY_SIZE; i++) {
		n += !seen[key[i]];
		seen[key[i]] = true;
	}
	OPENSSL_cleanse(seen, sizeof(seen));
	return n;
}

static bool
has_weak_key(const struct keyring *ring)
{
	for (unsigned i = 1; i <= KEYRING_MAX_NUMBER; i++) {
		if (ring->has[i] && distinct_bytes(ring->keys[i]) < DISTINCT_MIN)
			return true;
	}
	return false;
}

static eg_err
load_fd(struct arena *a, int fd, const char *path, struct keyring **out, const char **why)
{
	char text[FILE_MAX];
	struct keyring *ring = NULL;
	const char *fault = NULL;
	ssize_t len;
	eg_err e;

	*why = check_file(a, fd, path);
	if (*why != NULL)
		return EG_CONFIG;
	len = read_all(fd, text, sizeof(text));
	if (len < 0) {
		*why = arena_printf(a, "The key file %s cannot be read: %s.", path, strerror(errno));
		OPENSSL_cleanse(text, sizeof(text));
		return EG_CONFIG;
	}
	e = keyring_parse(a, text, (size_t)len, &ring, &fault);
	OPENSSL_cleanse(text, sizeof(text));
	if (e == EG_OK && has_weak_key(ring)) {
		fault = "A key in it was not drawn at random.";
		keyring_free(ring);
		e = EG_CONFIG;
	}
	if (e != EG_OK) {
		*why = arena_printf(a, "The key file %s cannot be used. %s " RESTORE, path, fault);
		return e;
	}
	*out = ring;
	return EG_OK;
}

eg_err
keyring_load(struct arena *a, const char *path, struct keyring **out, const char **why)
{
	/* O_NONBLOCK: a FIFO in its place must not make the start hang. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	eg_err e;

	if (fd < 0 && errno == ENOENT) {
		*why = arena_printf(a, "The key file %s is missing. " RESTORE, path);
		return EG_CONFIG;
	}
	if (fd < 0 && errno == ELOOP) {
		*why = arena_printf(a, "The key file %s is a symbolic link. Put the key file itself there, or name the "
		    "place it points to in the configuration.", path);
		return EG_CONFIG;
	}
	if (fd < 0) {
		*why = arena_printf(a, "The key file %s cannot be opened: %s.", path, strerror(errno));
		return EG_CONFIG;
	}
	e = load_fd(a, fd, path, out, why);
	close(fd);
	return e;
}

static bool
write_all(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, bytes, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		bytes += n;
		len -= (size_t)n;
	}
	return true;
}

static bool
sync_folder_of(const char *path)
{
	char *copy = strdup(path);
	int fd;
	bool ok;

	if (copy == NULL)
		arena_exhausted();
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(copy);
	ok = fd >= 0 && fsync(fd) == 0;
	if (fd >= 0)
		close(fd);
	return ok;
}

eg_err
keyring_create(const char *path)
{
	static const char comment[] = "# Master keys of embedgate. Keep a copy apart from the backups of the store.\n1 ";
	char text[sizeof(comment) - 1 + KEY_TEXT_LEN + 1];
	char *key_text = text + sizeof(comment) - 1;
	uint8_t key[KEYRING_KEY_SIZE];
	bool written;
	int fd;

	start_openssl();
	EG_TRY(keyring_random(key, sizeof(key)));
	memcpy(text, comment, sizeof(comment) - 1);
	base64url_encode(key, sizeof(key), key_text);
	key_text[KEY_TEXT_LEN] = '\n';  /* in the place of the NUL */
	OPENSSL_cleanse(key, sizeof(key));

	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0) {
		OPENSSL_cleanse(text, sizeof(text));
		return errno == EEXIST ? EG_EXISTS : eg_fail(EG_IO, "keyring_create: %s: %s", path, strerror(errno));
	}
	written = fchmod(fd, 0600) == 0 && write_all(fd, text, sizeof(text)) && fsync(fd) == 0 && sync_folder_of(path);
	OPENSSL_cleanse(text, sizeof(text));
	if (!written) {
		eg_err e = eg_fail(EG_IO, "keyring_create: %s: %s", path, strerror(errno));

		close(fd);
		unlink(path);
		return e;
	}
	close(fd);
	return EG_OK;
}

void
keyring_free(struct keyring *ring)
{
	if (ring == NULL)
		return;
	OPENSSL_cleanse(ring, sizeof(*ring));
	free(ring);
}

/* ---- keys ---- */

unsigned
keyring_newest(const struct keyring *ring)
{
	return ring->newest;
}

int
keyring_has(const struct keyring *ring, unsigned number)
{
	return number <= KEYRING_MAX_NUMBER && ring->has[number];
}

eg_err
keyring_derive(const struct keyring *ring, unsigned number, const char *label, uint8_t out[KEYRING_KEY_SIZE])
{
	int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
	uint8_t key[KEYRING_KEY_SIZE];
	char info[INFO_SIZE];
	int info_len = snprintf(info, sizeof(info), "embedgate %s", label);
	EVP_KDF *kdf;
	EVP_KDF_CTX *ctx;
	int ok;

	if (!keyring_has(ring, number))
		return EG_NOTFOUND;
	if (info_len >= (int)sizeof(info))
		return eg_fail(EG_INTERNAL, "keyring_derive: the label %s is too long", label);
	memcpy(key, ring->keys[number], sizeof(key));   /* OSSL_PARAM knows no const */
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char[]){ "SHA256" }, 0),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, key, sizeof(key)),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info, (size_t)info_len),
		OSSL_PARAM_construct_end(),
	};
	kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	ctx = kdf == NULL ? NULL : EVP_KDF_CTX_new(kdf);
	ok = ctx != NULL && EVP_KDF_derive(ctx, out, KEYRING_KEY_SIZE, params) == 1;
	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
	OPENSSL_cleanse(key, sizeof(key));
	return ok ? EG_OK : sign_fault(EG_INTERNAL, "keyring_derive");
}

eg_err
keyring_random(void *out, size_t len)
{
	if (len > INT_MAX || RAND_bytes(out, (int)len) != 1)
		return sign_fault(EG_RANDOM, "keyring_random");
	return EG_OK;
}

void
keyring_wipe(void *bytes, size_t len)
{
	OPENSSL_cleanse(bytes, len);
}

int
keyring_equal(const void *x, const void *y, size_t len)
{
	return CRYPTO_memcmp(x, y, len) == 0;
}
