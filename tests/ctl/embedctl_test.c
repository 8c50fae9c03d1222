/* SPDX-License-Identifier: GPL-3.0-or-later */
/* embedctl as an operator uses it: each run is a process of its own, with its own standard streams. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ctl/ctl.h"
#include "sign/embed_token.h"

#define ARGS_MAX 24
#define OUTPUT_MAX (1u << 20)
#define NOBODY 65534

static char root[64];
static char data[96];
static struct arena *arena;

struct run {
	int status;
	const char *out, *err;
};

/* ---- running ---- */

static const char *
slurp(int fd)
{
	char *text = arena_alloc(arena, OUTPUT_MAX);
	ssize_t n = pread(fd, text, OUTPUT_MAX - 1, 0);

	assert_true(n >= 0);
	close(fd);
	return text;
}

static int
scratch_file(const char *text)
{
	char path[] = "/tmp/embedctl_test.XXXXXX";
	int fd = mkostemp(path, O_CLOEXEC);

	assert_true(fd >= 0);
	unlink(path);
	if (text != NULL)
		assert_int_equal(pwrite(fd, text, strlen(text), 0), (ssize_t)strlen(text));
	return fd;
}

static struct run
run_on(const char *dir, const char *input, const char *const *args)
{
	char *argv[ARGS_MAX + 4] = { (char[]){ "embedctl" } };
	int argc = 1, in = scratch_file(input), out = scratch_file(NULL), err = scratch_file(NULL), status;
	pid_t child;

	if (dir != NULL) {
		argv[argc++] = arena_strdup(arena, "--data");
		argv[argc++] = arena_strdup(arena, dir);
	}
	while (*args != NULL) {
		assert_true(argc < ARGS_MAX);
		argv[argc++] = arena_strdup(arena, *args++);
	}
	fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		dup2(in, STDIN_FILENO);
		dup2(out, STDOUT_FILENO);
		dup2(err, STDERR_FILENO);
		status = embedctl_main(argc, argv);
		fflush(NULL);
		_exit(status);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	close(in);
	return (struct run){ .status = WEXITSTATUS(status), .out = slurp(out), .err = slurp(err) };
}

#define ARGS(...) (const char *const[]){ __VA_ARGS__, NULL }
#define RUN(...) run_on(data, NULL, ARGS(__VA_ARGS__))

static size_t
lines_of(const char *text)
{
	size_t n = 0;

	for (; *text != '\0'; text++)
		n += *text == '\n';
	return n;
}

static void
assert_has(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("'%s' holds no '%s'", text, part);
}

/* Nothing on standard output, one sentence on standard error. */
static void
assert_refused(struct run r, int status, const char *part)
{
	if (r.status != status || lines_of(r.err) != 1 || *r.out != '\0')
		fail_msg("status %d, wanted %d with one sentence: out '%s', err '%s'", r.status, status, r.out, r.err);
	assert_int_equal(strncmp(r.err, "embedctl: ", 10), 0);
	assert_has(r.err, part);
}

static const char *
done(struct run r)
{
	if (r.status != CTL_DONE || *r.err != '\0')
		fail_msg("status %d: %s", r.status, r.err);
	return r.out;
}

static json_object *
json_of(struct run r)
{
	json_object *o;
	const char *why = "", *text = done(r);

	if (json_parse_strict(arena, text, strlen(text), &o, &why) != EG_OK)
		fail_msg("no JSON (%s): %s", why, text);
	return o;
}

#define RUN_JSON(...) json_of(run_on(data, NULL, ARGS("--json", __VA_ARGS__)))

/* ---- folders ---- */

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	return remove(path);
}

static int
give_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	return lchown(path, NOBODY, NOBODY);
}

static const char *
path_of(const char *name)
{
	return arena_printf(arena, "%s/%s", root, name);
}

static void
write_text(const char *path, const char *mode, const char *text)
{
	FILE *f = fopen(path, mode);

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static unsigned
mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(lstat(path, &st), 0);
	return st.st_mode & 07777;
}

static bool
exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

static int
setup_empty(void **state)
{
	arena = arena_new();
	unsetenv("EMBEDGATE_CONF");
	unsetenv("EMBEDGATE_DATA");
	strcpy(root, "/tmp/embedctl_test.XXXXXX");
	if (mkdtemp(root) == NULL)
		return -1;
	snprintf(data, sizeof(data), "%s/data", root);
	return 0;
}

static int
setup(void **state)
{
	if (setup_empty(state) != 0)
		return -1;
	return RUN("init", "--partner", "Example", "--email", "owner@example.com").status;
}

static int
teardown(void **state)
{
	nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	arena_free(arena);
	return 0;
}

/* ---- init ---- */

static void
init_makes_a_folder_that_only_its_owner_reads(void **state)
{
	json_object *view = RUN_JSON("init", "--partner", "Example", "--email", "owner@example.com", "--public-url",
	    "https://portal.example.com/", "--embed-url", "https://embeds.example.com");
	const char *config = path_of("data/embedgate.conf");

	assert_int_equal(mode_of(data), 0700);
	assert_int_equal(mode_of(config), 0600);
	assert_int_equal(mode_of(path_of("data/master.key")), 0600);
	assert_int_equal(mode_of(path_of("data/store")), 0700);
	assert_string_equal(json_get_str(view, "sign_in_url"), "https://portal.example.com/portal/login");
	assert_string_equal(json_get_str(view, "email"), "owner@example.com");
	assert_string_equal(json_get_str(json_get_object(view, "partner"), "name"), "Example");
	assert_true(strlen(json_get_str(view, "password")) >= 20);
	assert_has(slurp(open(config, O_RDONLY)), "embed_url = https://embeds.example.com");
	assert_int_equal(json_object_array_length(RUN_JSON("partner", "list")), 1);
}

static void
init_touches_nothing_that_exists(void **state)
{
	const char *file = path_of("data/precious");

	assert_int_equal(mkdir(data, 0755), 0);
	write_text(file, "w", "mine");
	assert_refused(RUN("init", "--partner", "Example", "--email", "owner@example.com"), CTL_REFUSED, "not an empty folder");
	assert_string_equal(slurp(open(file, O_RDONLY)), "mine");
	assert_false(exists(path_of("data/embedgate.conf")));

	unlink(file);
	done(RUN("init", "--partner", "Example", "--email", "owner@example.com"));
	assert_int_equal(mode_of(data), 0700);
	assert_refused(RUN("init", "--partner", "Example", "--email", "owner@example.com"), CTL_REFUSED, "not an empty folder");
	assert_int_equal(json_object_array_length(RUN_JSON("partner", "list")), 1);
}

/* Whole or not at all. */
static void
init_leaves_nothing_behind_when_it_fails(void **state)
{
	write_text(path_of("short"), "w", "short\n");
	assert_refused(RUN("init", "--partner", "Example", "--email", "nonsense"), CTL_REFUSED, "--email");
	assert_false(exists(data));
	assert_refused(RUN("init", "--partner", "Example", "--email", "o@example.com", "--password-file", path_of("short")), CTL_REFUSED,
	    "--password-file");
	assert_false(exists(data));
	assert_refused(RUN("init", "--partner", "Example", "--email", "o@example.com", "--password-file", path_of("missing")), CTL_REFUSED,
	    "No such file");
	assert_refused(RUN("init", "--partner", "Example", "--email", "o@example.com", "--public-url", "portal"), CTL_USAGE, "--public-url");
	assert_refused(RUN("init", "--partner", "Example", "--email", "o@example.com", "--public-url", "http://portal.example.com"),
	    CTL_USAGE, "--public-url must begin with https://");
	assert_false(exists(data));

	/* A folder that was there before stays, and is as empty as before. */
	assert_int_equal(mkdir(data, 0700), 0);
	assert_refused(RUN("init", "--partner", "Example", "--email", "nonsense"), CTL_REFUSED, "--email");
	assert_int_equal(rmdir(data), 0);
	assert_refused(run_on("/proc/embedgate", NULL, ARGS("init", "--partner", "E", "--email", "o@example.com")), CTL_REFUSED,
	    "/proc/embedgate");
}

static void
init_takes_a_password_from_a_file(void **state)
{
	json_object *view;

	write_text(path_of("password"), "w", "correct horse battery\n");
	view = RUN_JSON("init", "--partner", "Example", "--email", "owner@example.com", "--password-file", path_of("password"));
	assert_null(json_get_str(view, "password"));    /* who brought it knows it */
}

/* ---- usage ---- */

static const struct {
	const char *name;
	const char *args[8];
	const char *part;
} wrong[] = {
	{ "unknown command", { "frobnicate" }, "'embedctl help'" },
	{ "a command of later", { "backup", "x" }, "'embedctl help'" },
	{ "half a command", { "token" }, "embedctl help token" },
	{ "another half", { "token", "frobnicate" }, "embedctl help token" },
	{ "unknown option", { "customer", "list", "--frobnicate" }, "--frobnicate" },
	{ "an option cut short", { "customer", "create", "--nam", "X" }, "no option --nam" },
	{ "an option cut short, with its value", { "customer", "create", "--nam=X" }, "no option --nam=X" },
	{ "a switch cut short", { "--jso", "customer", "list" }, "no option --jso" },
	{ "an option of others", { "customer", "list", "--tokens", "3" }, "--tokens" },
	{ "a value missing", { "customer", "create", "--name" }, "--name needs a value" },
	{ "an option missing", { "customer", "create" }, "needs --name" },
	{ "an option twice", { "customer", "create", "--name", "A", "--name", "B" }, "twice" },
	{ "an operand missing", { "token", "revoke" }, "Usage" },
	{ "an operand too many", { "customer", "list", "all" }, "Usage" },
	{ "no subject", { "token", "create", "--name", "A" }, "--customer" },
	{ "no type of key", { "key", "create", "--name", "A", "--type", "root" }, "read_only" },
	{ "no role", { "user", "add", "--email", "a@example.com", "--role", "root" }, "member" },
	{ "no time", { "token", "create", "--customer", "01990000-0000-7000-8000-000000000001", "--expires", "soon" }, "2027-01-31" },
	{ "no number", { "demo", "--tokens", "many" }, "--tokens" },
	{ "nobody's event", { "event", "import", "-" }, "needs --customer" },
	{ "data and config", { "customer", "list", "--config", "x" }, "not both" },
	{ "a token on the command line", { "token", "check", "emb_AAAA" }, "standard input" },
};

static void
wrong_usage_is_told_in_one_sentence(void **state)
{
	for (size_t i = 0; i < EG_COUNT(wrong); i++) {
		print_message("  %s\n", wrong[i].name);
		assert_refused(run_on(data, NULL, wrong[i].args), CTL_USAGE, wrong[i].part);
	}
	struct run r = run_on(NULL, NULL, (const char *const[]){ NULL });

	assert_int_equal(r.status, CTL_USAGE);
	assert_has(r.err, "usage: embedctl");
}

static void
help_lists_what_there_is_and_nothing_else(void **state)
{
	static const char *const there[] = { "init", "demo", "partner suspend", "user password", "key create", "customer create",
		"token check", "event import", "verify", "rebuild", "stats" };
	static const char *const not_yet[] = { "backup", "restore", "doctor", "maintain", "export" };
	const char *help = done(run_on(NULL, NULL, ARGS("help")));

	for (size_t i = 0; i < EG_COUNT(there); i++)
		assert_has(help, there[i]);
	for (size_t i = 0; i < EG_COUNT(not_yet); i++)
		assert_null(strstr(help, not_yet[i]));
	assert_string_equal(done(run_on(NULL, NULL, ARGS("--help"))), help);
	assert_null(strstr(done(run_on(NULL, NULL, ARGS("help", "key"))), "customer list"));
	assert_has(done(run_on(NULL, NULL, ARGS("--version"))), EG_VERSION);
}

/* ---- the ways through ---- */

static void
a_token_from_its_making_to_its_end(void **state)
{
	json_object *customer = RUN_JSON("customer", "create", "--name", "Acme <&> Söhne", "--email", "acme@example.com");
	const char *customer_id = json_get_str(customer, "id");
	json_object *token = RUN_JSON("token", "create", "--customer", customer_id, "--name", "Website", "--origin", "acme.example",
	    "--origin", "https://*.shop.example/path", "--permission", "dashboard:read", "--permission", "api:read", "--expires", "2099-01-31");
	const char *id = json_get_str(token, "id"), *text = json_get_str(token, "token");
	json_object *seen, *tokens;

	assert_string_equal(json_get_str(customer, "name"), "Acme <&> Söhne");
	assert_int_equal(strlen(text), EMBED_TOKEN_LEN);
	assert_string_equal(json_get_str(token, "customer_id"), customer_id);
	assert_string_equal(json_get_str(token, "expires_at"), "2099-01-31T00:00:00Z");
	assert_int_equal(json_object_array_length(json_get_array(token, "permissions")), 2);
	assert_string_equal(json_object_get_string(json_object_array_get_idx(json_get_array(token, "allowed_origins"), 0)),
	    "https://acme.example");
	assert_string_equal(json_object_get_string(json_object_array_get_idx(json_get_array(token, "allowed_origins"), 1)),
	    "https://*.shop.example");

	/* K8, E2: this once. */
	tokens = RUN_JSON("token", "list");
	assert_int_equal(json_object_array_length(tokens), 1);
	seen = json_object_array_get_idx(tokens, 0);
	assert_string_equal(json_get_str(seen, "id"), id);
	assert_null(json_get_str(seen, "token"));
	assert_null(strstr(done(RUN("token", "list")), text));

	assert_int_equal(run_on(data, text, ARGS("token", "check", "-")).status, CTL_DONE);
	assert_string_equal(json_get_str(RUN_JSON("token", "revoke", id), "status"), "revoked");
	assert_int_equal(run_on(data, text, ARGS("token", "check", "-")).status, CTL_REFUSED);
	assert_string_equal(json_get_str(RUN_JSON("token", "revoke", id), "status"), "revoked");        /* twice is once */
	assert_refused(RUN("token", "revoke", customer_id), CTL_REFUSED, "no token");
	assert_refused(RUN("token", "revoke", "nonsense"), CTL_REFUSED, "embedctl token list");
	assert_has(done(RUN("verify")), "No damage");
	assert_true(json_get_bool(RUN_JSON("verify"), "ok", false));
	assert_int_equal(json_object_array_length(json_get_array(RUN_JSON("verify"), "findings")), 0);
}

static void
text_answers_are_for_people_and_pipes(void **state)
{
	const char *customer_id, *out;

	done(RUN("customer", "create", "--name", "First"));
	done(RUN("customer", "create", "--name", "Second"));
	out = done(RUN("customer", "list"));
	assert_int_equal(lines_of(out), 2);     /* no titles in a pipe; the newest first */
	customer_id = arena_strndup(arena, out, UUID_TEXT_LEN);
	assert_has(strchr(out, '\n'), "First");
	out = done(RUN("token", "create", "--customer", customer_id));
	assert_has(out, "\ntoken ");
	assert_has(out, "emb_");
	assert_has(out, customer_id);
	assert_int_equal(lines_of(done(RUN("token", "list"))), 1);
	assert_int_equal(lines_of(done(RUN("token", "list", "--customer", customer_id))), 1);
	done(RUN("rebuild"));
	assert_int_equal(lines_of(done(RUN("customer", "list"))), 2);
	assert_int_equal(json_get_int(json_get_object(RUN_JSON("stats"), "records"), "c", 0), 2);
	assert_has(done(RUN("stats")), "records");
}

static void
faults_are_named_after_the_options(void **state)
{
	const char *customer_id = json_get_str(RUN_JSON("customer", "create", "--name", "Acme"), "id");
	struct run r;

	assert_refused(RUN("customer", "create", "--name", ""), CTL_REFUSED, "--name: ");
	assert_refused(RUN("token", "create", "--customer", customer_id, "--origin", "ftp://x"), CTL_REFUSED, "--origin: ");
	assert_refused(RUN("token", "create", "--customer", customer_id, "--permission", "all"), CTL_REFUSED, "--permission: ");
	assert_refused(RUN("token", "create", "--customer", customer_id, "--expires", "2020-01-31"), CTL_REFUSED, "--expires: ");
	assert_refused(RUN("token", "create", "--customer", "01990000-0000-7000-8000-000000000001"), CTL_REFUSED, "no customer");
	assert_refused(RUN("token", "create", "--event", "01990000-0000-7000-8000-000000000001"), CTL_REFUSED, "no event");
	r = RUN("token", "create", "--customer", customer_id, "--origin", "ftp://x", "--expires", "2020-01-31");
	assert_int_equal(r.status, CTL_REFUSED);
	assert_int_equal(lines_of(r.err), 2);   /* all faults at once */
	assert_int_equal(json_object_array_length(RUN_JSON("token", "list")), 0);
}

static void
keys_are_shown_once(void **state)
{
	json_object *key = RUN_JSON("key", "create", "--type", "partner", "--name", "N8N Production");
	const char *text = json_get_str(key, "key");

	assert_int_equal(strncmp(text, "egp_", 4), 0);
	assert_null(strstr(done(RUN("key", "list")), text));
	assert_has(done(RUN("key", "list")), json_get_str(key, "prefix"));
	assert_string_equal(json_get_str(RUN_JSON("key", "revoke", json_get_str(key, "id")), "status"), "revoked");
	assert_refused(RUN("key", "create", "--type", "customer", "--name", "Acme"), CTL_REFUSED, "--customer");
}

static void
where_there_are_two_partners_one_is_named(void **state)
{
	json_object *partner = RUN_JSON("partner", "create", "--name", "Second", "--email", "second@example.com");
	const char *id = json_get_str(partner, "id");

	assert_true(strlen(json_get_str(partner, "password")) >= 20);
	assert_refused(RUN("customer", "list"), CTL_USAGE, "--partner");
	assert_refused(RUN("customer", "create", "--name", "Acme"), CTL_USAGE, "--partner");
	assert_refused(RUN("--partner", "01990000-0000-7000-8000-000000000001", "customer", "list"), CTL_REFUSED, "no partner");
	done(RUN("--partner", id, "customer", "create", "--name", "Acme"));
	assert_int_equal(json_object_array_length(RUN_JSON("customer", "list", "--partner", id)), 1);
	assert_int_equal(json_object_array_length(RUN_JSON("partner", "list")), 2);
	assert_string_equal(json_get_str(RUN_JSON("partner", "suspend", id), "status"), "suspended");
	assert_string_equal(json_get_str(RUN_JSON("partner", "resume", id), "status"), "active");
	assert_refused(RUN("partner", "create", "--name", "Third", "--email", "SECOND@example.com"), CTL_REFUSED, "--email: ");
}

static void
users_get_passwords(void **state)
{
	json_object *user = RUN_JSON("user", "add", "--email", "Anna@example.com", "--role", "member");
	const char *first = json_get_str(user, "password"), *second;

	assert_string_equal(json_get_str(user, "role"), "member");
	second = json_get_str(RUN_JSON("user", "password", "--email", "anna@EXAMPLE.com"), "password");
	assert_string_not_equal(first, second);
	assert_refused(RUN("user", "password", "--email", "nobody@example.com"), CTL_REFUSED, "user add");
	assert_refused(RUN("user", "add", "--email", "anna@example.com", "--role", "admin"), CTL_REFUSED, "--email: ");
	assert_refused(run_on(data, "short\n", ARGS("user", "password", "--email", "anna@example.com", "--password-file", "-")), CTL_REFUSED,
	    "--password-file: ");
	assert_null(json_get_str(json_of(run_on(data, "correct horse battery\nsecond line\n",
	    ARGS("--json", "user", "password", "--email", "anna@example.com", "--password-file", "-"))), "password"));
}

/* ---- token check: K32, K33, A25 ---- */

enum pasted { BARE, SPACES, URL_FRAGMENT, URL_OTHER_ID, URL_QUERY, URL_QUERY_SECOND, CUT, ONE_LETTER, API_KEY, URL_EMPTY, NOTHING, NOVEL };

static const struct {
	const char *name;
	enum pasted pasted;
	const char *site;
	int status;
	const char *verdict;    /* NULL: a sentence instead */
} checks[] = {
	{ "a token", BARE, NULL, CTL_DONE, "ok" },
	{ "white space around it", SPACES, NULL, CTL_DONE, "ok" },
	{ "an embed URL", URL_FRAGMENT, NULL, CTL_DONE, "ok" },
	{ "an embed URL with another token's id", URL_OTHER_ID, NULL, CTL_REFUSED, "subject_mismatch" },
	{ "an address with ?token=", URL_QUERY, NULL, CTL_DONE, "ok" },
	{ "an address with &token=", URL_QUERY_SECOND, NULL, CTL_DONE, "ok" },
	{ "K33 cut short", CUT, NULL, CTL_REFUSED, "token_malformed" },
	{ "K33 one letter changed", ONE_LETTER, NULL, CTL_REFUSED, "token_malformed" },
	{ "K32 an API key", API_KEY, NULL, CTL_REFUSED, "wrong_token_type" },
	{ "K33 its site", BARE, "acme.example", CTL_DONE, "ok" },
	{ "K33 another site", BARE, "https://evil.example", CTL_REFUSED, "origin_not_allowed" },
	{ "an address without a token", URL_EMPTY, NULL, CTL_REFUSED, NULL },
	{ "nothing", NOTHING, NULL, CTL_REFUSED, NULL },
	{ "a novel", NOVEL, NULL, CTL_REFUSED, NULL },
};

static const char *
pasted_text(enum pasted pasted, json_object *token, const char *key)
{
	const char *text = json_get_str(token, "token"), *id = json_get_str(token, "id");
	char *copy = arena_strdup(arena, text);

	switch (pasted) {
	case BARE:		return text;
	case SPACES:		return arena_printf(arena, " \n\t%s \r\n\n", text);
	case URL_FRAGMENT:	return arena_printf(arena, "http://127.0.0.1:8080/e/%s#%s\n", id, text);
	case URL_OTHER_ID:	return arena_printf(arena, "http://127.0.0.1:8080/e/01990000-0000-7000-8000-000000000001#%s\n", text);
	case URL_QUERY:		return arena_printf(arena, "https://x.example/dashboard.html?token=%s", text);
	case URL_QUERY_SECOND:	return arena_printf(arena, "https://x.example/dashboard.html?a=token=b&token=%s&b=c#token=no", text);
	case CUT:		return arena_strndup(arena, text, EMBED_TOKEN_LEN - 1);
	case ONE_LETTER:
		copy[20] = copy[20] == 'A' ? 'B' : 'A';
		return copy;
	case API_KEY:		return key;
	case URL_EMPTY:		return "https://x.example/dashboard.html?theme=dark";
	case NOTHING:		return " \n";
	case NOVEL:
		copy = arena_alloc(arena, 20001);
		memset(copy, 'x', 20000);
		return copy;
	}
	return NULL;
}

static void
a_pasted_text_is_judged_check_by_check(void **state)
{
	const char *customer_id = json_get_str(RUN_JSON("customer", "create", "--name", "Acme"), "id");
	json_object *token = RUN_JSON("token", "create", "--customer", customer_id, "--origin", "https://acme.example");
	const char *key = json_get_str(RUN_JSON("key", "create", "--type", "partner", "--name", "K"), "key");

	for (size_t i = 0; i < EG_COUNT(checks); i++) {
		const char *text = pasted_text(checks[i].pasted, token, key), *why = "";
		const char *const *args = checks[i].site == NULL ? ARGS("--json", "token", "check", "-") :
		    ARGS("--json", "token", "check", "-", "--origin", checks[i].site);
		struct run r = run_on(data, text, args);
		json_object *view, *steps, *last;

		print_message("  %s\n", checks[i].name);
		if (checks[i].verdict == NULL) {
			assert_refused(r, checks[i].status, "");
			continue;
		}
		assert_int_equal(r.status, checks[i].status);
		assert_string_equal(r.err, "");
		assert_int_equal(json_parse_strict(arena, r.out, strlen(r.out), &view, &why), EG_OK);
		assert_string_equal(json_get_str(view, "verdict"), checks[i].verdict);
		steps = json_get_array(view, "checks");
		last = json_object_array_get_idx(steps, json_object_array_length(steps) - 1);
		assert_int_equal(json_get_bool(last, "ok", false), checks[i].status == CTL_DONE);
		if (checks[i].status == CTL_REFUSED) {
			assert_string_equal(json_get_str(last, "code"), checks[i].verdict);
			assert_true(strlen(json_get_str(last, "fix")) > 20);
		}
	}
	/* Checking is no use: nothing was counted. */
	assert_int_equal(json_get_int(json_object_array_get_idx(RUN_JSON("token", "list"), 0), "usage_count", -1), 0);
	assert_int_equal(json_get_int(json_object_array_get_idx(RUN_JSON("token", "list"), 0), "refused_count", -1), 0);
}

static void
a_check_for_people_has_marks_and_the_fix(void **state)
{
	const char *customer_id = json_get_str(RUN_JSON("customer", "create", "--name", "Acme"), "id");
	json_object *token = RUN_JSON("token", "create", "--customer", customer_id, "--name", "Website");
	const char *text = json_get_str(token, "token");
	struct run r = run_on(data, text, ARGS("token", "check", "-"));

	assert_has(done(r), "\u2713 is not revoked\n");
	assert_null(strstr(r.out, "\u2717"));
	assert_has(r.out, "Token \"Website\" of Acme\n");
	assert_null(strstr(r.out, "this site"));        /* none was named */
	assert_has(done(run_on(data, text, ARGS("token", "check", "-", "--origin=acme.example"))), "\u2713 may be used on this site\n");
	done(RUN("token", "revoke", json_get_str(token, "id")));
	r = run_on(data, text, ARGS("token", "check", "-"));
	assert_int_equal(r.status, CTL_REFUSED);
	assert_has(r.out, "\u2717 is not revoked\nRefused: token_revoked (401).");
	assert_has(r.out, "Create a new one");
	assert_null(strstr(r.out, text));
}

/* ---- events ---- */

/* `version` and what stands behind the one talk; "": nothing. */
static const char *
schedule_json(const char *acronym, const char *version, const char *more)
{
	return arena_printf(arena, "{\"schedule\":{\"version\":\"%s\",\"conference\":{\"acronym\":%s,\"title\":\"Fair\",\"days\":[{"
	    "\"date\":\"2027-05-13\",\"rooms\":{\"Hall\":[{\"id\":1,\"title\":\"Talk\",\"date\":\"2027-05-13T10:00:00Z\"}%s]}}]}}}", version,
	    acronym, more);
}

static void
an_event_from_a_file(void **state)
{
	const char *customer = json_get_str(RUN_JSON("customer", "create", "--name", "Acme"), "id");
	const char *path = arena_strdup(arena, path_of("schedule.json"));
	json_object *event;
	const char *id, *out;

	assert_refused(RUN("event", "import", path, "--customer", customer), CTL_REFUSED, "name the JSON file");
	write_text(path, "w", "{\n \"schedule\": nothing }");
	assert_refused(RUN("event", "import", path, "--customer", customer), CTL_REFUSED, "line 2");
	write_text(path, "w", schedule_json("null", "1", ",{\"id\":2}"));
	assert_has(RUN("event", "import", path, "--customer", customer).err,
	    "embedctl: schedule.conference.days[0].rooms.Hall[1].title: Give the session a title.");
	assert_int_equal(json_get_int(json_get_object(RUN_JSON("stats"), "records"), "e", 0), 0);
	write_text(path, "w", schedule_json("null", "1", ""));
	assert_refused(RUN("event", "import", path, "--customer", "01990000-0000-7000-8000-000000000001"), CTL_REFUSED,
	    "There is no customer");

	/* New; the same; another version; with an acronym, which from then on counts for more than the title. */
	assert_has(done(RUN("event", "import", path, "--customer", customer)), "1 sessions, 0 speakers, 1 days: a new event.");
	assert_has(done(RUN("event", "import", path, "--customer", customer)), "nothing had changed.");
	event = json_of(run_on(data, schedule_json("\"f27\"", "2", ""), ARGS("--json", "event", "import", "-", "--customer", customer)));
	id = json_get_str(event, "id");
	assert_string_equal(json_get_str(event, "name"), "Fair");
	assert_string_equal(json_get_str(json_get_object(event, "schedule"), "version"), "2");
	out = done(run_on(data, schedule_json("\"f27\"", "3", ",{\"id\":2,\"title\":\"B\",\"date\":\"2027-05-13T10:00:00Z\"}"),
	    ARGS("event", "import", "-", "--customer", customer)));
	assert_has(out, id);
	assert_has(out, "2 sessions, 0 speakers, 1 days: the event was updated.");
	assert_has(done(run_on(data, schedule_json("\"f28\"", "1", ""), ARGS("event", "import", "-", "--customer", customer))),
	    "a new event.");
	assert_int_equal(json_get_int(json_get_object(RUN_JSON("stats"), "records"), "e", 0), 2);

	/* E10 */
	json_object *token = RUN_JSON("token", "create", "--event", id, "--name", "Fair page");

	assert_string_equal(json_get_str(token, "event_id"), id);
	assert_string_equal(json_get_str(token, "customer_id"), customer);
	assert_refused(RUN("token", "create", "--event", customer), CTL_REFUSED, "There is no event");
	assert_has(done(RUN("verify")), "No damage");
}

/* ---- demo ---- */

static void
the_demo_is_made_once(void **state)
{
	json_object *first = RUN_JSON("demo"), *second = RUN_JSON("demo");

	assert_string_equal(json_get_str(first, "name"), "Acme Events");
	assert_string_equal(json_get_str(first, "id"), json_get_str(second, "id"));
	assert_int_equal(json_object_array_length(json_get_array(first, "features")), 5);
	assert_int_equal(json_object_array_length(RUN_JSON("customer", "list")), 1);
	assert_int_equal(json_object_array_length(RUN_JSON("token", "list")), 3);
	json_object *records = json_get_object(RUN_JSON("stats"), "records");

	assert_int_equal(json_get_int(records, "m", 0), 3);
	assert_int_equal(json_get_int(records, "e", 0), 1);
	assert_int_equal(json_get_int(records, "h", 0), 1);
	assert_int_equal(json_get_int(records, "g", 0), 5);
	assert_int_equal(json_get_int(records, "a", 0), 1);
	assert_int_equal(json_get_int(records, "r", 0), 6);
}

static void
tokens_for_load_tests_are_genuine(void **state)
{
	const char *out = done(RUN("demo", "--tokens", "130"));
	const char *last = out;

	assert_int_equal(lines_of(out), 130);
	for (size_t i = 0; i < 129; i++)
		last = strchr(last, '\n') + 1;
	assert_int_equal(run_on(data, last, ARGS("token", "check", "-")).status, CTL_DONE);
	assert_int_equal(json_object_array_length(RUN_JSON("token", "list")), 130);
	assert_int_equal(json_object_array_length(RUN_JSON("customer", "list")), 1);
	assert_has(done(RUN("verify")), "No damage");
}

/* ---- faults of the installation ---- */

static void
a_key_file_that_others_read_stops_everything(void **state)
{
	const char *key = path_of("data/master.key");

	assert_int_equal(chmod(key, 0644), 0);
	assert_refused(RUN("customer", "list"), CTL_REFUSED, "chmod 600");
	assert_int_equal(chmod(key, 0600), 0);
	done(RUN("customer", "list"));
	assert_int_equal(rename(key, path_of("elsewhere")), 0);
	assert_refused(RUN("customer", "list"), CTL_REFUSED, "master.key");
	write_text(key, "w", "1 AAAA\n");
	assert_int_equal(chmod(key, 0600), 0);
	assert_refused(RUN("customer", "list"), CTL_REFUSED, "master.key");
}

static void
a_bad_line_of_the_configuration_is_named(void **state)
{
	write_text(path_of("data/embedgate.conf"), "a", "publik_url = x\n");
	assert_refused(RUN("customer", "list"), CTL_REFUSED, "publik_url");
	assert_refused(run_on(path_of("nowhere"), NULL, ARGS("customer", "list")), CTL_REFUSED, "nowhere/embedgate.conf");
}

static void
the_environment_says_where_the_data_is(void **state)
{
	setenv("EMBEDGATE_DATA", data, 1);
	assert_int_equal(run_on(NULL, NULL, ARGS("customer", "list")).status, CTL_DONE);
	unsetenv("EMBEDGATE_DATA");
	setenv("EMBEDGATE_CONF", path_of("data/embedgate.conf"), 1);
	assert_int_equal(run_on(NULL, NULL, ARGS("customer", "list")).status, CTL_DONE);
	unsetenv("EMBEDGATE_CONF");
	assert_int_equal(run_on(NULL, NULL, ARGS("--config", path_of("data/embedgate.conf"), "customer", "list")).status, CTL_DONE);
}

/* Root leaves nothing behind that the server's user cannot write. */
static void
root_becomes_the_owner_of_the_data(void **state)
{
	struct stat st;

	if (geteuid() != 0)
		skip();
	assert_int_equal(chmod(root, 0755), 0);
	assert_int_equal(nftw(data, give_one, 16, FTW_DEPTH | FTW_PHYS), 0);
	done(RUN("customer", "create", "--name", "Acme"));
	done(RUN("rebuild"));
	assert_int_equal(lstat(path_of("data/store/index.a"), &st), 0);
	assert_int_equal(st.st_uid, NOBODY);
	assert_int_equal(lstat(path_of("data/store/lock"), &st), 0);
	assert_int_equal(st.st_uid, NOBODY);

	/* A password that only root reads is read before. */
	write_text(path_of("password"), "w", "correct horse battery\n");
	assert_int_equal(chmod(path_of("password"), 0600), 0);
	done(RUN("user", "password", "--email", "owner@example.com", "--password-file", path_of("password")));

	/* And a folder that was prepared for somebody is theirs with all that comes into it. */
	assert_int_equal(mkdir(path_of("prepared"), 0755), 0);
	assert_int_equal(chown(path_of("prepared"), NOBODY, NOBODY), 0);
	done(run_on(path_of("prepared"), NULL, ARGS("init", "--partner", "E", "--email", "o@example.com")));
	assert_int_equal(lstat(path_of("prepared/master.key"), &st), 0);
	assert_int_equal(st.st_uid, NOBODY);
}

#define FRESH(test) cmocka_unit_test_setup_teardown(test, setup_empty, teardown)
#define MADE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(init_makes_a_folder_that_only_its_owner_reads),
		FRESH(init_touches_nothing_that_exists),
		FRESH(init_leaves_nothing_behind_when_it_fails),
		FRESH(init_takes_a_password_from_a_file),
		MADE(wrong_usage_is_told_in_one_sentence),
		FRESH(help_lists_what_there_is_and_nothing_else),
		MADE(a_token_from_its_making_to_its_end),
		MADE(text_answers_are_for_people_and_pipes),
		MADE(faults_are_named_after_the_options),
		MADE(keys_are_shown_once),
		MADE(where_there_are_two_partners_one_is_named),
		MADE(users_get_passwords),
		MADE(a_pasted_text_is_judged_check_by_check),
		MADE(a_check_for_people_has_marks_and_the_fix),
		MADE(an_event_from_a_file),
		MADE(the_demo_is_made_once),
		MADE(tokens_for_load_tests_are_genuine),
		MADE(a_key_file_that_others_read_stops_everything),
		MADE(a_bad_line_of_the_configuration_is_named),
		MADE(the_environment_says_where_the_data_is),
		MADE(root_becomes_the_owner_of_the_data),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
