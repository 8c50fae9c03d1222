/* SPDX-License-Identifier: GPL-3.0-or-later */
/* options.c - the command line. One table of options for all commands; which of them a command takes stands in its row. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "ctl/ctl.h"
#include "sign/password.h"

static const struct option_row {
	const char *name;
	bool has_value;
	bool repeats;
	const char *field;      /* of the model's faults */
} option_table[OPT_COUNT] = {
	[OPT_DATA] =          { "data", true, false, NULL },
	[OPT_CONFIG] =        { "config", true, false, NULL },
	[OPT_JSON] =          { "json", false, false, NULL },
	[OPT_HELP] =          { "help", false, false, NULL },
	[OPT_VERSION] =       { "version", false, false, NULL },
	[OPT_PARTNER] =       { "partner", true, false, NULL },
	[OPT_NAME] =          { "name", true, false, "name" },
	[OPT_EMAIL] =         { "email", true, false, "email" },
	[OPT_PASSWORD_FILE] = { "password-file", true, false, "password" },
	[OPT_PUBLIC_URL] =    { "public-url", true, false, NULL },
	[OPT_EMBED_URL] =     { "embed-url", true, false, NULL },
	[OPT_TYPE] =          { "type", true, false, "type" },
	[OPT_ROLE] =          { "role", true, false, "role" },
	[OPT_CUSTOMER] =      { "customer", true, false, "customer_id" },
	[OPT_ORIGIN] =        { "origin", true, true, "allowed_origins" },
	[OPT_PERMISSION] =    { "permission", true, true, "permissions" },
	[OPT_EXPIRES] =       { "expires", true, false, "expires_at" },
	[OPT_EVENT] =         { "event", true, false, "event_id" },
	[OPT_AGENT] =         { "agent", true, false, "agent_id" },
	[OPT_TOKENS] =        { "tokens", true, false, NULL },
};

const char *
option_name(enum ctl_option o)
{
	return option_table[o].name;
}

const char *
option_of_field(struct arena *a, const char *field)
{
	size_t len = strcspn(field, "[");

	for (size_t i = 0; i < OPT_COUNT; i++)
		if (option_table[i].field != NULL && strlen(option_table[i].field) == len &&
		    memcmp(option_table[i].field, field, len) == 0)
			return arena_printf(a, "--%s", option_table[i].name);
	return field;
}

/* The file's first line. Read before anything else, because as root we may soon be somebody who cannot. */
static int
password_read(struct ctl *c, const char *path)
{
	char line[PASSWORD_MAX_BYTES + 3];      /* one byte too long is for the policy to tell; CR or LF; NUL */
	bool is_stdin = strcmp(path, "-") == 0;
	FILE *f = is_stdin ? stdin : fopen(path, "re");
	size_t len;

	if (f == NULL)
		return ctl_refuse("%s: %s; name a file that holds the password in its first line.", path, strerror(errno));
	len = fread(line, 1, sizeof(line) - 1, f);
	if (!is_stdin)
		fclose(f);
	line[len] = '\0';
	line[strcspn(line, "\r\n")] = '\0';
	c->password = arena_strdup(c->arena, line);
	keyring_wipe(line, sizeof(line));
	return *c->password != '\0' ? CTL_DONE : ctl_refuse("%s holds no password in its first line; write one there.", path);
}

static int
option_take(struct ctl *c, enum ctl_option o, const char *value)
{
	const struct option_row *row = &option_table[o];

	if ((c->given & OPT_BIT(o)) && !row->repeats && row->has_value)
		return ctl_usage("--%s is given twice; once is enough.", row->name);
	c->given |= OPT_BIT(o);
	c->value[o] = value;
	if (row->repeats) {
		if (c->list[o] == NULL)
			c->list[o] = json_new_array(c->arena);
		json_push_str(c->list[o], value);
	}
	return CTL_DONE;
}

/* getopt takes the beginning of a name for the name; scripts would come to depend on it, and break with the next option. */
static bool
is_spelled_out(const char *word, const char *name)
{
	size_t len = strlen(name);

	return strncmp(word, "--", 2) != 0 || (strncmp(word + 2, name, len) == 0 && (word[2 + len] == '\0' || word[2 + len] == '='));
}

/* The word that getopt has just read an option from: the one before its value, where that is a word of its own. */
static const char *
option_word(char **argv)
{
	return argv[optind - (optarg != NULL && optarg == argv[optind - 1] ? 2 : 1)];
}

int
options_read(struct ctl *c, int argc, char **argv)
{
	struct option long_options[OPT_COUNT + 1] = { 0 };
	int code;

	for (int i = 0; i < OPT_COUNT; i++)
		long_options[i] = (struct option){
			.name = option_table[i].name, .has_arg = option_table[i].has_value, .val = 0x100 + i };
	opterr = 0;
	while ((code = getopt_long(argc, argv, ":h", long_options, NULL)) != -1) {
		if (code == ':')
			return ctl_usage("%s needs a value behind it.", argv[optind - 1]);
		if (code == '?')
			return ctl_usage("There is no option %s; 'embedctl help' lists all.", argv[optind - 1]);

		enum ctl_option o = code == 'h' ? OPT_HELP : (enum ctl_option)(code - 0x100);
		int result;

		if (!is_spelled_out(option_word(argv), option_table[o].name))
			return ctl_usage("There is no option %s; 'embedctl help' lists all.", option_word(argv));
		result = option_take(c, o, optarg);
		if (result != CTL_DONE)
			return result;
	}
	c->words = argv + optind;
	c->word_count = (size_t)(argc - optind);
	c->json = (c->given & OPT_BIT(OPT_JSON)) != 0;
	if ((c->given & OPT_BIT(OPT_DATA)) && (c->given & OPT_BIT(OPT_CONFIG)))
		return ctl_usage("Give --data or --config, not both.");
	return CTL_DONE;
}

int
options_check(struct ctl *c)
{
	const struct ctl_command *cmd = c->command;
	unsigned strange = c->given & ~(cmd->takes | OPT_EVERYWHERE);
	unsigned missing = cmd->needs & ~c->given;

	for (int o = 0; o < OPT_COUNT; o++) {
		if (strange & OPT_BIT(o))
			return ctl_usage("'%s' takes no --%s. Usage: embedctl %s %s", cmd->words, option_table[o].name, cmd->words,
			    cmd->args);
		if (missing & OPT_BIT(o))
			return ctl_usage("'%s' needs --%s. Usage: embedctl %s %s", cmd->words, option_table[o].name, cmd->words,
			    cmd->args);
	}
	if (c->value[OPT_PASSWORD_FILE] != NULL)
		return password_read(c, c->value[OPT_PASSWORD_FILE]);
	return CTL_DONE;
}

int
option_time(const struct ctl *c, enum ctl_option o, int64_t *out_s)
{
	*out_s = 0;
	if (c->value[o] == NULL || clock_parse(c->value[o], out_s) == EG_OK)
		return CTL_DONE;
	return ctl_usage("--%s is no time; write 2027-01-31 or 2027-01-31T12:00:00Z.", option_table[o].name);
}

int
option_uuid(const struct ctl *c, enum ctl_option o, const char *what, struct uuid *out)
{
	*out = uuid_nil;
	if (c->value[o] == NULL || uuid_parse(c->value[o], strlen(c->value[o]), out) == EG_OK)
		return CTL_DONE;
	return ctl_refuse("'%s' is no id of a %s; 'embedctl %s list' shows them.", c->value[o], what, what);
}
