/* SPDX-License-Identifier: GPL-3.0-or-later */
/* event_key.c - a file is written under another name, synced, and then linked to its own: what has the name is whole,
 * and who is second finds the name taken. A death in between may leave the other name behind, for a key that nobody
 * used, or for the same file; because of the latter a key is overwritten before it is removed. */
#include "model/event_key.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/codec.h"

#define TEXT_BEGIN "# Key of the registrations of one event; destroyed with the event.\n1 "
#define TEXT_LEN (sizeof(TEXT_BEGIN) - 1 + BASE64URL_LEN(KEYRING_KEY_SIZE) + 1)

static const char *
key_path(struct service *sv, struct arena *a, const struct uuid *event_id)
{
	char id[UUID_TEXT_SIZE];

	uuid_format(event_id, id);
	return arena_printf(a, "%s/%s", sv->config.event_keys_dir, id);
}

static eg_err
failed(const char *what, const char *path)
{
	return eg_fail(errno == ENOSPC || errno == EDQUOT ? EG_FULL : EG_IO, "%s %s: %s", what, path, strerror(errno));
}

static eg_err
sync_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	eg_err e = fd >= 0 && fsync(fd) == 0 ? EG_OK : failed("sync of", path);

	if (fd >= 0)
		close(fd);
	return e;
}

static eg_err
write_and_sync(int fd, const char *path, const char *text, size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = pwrite(fd, text + done, len - done, (off_t)done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return failed("write to", path);
		done += (size_t)n;
	}
	return fsync(fd) == 0 ? EG_OK : failed("sync of", path);
}

eg_err
event_key_open(struct service *sv, struct arena *a, const struct uuid *event_id, struct keyring **out)
{
	const char *path = key_path(sv, a, event_id);
	const char *why = "";

	if (access(path, F_OK) != 0 && errno == ENOENT)
		return EG_NOTFOUND;
	return keyring_load(a, path, out, &why) == EG_OK ? EG_OK : eg_fail(EG_DAMAGED, "%s", why);
}

/* ---- making ---- */

static eg_err
write_new_key(const char *path, int fd)
{
	uint8_t key[KEYRING_KEY_SIZE];
	char text[TEXT_LEN];
	eg_err e = keyring_random(key, sizeof(key));

	if (e != EG_OK)
		return e;
	memcpy(text, TEXT_BEGIN, sizeof(TEXT_BEGIN) - 1);
	base64url_encode(key, sizeof(key), text + sizeof(TEXT_BEGIN) - 1);
	text[TEXT_LEN - 1] = '\n';      /* in the place of the NUL */
	e = write_and_sync(fd, path, text, TEXT_LEN);
	keyring_wipe(key, sizeof(key));
	keyring_wipe(text, sizeof(text));
	return e;
}

/* EG_EXISTS: somebody else was first. */
static eg_err
make_file(struct arena *a, const char *folder, const char *path)
{
	char *other = arena_printf(a, "%s.XXXXXX", path);
	int fd;
	eg_err e;

	if (mkdir(folder, 0700) != 0 && errno != EEXIST)
		return failed("making", folder);
	fd = mkostemp(other, O_CLOEXEC);        /* mode 0600 */
	if (fd < 0)
		return failed("making", other);
	e = write_new_key(other, fd);
	close(fd);
	if (e == EG_OK && link(other, path) != 0)
		e = errno == EEXIST ? EG_EXISTS : failed("making", path);
	unlink(other);
	return e;
}

eg_err
event_key_make(struct service *sv, struct arena *a, const struct uuid *event_id, struct keyring **out)
{
	const char *folder = sv->config.event_keys_dir;
	eg_err e = event_key_open(sv, a, event_id, out);

	if (e != EG_NOTFOUND)
		return e;
	e = make_file(a, folder, key_path(sv, a, event_id));
	if (e != EG_OK && e != EG_EXISTS)
		return e;
	/* The name of the other's file may not be on disk yet either, nor the folder's own. */
	EG_TRY(sync_folder(folder));
	EG_TRY(sync_folder(arena_printf(a, "%s/..", folder)));
	return event_key_open(sv, a, event_id, out);
}

/* ---- destroying ---- */

static eg_err
overwrite(const char *path)
{
	char zeros[TEXT_LEN] = { 0 };
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	eg_err e;

	if (fd < 0)
		return errno == ENOENT ? EG_NOTFOUND : failed("opening", path);
	e = write_and_sync(fd, path, zeros, sizeof(zeros));
	close(fd);
	return e;
}

eg_err
event_key_destroy(struct service *sv, struct arena *a, const struct uuid *event_id)
{
	const char *path = key_path(sv, a, event_id);
	eg_err e = overwrite(path);

	if (e != EG_OK)
		return e == EG_NOTFOUND ? EG_OK : e;
	if (unlink(path) != 0 && errno != ENOENT)
		return failed("removing", path);
	return sync_folder(sv->config.event_keys_dir);
}
