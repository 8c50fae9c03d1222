/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store.c - tending the store: verify, rebuild, stats. */
#include "store/store.h"

#include <stdio.h>

#include "ctl/ctl.h"

int
ctl_verify(struct ctl *c)
{
	json_object *view = json_new_object(c->arena), *list = json_new_array(c->arena);
	struct store_finding *findings = NULL;
	eg_err e = store_verify(c->service.store, c->arena, print_progress, NULL, &findings);

	print_progress_end();
	if (e != EG_OK && e != EG_DAMAGED)
		return ctl_result(c, e, NULL, "store");
	for (const struct store_finding *f = findings; f != NULL; f = f->next) {
		json_object *one = json_new_object(c->arena);

		if (!c->json)
			printf("%s: %s\n", f->where, f->what);
		json_add_str(one, "where", f->where);
		json_add_str(one, "what", f->what);
		json_push_object(list, one);
	}
	if (c->json) {
		json_add_bool(view, "ok", e == EG_OK);
		json_add_object(view, "findings", list);
		print_view(c, view, NULL);
	} else if (e == EG_OK) {
		puts("No damage found.");
	}
	return e == EG_OK ? CTL_DONE :
	    ctl_refuse("The store is damaged; 'embedctl rebuild' makes the index anew, if the journal is whole.");
}

int
ctl_rebuild(struct ctl *c)
{
	eg_err e = store_rebuild(c->service.store, c->arena, print_progress, NULL);

	print_progress_end();
	if (e != EG_OK)
		return ctl_result(c, e, NULL, "store");
	if (!c->json)
		puts("The index was made anew.");
	return c->json ? ctl_stats(c) : CTL_DONE;
}

int
ctl_stats(struct ctl *c)
{
	json_object *stats;
	int result = ctl_result(c, store_stats(c->service.store, c->arena, &stats), NULL, "store");

	if (result != CTL_DONE)
		return result;
	if (c->json) {
		print_view(c, stats, NULL);
		return CTL_DONE;
	}
	for (struct lh_entry *e = json_object_get_object(stats)->head; e != NULL; e = e->next)
		printf("%-16s  %s\n", (const char *)lh_entry_k(e),
		    json_object_to_json_string_ext((json_object *)lh_entry_v(e), JSON_C_TO_STRING_PLAIN));
	return CTL_DONE;
}
