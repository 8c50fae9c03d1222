/* SPDX-License-Identifier: GPL-3.0-or-later */
/* listing.c - a walk reads step by step into memory that is emptied between the steps; only the ids of the wanted page are
 * kept, and these records are read once more. So memory does not grow with the list. */
#include "model/listing.h"

#include "model/partner.h"

#define WALK_STEP 256

static size_t
first_of_page(const struct listing *l)
{
	return l->page > 1 ? (l->page - 1) * l->limit : 0;
}

/* ---- unfiltered pages ---- */

static eg_err
plain_page(struct service *sv, struct arena *a, const struct listing *l, struct store_record *out, size_t *count,
    size_t *total)
{
	size_t skip = first_of_page(l);

	for (size_t i = 0; i < l->list_count; i++) {
		struct store_record *recs;
		size_t n, in_list;

		if (*count < l->limit) {
			EG_TRY(store_list(sv->store, a, l->kind, &l->lists[i], skip, l->limit - *count, &recs, &n,
			    &in_list));
			for (size_t k = 0; k < n; k++)
				out[(*count)++] = recs[k];
		} else {
			EG_TRY(store_count(sv->store, a, l->kind, &l->lists[i], &in_list));
		}
		skip = skip > in_list ? skip - in_list : 0;
		*total += in_list;
	}
	return EG_OK;
}

/* ---- walking ---- */

static eg_err
walk(struct service *sv, struct arena *scratch, char kind, const struct uuid *list, size_t max, listing_visit_fn visit,
    void *arg)
{
	size_t offset = 0, known = 0, visited = 0, n, total;
	struct store_record *recs;

	do {
		arena_reset(scratch);
		EG_TRY(store_list(sv->store, scratch, kind, list, offset, WALK_STEP, &recs, &n, &total));
		if (offset > 0 && total > known) {
			/* What came in meanwhile stands at the front: what was not seen yet has moved back by as much. */
			offset += total - known;
			known = total;
			continue;
		}
		known = total;
		for (size_t i = 0; i < n; i++)
			EG_TRY(visit(scratch, &recs[i], arg));
		offset += n;
		visited += n;
	} while (n > 0 && offset < known && (max == 0 || visited < max));
	return EG_OK;
}

eg_err
listing_walk(struct service *sv, char kind, const struct uuid *list, size_t max, listing_visit_fn visit, void *arg)
{
	struct arena *scratch = arena_new();
	eg_err e = walk(sv, scratch, kind, list, max, visit, arg);

	arena_free(scratch);
	return e;
}

/* ---- filtered pages ---- */

struct selection {
	const struct listing *listing;
	size_t kept;            /* what the filter left so far */
	struct uuid *ids;       /* those of the wanted page */
	size_t id_count;
};

static eg_err
select_record(struct arena *scratch, const struct store_record *rec, void *arg)
{
	struct selection *s = arg;
	const struct listing *l = s->listing;
	bool kept = false;

	EG_TRY(l->keep(scratch, rec, l->arg, &kept));
	if (!kept)
		return EG_OK;
	if (s->kept >= first_of_page(l) && s->id_count < l->limit)
		s->ids[s->id_count++] = rec->id;
	s->kept++;
	return EG_OK;
}

static eg_err
filtered_page(struct service *sv, struct arena *a, const struct listing *l, struct store_record *out, size_t *count,
    size_t *total)
{
	struct selection s = { .listing = l };

	s.ids = arena_array(a, l->limit, sizeof(*s.ids));
	for (size_t i = 0; i < l->list_count; i++)
		EG_TRY(listing_walk(sv, l->kind, &l->lists[i], l->walk_max, select_record, &s));
	*total = s.kept;
	for (size_t i = 0; i < s.id_count; i++) {
		eg_err e = store_get(sv->store, a, l->kind, &s.ids[i], &out[*count]);

		if (e == EG_OK)
			(*count)++;
		else if (e != EG_NOTFOUND)      /* deleted since */
			return e;
	}
	return EG_OK;
}

eg_err
listing_page(struct service *sv, struct arena *a, const struct listing *l, struct store_record **out, size_t *count,
    size_t *total)
{
	*out = arena_array(a, l->limit, sizeof(**out));
	*count = 0;
	*total = 0;
	return l->keep == NULL ? plain_page(sv, a, l, *out, count, total) : filtered_page(sv, a, l, *out, count, total);
}

eg_err
listing_of_scope(struct service *sv, struct arena *a, const struct scope *s, const struct uuid **lists, size_t *list_count)
{
	struct partner_row *partners;
	struct uuid *ids;

	*list_count = 1;
	*lists = !uuid_is_nil(&s->customer_id) ? &s->customer_id : &s->partner_id;
	if (!uuid_is_nil(*lists))
		return EG_OK;
	EG_TRY(partner_list(sv, a, &partners, list_count));
	ids = arena_array(a, *list_count, sizeof(*ids));
	for (size_t i = 0; i < *list_count; i++)
		ids[i] = partners[i].id;
	*lists = ids;
	return EG_OK;
}
