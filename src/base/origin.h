/* SPDX-License-Identifier: GPL-3.0-or-later */
/* origin.h - web origins: scheme, host, port (RFC 6454; host processing as in the URL Standard, IDNA by libidn2).
 * A normalised origin is ASCII, lower case, punycode, without a default port: "https://shop.example.com:8443". */
#ifndef EG_BASE_ORIGIN_H
#define EG_BASE_ORIGIN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

#define ORIGIN_MAX 200          /* bytes of a normalised origin */

/* What a person typed as an allowed site -> a normalised origin or wildcard. Accepts a full URL (path, query and
 * fragment are cut), "acme.com" (https is meant; http for localhost, loopback addresses and port 80), "*.acme.com" with
 * or without a scheme (subdomains at any depth, not the apex), international names, IPv4, [IPv6]. A host is letters,
 * digits and, within a label, hyphens; IPv4 is four decimal numbers; a dot at the end is dropped; a name without a dot
 * needs a scheme (but localhost). EG_INVALID for other schemes, credentials, a wildcard elsewhere or directly above a single
 * label ("*.com"), "null", percent-encoding, bad hosts and ports, and what is longer than ORIGIN_MAX; `*why` (if not
 * NULL) is then a sentence for the person who typed it. */
eg_err origin_normalise(struct arena *a, const char *text, size_t len, const char **out, const char **why) EG_CHECKED;

/* Is the `Origin` header `header` (as a browser serialises it) covered by `allowed`, an entry that origin_normalise()
 * made? Compares bytes exactly: a header that is not a normalised origin, such as "null", is covered by nothing. */
bool origin_covers(const char *allowed, const char *header);

/* True for http://localhost, http://127.0.0.0/8 and http://[::1] with any port. */
bool origin_is_loopback(const char *origin);

/* "https://embed.example.com/base/x?y" -> "https://embed.example.com". For configured URLs. */
eg_err origin_of_url(struct arena *a, const char *url, const char **out) EG_CHECKED;

#endif
