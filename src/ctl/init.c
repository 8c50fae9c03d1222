/* SPDX-License-Identifier: GPL-3.0-or-later */
/* init.c - a data directory out of nothing. It is made whole or not at all: what a failure leaves behind is removed. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl/ctl.h"
#include "model/partner.h"
#include "sign/password.h"

#define PUBLIC_URL_DEFAULT "http://127.0.0.1:8080"

static const struct ctl_column facts[] = {
	{ "Data directory", "data_dir", 0 },
	{ "Sign in at", "sign_in_url", 0 },
	{ "Mail", "email", 0 },
	{ "Password", "password", 0 },
	{ 0 },
};

/* ---- the directory ---- */

static int
remove_below(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	if (at->level > 0 && remove(path) != 0)
		ctl_refuse("%s could not be removed: %s; remove it before the next try.", path, strerror(errno));
	return 0;
}

static void
unmake(const char *dir, bool made_here)
{
	nftw(dir, remove_below, 16, FTW_DEPTH | FTW_PHYS);
	if (made_here)
		rmdir(dir);
}

static bool
is_empty(const char *dir)
{
	DIR *d = opendir(dir);
	const struct dirent *entry;
	bool empty = d != NULL;

	while (empty && (entry = readdir(d)) != NULL)
		empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
	if (d != NULL)
		closedir(d);
	return empty;
}

/* A new folder, or an empty one that somebody prepared: its owner is then to own everything. */
static int
make_folder(const char *dir, bool *made_here)
{
	int result;

	*made_here = mkdir(dir, 0700) == 0;
	if (*made_here)
		return CTL_DONE;
	if (errno != EEXIST)
		return ctl_refuse("%s cannot be made: %s; make the folder above it, or choose another.", dir, strerror(errno));
	result = become_owner_of(dir);
	if (result != CTL_DONE)
		return result;
	if (!is_empty(dir))
		return ctl_refuse("%s is there and not an empty folder; 'init' touches nothing that exists. Choose another.", dir);
	if (chmod(dir, 0700) != 0)
		return ctl_refuse("%s: %s; choose a folder of your own.", dir, strerror(errno));
	return CTL_DONE;
}

static int
write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	size_t len = strlen(text);
	bool ok = fd >= 0 && write(fd, text, len) == (ssize_t)len && fsync(fd) == 0;
	int cause = errno;

	if (fd >= 0)
		close(fd);
	if (ok)
		return CTL_DONE;
	return ctl_refuse("%s could not be written: %s; free space or choose another folder.", path, strerror(cause));
}

/* ---- what goes into it ---- */

static int
make_store(struct ctl *c, const struct config *config)
{
	struct keyring *ring = NULL;
	struct store *store;
	const char *why = "";
	eg_err e;

	if (keyring_create(config->key_file) != EG_OK)
		return ctl_refuse("%s could not be written; free space or choose another folder.", config->key_file);
	if (mkdir(config->store_dir, 0700) != 0)
		return ctl_refuse("%s cannot be made: %s; choose another folder.", config->store_dir, strerror(errno));
	e = keyring_load(c->arena, config->key_file, &ring, &why);
	if (e == EG_OK)
		e = store_open(c->arena, config->store_dir, ring, STORE_CREATE, &store, &why);
	if (e == EG_OK)
		store_close(store);
	keyring_free(ring);
	return e == EG_OK ? CTL_DONE : ctl_refuse("%s", why);
}

static int
make_partner(struct ctl *c, const struct partner_new *in, struct partner_row *out)
{
	struct faults f;

	faults_init(&f, c->arena);
	return ctl_result(c, partner_create(&c->service, c->arena, &c->actor, in, &f, out), &f, "partner");
}

static int
fill_folder(struct ctl *c, const char *dir, const char **url, const struct partner_new *in, struct partner_row *out)
{
	const char *path = arena_printf(c->arena, "%s/embedgate.conf", dir);
	struct config config;
	const char *why = "";
	int result = write_file(path, config_example(c->arena, *url, c->value[OPT_EMBED_URL]));

	if (result != CTL_DONE)
		return result;
	if (config_load(c->arena, path, &config, &why) != EG_OK)
		return ctl_refuse("%s", why);
	*url = config.public_url;       /* as it was understood */
	result = make_store(c, &config);
	if (result != CTL_DONE)
		return result;
	if (service_open(&c->service, path, &why) != EG_OK)
		result = ctl_refuse("%s", why);
	else
		result = make_partner(c, in, out);
	service_close(&c->service);
	return result;
}

static int
check_url(struct ctl *c, enum ctl_option o, const char *url)
{
	const char *fault = url != NULL ? config_url_fault(c->arena, url) : NULL;

	return fault == NULL ? CTL_DONE : ctl_usage("--%s %s.", option_name(o), fault);
}

int
ctl_init(struct ctl *c)
{
	const char *dir = c->value[OPT_DATA] != NULL ? c->value[OPT_DATA] : getenv("EMBEDGATE_DATA");
	const char *url = c->value[OPT_PUBLIC_URL] != NULL ? c->value[OPT_PUBLIC_URL] : PUBLIC_URL_DEFAULT;
	struct partner_new in = { .name = c->value[OPT_PARTNER], .owner_email = c->value[OPT_EMAIL],
		.owner_password = c->password };
	struct partner_row row;
	bool made_here;
	int result;

	if (dir == NULL || c->value[OPT_CONFIG] != NULL)
		return ctl_usage("'init' makes a new folder; say which: embedctl --data DIR init %s", c->command->args);
	result = check_url(c, OPT_PUBLIC_URL, url);
	if (result == CTL_DONE)
		result = check_url(c, OPT_EMBED_URL, c->value[OPT_EMBED_URL]);
	if (result == CTL_DONE && in.owner_password == NULL)
		result = ctl_result(c, password_generate(c->arena, &in.owner_password), NULL, "password");
	if (result == CTL_DONE)
		result = make_folder(dir, &made_here);
	if (result != CTL_DONE)
		return result;
	result = fill_folder(c, dir, &url, &in, &row);
	if (result != CTL_DONE) {
		unmake(dir, made_here);
		return result;
	}

	json_object *view = json_new_object(c->arena);
	char *whole = realpath(dir, NULL);

	json_add_str(view, "data_dir", whole != NULL ? whole : dir);
	json_add_str(view, "sign_in_url", arena_printf(c->arena, "%s/portal/login", url));
	json_add_object(view, "partner", partner_view(c->arena, &row));
	json_add_str(view, "email", in.owner_email);
	if (c->password == NULL)
		json_add_str(view, "password", in.owner_password);
	free(whole);
	print_view(c, view, facts);
	if (c->password == NULL)
		print_hint(c, "Keep the password now; it will not be shown again.");
	return CTL_DONE;
}
