/* SPDX-License-Identifier: GPL-3.0-or-later */
/* registration: seats, strangers, what a copy of the store tells (T40), and what a spreadsheet is given. */
#include <fcntl.h>
#include <ftw.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "model/event_key.h"
#include "model/kinds.h"
#include "model/registration.h"
#include "site.h"

#define TEN(x) x x x x x x x x x x
#define HUNDRED TEN(TEN("n"))
#define CANARY "Quetzalcoatlina"

static struct customer_row customer;

static int
setup(void **state)
{
	int result = site_setup(state);

	customer = site_customer(&site.scope, "Acme");
	return result;
}

static struct event_row
new_event(int64_t capacity, int64_t ends_at)
{
	const struct event_new in = { .customer_id = customer.id, .name = "Fair", .ends_at = ends_at,
		.set_capacity = capacity != 0, .capacity = capacity };
	struct event_row row;
	struct faults f;

	faults_init(&f, site.arena);
	assert_int_equal(event_create(&site.sv, site.arena, &site.scope, &anna, &in, &f, &row), EG_OK);
	return row;
}

static eg_err
sign_up(const struct event_row *event, const struct registration_new *in, struct faults *f, struct registration_row *out)
{
	faults_init(f, site.arena);
	return registration_create(&site.sv, site.arena, &site.scope, &anna, &event->id, in, f, out);
}

static eg_err
sign_up_mail(const struct event_row *event, const char *email, struct registration_row *out)
{
	const struct registration_new in = { .name = "Bea", .email = email };
	struct faults f;
	eg_err e = sign_up(event, &in, &f, out);

	if (e == EG_CONFLICT)
		assert_fault(&f, "event_id: ");
	return e;
}

static struct registration_row *
list_of(const struct event_row *event, size_t want)
{
	struct registration_row *rows;
	size_t count, total;

	assert_int_equal(registration_list(&site.sv, site.arena, &site.scope, &event->id, 1, 100, &rows, &count, &total), EG_OK);
	assert_int_equal(total, want);
	return rows;
}

static void
what_is_typed(void **state)
{
	static const struct {
		const char *title, *name, *email, *company, *answers;
		const char *fault;
	} cases[] = {
		{ "name and mail", "Bea", "a@example.com", NULL, NULL, NULL },
		{ "everything", "Bea Böhm", "b@example.com", "Acme", "{\"Diet\":\"vegan\",\"Note\":\"a\\r\\nb\",\"Shirt\":null}", NULL },
		{ "100 characters", HUNDRED, "c@example.com", HUNDRED, NULL, NULL },
		{ "101 characters", HUNDRED "x", "d@example.com", NULL, NULL, "name: Shorten" },
		{ "no name", "", "d@example.com", NULL, NULL, "name: Enter" },
		{ "no mail", "Bea", NULL, NULL, NULL, "email: Enter" },
		{ "a mail that is none", "Bea", "bea", NULL, NULL, "email: Enter" },
		{ "a mail with a header", "Bea", "a@example.com\nBcc: b@example.com", NULL, NULL, "email: Enter" },
		{ "a long company", "Bea", "d@example.com", HUNDRED "x", NULL, "company: Shorten" },
		{ "answers that are a list", "Bea", "d@example.com", NULL, "[]", "answers: Give an object" },
		{ "an answer that is a number", "Bea", "d@example.com", NULL, "{\"Age\":7}", "answers.Age: Give a text" },
		{ "an answer without a name", "Bea", "d@example.com", NULL, "{\" \":\"x\"}", "answers. : Enter" },
		{ "20 answers", "Bea", "e@example.com", NULL, "{\"1\":\"\",\"2\":\"\",\"3\":\"\",\"4\":\"\",\"5\":\"\",\"6\":\"\",\"7\":\"\","
		    "\"8\":\"\",\"9\":\"\",\"10\":\"\",\"11\":\"\",\"12\":\"\",\"13\":\"\",\"14\":\"\",\"15\":\"\",\"16\":\"\",\"17\":\"\",\"18\":\"\","
		    "\"19\":\"\",\"20\":\"\"}", NULL },
		{ "21 answers", "Bea", "d@example.com", NULL, "{\"1\":\"\",\"2\":\"\",\"3\":\"\",\"4\":\"\",\"5\":\"\",\"6\":\"\",\"7\":\"\","
		    "\"8\":\"\",\"9\":\"\",\"10\":\"\",\"11\":\"\",\"12\":\"\",\"13\":\"\",\"14\":\"\",\"15\":\"\",\"16\":\"\",\"17\":\"\",\"18\":\"\","
		    "\"19\":\"\",\"20\":\"\",\"21\":\"\"}", "answers: Give at most 20" },
	};
	const struct event_row event = new_event(0, 0);
	struct registration_row row, *rows;
	struct registration_new in;
	struct faults f;

	for (size_t i = 0; i < EG_COUNT(cases); i++) {
		in = (struct registration_new){ .name = cases[i].name, .email = cases[i].email, .company = cases[i].company,
			.answers = cases[i].answers == NULL ? NULL : site_json(cases[i].answers) };
		eg_err e = sign_up(&event, &in, &f, &row);

		if (e != (cases[i].fault == NULL ? EG_OK : EG_INVALID))
			fail_msg("%s: %s %s", cases[i].title, eg_err_name(e), site_faults(&f));
		if (cases[i].fault != NULL)
			assert_fault(&f, cases[i].fault);
	}
	/* An answer of 2,000 characters, and one more. */
	for (size_t len = REGISTRATION_ANSWER_MAX; len <= REGISTRATION_ANSWER_MAX + 1; len++) {
		char *text = arena_alloc(site.arena, len + 1);

		memset(text, 'x', len);
		in = (struct registration_new){ .name = "Bea", .email = "f@example.com", .answers = json_new_object(site.arena) };
		json_add_str(in.answers, "Note", text);
		assert_int_equal(sign_up(&event, &in, &f, &row), len == REGISTRATION_ANSWER_MAX ? EG_OK : EG_INVALID);
	}
	rows = list_of(&event, 5);
	assert_string_equal(rows[3].name, "Bea Böhm");
	assert_string_equal(rows[3].company, "Acme");
	assert_string_equal(json_get_str(rows[3].answers, "Note"), "a\nb");
	site_assert_members(registration_view(site.arena, &rows[3]), "id event_id name email company answers status created_at");
	assert_string_equal(json_get_str(registration_view(site.arena, &rows[3]), "status"), "registered");
	assert_true(rows[3].created_at > 0);
}

static void
seats(void **state)
{
	const int64_t now = clock_now_s();
	struct event_row event = new_event(2, now + 1000), over = new_event(2, now - 1), undated = new_event(0, 0);
	struct registration_row first, row;
	const struct event_patch wider = { .set_capacity = true, .capacity = 3 };
	struct faults f;
	bool open;

	assert_int_equal(sign_up_mail(&event, "a@example.com", &first), EG_OK);
	/* The same person again, however it is written; nothing of what was there changes. */
	assert_int_equal(sign_up_mail(&event, "A@Example.COM", &row), EG_EXISTS);
	assert_string_equal(list_of(&event, 1)[0].email, "a@example.com");
	assert_int_equal(sign_up_mail(&undated, "a@example.com", &row), EG_OK);
	assert_int_equal(registration_is_open(&site.sv, site.arena, &event, now, &open), EG_OK);
	assert_true(open);
	assert_int_equal(sign_up_mail(&event, "b@example.com", &row), EG_OK);
	/* Full: for who is registered, too. */
	assert_int_equal(sign_up_mail(&event, "c@example.com", &row), EG_CONFLICT);
	assert_int_equal(sign_up_mail(&event, "a@example.com", &row), EG_CONFLICT);
	assert_int_equal(registration_is_open(&site.sv, site.arena, &event, now, &open), EG_OK);
	assert_false(open);
	/* A seat that is given back, and one more. */
	assert_int_equal(registration_delete(&site.sv, site.arena, &site.scope, &anna, &event.id, &first.id, &row), EG_OK);
	assert_string_equal(row.email, "a@example.com");
	assert_int_equal(registration_delete(&site.sv, site.arena, &site.scope, &anna, &event.id, &first.id, &row), EG_NOTFOUND);
	assert_int_equal(sign_up_mail(&event, "a@example.com", &row), EG_OK);
	faults_init(&f, site.arena);
	assert_int_equal(event_update(&site.sv, site.arena, &site.scope, &anna, &event.id, &wider, &f, &event), EG_OK);
	assert_int_equal(sign_up_mail(&event, "c@example.com", &row), EG_OK);
	assert_int_equal(sign_up_mail(&event, "d@example.com", &row), EG_CONFLICT);
	/* Over. */
	assert_int_equal(sign_up_mail(&over, "a@example.com", &row), EG_CONFLICT);
	assert_int_equal(registration_is_open(&site.sv, site.arena, &over, now, &open), EG_OK);
	assert_false(open);
	assert_int_equal(registration_is_open(&site.sv, site.arena, &over, now - 2, &open), EG_OK);
	assert_true(open);
}

/* T7 */
static void
whose_it_is(void **state)
{
	const struct event_row event = new_event(0, 0), other = new_event(0, 0);
	const struct customer_row sibling = site_customer(&site.scope, "Globex");
	const struct scope strangers[] = { { .partner_id = site.partner.id, .customer_id = sibling.id }, site.other_scope };
	const struct registration_new in = { .name = "Bea", .email = "b@example.com" };
	struct registration_row mine, row, *rows;
	struct buf csv;
	struct faults f;
	size_t count, total;

	assert_int_equal(sign_up_mail(&event, "a@example.com", &mine), EG_OK);
	buf_init(&csv, site.arena, 64);
	for (size_t i = 0; i < EG_COUNT(strangers); i++) {
		const struct scope *s = &strangers[i];

		faults_init(&f, site.arena);
		assert_int_equal(registration_create(&site.sv, site.arena, s, &anna, &event.id, &in, &f, &row), EG_NOTFOUND);
		assert_int_equal(registration_list(&site.sv, site.arena, s, &event.id, 1, 10, &rows, &count, &total), EG_NOTFOUND);
		assert_int_equal(registration_delete(&site.sv, site.arena, s, &anna, &event.id, &mine.id, &row), EG_NOTFOUND);
		assert_int_equal(registration_csv(&site.sv, site.arena, s, &event.id, &csv), EG_NOTFOUND);
	}
	assert_int_equal(csv.len, 0);
	/* By way of another event of the same customer. */
	assert_int_equal(registration_delete(&site.sv, site.arena, &site.scope, &anna, &other.id, &mine.id, &row), EG_NOTFOUND);
	list_of(&event, 1);
}

/* ---- T40: what is left of it in copies of the store ---- */

static const char *needle;
static unsigned found;

static int
look_for_needle(const char *path, const struct stat *st, int type, struct FTW *at)
{
	char *bytes;
	FILE *file;

	if (type != FTW_F || st->st_size == 0)
		return 0;
	bytes = malloc((size_t)st->st_size);
	file = fopen(path, "re");
	assert_non_null(file);
	assert_int_equal(fread(bytes, 1, (size_t)st->st_size, file), st->st_size);
	fclose(file);
	found += memmem(bytes, (size_t)st->st_size, needle, strlen(needle)) != NULL;
	free(bytes);
	return 0;
}

/* How many files of the installation hold this text. */
static unsigned
files_with(const char *text)
{
	needle = text;
	found = 0;
	assert_int_equal(nftw(site.dir, look_for_needle, 16, FTW_PHYS), 0);
	return found;
}

static const char *
key_file(const struct uuid *event_id)
{
	char id[UUID_TEXT_SIZE];

	uuid_format(event_id, id);
	return site_path(arena_printf(site.arena, "event.keys/%s", id));
}

static void
nothing_is_readable_without_the_key(void **state)
{
	const struct event_row event = new_event(0, 0);
	const struct registration_new in = { .name = CANARY, .email = CANARY "@example.com", .company = CANARY " Ltd",
		.answers = site_json("{\"" CANARY "\":\"" CANARY "\"}") };
	struct registration_row row, *rows;
	struct event_row deleted;
	struct keyring *key;
	struct stat st;
	struct faults f;

	assert_int_equal(sign_up(&event, &in, &f, &row), EG_OK);
	assert_string_equal(list_of(&event, 1)[0].name, CANARY);
	assert_int_equal(files_with(CANARY), 0);
	assert_true(files_with("registration.create") > 0);     /* the journal was looked at */
	assert_int_equal(stat(key_file(&event.id), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);

	/* The store came back from a backup, the key did not: what cannot be read is told as that, and can be deleted. */
	const char *kept = site_path("kept.key");

	assert_int_equal(rename(key_file(&event.id), kept), 0);
	assert_int_equal(event_key_open(&site.sv, site.arena, &event.id, &key), EG_NOTFOUND);
	rows = list_of(&event, 1);
	assert_true(rows[0].is_erased && rows[0].name == NULL && rows[0].email == NULL && rows[0].answers == NULL);
	assert_string_equal(json_get_str(registration_view(site.arena, &rows[0]), "status"), "erased");
	/* Under a new key the old ones stay erased, new ones can be read. */
	assert_int_equal(sign_up(&event, &in, &f, &row), EG_OK);
	rows = list_of(&event, 2);
	assert_true(!rows[0].is_erased && rows[1].is_erased);
	assert_int_equal(registration_delete(&site.sv, site.arena, &site.scope, &anna, &event.id, &rows[1].id, &row), EG_OK);
	list_of(&event, 1);

	/* With its event the key goes. */
	assert_int_equal(event_delete(&site.sv, site.arena, &site.scope, &anna, &event.id, &deleted), EG_OK);
	assert_int_not_equal(access(key_file(&event.id), F_OK), 0);
	assert_int_equal(unlink(kept), 0);
}

/* Overwritten, so that another name of the same file does not keep it. */
static void
a_destroyed_key_is_gone_under_every_name(void **state)
{
	const struct event_row event = new_event(0, 0);
	struct registration_row row;
	const char *other = site_path("other.name");
	char text[256] = "";
	int fd;

	assert_int_equal(sign_up_mail(&event, "a@example.com", &row), EG_OK);
	assert_int_equal(link(key_file(&event.id), other), 0);
	assert_int_equal(event_key_destroy(&site.sv, site.arena, &event.id), EG_OK);
	assert_int_equal(event_key_destroy(&site.sv, site.arena, &event.id), EG_OK);
	fd = open(other, O_RDONLY | O_CLOEXEC);
	assert_true(read(fd, text, sizeof(text)) > 40);
	close(fd);
	for (size_t i = 0; i < sizeof(text); i++)
		assert_int_equal(text[i], 0);
	assert_int_equal(unlink(other), 0);
}

static void
a_key_file_that_is_damaged_is_a_fault(void **state)
{
	const struct event_row event = new_event(0, 0);
	struct registration_row row, *rows;
	size_t count, total;

	assert_int_equal(sign_up_mail(&event, "a@example.com", &row), EG_OK);
	site_write(key_file(&event.id), "no key\n");
	log_open("test", LOG_LEVEL_ERROR + 1);
	assert_int_equal(registration_list(&site.sv, site.arena, &site.scope, &event.id, 1, 10, &rows, &count, &total), EG_DAMAGED);
	assert_int_equal(sign_up_mail(&event, "b@example.com", &row), EG_DAMAGED);
	log_open("test", LOG_LEVEL_ERROR);
}

/* A record moved to another event, or a sealed text to another record, is nobody's. */
static eg_err
move_seal(struct store_tx *tx, struct arena *a, void *arg)
{
	const struct uuid *ids = arg;
	struct store_record from, to;

	EG_TRY(store_tx_get(tx, KIND_SIGNUP, &ids[0], &from));
	EG_TRY(store_tx_get(tx, KIND_SIGNUP, &ids[1], &to));
	to.doc = from.doc;
	return store_tx_put(tx, &to);
}

static void
a_seal_is_good_for_one_record(void **state)
{
	static const struct store_cause cause = { .actor = "cli:test", .action = "test" };
	const struct event_row event = new_event(0, 0);
	struct registration_row one, two, *rows;
	struct uuid ids[2];

	assert_int_equal(sign_up_mail(&event, "a@example.com", &one), EG_OK);
	assert_int_equal(sign_up_mail(&event, "b@example.com", &two), EG_OK);
	ids[0] = one.id;
	ids[1] = two.id;
	assert_int_equal(store_change(site.sv.store, site.arena, &cause, move_seal, ids), EG_OK);
	rows = list_of(&event, 2);
	assert_true(rows[0].is_erased && !rows[1].is_erased);
}

/* ---- activity ---- */

static void
visitors_write_no_activity(void **state)
{
	const struct event_row event = new_event(0, 0);
	struct registration_row row, gone;
	size_t before, total;

	site_last_activity(&site.scope, &event.id, &before);
	assert_int_equal(sign_up_mail(&event, CANARY "@example.com", &row), EG_OK);
	site_last_activity(&site.scope, &event.id, &total);
	assert_int_equal(total, before);
	assert_int_equal(registration_delete(&site.sv, site.arena, &site.scope, &anna, &event.id, &row.id, &gone), EG_OK);
	assert_string_equal(site_last_activity(&site.scope, &event.id, &total),
	    "registration.delete|Fair|A registration was deleted.|anna@acme.example");
}

/* ---- CSV ---- */

static void
csv(void **state)
{
	static const struct registration_new people[] = {
		{ .name = "Bea", .email = "bea@example.com" },
		{ .name = "=HYPERLINK(\"https://evil.example\")", .email = "+bea@example.com", .company = "@SUM(A1)" },
		{ .name = "Cem \"C\" Can, jr.", .email = "-cem@example.com", .company = "- & sons" },
	};
	const struct event_row event = new_event(0, 0);
	struct registration_new in = { .name = "Dua", .email = "dua@example.com",
		.answers = site_json("{\"Diet\":\"vegan; nuts\",\"Note\":\"one\\ntwo\",\"None\":null}") };
	struct registration_row row;
	struct faults f;
	struct buf out;
	const char *line;

	buf_init(&out, site.arena, 64);
	assert_int_equal(registration_csv(&site.sv, site.arena, &site.scope, &event.id, &out), EG_OK);
	assert_string_equal(out.data, "id,created_at,status,name,email,company,answers\r\n");
	for (size_t i = 0; i < EG_COUNT(people); i++)
		assert_int_equal(sign_up(&event, &people[i], &f, &row), EG_OK);
	assert_int_equal(sign_up(&event, &in, &f, &row), EG_OK);
	buf_init(&out, site.arena, 64);
	assert_int_equal(registration_csv(&site.sv, site.arena, &site.scope, &event.id, &out), EG_OK);
	line = strstr(out.data, "\r\n") + 2;
	assert_int_equal(line[0], '"');
	assert_non_null(strstr(out.data, "Z\",\"registered\",\"Dua\",\"dua@example.com\",\"\",\"Diet: vegan; nuts; Note: one\ntwo; None: \"\r\n"));
	assert_non_null(strstr(out.data, ",\"'=HYPERLINK(\"\"https://evil.example\"\")\",\"'+bea@example.com\",\"'@SUM(A1)\",\"\"\r\n"));
	assert_non_null(strstr(out.data, ",\"Cem \"\"C\"\" Can, jr.\",\"'-cem@example.com\",\"'- & sons\",\"\"\r\n"));
	assert_non_null(strstr(out.data, ",\"Bea\",\"bea@example.com\",\"\",\"\"\r\n"));
}

/* ---- at once ---- */

#define RIVALS 2
#define ROUNDS 20

static struct {
	eg_err results[RIVALS][ROUNDS];
	int ready;
} *notes;

static void
rival(const struct event_row *events, int which)
{
	struct service sv;
	struct arena *a = arena_new();
	const char *why;

	if (service_open(&sv, site.config_path, &why) != EG_OK)
		_exit(2);
	__atomic_add_fetch(&notes->ready, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(&notes->ready, __ATOMIC_SEQ_CST) < RIVALS)
		usleep(100);
	for (int i = 0; i < ROUNDS; i++) {
		const struct registration_new in = { .name = "Bea", .email = arena_printf(a, "bea%d@example.com", which) };
		struct registration_row row;
		struct faults f;

		faults_init(&f, a);
		do {
			notes->results[which][i] = registration_create(&sv, a, &site.scope, &anna, &events[i].id, &in, &f, &row);
		} while (notes->results[which][i] == EG_BUSY);
	}
	service_close(&sv);
	arena_free(a);
	_exit(0);
}

/* One seat each, and neither has the event's key yet: one wins, the other is told that it is full. */
static void
the_last_seat_goes_to_one(void **state)
{
	struct event_row events[ROUNDS];
	pid_t children[RIVALS];

	notes = mmap(NULL, sizeof(*notes), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(notes != MAP_FAILED);
	for (int i = 0; i < ROUNDS; i++)
		events[i] = new_event(1, 0);
	for (int i = 0; i < RIVALS; i++) {
		children[i] = fork();
		assert_true(children[i] >= 0);
		if (children[i] == 0)
			rival(events, i);
	}
	for (int i = 0; i < RIVALS; i++) {
		int status;

		assert_true(waitpid(children[i], &status, 0) == children[i]);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	}
	for (int i = 0; i < ROUNDS; i++) {
		eg_err one = notes->results[0][i], two = notes->results[1][i];

		assert_true((one == EG_OK && two == EG_CONFLICT) || (one == EG_CONFLICT && two == EG_OK));
		assert_false(list_of(&events[i], 1)[0].is_erased);
	}
	munmap(notes, sizeof(*notes));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(what_is_typed, site_each),
		cmocka_unit_test_setup(seats, site_each),
		cmocka_unit_test_setup(whose_it_is, site_each),
		cmocka_unit_test_setup(nothing_is_readable_without_the_key, site_each),
		cmocka_unit_test_setup(a_destroyed_key_is_gone_under_every_name, site_each),
		cmocka_unit_test_setup(a_key_file_that_is_damaged_is_a_fault, site_each),
		cmocka_unit_test_setup(a_seal_is_good_for_one_record, site_each),
		cmocka_unit_test_setup(visitors_write_no_activity, site_each),
		cmocka_unit_test_setup(csv, site_each),
		cmocka_unit_test_setup(the_last_seat_goes_to_one, site_each),
	};

	return cmocka_run_group_tests(tests, setup, site_teardown);
}
