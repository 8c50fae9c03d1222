/* SPDX-License-Identifier: GPL-3.0-or-later */
/* agent.c - making, changing and listing agents. Their results are in agent_result.c, deleting is in agent_delete.c. */
#include "model/agent.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "model/activity.h"
#include "model/change.h"
#include "model/kinds.h"
#include "model/listing.h"
#include "model/records.h"
#include "model/row.h"
#include "model/text.h"
#include "model/token_record.h"

#define COUNTER "counter:agent"

/* ---- records ---- */

/* The tenant stands in the lists; only a record that was taken out of them, to be deleted, has it here, too. */
static const struct column columns[] = {
	COLUMN(NUMBER, struct agent_row, number, "number"),
	COLUMN(TEXT, struct agent_row, name, "name"),
	COLUMN(TEXT, struct agent_row, description, "description"),
	COLUMN(TEXT, struct agent_row, created_by, "by"),
	COLUMN(NUMBER, struct agent_row, created_at, "created"),
	COLUMN(NUMBER, struct agent_row, updated_at, "updated"),
	COLUMN(NUMBER, struct agent_row, deleted_at, "deleted"),
	COLUMN(UUID, struct agent_row, customer_id, "customer"),
	COLUMN(UUID, struct agent_row, partner_id, "partner"),
	COLUMN_END,
};

eg_err
agent_decode(struct arena *a, const struct store_record *rec, struct agent_row *out)
{
	*out = (struct agent_row){ .id = rec->id };
	EG_TRY(row_decode(a, rec, columns, out));
	if (out->deleted_at == 0) {
		out->customer_id = rec->lists[LIST_CUSTOMER];
		out->partner_id = rec->lists[LIST_PARTNER];
	}
	return EG_OK;
}

static const char *
number_unique(struct arena *a, int64_t number)
{
	return arena_printf(a, "agent:%" PRId64, number);
}

eg_err
agent_tx_put(struct store_tx *tx, struct arena *a, const struct agent_row *row)
{
	struct store_record rec = { .kind = KIND_AGENT, .id = row->id };
	struct agent_row written = *row;

	if (row->deleted_at != 0) {
		rec.lists[0] = kinds_root;
	} else {
		rec.lists[LIST_CUSTOMER] = row->customer_id;
		rec.lists[LIST_PARTNER] = row->partner_id;
		written.customer_id = uuid_nil;
		written.partner_id = uuid_nil;
	}
	rec.uniques[0] = number_unique(a, row->number);
	rec.doc = row_encode(a, columns, &written);
	return store_tx_put(tx, &rec);
}

/* The record's row, where it is in scope and not deleted. */
static eg_err
decode_own(struct arena *a, const struct scope *s, const struct store_record *rec, struct agent_row *out)
{
	EG_TRY(agent_decode(a, rec, out));
	return out->deleted_at == 0 && scope_covers(s, &out->partner_id, &out->customer_id) ? EG_OK : EG_NOTFOUND;
}

eg_err
agent_tx_get(struct store_tx *tx, struct arena *a, const struct scope *s, const struct uuid *id, struct agent_row *out)
{
	struct store_record rec;

	EG_TRY(store_tx_get(tx, KIND_AGENT, id, &rec));
	return decode_own(a, s, &rec, out);
}

eg_err
agent_tx_find(struct store_tx *tx, struct arena *a, const struct scope *s, const char *text, struct agent_row *out)
{
	struct store_record rec;
	struct uuid id;

	if (uuid_parse(text, strlen(text), &id) == EG_OK)
		return agent_tx_get(tx, a, s, &id, out);
	if (!agent_is_number(text))
		return EG_NOTFOUND;
	EG_TRY(store_tx_find(tx, number_unique(a, strtoll(text, NULL, 10)), &rec));
	return decode_own(a, s, &rec, out);
}

eg_err
agent_add_activity(struct store_tx *tx, struct arena *a, const struct actor *who, const char *action,
    const struct agent_row *row, const char *detail)
{
	const struct activity_new in = { .action = action, .partner_id = row->partner_id, .customer_id = row->customer_id,
		.target_id = row->id, .target_name = row->name, .detail = detail };

	return activity_add(tx, a, who, &in);
}

/* ---- creating ---- */

/* The next number. The counter's record is made with the first agent. */
static eg_err
draw_number(struct store_tx *tx, struct arena *a, int64_t *out)
{
	struct store_record rec = { .kind = KIND_COUNTER, .uniques = { COUNTER } };
	eg_err e = store_tx_find(tx, COUNTER, &rec);

	if (e != EG_OK && e != EG_NOTFOUND)
		return e;
	*out = e == EG_OK ? json_get_int(rec.doc, "last", 0) + 1 : 1;
	if (e == EG_NOTFOUND)
		EG_TRY(uuid_make(&rec.id));
	rec.doc = json_new_object(a);
	json_add_int(rec.doc, "last", *out);
	return store_tx_put(tx, &rec);
}

struct creation {
	const struct scope *scope;
	const struct actor *who;
	struct agent_row row;
};

static eg_err
create(struct store_tx *tx, struct arena *a, void *arg)
{
	struct creation *c = arg;
	struct customer_row customer;

	EG_TRY(customer_tx_get(tx, a, c->scope, &c->row.customer_id, &customer));
	EG_TRY(draw_number(tx, a, &c->row.number));
	c->row.partner_id = customer.partner_id;
	c->row.created_at = change_now_s(tx);
	c->row.updated_at = c->row.created_at;
	EG_TRY(agent_tx_put(tx, a, &c->row));
	return agent_add_activity(tx, a, c->who, "agent.create", &c->row, NULL);
}

eg_err
agent_create(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who, const struct agent_new *in,
    struct faults *f, struct agent_row *out)
{
	struct creation c = { .scope = s, .who = who, .row.customer_id = in->customer_id };
	struct customer_row customer;

	EG_TRY(customer_get(sv, a, s, &in->customer_id, &customer));
	c.row.name = text_name(a, in->name, TEXT_NAME_MAX, "name", f);
	c.row.description = text_shown(a, in->description, AGENT_DESCRIPTION_MAX, true);
	c.row.created_by = change_author(a, who);
	EG_TRY(faults_result(f));
	EG_TRY(uuid_make(&c.row.id));
	EG_TRY(change_run(sv, a, who, "agent.create", &c.row.id, create, &c));
	*out = c.row;
	return EG_OK;
}

/* ---- reading ---- */

static eg_err
load(struct service *sv, struct arena *a, const struct scope *s, const struct store_record *rec, struct agent_row *out)
{
	EG_TRY(decode_own(a, s, rec, out));
	return store_count(sv->store, a, KIND_RESULT, &out->id, &out->result_count);
}

eg_err
agent_get(struct service *sv, struct arena *a, const struct scope *s, const struct uuid *id, struct agent_row *out)
{
	struct store_record rec;

	EG_TRY(store_get(sv->store, a, KIND_AGENT, id, &rec));
	return load(sv, a, s, &rec, out);
}

eg_err
agent_get_by_number(struct service *sv, struct arena *a, const struct scope *s, int64_t number, struct agent_row *out)
{
	struct store_record rec;

	EG_TRY(store_find(sv->store, a, number_unique(a, number), &rec));
	return load(sv, a, s, &rec, out);
}

eg_err
agent_find(struct service *sv, struct arena *a, const struct scope *s, const char *text, struct agent_row *out)
{
	struct uuid id;

	if (uuid_parse(text, strlen(text), &id) == EG_OK)
		return agent_get(sv, a, s, &id, out);
	return agent_is_number(text) ? agent_get_by_number(sv, a, s, strtoll(text, NULL, 10), out) : EG_NOTFOUND;
}

eg_err
agent_list(struct service *sv, struct arena *a, const struct scope *s, const struct agent_filter *filter,
    struct agent_row **out, size_t *count, size_t *total)
{
	struct listing l = { .kind = KIND_AGENT, .page = filter->page, .limit = filter->limit };
	struct customer_row customer;
	struct store_record *recs;

	if (uuid_is_nil(&filter->customer_id)) {
		EG_TRY(listing_of_scope(sv, a, s, &l.lists, &l.list_count));
	} else {
		EG_TRY(customer_get(sv, a, s, &filter->customer_id, &customer));
		l.lists = &filter->customer_id;
		l.list_count = 1;
	}
	EG_TRY(listing_page(sv, a, &l, &recs, count, total));
	*out = arena_array(a, *count, sizeof(**out));
	for (size_t i = 0; i < *count; i++)
		EG_TRY(load(sv, a, s, &recs[i], &(*out)[i]));
	return EG_OK;
}

/* ---- changing ---- */

struct update {
	const struct scope *scope;
	const struct actor *who;
	const struct uuid *id;
	const struct agent_patch *patch;        /* with its texts checked */
	struct agent_row row;
};

static bool
is_same_text(const char *x, const char *y)
{
	return x == y || (x != NULL && y != NULL && strcmp(x, y) == 0);
}

static eg_err
update(struct store_tx *tx, struct arena *a, void *arg)
{
	struct update *c = arg;
	const struct agent_patch *p = c->patch;
	const char *detail = "";

	EG_TRY(agent_tx_get(tx, a, c->scope, c->id, &c->row));
	if (p->set_name && !is_same_text(c->row.name, p->name)) {
		c->row.name = p->name;
		detail = " Name changed.";
	}
	if (p->set_description && !is_same_text(c->row.description, p->description)) {
		c->row.description = p->description;
		detail = arena_printf(a, "%s Description changed.", detail);
	}
	if (*detail == '\0')
		return EG_OK;
	c->row.updated_at = change_now_s(tx);
	EG_TRY(agent_tx_put(tx, a, &c->row));
	return agent_add_activity(tx, a, c->who, "agent.update", &c->row, detail + 1);
}

eg_err
agent_update(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who, const struct uuid *id,
    const struct agent_patch *patch, struct faults *f, struct agent_row *out)
{
	struct agent_patch checked = *patch;
	struct update c = { .scope = s, .who = who, .id = id, .patch = &checked };
	size_t result_count;

	EG_TRY(agent_get(sv, a, s, id, out));
	result_count = out->result_count;
	if (patch->set_name)
		checked.name = text_name(a, patch->name, TEXT_NAME_MAX, "name", f);
	if (patch->set_description)
		checked.description = text_shown(a, patch->description, AGENT_DESCRIPTION_MAX, true);
	EG_TRY(faults_result(f));
	EG_TRY(change_run(sv, a, who, "agent.update", id, update, &c));
	*out = c.row;
	out->result_count = result_count;
	return EG_OK;
}

/* ---- views ---- */

json_object *
agent_view(struct arena *a, const struct agent_row *r)
{
	json_object *view = json_new_object(a);

	json_add_uuid(view, "id", &r->id);
	json_add_int(view, "number", r->number);
	json_add_uuid(view, "customer_id", &r->customer_id);
	json_add_uuid(view, "partner_id", &r->partner_id);
	json_add_str(view, "name", r->name);
	json_add_str(view, "description", r->description);
	json_add_int(view, "result_count", (int64_t)r->result_count);
	json_add_time(view, "created_at", r->created_at);
	json_add_str(view, "created_by", r->created_by);
	json_add_time(view, "updated_at", r->updated_at);
	return view;
}
