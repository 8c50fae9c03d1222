/* SPDX-License-Identifier: GPL-3.0-or-later */
/* embedctl.c - the operator's command line. The table below is all there is: help, options and dispatch come from it. */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "ctl/ctl.h"
#include "model/partner.h"

#define TOKEN_OPTIONS (OPT_BIT(OPT_CUSTOMER) | OPT_BIT(OPT_NAME) | OPT_BIT(OPT_ORIGIN) | OPT_BIT(OPT_PERMISSION) | \
	OPT_BIT(OPT_EXPIRES) | OPT_BIT(OPT_EVENT) | OPT_BIT(OPT_AGENT))

static const struct ctl_command commands[] = {
	{ .words = "init", .args = "--partner NAME --email MAIL [--password-file FILE] [--public-url URL] [--embed-url URL]",
	    .about = "Make the data directory: configuration, master key, store, the first partner and its owner. Prints a "
	    "password once, unless one is given.",
	    .run = ctl_init, .needs = OPT_BIT(OPT_PARTNER) | OPT_BIT(OPT_EMAIL),
	    .takes = OPT_BIT(OPT_PARTNER) | OPT_BIT(OPT_EMAIL) | OPT_BIT(OPT_PASSWORD_FILE) | OPT_BIT(OPT_PUBLIC_URL) |
	    OPT_BIT(OPT_EMBED_URL) },
	{ .words = "demo", .args = "[--tokens N]",
	    .about = "Add a demo customer with tokens, metrics, an event and an agent. With N, add customers with N tokens for "
	    "load tests instead, and print up to 1,000 of the tokens.",
	    .run = ctl_demo, .takes = OPT_BIT(OPT_PARTNER) | OPT_BIT(OPT_TOKENS), .opens = true },

	{ .words = "partner create", .args = "--name N --email M [--password-file FILE]",
	    .about = "Add a partner and its owner.", .run = ctl_partner_create, .needs = OPT_BIT(OPT_NAME) | OPT_BIT(OPT_EMAIL),
	    .takes = OPT_BIT(OPT_NAME) | OPT_BIT(OPT_EMAIL) | OPT_BIT(OPT_PASSWORD_FILE), .opens = true },
	{ .words = "partner list", .args = "", .about = "List the partners, newest first.", .run = ctl_partner_list, .opens = true },
	{ .words = "partner suspend", .args = "ID", .about = "Stop everything of a partner, until it is resumed.",
	    .run = ctl_partner_suspend, .operands = 1, .opens = true },
	{ .words = "partner resume", .args = "ID", .about = "Lift a suspension.", .run = ctl_partner_resume, .operands = 1,
	    .opens = true },

	{ .words = "user add", .args = "--email M --role owner|admin|member [--password-file FILE]",
	    .about = "Add a portal user. Prints a password once, unless one is given.", .run = ctl_user_add,
	    .needs = OPT_BIT(OPT_EMAIL) | OPT_BIT(OPT_ROLE),
	    .takes = OPT_BIT(OPT_EMAIL) | OPT_BIT(OPT_ROLE) | OPT_BIT(OPT_PASSWORD_FILE) | OPT_BIT(OPT_PARTNER), .opens = true },
	{ .words = "user password", .args = "--email M [--password-file FILE]",
	    .about = "Set a new password and end the user's sessions.", .run = ctl_user_password, .needs = OPT_BIT(OPT_EMAIL),
	    .takes = OPT_BIT(OPT_EMAIL) | OPT_BIT(OPT_PASSWORD_FILE), .opens = true },

	{ .words = "key create", .args = "--type partner|customer|read_only|webhook --name N [--customer ID] [--expires T]",
	    .about = "Make an API key. Its text is printed this once.", .run = ctl_key_create,
	    .needs = OPT_BIT(OPT_TYPE) | OPT_BIT(OPT_NAME),
	    .takes = OPT_BIT(OPT_TYPE) | OPT_BIT(OPT_NAME) | OPT_BIT(OPT_CUSTOMER) | OPT_BIT(OPT_EXPIRES) | OPT_BIT(OPT_PARTNER),
	    .opens = true },
	{ .words = "key list", .args = "", .about = "List the API keys, newest first.", .run = ctl_key_list,
	    .takes = OPT_BIT(OPT_PARTNER), .opens = true },
	{ .words = "key revoke", .args = "ID", .about = "End an API key for good.", .run = ctl_key_revoke,
	    .takes = OPT_BIT(OPT_PARTNER), .operands = 1, .opens = true },

	{ .words = "customer create", .args = "--name N [--email M]", .about = "Add a customer.", .run = ctl_customer_create,
	    .needs = OPT_BIT(OPT_NAME), .takes = OPT_BIT(OPT_NAME) | OPT_BIT(OPT_EMAIL) | OPT_BIT(OPT_PARTNER), .opens = true },
	{ .words = "customer list", .args = "", .about = "List the customers, newest first.", .run = ctl_customer_list,
	    .takes = OPT_BIT(OPT_PARTNER), .opens = true },

	{ .words = "token create",
	    .args = "--customer ID [--name N] [--origin O]... [--permission P]... [--expires T] [--event ID] [--agent N]",
	    .about = "Make an embed token. Its text is printed this once.", .run = ctl_token_create,
	    .takes = TOKEN_OPTIONS | OPT_BIT(OPT_PARTNER), .opens = true },
	{ .words = "token list", .args = "[--customer ID]", .about = "List the embed tokens, newest first.", .run = ctl_token_list,
	    .takes = OPT_BIT(OPT_CUSTOMER) | OPT_BIT(OPT_PARTNER), .opens = true },
	{ .words = "token revoke", .args = "ID", .about = "End an embed token for good.", .run = ctl_token_revoke,
	    .takes = OPT_BIT(OPT_PARTNER), .operands = 1, .opens = true },
	{ .words = "token check", .args = "- [--origin SITE]",
	    .about = "Read a token or an embed URL from standard input, and print each check with its result.",
	    .run = ctl_token_check, .takes = OPT_BIT(OPT_ORIGIN), .operands = 1, .opens = true },

	{ .words = "event import", .args = "FILE --customer ID",
	    .about = "Make an event from a schedule.json of pretalx or frab, or update the one that was made from an earlier "
	    "file. A file with a fault changes nothing. FILE - is standard input.", .run = ctl_event_import,
	    .needs = OPT_BIT(OPT_CUSTOMER), .takes = OPT_BIT(OPT_CUSTOMER) | OPT_BIT(OPT_PARTNER), .operands = 1, .opens = true },

	{ .words = "verify", .args = "", .about = "Compare journal, index and lists with each other.", .run = ctl_verify, .opens = true },
	{ .words = "rebuild", .args = "", .about = "Make the index anew from the journal.", .run = ctl_rebuild, .opens = true },
	{ .words = "stats", .args = "", .about = "Show what the store holds.", .run = ctl_stats, .opens = true },
};

/* ---- help ---- */

static void
print_wrapped(FILE *out, const char *text, size_t indent, size_t width)
{
	size_t column = 0;

	while (*text != '\0') {
		size_t word = strcspn(text, " ");

		if (column > 0 && column + 1 + word > width) {
			fputc('\n', out);
			column = 0;
		}
		fprintf(out, "%*s%.*s", column == 0 ? (int)indent : 1, "", (int)word, text);
		column += word + (column == 0 ? indent : 1);
		text += word + strspn(text + word, " ");
	}
	fputc('\n', out);
}

static bool
begins_with_word(const char *text, const char *word)
{
	size_t n = strlen(word);

	return strncmp(text, word, n) == 0 && (text[n] == '\0' || text[n] == ' ');
}

/* All commands, or those whose first word is `topic`. */
static int
print_help(FILE *out, const char *topic)
{
	size_t shown = 0;

	if (topic == NULL)
		fputs("usage: embedctl [--data DIR | --config FILE] [--json] COMMAND ...\n\n", out);
	for (size_t i = 0; i < EG_COUNT(commands); i++) {
		if (topic != NULL && !begins_with_word(commands[i].words, topic))
			continue;
		fprintf(out, "  %s%s%s\n", commands[i].words, *commands[i].args != '\0' ? " " : "", commands[i].args);
		print_wrapped(out, commands[i].about, 6, 100);
		shown++;
	}
	if (topic == NULL)
		fputs("\nThe data directory is DIR, or what FILE, $EMBEDGATE_CONF, $EMBEDGATE_DATA or "
		    "/etc/embedgate/embedgate.conf say.\nExit status: 0 done, 1 refused or failed, 2 wrong usage.\n", out);
	return shown > 0 ? CTL_DONE : ctl_usage("There is no command '%s'; 'embedctl help' lists all.", topic);
}

/* ---- which command ---- */

/* How many of the command's words the line begins with; 0 where it is another command. */
static size_t
words_matched(const struct ctl *c, const char *words)
{
	size_t i = 0;

	while (*words != '\0') {
		size_t n = strcspn(words, " ");

		if (i == c->word_count || strlen(c->words[i]) != n || memcmp(c->words[i], words, n) != 0)
			return 0;
		words += n + strspn(words + n, " ");
		i++;
	}
	return i;
}

static int
find_command(struct ctl *c)
{
	size_t matched = 0, group = 0;

	for (size_t i = 0; i < EG_COUNT(commands) && matched == 0; i++) {
		c->command = &commands[i];
		matched = words_matched(c, commands[i].words);
		group += begins_with_word(commands[i].words, c->words[0]);
	}
	if (matched == 0 && group > 0)
		return ctl_usage("'%s' wants another word; 'embedctl help %s' lists what it can do.", c->words[0], c->words[0]);
	if (matched == 0)
		return ctl_usage("There is no command '%s'; 'embedctl help' lists all.", c->words[0]);
	if (c->word_count - matched != (size_t)c->command->operands)
		return ctl_usage("Usage: embedctl %s %s", c->command->words, c->command->args);
	if (c->command->operands > 0)
		c->operand = c->words[matched];
	return CTL_DONE;
}

/* ---- who runs it, and on what ---- */

/* For the journal: the person's login, not whom we become below. */
static void
identify(struct ctl *c)
{
	const struct passwd *pw = getpwuid(getuid());

	c->actor.kind = "cli";
	c->actor.id = pw != NULL ? arena_strdup(c->arena, pw->pw_name) : arena_printf(c->arena, "uid %u", (unsigned)getuid());
}

int
become_owner_of(const char *path)
{
	struct stat st;

	if (geteuid() != 0 || stat(path, &st) != 0 || st.st_uid == 0)
		return CTL_DONE;
	if (setgroups(0, NULL) != 0 || setgid(st.st_gid) != 0 || setuid(st.st_uid) != 0)
		return ctl_refuse("Root could not become the owner of %s: %s; run embedctl as that user.", path, strerror(errno));
	return CTL_DONE;
}

static int
open_service(struct ctl *c)
{
	const char *path = config_find(c->arena, c->value[OPT_CONFIG], c->value[OPT_DATA]);
	struct config config;
	const char *why = "";
	int result;

	/* Root would leave files behind that the server cannot write. */
	if (geteuid() == 0) {
		if (config_load(c->arena, path, &config, &why) != EG_OK)
			return ctl_refuse("%s", why);
		result = become_owner_of(config.store_dir);
		if (result != CTL_DONE)
			return result;
	}
	if (service_open(&c->service, path, &why) != EG_OK) {
		result = ctl_refuse("%s", why);
		service_close(&c->service);
		return result;
	}
	return CTL_DONE;
}

int
partner_scope(struct ctl *c, struct scope *out)
{
	struct service *sv = &c->service;
	struct partner_row *partners, row;
	size_t count;
	int result;

	*out = (struct scope){ 0 };
	if (c->value[OPT_PARTNER] != NULL) {
		result = option_uuid(c, OPT_PARTNER, "partner", &out->partner_id);
		return result != CTL_DONE ? result :
		    ctl_result(c, partner_get(sv, c->arena, &out->partner_id, &row), NULL, "partner");
	}
	result = ctl_result(c, partner_list(sv, c->arena, &partners, &count), NULL, "partner");
	if (result != CTL_DONE)
		return result;
	if (count > 1)
		return ctl_usage("There are %zu partners; say which by --partner ID ('embedctl partner list' shows them).", count);
	if (count == 0)
		return ctl_refuse("There is no partner; add one by 'embedctl partner create'.");
	out->partner_id = partners[0].id;
	return CTL_DONE;
}

int
operand_uuid(const struct ctl *c, const char *what, struct uuid *out)
{
	if (uuid_parse(c->operand, strlen(c->operand), out) == EG_OK)
		return CTL_DONE;
	return ctl_refuse("'%s' is no id of a %s; 'embedctl %s list' shows them.", c->operand, what, what);
}

/* ---- all of it ---- */

static int
run(struct ctl *c, int argc, char **argv)
{
	int result = options_read(c, argc, argv);

	if (result != CTL_DONE)
		return result;
	if (c->given & OPT_BIT(OPT_VERSION)) {
		puts("embedgate " EG_VERSION);
		return CTL_DONE;
	}
	if (c->word_count > 0 && strcmp(c->words[0], "help") == 0)
		return print_help(stdout, c->words[1]);
	if (c->given & OPT_BIT(OPT_HELP))
		return print_help(stdout, c->words[0]);
	if (c->word_count == 0) {
		print_help(stderr, NULL);
		return CTL_USAGE;
	}
	result = find_command(c);
	if (result == CTL_DONE)
		result = options_check(c);
	if (result != CTL_DONE)
		return result;
	identify(c);
	if (!c->command->opens)
		return c->command->run(c);
	result = open_service(c);
	if (result != CTL_DONE)
		return result;
	result = c->command->run(c);
	service_close(&c->service);
	return result;
}

int
embedctl_main(int argc, char **argv)
{
	struct ctl c = { .now_s = clock_now_s() };
	int result;

	umask(077);
	log_open("embedctl", LOG_LEVEL_ERROR);
	c.arena = arena_new();
	result = run(&c, argc, argv);
	print_progress_end();
	if (fflush(stdout) != 0 || ferror(stdout))
		result = ctl_refuse("The answer could not be written: %s; what was asked for may have been done.", strerror(errno));
	arena_free(c.arena);
	return result;
}
