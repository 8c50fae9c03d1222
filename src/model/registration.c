/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/registration.h"

#include <string.h>

#include "base/clock.h"
#include "base/codec.h"
#include "model/change.h"
#include "model/event_key.h"
#include "model/kinds.h"
#include "model/listing.h"
#include "model/records.h"
#include "model/row.h"
#include "model/text.h"
#include "sign/mac.h"
#include "sign/seal.h"

#define MAIL_LABEL "registration mail"

/* ---- records ---- */

/* What is sealed. The answers stand beside these as an object of their own. */
static const struct column columns[] = {
	COLUMN(TEXT, struct registration_row, name, "name"),
	COLUMN(TEXT, struct registration_row, email, "email"),
	COLUMN(TEXT, struct registration_row, company, "company"),
	COLUMN_END,
};

/* A sealed text is good for one record of one event. */
static const char *
seal_context(struct arena *a, const struct uuid *event_id, const struct uuid *id)
{
	char event[UUID_TEXT_SIZE], own[UUID_TEXT_SIZE];

	uuid_format(event_id, event);
	uuid_format(id, own);
	return arena_printf(a, "registration %s %s", event, own);
}

static eg_err
seal(struct arena *a, const struct keyring *key, const struct registration_row *row, const char **out)
{
	json_object *secret = row_encode(a, columns, row);
	const char *text;
	size_t len;

	if (row->answers != NULL)
		json_add_object(secret, "answers", row->answers);
	text = json_text(a, secret, &len);
	return seal_make(key, a, seal_context(a, &row->event_id, &row->id), text, len, out);
}

/* `key`: NULL where it is gone. */
static eg_err
decode(struct arena *a, const struct keyring *key, const struct store_record *rec, struct registration_row *out)
{
	const char *sealed = json_get_str(rec->doc, "sealed");
	struct store_record secret = *rec;
	void *text;
	size_t len;
	eg_err e;

	*out = (struct registration_row){ .id = rec->id, .event_id = rec->lists[0],
		.created_at = json_get_int(rec->doc, "created", 0), .is_erased = true };
	if (key == NULL || sealed == NULL)
		return EG_OK;
	e = seal_open(key, a, seal_context(a, &out->event_id, &out->id), sealed, &text, &len);
	if (e != EG_OK)
		return e == EG_FORGED ? EG_OK : e;      /* sealed under a key before this one */
	EG_TRY(json_parse_strict(a, text, len, &secret.doc, NULL));
	EG_TRY(row_decode(a, &secret, columns, out));
	out->answers = json_get_object(secret.doc, "answers");
	out->is_erased = false;
	return EG_OK;
}

/* The unique text of a mail address, which tells nothing without the key. */
static eg_err
mail_unique(struct arena *a, const struct keyring *key, const struct uuid *event_id, const char *email, const char **out)
{
	char event[UUID_TEXT_SIZE], text[BASE64URL_LEN(MAC_SIZE) + 1];
	const char *lower = text_lower(a, email);
	const struct mac_part part = { lower, strlen(lower) };
	uint8_t bytes[MAC_SIZE];
	struct mac *mac;
	eg_err e;

	EG_TRY(mac_open(key, keyring_newest(key), MAIL_LABEL, &mac));
	e = mac_compute(mac, &part, 1, bytes);
	mac_free(mac);
	if (e != EG_OK)
		return e;
	uuid_format(event_id, event);
	base64url_encode(bytes, sizeof(bytes), text);
	*out = arena_printf(a, "signup:%s:%s", event, text);
	return EG_OK;
}

/* EG_OK and NULL where the key is gone. */
static eg_err
open_key(struct service *sv, struct arena *a, const struct uuid *event_id, struct keyring **out)
{
	eg_err e = event_key_open(sv, a, event_id, out);

	if (e != EG_NOTFOUND)
		return e;
	*out = NULL;
	return EG_OK;
}

/* ---- what people type ---- */

static const char *
read_answer(struct arena *a, const char *text, const char *field, struct faults *f)
{
	if (text != NULL && utf8_count(text, strlen(text)) > REGISTRATION_ANSWER_MAX)
		faults_add(f, field, "Shorten this to at most %d characters.", REGISTRATION_ANSWER_MAX);
	return text_shown(a, text, REGISTRATION_ANSWER_MAX, true);
}

static json_object *
read_answers(struct arena *a, json_object *given, struct faults *f)
{
	json_object *answers;

	if (given == NULL)
		return NULL;
	if (!json_object_is_type(given, json_type_object)) {
		faults_add(f, "answers", "Give an object of texts, such as {\"Diet\": \"vegan\"}.");
		return NULL;
	}
	if (json_object_object_length(given) > REGISTRATION_ANSWERS_MAX) {
		faults_add(f, "answers", "Give at most %d answers.", REGISTRATION_ANSWERS_MAX);
		return NULL;
	}
	answers = json_new_object(a);
	for (struct lh_entry *e = json_object_get_object(given)->head; e != NULL; e = e->next) {
		const char *field = arena_printf(a, "answers.%s", (const char *)lh_entry_k(e));
		const char *question = text_name(a, lh_entry_k(e), REGISTRATION_QUESTION_MAX, field, f);
		json_object *value = lh_entry_v(e);

		if (value != NULL && !json_object_is_type(value, json_type_string))
			faults_add(f, field, "Give a text.");
		else if (question != NULL)
			json_add_str(answers, question, read_answer(a, json_object_get_string(value), field, f));
	}
	return answers;
}

static eg_err
draft(struct arena *a, const struct uuid *event_id, const struct registration_new *in, struct faults *f,
    struct registration_row *row)
{
	*row = (struct registration_row){ .event_id = *event_id };
	row->name = text_name(a, in->name, TEXT_NAME_MAX, "name", f);
	row->email = text_email(a, in->email, "email", f);
	if (in->company != NULL && *in->company != '\0')
		row->company = text_name(a, in->company, REGISTRATION_COMPANY_MAX, "company", f);
	row->answers = read_answers(a, in->answers, f);
	EG_TRY(faults_result(f));
	return uuid_make(&row->id);
}

/* ---- creating ---- */

struct creation {
	const struct scope *scope;
	const struct uuid *event_id;
	struct faults *faults;
	const char *unique, *sealed;
	struct registration_row row;
	bool exists;
};

static eg_err
check_seat(struct store_tx *tx, struct arena *a, const struct event_row *event, struct faults *f)
{
	struct store_record *recs;
	size_t count, taken;

	if (event_status(event, change_now_s(tx)) == EVENT_OVER) {
		faults_add(f, "event_id", "This event is over.");
		return EG_CONFLICT;
	}
	EG_TRY(store_tx_list(tx, KIND_SIGNUP, &event->id, 0, 0, &recs, &count, &taken));
	if (event->capacity != 0 && taken >= (size_t)event->capacity) {
		faults_add(f, "event_id", "This event is fully booked.");
		return EG_CONFLICT;
	}
	return EG_OK;
}

static eg_err
create(struct store_tx *tx, struct arena *a, void *arg)
{
	struct creation *c = arg;
	struct store_record rec;
	struct event_row event;
	eg_err e;

	EG_TRY(event_tx_get(tx, a, c->scope, c->event_id, &event));
	EG_TRY(check_seat(tx, a, &event, c->faults));
	e = store_tx_find(tx, c->unique, &rec);
	if (e != EG_OK && e != EG_NOTFOUND)
		return e;
	c->exists = e == EG_OK;
	if (!c->exists) {
		c->row.created_at = change_now_s(tx);
		rec = (struct store_record){ .kind = KIND_SIGNUP, .id = c->row.id, .doc = json_new_object(a) };
		rec.lists[0] = c->row.event_id;
		rec.uniques[0] = c->unique;
		json_add_int(rec.doc, "created", c->row.created_at);
		json_add_str(rec.doc, "sealed", c->sealed);
	}
	return store_tx_put(tx, &rec);          /* one that exists as it was: no clock shall tell it from a new one */
}

eg_err
registration_create(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who,
    const struct uuid *event_id, const struct registration_new *in, struct faults *f, struct registration_row *out)
{
	struct creation c = { .scope = s, .event_id = event_id, .faults = f };
	struct event_row event;
	struct keyring *key;
	eg_err e;

	EG_TRY(event_get(sv, a, s, event_id, &event));
	EG_TRY(draft(a, event_id, in, f, &c.row));
	EG_TRY(event_key_make(sv, a, event_id, &key));
	e = mail_unique(a, key, event_id, c.row.email, &c.unique);
	if (e == EG_OK)
		e = seal(a, key, &c.row, &c.sealed);
	keyring_free(key);
	if (e != EG_OK)
		return e;
	e = change_run(sv, a, who, "registration.create", &c.row.id, create, &c);
	if (e == EG_NOTFOUND)
		EG_TRY(event_key_destroy(sv, a, event_id));     /* deleted meanwhile, before this key was made */
	if (e == EG_OK && c.exists)
		return EG_EXISTS;
	if (e == EG_OK)
		*out = c.row;
	return e;
}

eg_err
registration_is_open(struct service *sv, struct arena *a, const struct event_row *event, int64_t now_s, bool *out)
{
	size_t taken;

	EG_TRY(store_count(sv->store, a, KIND_SIGNUP, &event->id, &taken));
	*out = event_status(event, now_s) != EVENT_OVER && (event->capacity == 0 || taken < (size_t)event->capacity);
	return EG_OK;
}

/* ---- reading ---- */

eg_err
registration_list(struct service *sv, struct arena *a, const struct scope *s, const struct uuid *event_id, size_t page,
    size_t limit, struct registration_row **out, size_t *count, size_t *total)
{
	struct store_record *recs;
	struct event_row event;
	struct keyring *key;
	eg_err e = EG_OK;

	EG_TRY(event_get(sv, a, s, event_id, &event));
	EG_TRY(store_list(sv->store, a, KIND_SIGNUP, event_id, page > 1 ? (page - 1) * limit : 0, limit, &recs, count,
	    total));
	EG_TRY(open_key(sv, a, event_id, &key));
	*out = arena_array(a, *count, sizeof(**out));
	for (size_t i = 0; i < *count && e == EG_OK; i++)
		e = decode(a, key, &recs[i], &(*out)[i]);
	keyring_free(key);
	return e;
}

static const char *
status_name(const struct registration_row *r)
{
	return r->is_erased ? "erased" : "registered";
}

json_object *
registration_view(struct arena *a, const struct registration_row *r)
{
	json_object *view = json_new_object(a);

	json_add_uuid(view, "id", &r->id);
	json_add_uuid(view, "event_id", &r->event_id);
	json_add_str(view, "name", r->name);
	json_add_str(view, "email", r->email);
	json_add_str(view, "company", r->company);
	json_add_object(view, "answers", r->answers);
	json_add_str(view, "status", status_name(r));
	json_add_time(view, "created_at", r->created_at);
	return view;
}

/* ---- deleting ---- */

struct deletion {
	const struct scope *scope;
	const struct actor *who;
	const struct uuid *event_id, *id;
	const struct keyring *key;
	struct registration_row row;
};

static eg_err
delete(struct store_tx *tx, struct arena *a, void *arg)
{
	struct deletion *c = arg;
	struct store_record rec;
	struct event_row event;

	EG_TRY(event_tx_get(tx, a, c->scope, c->event_id, &event));
	EG_TRY(store_tx_get(tx, KIND_SIGNUP, c->id, &rec));
	if (!uuid_equal(&rec.lists[0], c->event_id))
		return EG_NOTFOUND;
	EG_TRY(decode(a, c->key, &rec, &c->row));
	EG_TRY(store_tx_delete(tx, KIND_SIGNUP, c->id));
	return event_add_activity(tx, a, c->who, "registration.delete", &event, "A registration was deleted.");
}

eg_err
registration_delete(struct service *sv, struct arena *a, const struct scope *s, const struct actor *who,
    const struct uuid *event_id, const struct uuid *id, struct registration_row *out)
{
	struct deletion c = { .scope = s, .who = who, .event_id = event_id, .id = id };
	struct keyring *key;
	eg_err e;

	EG_TRY(open_key(sv, a, event_id, &key));
	c.key = key;
	e = change_run(sv, a, who, "registration.delete", id, delete, &c);
	keyring_free(key);
	if (e == EG_OK)
		*out = c.row;
	return e;
}

/* ---- CSV ---- */

/* Quoted always: then nobody has to know which texts need it. */
static void
add_cell(struct buf *b, const char *text, bool is_last)
{
	buf_add_char(b, '"');
	if (text != NULL && *text != '\0' && strchr("=+-@\t\r", *text) != NULL)
		buf_add_char(b, '\'');
	for (const char *p = text == NULL ? "" : text; *p != '\0'; p++) {
		if (*p == '"')
			buf_add_char(b, '"');
		buf_add_char(b, *p);
	}
	buf_add_str(b, is_last ? "\"\r\n" : "\",");
}

static const char *
answers_text(struct arena *a, json_object *answers)
{
	struct buf b;

	buf_init(&b, a, 128);
	if (answers == NULL)
		return b.data;
	for (struct lh_entry *e = json_object_get_object(answers)->head; e != NULL; e = e->next) {
		const char *answer = json_object_get_string(lh_entry_v(e));

		buf_printf(&b, "%s%s: %s", b.len > 0 ? "; " : "", (const char *)lh_entry_k(e),
		    answer == NULL ? "" : answer);
	}
	return b.data;
}

struct csv {
	const struct keyring *key;
	struct buf *out;
};

static eg_err
add_line(struct arena *scratch, const struct store_record *rec, void *arg)
{
	struct csv *c = arg;
	struct registration_row r;
	char id[UUID_TEXT_SIZE], created[CLOCK_RFC3339_SIZE];

	EG_TRY(decode(scratch, c->key, rec, &r));
	uuid_format(&r.id, id);
	clock_format(r.created_at, created);
	add_cell(c->out, id, false);
	add_cell(c->out, created, false);
	add_cell(c->out, status_name(&r), false);
	add_cell(c->out, r.name, false);
	add_cell(c->out, r.email, false);
	add_cell(c->out, r.company, false);
	add_cell(c->out, answers_text(scratch, r.answers), true);
	return EG_OK;
}

eg_err
registration_csv(struct service *sv, struct arena *a, const struct scope *s, const struct uuid *event_id, struct buf *out)
{
	struct csv c = { .out = out };
	struct event_row event;
	struct keyring *key;
	eg_err e;

	EG_TRY(event_get(sv, a, s, event_id, &event));
	EG_TRY(open_key(sv, a, event_id, &key));
	c.key = key;
	buf_add_str(out, "id,created_at,status,name,email,company,answers\r\n");
	e = listing_walk(sv, KIND_SIGNUP, event_id, 0, add_line, &c);
	keyring_free(key);
	return e;
}
