/* SPDX-License-Identifier: GPL-3.0-or-later */
/* token.c - making and changing embed tokens. Every change reads the record under the writer lock and judges its state
 * there, so of two that come at once the second works on what the first left. Lists are in token_list.c. */
#include "model/token.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/origin.h"
#include "model/activity.h"
#include "model/change.h"
#include "model/kinds.h"
#include "model/listing.h"
#include "model/records.h"
#include "model/text.h"
#include "model/token_record.h"

#define PRIMARY_NAME "Primary token"
#define PRIMARY_PERMISSIONS (PERM_DASHBOARD_READ | PERM_EVENTS_READ | PERM_AGENTS_READ)

/* ---- what people type ---- */

struct origins {
	const char **texts;
	size_t count;
};

static bool
holds_origin(const struct origins *o, const char *text)
{
	for (size_t i = 0; i < o->count; i++) {
		if (strcmp(o->texts[i], text) == 0)
			return true;
	}
	return false;
}

static void
read_origin(struct arena *a, json_object *entry, const char *field, struct faults *f, struct origins *o)
{
	const char *text, *why;
	size_t len;

	if (!json_object_is_type(entry, json_type_string)) {
		faults_add(f, field, "Give a site as text, such as \"https://www.example.com\".");
		return;
	}
	len = (size_t)json_object_get_string_len(entry);
	if (origin_normalise(a, json_object_get_string(entry), len, &text, &why) != EG_OK) {
		faults_add(f, field, "%s", why);
		return;
	}
	if (!holds_origin(o, text))
		o->texts[o->count++] = text;
}

/* `array` (NULL: empty) -> normalised origins, each once. */
static void
read_origins(struct service *sv, struct arena *a, json_object *array, struct faults *f, struct token_row *row)
{
	struct origins o = { .texts = arena_array(a, TOKEN_ORIGINS_MAX + 1, sizeof(*o.texts)) };
	size_t n = 0;

	if (array != NULL && !json_object_is_type(array, json_type_array))
		faults_add(f, "allowed_origins", "Give an array of sites, such as [\"https://www.example.com\"].");
	else if (array != NULL)
		n = json_object_array_length(array);
	for (size_t i = 0; i < n && o.count <= TOKEN_ORIGINS_MAX; i++)
		read_origin(a, json_object_array_get_idx(array, i), arena_printf(a, "allowed_origins[%zu]", i), f, &o);
	if (o.count > TOKEN_ORIGINS_MAX)
		faults_add(f, "allowed_origins", "Give at most %d sites; *.example.com stands for all subdomains.",
		    TOKEN_ORIGINS_MAX);
	if (n == 0 && sv->config.require_origins)
		faults_add(f, "allowed_origins", "Name at least one site: this installation makes no tokens for any site.");
	row->origins = o.texts;
	row->origin_count = o.count;
}

static void
check_expiry(int64_t expires_at, struct faults *f)
{
	if (expires_at != 0 && expires_at <= clock_now_s())
		faults_add(f, "expires_at", "Choose a time in the future, or none.");
}

static unsigned
default_permissions(const struct token_new *in)
{
	if (!uuid_is_nil(&in->event_id))
		return PERM_EVENTS_READ | PERM_EVENTS_REGISTER;
	if (in->agent != NULL)
		return PERM_AGENTS_READ;
	return PERM_DASHBOARD_READ;
}

eg_err
token_draft(struct service *sv, struct arena *a, const struct token_new *in, struct faults *f, struct token_row *out)
{
	*out = (struct token_row){ .id = in->id, .is_active = true, .expires_at = in->expires_at };
	out->name = text_name(a, in->name, TOKEN_NAME_MAX, "name", f);
	read_origins(sv, a, in->allowed_origins, f, out);
	check_expiry(in->expires_at, f);
	out->permissions = in->set_permissions ? in->permissions & PERM_ALL : default_permissions(in);
	if (out->permissions == 0)
		faults_add(f, "permissions", "Choose at least one permission.");
	if (uuid_is_nil(&out->id))
		EG_TRY(uuid_make(&out->id));
	return embed_token_new_issue(out->issue);
}

eg_err
token_draft_primary(struct service *sv, struct arena *a, json_object *origins, struct faults *f, struct token_row *out)
{
	const struct token_new in = { .name = PRIMARY_NAME, .allowed_origins = origins, .set_permissions = true,
		.permissions = PRIMARY_PERMISSIONS };

	EG_TRY(token_draft(sv, a, &in, f, out));
	out->is_primary = true;
	return EG_OK;
}

eg_err
token_text(struct service *sv, const struct token_row *row, enum token_purpose purpose, char out[EMBED_TOKEN_SIZE])
{
	struct embed_token t = { .id = row->id, .purpose = purpose };

	memcpy(t.issue, row->issue, sizeof(t.issue));
	return embed_token_make(sv->tokens, &t, out);
}

/* ---- steps of a change ---- */

static eg_err
add_activity(struct store_tx *tx, struct arena *a, const struct actor *who, const char *action, const struct token_row *row,
    const char *detail)
{
	const struct activity_new in = { .action = action, .partner_id = row->partner_id, .customer_id = row->customer_id,
		.target_id = row->id, .target_name = row->name, .detail = detail };

	return activity_add(tx, a, who, &in);
}

/* The record alone. */
static eg_err
tx_read(struct store_tx *tx, struct arena *a, const struct scope *s, const struct uuid *id, struct token_row *out)
{
	struct store_record rec;

	EG_TRY(store_tx_get(tx, KIND_TOKEN, id, &rec));
	EG_TRY(token_decode(a, &rec, out));
	return scope_covers(s, &out->partner_id, &out->customer_id) ? EG_OK : EG_NOTFOUND;
}

static eg_err
tx_get(struct store_tx *tx, struct arena *a, const struct scope *s, const struct uuid *id, struct token_row *out)
{
	struct customer_row customer;

	EG_TRY(tx_read(tx, a, s, id, out));
	EG_TRY(customer_tx_get(tx, a, s, &out->customer_id, &customer));
	token_mark_revoked(out, customer.tokens_revoked_before);
	return EG_OK;
}

static eg_err
tx_put(struct store_tx *tx, struct arena *a, struct token_row *row)
{
	struct store_record rec;

	row->updated_at = change_now_s(tx);
	token_encode(a, row, &rec);
	return store_tx_put(tx, &rec);
}

static int64_t
later(int64_t x, int64_t y)
{
	return x > y ? x : y;
}

eg_err
token_tx_add(struct store_tx *tx, struct arena *a, const struct actor *who, const struct customer_row *customer,
    struct token_row *row)
{
	EG_TRY(store_tx_new_slot(tx, &row->slot));
	row->partner_id = customer->partner_id;
	row->customer_id = customer->id;
	row->created_at = change_now_s(tx);
	row->issued_at = later(row->created_at, customer->tokens_revoked_before);
	row->created_by = change_author(a, who);
	EG_TRY(tx_put(tx, a, row));
	return add_activity(tx, a, who, "embed_token.create", row, NULL);
}

static eg_err
tx_revoke(struct store_tx *tx, struct arena *a, const struct actor *who, struct token_row *row, const char *detail)
{
	row->revoked_at = change_now_s(tx);
	row->revoked_by = change_author(a, who);
	EG_TRY(tx_put(tx, a, row));
	return add_activity(tx, a, who, "embed_token.revoke", row, detail);
}

/* Behind the text that is replaced stay those that work still: EG_CONFLICT where there is no room for all of them. */
static eg_err
keep_previous(struct token_row *row, int64_t now_s, int64_t overlap_s)
{
	const struct token_row was = *row;
	size_t n = 1;

	memset(row->previous, 0, sizeof(row->previous));
	memcpy(row->previous[0].issue, was.issue, sizeof(was.issue));
	row->previous[0].valid_until = now_s + overlap_s;
	for (size_t i = 0; overlap_s > 0 && i < TOKEN_PREVIOUS_MAX; i++) {
		if (was.previous[i].valid_until <= now_s)
			continue;
		if (n == TOKEN_PREVIOUS_MAX)
			return EG_CONFLICT;
		row->previous[n++] = was.previous[i];
	}
	return EG_OK;
}

static eg_err
tx_renew(struct store_tx *tx, struct arena *a, const struct actor *who, struct token_row *row,
    const uint8_t issue[EMBED_TOKEN_ISSUE_SIZE], int64_t overlap_s)
{
	const char *detail = overlap_s == 0 ? "Every earlier text is dead." :
	    arena_printf(a, "The old text is good for %lld more seconds.", (long long)overlap_s);

	EG_TRY(keep_previous(row, change_now_s(tx), overlap_s));
	memcpy(row->issue, issue, sizeof(row->issue));
	row->rotated_at = change_now_s(tx);
	row->issued_at = later(row->rotated_at, row->issued_at);        /* who lives was issued after any mark, and stays so */
	EG_TRY(tx_put(tx, a, row));
	return add_activity(tx, a, who, "embed_token.rotate", row, detail);
}

/* ---- creating ---- */

struct creation {
	const struct scope *scope;
	const struct actor *who;
	struct faults *faults;
	const struct token_new *in;
	struct token_row row;
	bool exists;
};

/* EG_OK where the id is free. */
static eg_err
check_id(struct store_tx *tx, struct arena *a, struct creation *c)
{
	struct store_record rec;
	eg_err e = store_tx_get(tx, KIND_TOKEN, &c->row.id, &rec);

	if (e != EG_OK)
		return e == EG_NOTFOUND ? EG_OK : e;
	if (!scope_covers(c->scope, &rec.lists[LIST_PARTNER], &rec.lists[LIST_CUSTOMER]))
		return EG_CONFLICT;
	EG_TRY(tx_get(tx, a, c->scope, &c->row.id, &c->row));
	c->exists = true;
	return EG_EXISTS;
}

/* The customer of an event or an agent. */
static eg_err
adopt_customer(const struct creation *c, const struct uuid *customer, struct uuid *customer_id)
{
	if (!uuid_is_nil(customer_id) && !uuid_equal(customer_id, customer)) {
		faults_add(c->faults, "customer_id",
		    "The event or agent belongs to another customer; leave one of them out.");
		return EG_INVALID;
	}
	*customer_id = *customer;
	return EG_OK;
}

/* Whose token it will be. */
static eg_err
find_subject(struct store_tx *tx, struct arena *a, struct creation *c, struct uuid *customer_id)
{
	const struct token_new *in = c->in;
	struct event_row event;
	struct agent_row agent;

	*customer_id = in->customer_id;
	if (!uuid_is_nil(&in->event_id)) {
		EG_TRY(event_tx_get(tx, a, c->scope, &in->event_id, &event));
		EG_TRY(adopt_customer(c, &event.customer_id, customer_id));
		c->row.event_id = event.id;
	}
	if (in->agent != NULL) {
		EG_TRY(agent_tx_find(tx, a, c->scope, in->agent, &agent));
		EG_TRY(adopt_customer(c, &agent.customer_id, customer_id));
		c->row.agent_id = agent.id;
		c->row.agent_number = agent.number;
	}
	return EG_OK;
}

static eg_err
check_customer(const struct customer_row *customer, struct faults *f)
{
	if (customer->is_disabled)
		faults_add(f, "customer_id", "This customer is disabled. Enable the customer first.");
	else if (!customer->has_portal_access)
		faults_add(f, "customer_id", "Portal access of this customer is off. Switch it on first.");
	return faults_result(f);
}

static eg_err
create(struct store_tx *tx, struct arena *a, void *arg)
{
	struct creation *c = arg;
	struct customer_row customer;
	struct uuid customer_id;

	EG_TRY(check_id(tx, a, c));
	EG_TRY(find_subject(tx, a, c, &customer_id));
	EG_TRY(customer_tx_get(tx, a, c->scope, &customer_id, &customer));
	EG_TRY(check_customer(&customer, c->faults));   /* and whatever else is wrong: "not found" comes first */
	return token_tx_add(tx, a, c->who, &customer, &c->row);
}

eg_err
token_create(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who,
    const struct token_new *in, struct faults *f, struct token_row *out, char text[EMBED_TOKEN_SIZE])
{
	struct creation c = { .scope = s, .who = who, .faults = f, .in = in };
	eg_err e;

	*text = '\0';
	EG_TRY(token_draft(sv, a, in, f, &c.row));
	if (uuid_is_nil(&in->customer_id) && uuid_is_nil(&in->event_id) && in->agent == NULL) {
		faults_add(f, "customer_id", "Name the customer, the event or the agent that the token is for.");
		return EG_INVALID;
	}
	e = change_run(sv, a, who, "embed_token.create", &c.row.id, create, &c);
	if (e == EG_OK || c.exists)
		*out = c.row;
	return e == EG_OK ? token_text(sv, &c.row, TOKEN_EMBED, text) : e;
}

eg_err
token_get_with_customer(struct service *sv, struct arena *a, const struct scope *s, const struct uuid *id,
    struct token_row *out, struct customer_row *customer)
{
	struct store_record rec;

	EG_TRY(store_get(sv->store, a, KIND_TOKEN, id, &rec));
	if (!scope_covers(s, &rec.lists[LIST_PARTNER], &rec.lists[LIST_CUSTOMER]))
		return EG_NOTFOUND;
	EG_TRY(token_decode(a, &rec, out));
	EG_TRY(customer_get(sv, a, s, &out->customer_id, customer));
	token_mark_revoked(out, customer->tokens_revoked_before);
	return EG_OK;
}

eg_err
token_get(struct service *sv, struct arena *a, const struct scope *s, const struct uuid *id, struct token_row *out)
{
	struct customer_row customer;

	return token_get_with_customer(sv, a, s, id, out, &customer);
}

/* ---- changing one ---- */

struct change {
	const struct scope *scope;
	const struct actor *who;
	const struct uuid *id;
	struct token_row row;                   /* as it stands after the change */
	/* update */
	const struct token_patch *patch;
	struct token_row checked;               /* what the patch says, checked */
	/* rotate */
	const char *from;                       /* the prefix that the current text must have; NULL: any */
	bool is_other;                          /* ... and it has not */
	int64_t overlap_s;
	uint8_t issue[EMBED_TOKEN_ISSUE_SIZE];
	struct faults *faults;
	/* end an overlap */
	const uint8_t *old_issue;               /* NULL: all */
	int64_t end_s;
};

static bool
is_over(const struct token_row *row, int64_t now_s)
{
	enum token_status status = token_status(row, now_s);

	return status == TOKEN_REVOKED || status == TOKEN_EXPIRED;
}

static bool
has_same_origins(const struct token_row *x, const struct token_row *y)
{
	if (x->origin_count != y->origin_count)
		return false;
	for (size_t i = 0; i < x->origin_count; i++) {
		if (strcmp(x->origins[i], y->origins[i]) != 0)
			return false;
	}
	return true;
}

/* Sets what differs; `detail` gets a sentence for each. */
static void
apply_patch(const struct token_patch *p, const struct token_row *checked, struct token_row *row, struct buf *detail)
{
	if (p->set_name && strcmp(row->name, checked->name) != 0) {
		row->name = checked->name;
		buf_add_str(detail, " Label changed.");
	}
	if (p->set_origins && !has_same_origins(row, checked)) {
		row->origins = checked->origins;
		row->origin_count = checked->origin_count;
		buf_add_str(detail, " Allowed sites changed.");
	}
	if (p->set_expires_at && row->expires_at != p->expires_at) {
		row->expires_at = p->expires_at;
		buf_add_str(detail, " Expiry changed.");
	}
	if (p->set_active && row->is_active != p->is_active) {
		row->is_active = p->is_active;
		buf_add_str(detail, row->is_active ? " Switched on." : " Paused.");
	}
}

static eg_err
update(struct store_tx *tx, struct arena *a, void *arg)
{
	struct change *c = arg;
	struct buf detail;

	EG_TRY(tx_get(tx, a, c->scope, c->id, &c->row));
	if (c->row.revoked_at != 0)
		return EG_CONFLICT;
	buf_init(&detail, a, 128);
	apply_patch(c->patch, &c->checked, &c->row, &detail);
	if (detail.len == 0)
		return EG_OK;
	EG_TRY(tx_put(tx, a, &c->row));
	return add_activity(tx, a, c->who, "embed_token.update", &c->row, detail.data + 1);
}

eg_err
token_update(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who, const struct uuid *id,
    const struct token_patch *patch, struct faults *f, struct token_row *out)
{
	struct change c = { .scope = s, .who = who, .id = id, .patch = patch };

	EG_TRY(token_get(sv, a, s, id, out));
	if (patch->set_name)
		c.checked.name = text_name(a, patch->name, TOKEN_NAME_MAX, "name", f);
	if (patch->set_origins)
		read_origins(sv, a, patch->allowed_origins, f, &c.checked);
	if (patch->set_expires_at)
		check_expiry(patch->expires_at, f);
	EG_TRY(faults_result(f));
	EG_TRY(change_run(sv, a, who, "embed_token.update", id, update, &c));
	*out = c.row;
	return EG_OK;
}

static eg_err
revoke(struct store_tx *tx, struct arena *a, void *arg)
{
	struct change *c = arg;

	EG_TRY(tx_get(tx, a, c->scope, c->id, &c->row));
	return c->row.revoked_at != 0 ? EG_OK : tx_revoke(tx, a, c->who, &c->row, NULL);
}

eg_err
token_revoke(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who, const struct uuid *id,
    struct token_row *out)
{
	struct change c = { .scope = s, .who = who, .id = id };

	EG_TRY(change_run(sv, a, who, "embed_token.revoke", id, revoke, &c));
	*out = c.row;
	return EG_OK;
}

static eg_err
rotate(struct store_tx *tx, struct arena *a, void *arg)
{
	struct change *c = arg;
	char prefix[EMBED_TOKEN_PREFIX_SIZE];
	eg_err e;

	EG_TRY(tx_get(tx, a, c->scope, c->id, &c->row));
	embed_token_prefix(c->row.issue, prefix);
	c->is_other = c->from != NULL && strcmp(c->from, prefix) != 0;
	if (c->is_other)
		return EG_EXISTS;
	if (is_over(&c->row, change_now_s(tx)))
		return EG_CONFLICT;
	e = tx_renew(tx, a, c->who, &c->row, c->issue, c->overlap_s);
	if (e == EG_CONFLICT)
		faults_add(c->faults, "overlap_seconds", "%d earlier texts work still. Wait until one of them ends, or end all of "
		    "them now with an overlap of 0.", TOKEN_PREVIOUS_MAX);
	return e;
}

int64_t
token_default_overlap_s(const struct token_row *t)
{
	return t->is_primary ? 0 : TOKEN_OVERLAP_DEFAULT_S;
}

eg_err
token_rotate_from(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who,
    const struct uuid *id, const char *prefix, int64_t overlap_s, struct faults *f, struct token_row *out,
    char text[EMBED_TOKEN_SIZE])
{
	struct change c = { .scope = s, .who = who, .id = id, .from = prefix, .overlap_s = overlap_s, .faults = f };
	eg_err e;

	*text = '\0';
	EG_TRY(token_get(sv, a, s, id, out));
	if (overlap_s < 0 || overlap_s > TOKEN_OVERLAP_MAX_S)
		faults_add(f, "overlap_seconds", "Give 0 to %d seconds.", TOKEN_OVERLAP_MAX_S);
	else if (overlap_s > 0 && out->is_primary)
		faults_add(f, "overlap_seconds", "A primary token has one valid text at a time; give 0.");
	EG_TRY(faults_result(f));
	EG_TRY(embed_token_new_issue(c.issue));
	e = change_run(sv, a, who, "embed_token.rotate", id, rotate, &c);
	if (e == EG_OK || c.is_other)
		*out = c.row;
	EG_TRY(e);
	usage_rotated(sv->usage, c.row.slot, &c.row.id);
	return token_text(sv, out, TOKEN_EMBED, text);
}

eg_err
token_rotate(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who, const struct uuid *id,
    int64_t overlap_s, struct faults *f, struct token_row *out, char text[EMBED_TOKEN_SIZE])
{
	return token_rotate_from(sv, a, s, who, id, NULL, overlap_s, f, out, text);
}

static bool
end_previous(struct token_row *row, const uint8_t *issue, int64_t end_s)
{
	bool ended = false;

	for (size_t i = 0; i < TOKEN_PREVIOUS_MAX; i++) {
		struct token_previous *p = &row->previous[i];

		if (p->valid_until <= end_s || (issue != NULL && memcmp(issue, p->issue, sizeof(p->issue)) != 0))
			continue;
		p->valid_until = end_s;
		ended = true;
	}
	return ended;
}

static eg_err
end_overlap(struct store_tx *tx, struct arena *a, void *arg)
{
	struct change *c = arg;

	EG_TRY(tx_get(tx, a, c->scope, c->id, &c->row));
	if (c->row.revoked_at != 0 || !end_previous(&c->row, c->old_issue, later(c->end_s, change_now_s(tx))))
		return EG_OK;
	EG_TRY(tx_put(tx, a, &c->row));
	return add_activity(tx, a, c->who, "embed_token.end_overlap", &c->row, c->end_s > change_now_s(tx) ?
	    "The old text ends sooner." : "The old text is dead.");
}

eg_err
token_end_overlap(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who,
    const struct uuid *id, const uint8_t *issue, int64_t end_s, struct token_row *out)
{
	struct change c = { .scope = s, .who = who, .id = id, .old_issue = issue, .end_s = end_s };

	EG_TRY(change_run(sv, a, who, "embed_token.end_overlap", id, end_overlap, &c));
	*out = c.row;
	return EG_OK;
}

static eg_err
copy_url(struct store_tx *tx, struct arena *a, void *arg)
{
	struct change *c = arg;

	EG_TRY(tx_get(tx, a, c->scope, c->id, &c->row));
	if (is_over(&c->row, change_now_s(tx)))
		return EG_CONFLICT;
	return add_activity(tx, a, c->who, "embed_token.url_copied", &c->row, NULL);
}

eg_err
token_copy_url(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who, const struct uuid *id,
    struct token_row *out, char text[EMBED_TOKEN_SIZE])
{
	struct change c = { .scope = s, .who = who, .id = id };

	*text = '\0';
	EG_TRY(change_run(sv, a, who, "embed_token.url_copied", id, copy_url, &c));
	*out = c.row;
	return token_text(sv, out, TOKEN_URL, text);
}

/* ---- the primary token of a customer ---- */

eg_err
token_primary_get(struct service *sv, struct arena *a, const struct scope *s, const struct uuid *customer_id,
    struct token_row *out, char text[EMBED_TOKEN_SIZE])
{
	struct customer_row customer;

	*text = '\0';
	EG_TRY(customer_get(sv, a, s, customer_id, &customer));
	if (uuid_is_nil(&customer.primary_token_id))
		return EG_NOTFOUND;
	EG_TRY(token_get(sv, a, s, &customer.primary_token_id, out));
	return out->revoked_at != 0 ? EG_NOTFOUND : token_text(sv, out, TOKEN_EMBED, text);
}

struct renewal {
	struct service *sv;
	const struct scope *scope;
	const struct actor *who;
	const struct uuid *customer_id;
	struct token_row fresh;                 /* a draft, for a customer without a living primary token */
	struct token_row row;
};

/* In the place of none, or of a revoked one, whose sites it takes over. */
static eg_err
replace_primary(struct store_tx *tx, struct arena *a, struct renewal *c, struct customer_row *customer,
    const struct token_row *old)
{
	if (old != NULL) {
		c->fresh.origins = old->origins;
		c->fresh.origin_count = old->origin_count;
		c->fresh.permissions = old->permissions;
	}
	if (c->sv->config.require_origins && c->fresh.origin_count == 0)
		return EG_CONFLICT;
	customer->primary_token_id = c->fresh.id;
	customer->updated_at = change_now_s(tx);
	EG_TRY(token_tx_add(tx, a, c->who, customer, &c->fresh));
	c->row = c->fresh;
	return customer_tx_put(tx, a, customer);
}

static eg_err
renew_primary(struct store_tx *tx, struct arena *a, void *arg)
{
	struct renewal *c = arg;
	struct customer_row customer;
	eg_err e;

	EG_TRY(customer_tx_get(tx, a, c->scope, c->customer_id, &customer));
	if (uuid_is_nil(&customer.primary_token_id))
		return replace_primary(tx, a, c, &customer, NULL);
	e = tx_get(tx, a, c->scope, &customer.primary_token_id, &c->row);
	if (e != EG_OK)
		return e == EG_NOTFOUND ? eg_fail(EG_DAMAGED, "a customer's primary token is missing") : e;
	if (c->row.revoked_at != 0) {
		const struct token_row old = c->row;

		return replace_primary(tx, a, c, &customer, &old);
	}
	c->row.expires_at = 0;          /* who asks for a new text asks for one that works */
	return tx_renew(tx, a, c->who, &c->row, c->fresh.issue, 0);
}

eg_err
token_primary_renew(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who,
    const struct uuid *customer_id, struct token_row *out, char text[EMBED_TOKEN_SIZE])
{
	struct renewal c = { .sv = sv, .scope = s, .who = who, .customer_id = customer_id };
	struct faults ignored;

	*text = '\0';
	faults_init(&ignored, a);       /* missing sites are judged where it is known whether they are needed */
	EG_TRY(token_draft_primary(sv, a, NULL, &ignored, &c.fresh));
	EG_TRY(change_run(sv, a, who, "embed_token.renew_primary", customer_id, renew_primary, &c));
	usage_rotated(sv->usage, c.row.slot, &c.row.id);
	*out = c.row;
	return token_text(sv, out, TOKEN_EMBED, text);
}

/* ---- revoking all of a customer or of an event ---- */

/* The lock is never held for longer than this many tokens take. What binds at once is one change before: the customer is
 * marked, the event is gone. */
#define BATCH 64

struct id_list {
	struct uuid *ids;
	size_t count, cap;
};

struct purge {
	struct service *sv;
	struct arena *arena;
	const struct scope *scope;
	const struct actor *who;
	const struct uuid *list;        /* the customer, or the event */
	const char *action, *detail;
	int64_t before_s;               /* the customer's mark; 0: not set yet */
	struct id_list todo;
	size_t done;                    /* of `todo` */
	size_t revoked;                 /* by the change at hand, of those that lived */
};

static void
id_list_add(struct arena *a, struct id_list *l, const struct uuid *id)
{
	if (l->count == l->cap) {
		struct uuid *more = arena_array(a, 2 * l->cap + BATCH, sizeof(*more));

		if (l->count > 0)
			memcpy(more, l->ids, l->count * sizeof(*more));
		l->ids = more;
		l->cap = 2 * l->cap + BATCH;
	}
	l->ids[l->count++] = *id;
}

/* Of what stands in the list, what is to be revoked: not what was issued after the mark. */
static eg_err
note_unrevoked(struct arena *scratch, const struct store_record *rec, void *arg)
{
	struct purge *c = arg;
	struct token_row row;

	EG_TRY(token_decode(scratch, rec, &row));
	if (row.revoked_at == 0 && (c->before_s == 0 || row.issued_at < c->before_s))
		id_list_add(c->arena, &c->todo, &row.id);
	return EG_OK;
}

static eg_err
mark_customer(struct store_tx *tx, struct arena *a, struct purge *c)
{
	struct activity_new in = { .action = "customer.revoke_tokens",
	    .detail = "All tokens made before now are revoked." };
	struct customer_row customer;

	EG_TRY(customer_tx_get(tx, a, c->scope, c->list, &customer));
	/* The whole second is over for what there is; what comes in it is dated behind it. */
	c->before_s = change_now_s(tx) + 1;
	customer.tokens_revoked_before = c->before_s;
	customer.updated_at = change_now_s(tx);
	EG_TRY(customer_tx_put(tx, a, &customer));
	in.partner_id = customer.partner_id;
	in.customer_id = customer.id;
	in.target_id = customer.id;
	in.target_name = customer.name;
	return activity_add(tx, a, c->who, &in);
}

static eg_err
revoke_batch(struct store_tx *tx, struct arena *a, void *arg)
{
	struct purge *c = arg;

	c->revoked = 0;
	if (c->before_s == 0)
		EG_TRY(mark_customer(tx, a, c));
	for (size_t i = 0; i < BATCH && c->done < c->todo.count; i++, c->done++) {
		struct token_row row;

		EG_TRY(tx_read(tx, a, c->scope, &c->todo.ids[c->done], &row));
		if (row.revoked_at != 0)
			continue;
		if (!is_over(&row, change_now_s(tx)))
			c->revoked++;
		EG_TRY(tx_revoke(tx, a, c->who, &row, c->detail));
	}
	return EG_OK;
}

/* `*count`: of those that lived. */
static eg_err
purge(struct purge *c, size_t *count)
{
	*count = 0;
	do {
		c->todo.count = 0;
		c->done = 0;
		EG_TRY(listing_walk(c->sv, KIND_TOKEN, c->list, 0, note_unrevoked, c));
		while (c->before_s == 0 || c->done < c->todo.count) {
			EG_TRY(change_run(c->sv, c->arena, c->who, c->action, c->list, revoke_batch, c));
			*count += c->revoked;
		}
	} while (c->todo.count > 0);    /* once more: somebody may have made one before the mark */
	return EG_OK;
}

eg_err
token_revoke_all(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who,
    const struct uuid *customer_id, size_t *count)
{
	struct purge c = { .sv = sv, .arena = a, .scope = s, .who = who, .list = customer_id,
		.action = "customer.revoke_tokens", .detail = "All tokens of the customer were revoked." };
	struct customer_row customer;

	*count = 0;
	EG_TRY(customer_get(sv, a, s, customer_id, &customer));
	return purge(&c, count);
}

eg_err
token_revoke_of_event(struct service *sv, struct arena *a, const struct actor *who, const struct uuid *event_id)
{
	static const struct scope everything = { 0 };
	struct purge c = { .sv = sv, .arena = a, .scope = &everything, .who = who, .list = event_id,
		.action = "event.revoke_tokens", .detail = "The event was deleted.", .before_s = INT64_MAX };
	size_t count;

	return purge(&c, &count);
}
