/* SPDX-License-Identifier: GPL-3.0-or-later */
/* address.c - where a request came from, as far as it is kept: cut addresses, browser families, presentable origins. */
#include "gate/check.h"

#include <arpa/inet.h>
#include <string.h>

static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

/* Text -> 4 or 16 bytes; 0 for no address. An IPv4 address within IPv6 is an IPv4 address. */
static size_t
address_bytes(const char *text, uint8_t out[16])
{
	if (text == NULL)
		return 0;
	if (inet_pton(AF_INET, text, out) == 1)
		return 4;
	if (inet_pton(AF_INET6, text, out) != 1)
		return 0;
	if (memcmp(out, mapped, sizeof(mapped)) != 0)
		return 16;
	memmove(out, out + sizeof(mapped), 4);
	return 4;
}

size_t
gate_address_bucket(const char *address, uint8_t out[GATE_BUCKET_SIZE])
{
	uint8_t bytes[16];
	size_t n = address_bytes(address, bytes);

	if (n == 0) {           /* a unix socket's peer, or whatever the server calls it: still one bucket */
		n = address == NULL ? 0 : strnlen(address, GATE_BUCKET_SIZE - 1);
		out[0] = '?';
		if (n > 0)
			memcpy(out + 1, address, n);
		return n + 1;
	}
	n = n == 4 ? 4 : 8;
	out[0] = n == 4 ? '4' : '6';
	memcpy(out + 1, bytes, n);
	return n + 1;
}

const char *
gate_cut_address(struct arena *a, const char *address)
{
	uint8_t bytes[16];
	char text[INET6_ADDRSTRLEN];
	size_t n = address_bytes(address, bytes);

	if (n == 0)
		return "";
	if (n == 4)
		bytes[3] = 0;
	else
		memset(bytes + 6, 0, 10);
	if (inet_ntop(n == 4 ? AF_INET : AF_INET6, bytes, text, sizeof(text)) == NULL)
		return "";
	return arena_strdup(a, text);
}

const char *
gate_browser(const char *user_agent)
{
	/* The order matters: Edge and Chrome call themselves Safari, too, and bots call themselves anything. */
	static const struct {
		const char *part, *family;
	} families[] = {
		{ "bot", "bot" }, { "Bot", "bot" }, { "crawl", "bot" }, { "spider", "bot" },
		{ "curl/", "curl" },
		{ "Edg/", "Edge" }, { "EdgA/", "Edge" }, { "EdgiOS/", "Edge" },
		{ "Firefox/", "Firefox" }, { "FxiOS/", "Firefox" },
		{ "Chrome/", "Chrome" }, { "CriOS/", "Chrome" },
		{ "Safari/", "Safari" },
	};

	if (user_agent == NULL)
		return "other";
	for (size_t i = 0; i < EG_COUNT(families); i++)
		if (strstr(user_agent, families[i].part) != NULL)
			return families[i].family;
	return "other";
}

bool
gate_origin_is_own(const struct service *sv, const char *origin)
{
	return origin != NULL &&
	    (strcmp(origin, sv->config.embed_origin) == 0 || strcmp(origin, sv->config.public_origin) == 0);
}

const char *
gate_origin_kept(const char *origin)
{
	if (origin == NULL)
		return NULL;
	if (*origin == '\0')
		return "invalid";
	for (const char *p = origin; *p != '\0'; p++)
		if (*p <= ' ' || *p >= 0x7f || strchr("\"'<>\\&", *p) != NULL)
			return "invalid";
	return origin;
}
