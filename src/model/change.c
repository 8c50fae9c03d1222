/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/change.h"

static const char *
actor_text(struct arena *a, const struct actor *who)
{
	return who->id == NULL ? who->kind : arena_printf(a, "%s:%s", who->kind, who->id);
}

eg_err
change_run(struct service *sv, struct arena *a, const struct actor *who, const char *action, const struct uuid *target,
    store_change_fn fn, void *arg)
{
	static const struct actor program = { .kind = "system" };
	struct store_cause cause = { .action = action };
	char target_text[UUID_TEXT_SIZE];

	if (who == NULL)
		who = &program;
	cause.actor = actor_text(a, who);
	cause.request_id = who->request_id;
	if (target != NULL) {
		uuid_format(target, target_text);
		cause.target = target_text;
	}
	return store_change(sv->store, a, &cause, fn, arg);
}

int64_t
change_now_s(const struct store_tx *tx)
{
	return store_tx_now_us(tx) / 1000000;
}

const char *
change_author(struct arena *a, const struct actor *who)
{
	return who->name != NULL ? arena_strdup(a, who->name) : actor_text(a, who);
}
