/* SPDX-License-Identifier: GPL-3.0-or-later */
/* config.c - one table of keys: it reads the file, sets the defaults and writes the example, so that the three agree.
 * The file is handed to libinih line by line, because only then is it known which line a fault stands in. */
#include "model/config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/origin.h"

#define FILE_MAX (64u << 10)
#define URL_MAX 180             /* with its key it must fit into a line of libinih */
#define RATE_MAX 1000000
#define FILE_NAME "embedgate.conf"
#define DEFAULT_FOLDER "/etc/embedgate"

/* What a key's value becomes. Each returns NULL, or what is wrong as the end of a sentence ("must be ..."). */
struct loader;
typedef const char *set_fn(struct loader *l, void *field, const char *value);
static set_fn set_url, set_path, set_switch, set_rate, set_day, set_networks;

struct loader {
	struct arena *arena;
	const char *path;
	const char *folder;             /* of the file */
	struct config *out;
	const char *at, *end;           /* what libinih has not read yet */
	unsigned line;
	bool is_indented;               /* the line at hand */
	unsigned long seen;             /* bit i: keys[i] was given */
	const char *why;                /* of the first fault */
	int fault_line;
};

static const struct key {
	const char *name;
	set_fn *set;
	size_t offset;                  /* in struct config */
	const char *value;              /* the default; NULL: none, the example shows `sample` */
	const char *sample;
	const char *about;
} keys[] = {
	{ "public_url", set_url, offsetof(struct config, public_url), NULL, NULL,
	  "Where people and programs reach the portal and the API, as they see it from outside. Required.\n"
	  "https:// everywhere but on this machine itself. With a path where it does not have a host of its own." },
	{ "embed_url", set_url, offsetof(struct config, embed_url), NULL, "https://embeds.example.com",
	  "Where the embeds are served from. A host of their own keeps a fault in a widget away from the portal's\n"
	  "sign-in. Default: the same as public_url." },
	{ "key_file", set_path, offsetof(struct config, key_file), "master.key", NULL,
	  "The file with the master keys: only its owner may read it, and it belongs in no backup of the store.\n"
	  "Relative paths start at the folder of this file." },
	{ "store_dir", set_path, offsetof(struct config, store_dir), "store", NULL,
	  "The folder of the token store: on a local disk, outside of what the web server serves." },
	{ "event_keys_dir", set_path, offsetof(struct config, event_keys_dir), "event.keys", NULL,
	  "The folder of the keys under which registrations for events are kept, one for each event. It is made with the\n"
	  "first of them, and belongs in no backup of the store: with the key of a deleted event all copies of what was\n"
	  "registered end. A place the programs may write to." },
	{ "copy_url", set_switch, offsetof(struct config, copy_url), "yes", NULL,
	  "May the embed URL of a token be copied any time later? no: what was shown at creation is shown only then." },
	{ "require_origins", set_switch, offsetof(struct config, require_origins), "no", NULL,
	  "yes: a token must name the sites it may be used on. no: one without sites can be made, and works on any." },
	{ "rate_limit", set_switch, offsetof(struct config, rate_limit), "yes", NULL,
	  "no: requests are not limited, for load tests. Tries to sign in always are." },
	{ "key_rate", set_rate, offsetof(struct config, key_rate), "1200", NULL,
	  "Requests a minute for each API key." },
	{ "token_rate", set_rate, offsetof(struct config, token_rate), "6000", NULL,
	  "Requests a minute for each embed token from one address." },
	{ "address_rate", set_rate, offsetof(struct config, address_rate), "600", NULL,
	  "Requests a minute from one address without a genuine credential." },
	{ "agent_login_sunset", set_day, offsetof(struct config, agent_login_sunset), "2028-12-31", NULL,
	  "The agent login is deprecated: from this day on it may be gone, as the Sunset header of its answers says." },
	{ "proxies", set_networks, offsetof(struct config, proxies), NULL, "127.0.0.1 10.0.0.0/8",
	  "Proxies in front of the web server whose X-Forwarded-For and X-Forwarded-Proto are believed: addresses or\n"
	  "networks, separated by spaces or commas; more may follow in indented lines. Default: none." },
};

/* ---- values ---- */

static bool
is_path_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	    (c != '\0' && strchr("/._~-", c) != NULL);
}

/* The path of a URL, without a slash at its end. */
static const char *
read_url_path(struct arena *a, const char *path, const char **out)
{
	size_t len = strlen(path);

	while (len > 0 && path[len - 1] == '/')
		len--;
	for (size_t i = 0; i < len; i++) {
		if (!is_path_char(path[i]))
			return "may hold only letters, digits and - . _ ~ / in its path, and no query or fragment";
		if (path[i] == '/' && (path[i + 1] == '/' || path[i + 1] == '.'))
			return "may not hold // or /. in its path";
	}
	*out = arena_strndup(a, path, len);
	return NULL;
}

static const char *
read_url(struct arena *a, const char *value, const char **out)
{
	const char *authority = strstr(value, "://");
	const char *origin, *path, *why;
	size_t n;

	if (authority == NULL || origin_of_url(a, value, &origin) != EG_OK || strlen(value) > URL_MAX)
		return "must be a URL such as https://portal.example.com, without user name";
	/* Each request over plain HTTP from elsewhere is refused. */
	if (strncmp(origin, "https://", 8) != 0 && !origin_is_loopback(origin))
		return "must begin with https:// but on this machine itself (http://localhost, http://127.0.0.1)";
	n = strcspn(authority + 3, "/?#");
	why = read_url_path(a, authority + 3 + n, &path);
	if (why != NULL)
		return why;
	*out = arena_printf(a, "%s%s", origin, path);
	return NULL;
}

static const char *
set_url(struct loader *l, void *field, const char *value)
{
	return read_url(l->arena, value, field);
}

const char *
config_url_fault(struct arena *a, const char *url)
{
	const char *understood;

	return read_url(a, url, &understood);
}

static const char *
set_path(struct loader *l, void *field, const char *value)
{
	bool is_absolute = *value == '/';

	*(const char **)field = is_absolute ? arena_strdup(l->arena, value) : arena_printf(l->arena, "%s/%s", l->folder, value);
	return NULL;
}

static const char *
set_switch(struct loader *l, void *field, const char *value)
{
	static const char *const words[] = { "no", "yes", "off", "on", "false", "true" };

	for (size_t i = 0; i < EG_COUNT(words); i++) {
		if (strcmp(value, words[i]) == 0) {
			*(bool *)field = i % 2 == 1;
			return NULL;
		}
	}
	return "must be yes or no";
}

static const char *
set_rate(struct loader *l, void *field, const char *value)
{
	unsigned long n = 0;

	if (*value != '\0' && strspn(value, "0123456789") == strlen(value) && strlen(value) <= 7)
		n = strtoul(value, NULL, 10);
	if (n < 1 || n > RATE_MAX)
		return "must be a number from 1 to 1000000";
	*(unsigned *)field = (unsigned)n;
	return NULL;
}

static const char *
set_day(struct loader *l, void *field, const char *value)
{
	if (strlen(value) != strlen("2028-12-31") || clock_parse(value, field) != EG_OK)
		return "must be a day such as 2028-12-31";
	return NULL;
}

/* IPv4 is mapped into IPv6 (RFC 4291 section 2.5.5.2), as struct config_network says. */
static bool
read_address(const char *text, uint8_t out[16], bool *is_ipv4)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	*is_ipv4 = inet_pton(AF_INET, text, out + 12) == 1;
	if (*is_ipv4)
		memcpy(out, mapped, sizeof(mapped));
	return *is_ipv4 || inet_pton(AF_INET6, text, out) == 1;
}

static bool
read_network(const char *text, size_t len, struct config_network *out)
{
	char address[INET6_ADDRSTRLEN + 4];
	const char *slash = memchr(text, '/', len);
	size_t address_len = slash == NULL ? len : (size_t)(slash - text);
	const char *bits = slash == NULL ? "" : slash + 1;
	size_t bits_len = slash == NULL ? 0 : len - address_len - 1;
	bool is_ipv4;
	unsigned n = 0;

	if (address_len >= sizeof(address) || bits_len > 3 || (slash != NULL && bits_len == 0))
		return false;
	memcpy(address, text, address_len);
	address[address_len] = '\0';
	if (!read_address(address, out->address, &is_ipv4))
		return false;
	for (size_t i = 0; i < bits_len; i++) {
		if (bits[i] < '0' || bits[i] > '9')
			return false;
		n = n * 10 + (unsigned)(bits[i] - '0');
	}
	if (slash == NULL)
		n = is_ipv4 ? 32 : 128;
	if (n > (is_ipv4 ? 32u : 128u))
		return false;
	out->bits = is_ipv4 ? n + 96 : n;
	return true;
}

static const char *
set_networks(struct loader *l, void *field, const char *value)
{
	struct config_network *networks = field;
	size_t *count = &l->out->proxy_count;

	for (value += strspn(value, " \t,"); *value != '\0'; value += strspn(value, " \t,")) {
		size_t len = strcspn(value, " \t,");

		if (*count == CONFIG_PROXIES_MAX)
			return "may name at most 16 networks";
		if (!read_network(value, len, &networks[*count]))
			return "must be addresses or networks such as 192.0.2.1, 10.0.0.0/8 or 2001:db8::/32";
		(*count)++;
		value += len;
	}
	return NULL;
}

/* ---- the file ---- */

/* Only the first fault is told. */
static void
fault(struct loader *l, const char *sentence)
{
	if (l->why != NULL)
		return;
	l->fault_line = (int)l->line;
	l->why = arena_printf(l->arena, "%s:%u: %s", l->path, l->line, sentence);
}

/* One line for libinih, which calls this as it would call fgets(3). */
static char *
next_line(char *str, int size, void *stream)
{
	struct loader *l = stream;
	const char *newline;
	size_t len;

	if (l->why != NULL || l->at == l->end)
		return NULL;
	newline = memchr(l->at, '\n', (size_t)(l->end - l->at));
	len = newline == NULL ? (size_t)(l->end - l->at) : (size_t)(newline - l->at) + 1;
	l->line++;
	l->is_indented = *l->at == ' ' || *l->at == '\t';
	if (len >= (size_t)size) {
		fault(l, arena_printf(l->arena, "this line is too long; at most %d bytes are read.", size - 1));
		return NULL;
	}
	memcpy(str, l->at, len);
	str[len] = '\0';
	if (memchr(str, '\0', len) != NULL)
		fault(l, "this line holds a NUL byte. Write the file as plain text.");
	if (str[strspn(str, " \t")] == '[')
		fault(l, "there are no sections in this file; remove the line.");
	l->at += len;
	return str;
}

static const struct key *
find_key(const char *name)
{
	for (size_t i = 0; i < EG_COUNT(keys); i++) {
		if (strcmp(keys[i].name, name) == 0)
			return &keys[i];
	}
	return NULL;
}

static const char *
set(struct loader *l, const struct key *k, const char *value)
{
	return k->set(l, (char *)l->out + k->offset, value);
}

static void
take(struct loader *l, const char *name, const char *value)
{
	const struct key *k = find_key(name);
	unsigned long bit = k == NULL ? 0 : 1ul << (k - keys);
	const char *why;

	if (k == NULL) {
		fault(l, arena_printf(l->arena,
		    "unknown key '%s'. The keys are explained in the file that embedctl init writes.", name));
	} else if (l->is_indented && l->seen != 0 && k->set != set_networks) {
		fault(l, arena_printf(l->arena,
		    "this line is indented, so it would belong to '%s' above. Let keys begin their line.", name));
	} else if ((l->seen & bit) != 0 && !l->is_indented) {
		fault(l, arena_printf(l->arena, "the key '%s' was given before; remove one of the two lines.", name));
	} else if (*value == '\0') {
		fault(l, arena_printf(l->arena, "the key '%s' has no value. Write one, or put a # before the line.", name));
	} else {
		why = set(l, k, value);
		if (why != NULL)
			fault(l, arena_printf(l->arena, "the value of '%s' %s.", name, why));
	}
	l->seen |= bit;
}

/* libinih calls this for each key, and for each indented line with the key above. */
static int
take_line(void *user, const char *section, const char *name, const char *value)
{
	struct loader *l = user;

	if (l->why == NULL)
		take(l, name, value);
	return l->why == NULL;
}

static const char *
read_file(struct arena *a, const char *path, struct loader *l)
{
	char *bytes = arena_alloc(a, FILE_MAX + 1);
	FILE *file = fopen(path, "re");
	bool failed;
	size_t len;

	if (file == NULL)
		return arena_printf(a,
		    "%s: cannot be opened: %s. Give the path with --config or EMBEDGATE_CONF, or make a new installation "
		    "with embedctl init.", path, strerror(errno));
	len = fread(bytes, 1, FILE_MAX + 1, file);
	failed = ferror(file) != 0;
	fclose(file);
	if (failed)
		return arena_printf(a, "%s: cannot be read. Name a file, not a folder.", path);
	if (len > FILE_MAX)
		return arena_printf(a, "%s: is larger than 64 KiB. Is this the configuration file?", path);
	l->at = bytes;
	l->end = bytes + len;
	return NULL;
}

static const char *
folder_of(struct arena *a, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return ".";
	return slash == path ? "" : arena_strndup(a, path, (size_t)(slash - path));
}

static void
split_url(struct arena *a, const char *url, const char **origin, const char **path)
{
	const char *authority = strstr(url, "://") + 3;
	size_t len = (size_t)(authority - url) + strcspn(authority, "/");

	*origin = arena_strndup(a, url, len);
	*path = url + len;
}

static eg_err
parse(struct loader *l, const char **why)
{
	int line;

	for (size_t i = 0; i < EG_COUNT(keys); i++) {
		if (keys[i].value != NULL && set(l, &keys[i], keys[i].value) != NULL)
			return eg_fail(EG_INTERNAL, "config: the default of %s is no value", keys[i].name);
	}
	line = ini_parse_stream(next_line, l, take_line, l);
	if (line > 0 && (l->why == NULL || line < l->fault_line))
		*why = arena_printf(l->arena, "%s:%d: this is no line of the form \"key = value\".", l->path, line);
	else if (l->why != NULL)
		*why = l->why;
	else if (l->out->public_url == NULL)
		*why = arena_printf(l->arena,
		    "%s: public_url is missing. Add a line such as public_url = https://portal.example.com", l->path);
	else
		return EG_OK;
	return EG_CONFIG;
}

eg_err
config_load(struct arena *a, const char *path, struct config *out, const char **why)
{
	struct loader l = { .arena = a, .path = arena_strdup(a, path), .folder = folder_of(a, path), .out = out };

	*out = (struct config){ .path = l.path };
	*why = read_file(a, path, &l);
	if (*why != NULL)
		return EG_CONFIG;
	EG_TRY(parse(&l, why));
	if (out->embed_url == NULL)
		out->embed_url = out->public_url;
	split_url(a, out->public_url, &out->public_origin, &out->public_path);
	split_url(a, out->embed_url, &out->embed_origin, &out->embed_path);
	return EG_OK;
}

/* ---- around the file ---- */

static const char *
environment(const char *name)
{
	const char *value = getenv(name);

	return value == NULL || *value == '\0' ? NULL : value;
}

const char *
config_find(struct arena *a, const char *config, const char *data_dir)
{
	if (config != NULL)
		return arena_strdup(a, config);
	if (data_dir == NULL && environment("EMBEDGATE_CONF") != NULL)
		return arena_strdup(a, environment("EMBEDGATE_CONF"));
	if (data_dir == NULL)
		data_dir = environment("EMBEDGATE_DATA");
	return arena_printf(a, "%s/" FILE_NAME, data_dir != NULL ? data_dir : DEFAULT_FOLDER);
}

static void
add_comment(struct buf *b, const char *text)
{
	for (const char *end; *text != '\0'; text = *end == '\0' ? end : end + 1) {
		end = text + strcspn(text, "\n");
		buf_printf(b, "# %.*s\n", (int)(end - text), text);
	}
}

const char *
config_example(struct arena *a, const char *public_url, const char *embed_url)
{
	struct buf b;

	buf_init(&b, a, 4096);
	add_comment(&b,
	    "embedgate. Lines are \"key = value\"; a # begins a comment. What is commented out shows its default, or a sample.\n"
	    "Programs read this file when they start.");
	for (size_t i = 0; i < EG_COUNT(keys); i++) {
		const struct key *k = &keys[i];
		const char *given = strcmp(k->name, "public_url") == 0 ? public_url :
		    strcmp(k->name, "embed_url") == 0 ? embed_url : NULL;

		buf_add_char(&b, '\n');
		add_comment(&b, k->about);
		if (given != NULL)
			buf_printf(&b, "%s = %s\n", k->name, given);
		else
			buf_printf(&b, "# %s = %s\n", k->name, k->value != NULL ? k->value : k->sample);
	}
	return b.data;
}

static bool
covers(const struct config_network *n, const uint8_t address[16])
{
	size_t whole = n->bits / 8;
	unsigned rest = n->bits % 8;
	uint8_t mask = (uint8_t)(0xff00u >> rest);

	if (memcmp(n->address, address, whole) != 0)
		return false;
	return rest == 0 || (n->address[whole] & mask) == (address[whole] & mask);
}

bool
config_is_proxy(const struct config *c, const char *address)
{
	uint8_t bytes[16];
	bool is_ipv4;

	if (!read_address(address, bytes, &is_ipv4))
		return false;
	for (size_t i = 0; i < c->proxy_count; i++) {
		if (covers(&c->proxies[i], bytes))
			return true;
	}
	return false;
}
