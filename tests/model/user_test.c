/* SPDX-License-Identifier: GPL-3.0-or-later */
/* partners, people, their sessions in the portal, and what a page shows once (P11, T14, T25, T27). */
#include "base/codec.h"
#include "model/change.h"
#include "model/kinds.h"
#include "sign/mac.h"
#include "sign/password.h"
#include "site.h"

#define HOUR 3600
#define DAY 86400

static struct user_row owner;

static eg_err
create(const struct scope *s, const char *email, enum user_role role, const char *password, struct faults *f,
    struct user_row *out)
{
	faults_init(f, site.arena);
	return user_create(&site.sv, site.arena, s, &anna, email, role, password, f, out);
}

static int
each(void **state)
{
	arena_reset(site.arena);
	assert_int_equal(user_find(&site.sv, site.arena, "owner@acme.example", &owner), EG_OK);
	return 0;
}

/* ---- partners and users ---- */

static void
a_partner_has_its_owner(void **state)
{
	struct partner_row *rows, row;
	size_t count, total;

	assert_int_equal(owner.role, USER_OWNER);
	assert_true(uuid_equal(&owner.partner_id, &site.partner.id));
	assert_int_equal(password_verify(SITE_PASSWORD, owner.password_hash), EG_OK);
	assert_int_equal(partner_list(&site.sv, site.arena, &rows, &count), EG_OK);
	assert_int_equal(count, 2);
	assert_string_equal(rows[0].name, "Other Software");
	assert_string_equal(rows[1].name, "Acme Software");
	assert_int_equal(partner_get(&site.sv, site.arena, &site.partner.id, &row), EG_OK);
	assert_true(row.has_api_access && !row.is_suspended);
	site_assert_members(partner_view(site.arena, &row),
	    "id name status api_access slug brand_name colour logo_url created_at");
	assert_string_equal(site_last_activity(&site.scope, &site.partner.id, &total),
	    "user.create|owner@acme.example|owner|anna@acme.example");
	assert_int_equal(partner_set_suspended(&site.sv, site.arena, &anna, &site.partner.id, true), EG_OK);
	assert_int_equal(partner_set_suspended(&site.sv, site.arena, &anna, &site.partner.id, true), EG_OK);
	assert_int_equal(partner_get(&site.sv, site.arena, &site.partner.id, &row), EG_OK);
	assert_true(row.is_suspended && row.has_api_access);
	assert_string_equal(site_last_activity(&site.scope, &site.partner.id, &count),
	    "partner.suspend|Acme Software||anna@acme.example");
	assert_int_equal(count, total + 1);
	assert_int_equal(partner_set_suspended(&site.sv, site.arena, &anna, &site.partner.id, false), EG_OK);
	assert_int_equal(partner_set_suspended(&site.sv, site.arena, &anna, &owner.id, true), EG_NOTFOUND);
}

/* A refused partner leaves nothing behind. */
static void
partner_and_owner_come_together(void **state)
{
	struct partner_new in = { .name = "", .owner_email = "x", .owner_password = "short" };
	struct partner_row *rows, row;
	struct faults f;
	size_t count;

	faults_init(&f, site.arena);
	assert_int_equal(partner_create(&site.sv, site.arena, &anna, &in, &f, &row), EG_INVALID);
	assert_int_equal(f.count, 3);
	assert_fault(&f, "name: ");
	assert_fault(&f, "email: ");
	assert_fault(&f, "password: ");
	in = (struct partner_new){ .name = "Third", .owner_email = "OWNER@Acme.Example", .owner_password = SITE_PASSWORD };
	faults_init(&f, site.arena);
	assert_int_equal(partner_create(&site.sv, site.arena, &anna, &in, &f, &row), EG_INVALID);
	assert_fault(&f, "email: Somebody signs in with this mail address already");
	assert_int_equal(partner_list(&site.sv, site.arena, &rows, &count), EG_OK);
	assert_int_equal(count, 2);
}

static void
users_are_found_by_mail_address(void **state)
{
	struct user_row made, found;
	const char *view;
	struct faults f;

	assert_int_equal(create(&site.scope, " Berta@Acme.Example ", USER_ADMIN, SITE_PASSWORD, &f, &made), EG_OK);
	assert_int_equal(user_find(&site.sv, site.arena, "bERTA@acme.example", &found), EG_OK);
	assert_true(uuid_equal(&found.id, &made.id));
	assert_string_equal(found.email, "Berta@Acme.Example");
	assert_int_equal(found.role, USER_ADMIN);
	assert_int_equal(user_get(&site.sv, site.arena, &site.scope, &made.id, &found), EG_OK);
	assert_int_equal(user_get(&site.sv, site.arena, &site.other_scope, &made.id, &found), EG_NOTFOUND);
	site_assert_members(user_view(site.arena, &made),
	    "id partner_id email role may_settings status password_changed_at created_at");
	view = json_text(site.arena, user_view(site.arena, &made), NULL);
	assert_null(strstr(view, "$y$"));
	assert_non_null(strstr(view, "\"role\":\"admin\",\"may_settings\":false"));
	assert_true(json_get_bool(user_view(site.arena, &owner), "may_settings", false));

	assert_int_equal(user_find(&site.sv, site.arena, "nobody@acme.example", &found), EG_NOTFOUND);
	assert_int_equal(user_find(&site.sv, site.arena, "", &found), EG_NOTFOUND);
	assert_int_equal(user_find(&site.sv, site.arena, arena_printf(site.arena, "%0400d@acme.example", 1), &found),
	    EG_NOTFOUND);
	/* One address for the whole installation: it is what people sign in with. */
	assert_int_equal(create(&site.other_scope, "berta@ACME.example", USER_MEMBER, SITE_PASSWORD, &f, &made),
	    EG_INVALID);
	assert_fault(&f, "email: Somebody signs in");
	assert_int_equal(create(&site.scope, "c@acme.example", 0, "", &f, &made), EG_INVALID);
	assert_fault(&f, "role: Choose owner, admin or member");
	assert_fault(&f, "password: ");
	assert_int_equal(create(&(struct scope){ .partner_id = uuid_nil }, "c@acme.example", USER_MEMBER, SITE_PASSWORD,
	    &f, &made), EG_NOTFOUND);
	assert_int_equal(create(&(struct scope){ .partner_id = owner.id }, "c@acme.example", USER_MEMBER, SITE_PASSWORD,
	    &f, &made), EG_NOTFOUND);
	for (enum user_role r = USER_OWNER; r <= USER_MEMBER; r++)
		assert_int_equal(user_role_by_name(user_role_name(r)), r);
	assert_int_equal(user_role_by_name("root"), 0);
}

/* ---- sessions ---- */

static struct portal_session
sign_in(char text[PORTAL_SESSION_TEXT_SIZE])
{
	struct portal_session s;

	assert_int_equal(portal_session_start(&site.sv, site.arena, &anna, &owner, "Firefox", text, &s), EG_OK);
	assert_int_equal(strlen(text), PORTAL_SESSION_TEXT_SIZE - 1);
	return s;
}

static eg_err
check(const char *text, int64_t now_s)
{
	struct portal_session s;
	struct user_row user;
	eg_err e = portal_session_check(&site.sv, site.arena, text, strlen(text), now_s, &s, &user);

	if (e == EG_OK)
		assert_true(uuid_equal(&user.id, &s.user_id));
	return e;
}

static void
session_life(void **state)
{
	char text[PORTAL_SESSION_TEXT_SIZE], second[PORTAL_SESSION_TEXT_SIZE];
	struct portal_session s = sign_in(text), checked;
	struct user_row user;
	int64_t t = s.created_at;

	assert_int_equal(portal_session_check(&site.sv, site.arena, text, strlen(text), t, &checked, &user), EG_OK);
	assert_true(uuid_equal(&checked.id, &s.id) && uuid_equal(&user.id, &owner.id));
	assert_string_equal(checked.browser, "Firefox");
	assert_string_equal(checked.address, "203.0.113.0");
	assert_true(checked.created_at == t);
	/* 12 hours without use */
	assert_int_equal(check(text, t + 12 * HOUR - 1), EG_OK);
	assert_int_equal(check(text, t + 24 * HOUR - 2), EG_OK);
	assert_int_equal(check(text, t + 36 * HOUR - 2), EG_NOTFOUND);
	/* 7 days at most, however much it is used */
	t = sign_in(second).created_at;
	for (int64_t h = 0; h < 7 * 24; h += 6)
		assert_int_equal(check(second, t + h * HOUR), EG_OK);
	assert_int_equal(check(second, t + 7 * DAY - 1), EG_OK);
	assert_int_equal(check(second, t + 7 * DAY), EG_NOTFOUND);
}

static void
only_the_whole_secret_opens(void **state)
{
	char text[PORTAL_SESSION_TEXT_SIZE], other[PORTAL_SESSION_TEXT_SIZE], mixed[PORTAL_SESSION_TEXT_SIZE];
	int64_t t = sign_in(text).created_at;
	struct portal_session s;
	struct user_row user;

	sign_in(other);
	for (size_t i = 0; i < strlen(text); i++) {
		memcpy(mixed, text, sizeof(mixed));
		mixed[i] = mixed[i] == 'A' ? 'B' : 'A';
		assert_int_equal(check(mixed, t), EG_NOTFOUND);
	}
	/* The id of one session with the secret of another: bytes 16 and up begin inside the 22nd character. */
	memcpy(mixed, text, 20);
	memcpy(mixed + 20, other + 20, sizeof(mixed) - 20);
	assert_int_equal(check(mixed, t), EG_NOTFOUND);
	for (size_t len = 0; len < strlen(text); len++)
		assert_int_equal(portal_session_check(&site.sv, site.arena, text, len, t, &s, &user), EG_NOTFOUND);
	assert_int_equal(check(arena_printf(site.arena, "%sAAAA", text), t), EG_NOTFOUND);
	assert_int_equal(check(text, t), EG_OK);
}

/* T27: what is stored opens nothing. */
static void
only_a_digest_is_stored(void **state)
{
	char text[PORTAL_SESSION_TEXT_SIZE], digest[BASE64URL_LEN(32) + 1];
	struct portal_session s = sign_in(text);
	struct store_record rec;
	uint8_t bytes[48], sum[32];
	const char *doc;
	size_t n;

	assert_int_equal(store_get(site.sv.store, site.arena, KIND_SESSION, &s.id, &rec), EG_OK);
	doc = json_text(site.arena, rec.doc, NULL);
	assert_int_equal(base64url_decode(text, strlen(text), bytes, sizeof(bytes), &n), EG_OK);
	assert_int_equal(mac_sha256(bytes + 16, 32, sum), EG_OK);
	base64url_encode(sum, sizeof(sum), digest);
	assert_string_equal(json_get_str(rec.doc, "digest"), digest);
	assert_null(strstr(doc, text + 22));
}

static void
ending(void **state)
{
	char text[PORTAL_SESSION_TEXT_SIZE], other[PORTAL_SESSION_TEXT_SIZE];
	struct portal_session s = sign_in(text);
	size_t total;

	sign_in(other);
	assert_int_equal(portal_session_end(&site.sv, site.arena, &anna, &s.id), EG_OK);
	assert_int_equal(check(text, s.created_at), EG_NOTFOUND);
	assert_int_equal(check(other, s.created_at), EG_OK);
	assert_string_equal(site_last_activity(&site.scope, &owner.id, &total),
	    "user.sign_out|owner@acme.example||anna@acme.example");
	assert_int_equal(portal_session_end(&site.sv, site.arena, &anna, &s.id), EG_OK);
}

static void
a_new_password_ends_the_other_sessions(void **state)
{
	char text[PORTAL_SESSION_TEXT_SIZE], kept[PORTAL_SESSION_TEXT_SIZE];
	struct portal_session s, keep;
	struct user_row user;
	struct faults f;

	s = sign_in(text);
	keep = sign_in(kept);
	faults_init(&f, site.arena);
	assert_int_equal(user_set_password(&site.sv, site.arena, &anna, &owner.id, "short", &keep.id, &f), EG_INVALID);
	assert_int_equal(check(text, s.created_at), EG_OK);
	faults_init(&f, site.arena);
	assert_int_equal(user_set_password(&site.sv, site.arena, &anna, &owner.id, "another long password", &keep.id,
	    &f), EG_OK);
	assert_int_equal(check(text, s.created_at), EG_NOTFOUND);
	assert_int_equal(check(kept, s.created_at), EG_OK);
	assert_int_equal(user_find(&site.sv, site.arena, owner.email, &user), EG_OK);
	assert_int_equal(password_verify("another long password", user.password_hash), EG_OK);
	assert_int_equal(password_verify(SITE_PASSWORD, user.password_hash), EG_FORGED);
	assert_int_equal(user_set_password(&site.sv, site.arena, &anna, &owner.id, SITE_PASSWORD, NULL, &f), EG_OK);
	assert_int_equal(check(kept, s.created_at), EG_NOTFOUND);
	assert_int_equal(user_set_password(&site.sv, site.arena, &anna, &site.partner.id, SITE_PASSWORD, NULL, &f),
	    EG_NOTFOUND);
}

/* Bounded: of a user who signs in again and again, the oldest sessions end. */
static void
at_most_32_sessions(void **state)
{
	static char texts[40][PORTAL_SESSION_TEXT_SIZE];
	int64_t t = 0;
	size_t total;

	for (size_t i = 0; i < EG_COUNT(texts); i++)
		t = sign_in(texts[i]).created_at;
	assert_int_equal(store_count(site.sv.store, site.arena, KIND_SESSION, &owner.id, &total), EG_OK);
	assert_int_equal(total, 32);
	for (size_t i = 0; i < EG_COUNT(texts); i++)
		assert_int_equal(check(texts[i], t), i < EG_COUNT(texts) - 32 ? EG_NOTFOUND : EG_OK);
}

/* ---- flashes ---- */

static eg_err
take(const struct portal_session *s, const struct uuid *id, const char *kind, const char **text, const char **secret)
{
	*text = *secret = NULL;
	return flash_take(&site.sv, site.arena, &s->id, id, kind, text, secret);
}

static void
a_flash_is_read_once(void **state)
{
	char cookie[PORTAL_SESSION_TEXT_SIZE];
	struct portal_session s = sign_in(cookie), other = sign_in(cookie);
	const char *text, *secret;
	struct store_record rec;
	struct uuid id, plain;

	assert_int_equal(flash_put(&site.sv, site.arena, &s.id, "token", "0199-id", "emb_secret", &id), EG_OK);
	assert_int_equal(flash_put(&site.sv, site.arena, &s.id, "note", "Saved.", NULL, &plain), EG_OK);
	assert_int_equal(store_get(site.sv.store, site.arena, KIND_FLASH, &id, &rec), EG_OK);
	assert_null(strstr(json_text(site.arena, rec.doc, NULL), "emb_secret"));
	assert_int_equal(take(&other, &id, "token", &text, &secret), EG_NOTFOUND);
	assert_int_equal(take(&s, &id, "note", &text, &secret), EG_NOTFOUND);
	assert_int_equal(take(&s, &other.id, "token", &text, &secret), EG_NOTFOUND);
	assert_int_equal(take(&s, &id, "token", &text, &secret), EG_OK);
	assert_string_equal(text, "0199-id");
	assert_string_equal(secret, "emb_secret");
	assert_int_equal(take(&s, &id, "token", &text, &secret), EG_NOTFOUND);
	assert_null(secret);
	assert_int_equal(take(&s, &plain, "note", &text, &secret), EG_OK);
	assert_string_equal(text, "Saved.");
	assert_null(secret);
	/* Who has signed out is shown nothing, and leaves nothing. */
	assert_int_equal(flash_put(&site.sv, site.arena, &s.id, "note", "Bye.", NULL, &id), EG_OK);
	assert_int_equal(portal_session_end(&site.sv, site.arena, &anna, &s.id), EG_OK);
	assert_int_equal(store_get(site.sv.store, site.arena, KIND_FLASH, &id, &rec), EG_NOTFOUND);
	assert_int_equal(flash_put(&site.sv, site.arena, &s.id, "note", "Bye.", NULL, &id), EG_NOTFOUND);
}

struct aged {
	struct uuid session_id, id;
	int64_t age_s;
};

static eg_err
put_aged(struct store_tx *tx, struct arena *a, void *arg)
{
	const struct aged *in = arg;
	struct store_record rec = { .kind = KIND_FLASH, .id = in->id, .lists = { in->session_id } };

	rec.doc = json_new_object(a);
	json_add_str(rec.doc, "kind", "note");
	json_add_str(rec.doc, "text", "Saved.");
	json_add_int(rec.doc, "created", change_now_s(tx) - in->age_s);
	return store_tx_put(tx, &rec);
}

static void
a_flash_is_found_while_it_is_unread(void **state)
{
	char cookie[PORTAL_SESSION_TEXT_SIZE];
	struct portal_session s = sign_in(cookie), other = sign_in(cookie);
	struct aged old = { .session_id = s.id, .age_s = 300 };
	const char *text, *secret;
	struct uuid first, second, found;

	assert_int_equal(uuid_make(&old.id), EG_OK);
	assert_int_equal(change_run(&site.sv, site.arena, NULL, "test", NULL, put_aged, &old), EG_OK);
	assert_int_equal(flash_find(&site.sv, site.arena, &s.id, "note", "Saved.", &found), EG_NOTFOUND);
	assert_int_equal(flash_put(&site.sv, site.arena, &s.id, "token", "0199 emb_A", "one", &first), EG_OK);
	assert_int_equal(flash_put(&site.sv, site.arena, &s.id, "token", "0199 emb_B", "two", &second), EG_OK);
	assert_int_equal(flash_find(&site.sv, site.arena, &s.id, "token", "0199 emb_A", &found), EG_OK);
	assert_true(uuid_equal(&found, &first));
	assert_int_equal(flash_find(&site.sv, site.arena, &s.id, "note", "0199 emb_A", &found), EG_NOTFOUND);
	assert_int_equal(flash_find(&site.sv, site.arena, &s.id, "token", "0199", &found), EG_NOTFOUND);
	assert_int_equal(flash_find(&site.sv, site.arena, &other.id, "token", "0199 emb_A", &found), EG_NOTFOUND);
	assert_int_equal(take(&s, &first, "token", &text, &secret), EG_OK);
	assert_int_equal(flash_find(&site.sv, site.arena, &s.id, "token", "0199 emb_A", &found), EG_NOTFOUND);
}

static void
a_flash_lives_five_minutes(void **state)
{
	char cookie[PORTAL_SESSION_TEXT_SIZE];
	struct portal_session s = sign_in(cookie);
	struct aged young = { .session_id = s.id, .age_s = 290 }, old = { .session_id = s.id, .age_s = 300 };
	const char *text, *secret;
	struct store_record rec;
	struct uuid ids[20];
	size_t total;

	assert_int_equal(uuid_make(&young.id), EG_OK);
	assert_int_equal(uuid_make(&old.id), EG_OK);
	assert_int_equal(change_run(&site.sv, site.arena, NULL, "test", NULL, put_aged, &young), EG_OK);
	assert_int_equal(change_run(&site.sv, site.arena, NULL, "test", NULL, put_aged, &old), EG_OK);
	assert_int_equal(take(&s, &old.id, "note", &text, &secret), EG_NOTFOUND);
	assert_int_equal(take(&s, &young.id, "note", &text, &secret), EG_OK);
	/* The next one clears what is over; never do more than 16 wait. */
	for (size_t i = 0; i < EG_COUNT(ids); i++)
		assert_int_equal(flash_put(&site.sv, site.arena, &s.id, "note", "Saved.", NULL, &ids[i]), EG_OK);
	assert_int_equal(store_get(site.sv.store, site.arena, KIND_FLASH, &old.id, &rec), EG_NOTFOUND);
	assert_int_equal(store_count(site.sv.store, site.arena, KIND_FLASH, &s.id, &total), EG_OK);
	assert_int_equal(total, 16);
	assert_int_equal(take(&s, &ids[3], "note", &text, &secret), EG_NOTFOUND);
	assert_int_equal(take(&s, &ids[4], "note", &text, &secret), EG_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_partner_has_its_owner, each),
		cmocka_unit_test_setup(partner_and_owner_come_together, each),
		cmocka_unit_test_setup(users_are_found_by_mail_address, each),
		cmocka_unit_test_setup(session_life, each),
		cmocka_unit_test_setup(only_the_whole_secret_opens, each),
		cmocka_unit_test_setup(only_a_digest_is_stored, each),
		cmocka_unit_test_setup(ending, each),
		cmocka_unit_test_setup(a_new_password_ends_the_other_sessions, each),
		cmocka_unit_test_setup(at_most_32_sessions, each),
		cmocka_unit_test_setup(a_flash_is_read_once, each),
		cmocka_unit_test_setup(a_flash_is_found_while_it_is_unread, each),
		cmocka_unit_test_setup(a_flash_lives_five_minutes, each),
	};

	return cmocka_run_group_tests(tests, site_setup, site_teardown);
}
