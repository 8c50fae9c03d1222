/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fixture.h - a service that is only configuration and form keys, and requests made of "NAME=value" texts. */
#ifndef TESTS_WEB_FIXTURE_H
#define TESTS_WEB_FIXTURE_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "web/respond.h"
#include "web/router.h"

#define ENV_MAX 64

struct web {
	struct arena *arena;            /* of the test */
	struct service sv;
	struct rq rq;
	struct resp rs;
	char *env[ENV_MAX];
};

/* 10.0.0.0/8 and ::1 are proxies. */
static int
web_setup(void **state)
{
	struct arena *a = arena_new();
	struct web *w = arena_alloc(a, sizeof(*w));
	static const char keys[] = "1 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n";
	const char *why = NULL;

	w->arena = a;
	w->sv.arena = a;
	w->sv.config = (struct config){
		.public_url = "https://portal.example.com/base", .public_origin = "https://portal.example.com", .public_path = "/base",
		.embed_url = "https://embed.example.com", .embed_origin = "https://embed.example.com", .embed_path = "",
		.rate_limit = true, .key_rate = 1200, .token_rate = 6000, .address_rate = 600,
		.proxies = {
			{ { [10] = 0xff, [11] = 0xff, [12] = 10 }, 104 },
			{ { [15] = 1 }, 128 },
		},
		.proxy_count = 2,
	};
	assert_int_equal(keyring_parse(a, keys, sizeof(keys) - 1, &w->sv.ring, &why), EG_OK);
	assert_int_equal(csrf_signer_open(w->sv.ring, &w->sv.forms), EG_OK);
	*state = w;
	return 0;
}

static int
web_teardown(void **state)
{
	struct web *w = *state;

	csrf_signer_free(w->sv.forms);
	keyring_free(w->sv.ring);
	arena_free(w->arena);
	return 0;
}

/* Open a request of these variables, '\n' between them. What is not given is a GET over https from 203.0.113.9. */
static __attribute__((unused)) struct rq *
web_open(struct web *w, const struct program *p, const char *vars)
{
	static const char *const defaults[] = { "REQUEST_METHOD=GET", "REQUEST_URI=/", "HTTPS=on", "REMOTE_ADDR=203.0.113.9" };
	char *text = arena_strdup(w->arena, vars), *var;
	size_t n = 0;

	while ((var = strsep(&text, "\n")) != NULL)
		if (*var != '\0')
			w->env[n++] = var;
	for (size_t i = 0; i < EG_COUNT(defaults); i++) {
		size_t len = strcspn(defaults[i], "=") + 1, at = 0;

		while (at < n && strncmp(w->env[at], defaults[i], len) != 0)
			at++;
		if (at == n)
			w->env[n++] = arena_strdup(w->arena, defaults[i]);
	}
	assert_true(n < ENV_MAX);
	w->env[n] = NULL;
	rq_open(&w->rq, &w->sv, w->arena, p, w->env);
	return &w->rq;
}

/* The value of a header of the answer, NULL where absent. */
static __attribute__((unused)) const char *
web_header(const struct web *w, const char *name)
{
	for (size_t i = 0; i < w->rs.header_count; i++)
		if (strcasecmp(w->rs.headers[i].name, name) == 0)
			return w->rs.headers[i].value;
	return NULL;
}

/* The member `name` of the answer's JSON body. */
static __attribute__((unused)) const char *
web_code(const struct web *w)
{
	json_object *o;

	if (json_parse_strict(w->arena, w->rs.body, w->rs.body_len, &o, NULL) != EG_OK)
		return NULL;
	return json_get_str(o, "code");
}

#endif
