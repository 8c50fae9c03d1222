/* SPDX-License-Identifier: GPL-3.0-or-later */
/* demo.c - a customer to look at, and many to measure with.
 * The demo customer is known by its external id, so that a second run finds it and leaves it alone. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "ctl/ctl.h"
#include "model/bulk.h"
#include "model/customer.h"
#include "model/metric.h"
#include "model/token.h"

#define DEMO_EXTERNAL_ID "embedgate-demo"
#define DEMO_METRIC_DAYS 60
#define DAY_S 86400
#define SAMPLE_MAX 1000         /* texts that --tokens prints */
#define TOKENS_MAX 100000000
#define TOKENS_PER_CUSTOMER 1000

static const struct ctl_column facts[] = {
	{ "id", "id", 0 },
	{ "customer", "name", 0 },
	{ "status", "status", 0 },
	{ 0 },
};

/* ---- the demo customer ---- */

/* EG_NOTFOUND where there is none yet. */
static eg_err
demo_find(struct ctl *c, const struct scope *s, struct customer_row *out)
{
	struct customer_filter filter = { .search = DEMO_EXTERNAL_ID, .page = 1, .limit = LIST_PAGE };
	struct customer_row *rows;
	size_t count, total;

	EG_TRY(customer_list(&c->service, c->arena, s, &filter, &rows, &count, &total));
	for (size_t i = 0; i < count; i++)
		if (rows[i].external_id != NULL && strcmp(rows[i].external_id, DEMO_EXTERNAL_ID) == 0) {
			*out = rows[i];
			return EG_OK;
		}
	return EG_NOTFOUND;
}

/* The same figures in every demo: a week with a busy end, growth, and some noise that a seed fixes. */
static double
demo_value(double base, double growth, unsigned age, uint32_t day, uint32_t *seed)
{
	static const double weekday[7] = { 1.1, 0.8, 0.85, 0.9, 1.0, 1.25, 1.3 };       /* day 0 of the epoch was a Thursday */
	double noise, grown = 1.0 + growth * (double)(DEMO_METRIC_DAYS - age) / DEMO_METRIC_DAYS;

	*seed = *seed * 1664525u + 1013904223u;
	noise = 0.85 + 0.3 * (double)(*seed >> 8) / (double)(1u << 24);
	return (double)(int64_t)(base * weekday[day % 7] * noise * grown);
}

static int
demo_metrics(struct ctl *c, const struct scope *s, const struct customer_row *customer)
{
	static const struct {
		const char *name;
		double base, growth;
	} series[] = { { "Visitors", 420, 0.6 }, { "Tickets sold", 38, 0.9 }, { "Revenue (EUR)", 1450, 0.9 } };
	json_object *points = json_new_array(c->arena);
	uint32_t today = clock_day(c->now_s), seed = 1;
	struct faults f;

	for (size_t i = 0; i < EG_COUNT(series); i++)
		for (unsigned age = DEMO_METRIC_DAYS; age-- > 0; ) {
			json_object *point = json_new_object(c->arena);
			char date[CLOCK_RFC3339_SIZE];

			clock_format((int64_t)(today - age) * DAY_S, date);
			json_add_str(point, "name", series[i].name);
			json_add_str(point, "date", arena_strndup(c->arena, date, strlen("2026-11-20")));
			json_object_object_add(point, "value", json_object_new_double(
			    demo_value(series[i].base, series[i].growth, age, today - age, &seed)));
			json_push_object(points, point);
		}
	faults_init(&f, c->arena);
	return ctl_result(c, metric_record(&c->service, c->arena, s, &c->actor, &customer->id, points, &f), &f, "customer");
}

static int
demo_token(struct ctl *c, const struct scope *s, const struct token_new *in, struct token_row *out)
{
	char text[EMBED_TOKEN_SIZE];
	struct faults f;
	int result;

	faults_init(&f, c->arena);
	result = ctl_result(c, token_create(&c->service, c->arena, s, &c->actor, in, &f, out, text), &f, "customer");
	keyring_wipe(text, sizeof(text));       /* nobody is told: who wants to embed the demo makes a token */
	return result;
}

/* Thirty days of use, so that the dashboard and the list have something to show. */
static void
demo_usage(struct ctl *c, const struct token_row *t, enum usage_what what, const char *site, double base)
{
	uint32_t today = clock_day(c->now_s), seed = 7;

	for (unsigned age = USAGE_DAYS; age-- > 1; ) {          /* until yesterday: what is counted today is real */
		int64_t noon = (int64_t)(today - age) * DAY_S + DAY_S / 2;
		int n = (int)demo_value(base, 0.5, age, today - age, &seed);

		for (int i = 0; i < n; i++)
			usage_count(c->service.usage, t->slot, &t->id, what, noon, site, false);
	}
}

static int
demo_tokens(struct ctl *c, const struct scope *s, const struct customer_row *customer)
{
	json_object *site = json_new_array(c->arena), *shop = json_new_array(c->arena);
	const struct token_new website = { .customer_id = customer->id, .name = "Website", .allowed_origins = site };
	const struct token_new app = { .customer_id = customer->id, .name = "Mobile app, through our server", .set_permissions = true,
		.permissions = PERM_API_READ, .allowed_origins = site };
	const struct token_new campaign = { .customer_id = customer->id, .name = "Spring campaign", .allowed_origins = shop };
	struct token_row row;
	int result;

	json_push_str(site, "https://www.acme-events.example");
	json_push_str(shop, "https://*.acme-shop.example");
	result = demo_token(c, s, &campaign, &row);
	if (result == CTL_DONE)
		result = ctl_result(c, token_revoke(&c->service, c->arena, s, &c->actor, &row.id, &row), NULL, "token");
	if (result == CTL_DONE)
		result = demo_token(c, s, &app, &row);
	if (result != CTL_DONE)
		return result;
	demo_usage(c, &row, USAGE_REQUEST, NULL, 60);
	result = demo_token(c, s, &website, &row);
	if (result == CTL_DONE)
		demo_usage(c, &row, USAGE_LOAD, "https://www.acme-events.example", 35);
	return result;
}

static int
demo_customer(struct ctl *c, const struct scope *s)
{
	const struct customer_new in = { .name = "Acme Events", .email = "events@acme-events.example",
		.external_id = DEMO_EXTERNAL_ID, .features = FEATURE_ALL };
	struct customer_row row;
	struct faults f;
	eg_err e = demo_find(c, s, &row);
	int result;

	if (e == EG_OK) {
		print_view(c, customer_view(c->arena, &row), facts);
		print_hint(c, "The demo was there already; nothing was changed.");
		return CTL_DONE;
	}
	if (e != EG_NOTFOUND)
		return ctl_result(c, e, NULL, "customer");
	faults_init(&f, c->arena);
	result = ctl_result(c, customer_create(&c->service, c->arena, s, &c->actor, &in, &f, &row, NULL), &f, "partner");
	if (result == CTL_DONE)
		result = demo_metrics(c, s, &row);
	if (result == CTL_DONE)
		result = demo_tokens(c, s, &row);
	if (result == CTL_DONE)
		result = demo_event(c, s, &row.id);
	if (result == CTL_DONE)
		result = demo_agent(c, s, &row.id);
	if (result == CTL_DONE)
		print_view(c, customer_view(c->arena, &row), facts);
	return result;
}

/* ---- many ---- */

struct sample {
	size_t every;           /* each so many-th token is told */
	json_object *texts;
};

static void
sample_take(const struct ctl *c, struct sample *s, size_t number, const char *text)
{
	if (number % s->every != 0)
		return;
	if (c->json)
		json_push_str(s->texts, text);
	else
		puts(text);
}

static int
make_many(struct ctl *c, const struct scope *s, size_t wanted)
{
	static char texts[TOKENS_PER_CUSTOMER][EMBED_TOKEN_SIZE];
	struct sample sample = { .every = (wanted + SAMPLE_MAX - 1) / SAMPLE_MAX, .texts = json_new_array(c->arena) };
	struct arena *a = arena_new();
	size_t customers = 0;
	eg_err e = EG_OK;

	for (size_t done = 0; done < wanted && e == EG_OK; customers++) {
		size_t n = wanted - done < TOKENS_PER_CUSTOMER ? wanted - done : TOKENS_PER_CUSTOMER;
		struct customer_row row;

		arena_reset(a);
		e = bulk_create(&c->service, a, s, &c->actor, arena_printf(a, "Load test %zu", customers + 1), n, &row, texts);
		for (size_t i = 0; i < n && e == EG_OK; i++)
			sample_take(c, &sample, done + i, texts[i]);
		done += n;
		print_progress(NULL, "tokens", done, wanted);
	}
	keyring_wipe(texts, sizeof(texts));
	arena_free(a);
	print_progress_end();
	if (e == EG_OK && c->json) {
		json_object *view = json_new_object(c->arena);

		json_add_int(view, "customers", (int64_t)customers);
		json_add_int(view, "tokens", (int64_t)wanted);
		json_add_object(view, "sample", sample.texts);
		print_view(c, view, NULL);
	}
	return ctl_result(c, e, NULL, "partner");
}

int
ctl_demo(struct ctl *c)
{
	const char *tokens = c->value[OPT_TOKENS];
	struct scope scope;
	char *end;
	long wanted;
	int result = partner_scope(c, &scope);

	if (result != CTL_DONE)
		return result;
	if (tokens == NULL)
		return demo_customer(c, &scope);
	wanted = strtol(tokens, &end, 10);
	if (wanted < 1 || wanted > TOKENS_MAX || *end != '\0')
		return ctl_usage("--tokens takes a number from 1 to %d, not '%s'.", TOKENS_MAX, tokens);
	return make_many(c, &scope, (size_t)wanted);
}
