/* SPDX-License-Identifier: GPL-3.0-or-later */
/* config.h - embedgate.conf: an INI file (libinih) without sections, "key = value" a line. Every key is documented in
 * docs/operator.md and in the file that `embedctl init` writes. Any section, an unknown key, a key given twice and a bad
 * value are errors with their line number.
 *   public_url, embed_url                   URLs (the first is required); https:// but for loopback hosts
 *   key_file, store_dir, event_keys_dir     paths
 *   copy_url, require_origins, rate_limit   yes or no (also on, off, true, false)
 *   key_rate, token_rate, address_rate      requests a minute, 1 to 1000000
 *   agent_login_sunset                      a day, "2028-12-31"
 *   proxies                                 addresses or networks, separated by spaces or commas; may go on in indented lines */
#ifndef EG_MODEL_CONFIG_H
#define EG_MODEL_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

#define CONFIG_PROXIES_MAX 16

struct config_network {         /* an address and how many of its bits count; IPv4 is mapped into IPv6 */
	uint8_t address[16];
	unsigned bits;
};

struct config {
	const char *path;               /* of the file itself */
	const char *public_url;         /* "https://portal.example.com" or with a path; never a trailing slash */
	const char *embed_url;          /* the same where not configured */
	const char *public_origin;      /* of public_url */
	const char *embed_origin;
	const char *public_path;        /* path of public_url: "" or "/base" */
	const char *embed_path;
	const char *key_file;           /* default: master.key beside the configuration */
	const char *store_dir;          /* default: store beside the configuration */
	const char *event_keys_dir;     /* default: event.keys beside the configuration */
	bool copy_url;                  /* default yes */
	bool require_origins;           /* default no: a token for any site may be made, with a warning */
	bool rate_limit;                /* default yes; "off" for load tests. Sign-in limits always hold */
	unsigned key_rate;              /* requests a minute for each API key: 1200 */
	unsigned token_rate;            /* ... for each embed token and client address: 6000 */
	unsigned address_rate;          /* ... for each address without a genuine credential: 600 */
	struct config_network proxies[CONFIG_PROXIES_MAX];      /* whose X-Forwarded-* are believed */
	size_t proxy_count;
	int64_t agent_login_sunset;     /* from when on the deprecated agent login may be gone, as its answers say: 2028-12-31 */
};

/* Which file: `config` if not NULL, else `data_dir`/embedgate.conf if not NULL, else $EMBEDGATE_CONF, else
 * $EMBEDGATE_DATA/embedgate.conf, else /etc/embedgate/embedgate.conf. In the arena. */
const char *config_find(struct arena *a, const char *config, const char *data_dir);

/* Relative paths in the file are relative to its folder. EG_CONFIG with `*why`: "PATH:12: unknown key 'publik_url' ...".
 * Everything lives as long as the arena. */
eg_err config_load(struct arena *a, const char *path, struct config *out, const char **why) EG_CHECKED;

/* Would `url` do as public_url or embed_url? NULL, or what is wrong as the end of a sentence: "must be a URL ...". */
const char *config_url_fault(struct arena *a, const char *url);

/* The file that `embedctl init` writes: every key with its meaning and default, public_url filled in. */
const char *config_example(struct arena *a, const char *public_url, const char *embed_url);

/* Is the address (text, IPv4 or IPv6) one of `proxies`? */
bool config_is_proxy(const struct config *c, const char *address);

#endif
