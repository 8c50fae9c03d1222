/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/change.h"

#include "model/replay.h"

static const char *
actor_text(struct arena *a, const struct actor *who)
{
	return who->id == NULL ? who->kind : arena_printf(a, "%s:%s", who->kind, who->id);
}

/* Work whose answer is kept for an idempotency key: the record of that stands in the same set. */
struct replayed {
	store_change_fn fn;
	void *arg;
	struct replay *replay;
};

static eg_err
change_once(struct store_tx *tx, struct arena *a, void *arg)
{
	const struct replayed *w = arg;

	EG_TRY(replay_tx_check(tx, a, w->replay));
	EG_TRY(w->fn(tx, a, w->arg));
	return replay_tx_put(tx, a, w->replay);
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
	if (sv->replay == NULL || sv->replay->is_written)
		return store_change(sv->store, a, &cause, fn, arg);
	EG_TRY(store_change(sv->store, a, &cause, change_once, &(struct replayed){ fn, arg, sv->replay }));
	sv->replay->is_written = true;
	return EG_OK;
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
