/* SPDX-License-Identifier: GPL-3.0-or-later */
/* listing: a walk sees each record once, also while others add to the list. */
#include "model/change.h"
#include "model/kinds.h"
#include "model/listing.h"
#include "site.h"

#define FIRST 600       /* more than two steps of a walk */

static const struct uuid list = { { 1, 2, 3 } };

static eg_err
add(struct store_tx *tx, struct arena *a, void *arg)
{
	unsigned *next = arg;
	struct store_record rec = { .kind = KIND_RESULT, .lists = { list } };

	EG_TRY(uuid_make(&rec.id));
	rec.doc = json_new_object(a);
	json_add_int(rec.doc, "n", (*next)++);
	return store_tx_put(tx, &rec);
}

static eg_err
add_first(struct store_tx *tx, struct arena *a, void *arg)
{
	for (size_t i = 0; i < FIRST; i++)
		EG_TRY(add(tx, a, arg));
	return EG_OK;
}

struct visits {
	unsigned next;                  /* number of the next record that is added */
	bool adds;
	size_t count;
	unsigned seen[FIRST];
	size_t unexpected;
};

static eg_err
visit(struct arena *scratch, const struct store_record *rec, void *arg)
{
	struct visits *v = arg;
	int64_t n = json_get_int(rec->doc, "n", -1);

	if (n >= 0 && n < FIRST)
		v->seen[n]++;
	else
		v->unexpected++;
	/* Three arrive in the first step, and three in the second. */
	if (v->adds && (v->count == 10 || v->count == 300)) {
		for (int i = 0; i < 3; i++)
			EG_TRY(change_run(&site.sv, scratch, &anna, "test", NULL, add, &v->next));
	}
	v->count++;
	return v->count == 2 * FIRST ? EG_INTERNAL : EG_OK;
}

static void
each_once(void **state)
{
	struct visits v = { .next = 0 };

	assert_int_equal(change_run(&site.sv, site.arena, &anna, "test", NULL, add_first, &v.next), EG_OK);
	for (int round = 0; round < 2; round++) {
		v.adds = round == 1;
		v.count = 0;
		memset(v.seen, 0, sizeof(v.seen));
		assert_int_equal(listing_walk(&site.sv, KIND_RESULT, &list, 0, visit, &v), EG_OK);
		assert_int_equal(v.count, FIRST);
		assert_int_equal(v.unexpected, 0);
		for (size_t i = 0; i < FIRST; i++)
			assert_int_equal(v.seen[i], 1);
	}
}

static eg_err
count_some(struct arena *scratch, const struct store_record *rec, void *arg)
{
	size_t *left = arg;

	return --*left == 0 ? EG_CONFLICT : EG_OK;
}

static void
ends_where_it_is_told(void **state)
{
	size_t left = 300;
	struct visits v = { .adds = false };

	assert_int_equal(listing_walk(&site.sv, KIND_RESULT, &list, 0, count_some, &left), EG_CONFLICT);
	assert_int_equal(listing_walk(&site.sv, KIND_RESULT, &list, 256, visit, &v), EG_OK);
	assert_int_equal(v.count, 256);
	assert_int_equal(listing_walk(&site.sv, KIND_RESULT, &site.partner.id, 0, count_some, &left), EG_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(each_once, site_each),
		cmocka_unit_test_setup(ends_where_it_is_told, site_each),
	};

	return cmocka_run_group_tests(tests, site_setup, site_teardown);
}
