/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl.h - what the commands of embedctl share: one run, its options, its output.
 * A command prints its answer on standard output, once as text or (--json) as what the API would give as `data`. What went
 * wrong is one sentence on standard error that says what to do. */
#ifndef EG_CTL_CTL_H
#define EG_CTL_CTL_H

#include "base/faults.h"
#include "base/json.h"
#include "model/scope.h"
#include "model/service.h"

enum ctl_exit {
	CTL_DONE = 0,
	CTL_REFUSED = 1,        /* refused or failed */
	CTL_USAGE = 2,          /* wrong usage */
};

/* In the order of option_table (options.c). */
enum ctl_option {
	OPT_DATA,
	OPT_CONFIG,
	OPT_JSON,
	OPT_HELP,
	OPT_VERSION,
	OPT_PARTNER,
	OPT_NAME,
	OPT_EMAIL,
	OPT_PASSWORD_FILE,
	OPT_PUBLIC_URL,
	OPT_EMBED_URL,
	OPT_TYPE,
	OPT_ROLE,
	OPT_CUSTOMER,
	OPT_ORIGIN,
	OPT_PERMISSION,
	OPT_EXPIRES,
	OPT_EVENT,
	OPT_AGENT,
	OPT_TOKENS,
	OPT_COUNT
};
#define OPT_BIT(o) (1u << (o))
#define OPT_EVERYWHERE (OPT_BIT(OPT_DATA) | OPT_BIT(OPT_CONFIG) | OPT_BIT(OPT_JSON) | OPT_BIT(OPT_HELP) | OPT_BIT(OPT_VERSION))

struct ctl;

struct ctl_command {
	const char *words;              /* "token create" */
	const char *args;               /* as help shows them */
	const char *about;              /* a sentence */
	int (*run)(struct ctl *c);      /* an enum ctl_exit */
	unsigned takes;                 /* OPT_BIT()s besides OPT_EVERYWHERE */
	unsigned needs;                 /* those of them it cannot do without */
	int operands;                   /* how many follow the words */
	bool opens;                     /* wants c->service open, as the owner of the data */
};

struct ctl {
	struct arena *arena;            /* lives until the end */
	const struct ctl_command *command;
	unsigned given;                 /* OPT_BIT()s */
	const char *value[OPT_COUNT];
	json_object *list[OPT_COUNT];   /* OPT_ORIGIN, OPT_PERMISSION: all that were given; else NULL */
	const char *password;           /* read from --password-file, or NULL */
	char **words;                   /* command and operands, ending with NULL */
	size_t word_count;
	const char *operand;            /* the command's operand, or NULL */
	bool json;
	struct service service;
	struct actor actor;
	int64_t now_s;
};

/* ---- options.c ---- */
/* Fills everything that the command line alone decides. CTL_DONE, or what to exit with. */
int options_read(struct ctl *c, int argc, char **argv);
/* Is every option that was given one of the command's, and every one it needs given? Reads the password file. */
int options_check(struct ctl *c);
const char *option_name(enum ctl_option o);
/* The option that fills a field of the model ("allowed_origins[1]" -> "--origin"); the field itself where none does. */
const char *option_of_field(struct arena *a, const char *field);
/* --expires as a time; 0 where it was not given. */
int option_time(const struct ctl *c, enum ctl_option o, int64_t *out_s);
int option_uuid(const struct ctl *c, enum ctl_option o, const char *what, struct uuid *out);

/* ---- print.c ---- */
/* One sentence on standard error; returns CTL_REFUSED, CTL_USAGE. */
int ctl_refuse(const char *fmt, ...) EG_PRINTF(1, 2);
int ctl_usage(const char *fmt, ...) EG_PRINTF(1, 2);
/* What a call of the model answered, as a sentence. `f`: its faults, or NULL; `what`: the kind of thing that EG_NOTFOUND
 * would mean, "customer". CTL_DONE for EG_OK. */
int ctl_result(const struct ctl *c, eg_err e, const struct faults *f, const char *what);

/* A column of a table, or a line of facts: a member of a view. */
struct ctl_column {
	const char *title;
	const char *member;
	int width;              /* 0: as wide as it is */
};
/* Pushes the views of one page (from 1, LIST_PAGE things each) onto `views`; none behind the last page. */
#define LIST_PAGE 100
typedef eg_err list_page_fn(struct ctl *c, struct arena *a, const struct scope *s, size_t page, json_object *views);
/* All pages: rows of a table, or one JSON array. What is printed is forgotten, so that a million rows need no memory. */
int print_list(struct ctl *c, const struct scope *s, const struct ctl_column *columns, const char *what, list_page_fn *fn);
/* One thing: the view, or its facts one a line. */
void print_view(const struct ctl *c, json_object *view, const struct ctl_column *facts);
/* A hint to a person who looks on; not for programs. */
void print_hint(const struct ctl *c, const char *text);
/* A store_progress_fn: a line that moves on a terminal, and seldom a new one elsewhere. */
void print_progress(void *arg, const char *what, uint64_t done, uint64_t total);
void print_progress_end(void);

/* ---- embedctl.c ---- */
/* The whole program; returns its exit status. */
int embedctl_main(int argc, char **argv);
/* As root: become who owns `path`, unless that is root, or there is no such path. */
int become_owner_of(const char *path);
/* The partner that --partner names, or the only one there is. */
int partner_scope(struct ctl *c, struct scope *out);
/* c->operand as an id. */
int operand_uuid(const struct ctl *c, const char *what, struct uuid *out);

/* ---- the commands ---- */
int ctl_init(struct ctl *c);
int ctl_demo(struct ctl *c);
int ctl_partner_create(struct ctl *c);
int ctl_partner_list(struct ctl *c);
int ctl_partner_suspend(struct ctl *c);
int ctl_partner_resume(struct ctl *c);
int ctl_user_add(struct ctl *c);
int ctl_user_password(struct ctl *c);
int ctl_key_create(struct ctl *c);
int ctl_key_list(struct ctl *c);
int ctl_key_revoke(struct ctl *c);
int ctl_customer_create(struct ctl *c);
int ctl_customer_list(struct ctl *c);
int ctl_token_create(struct ctl *c);
int ctl_token_list(struct ctl *c);
int ctl_token_revoke(struct ctl *c);
int ctl_token_check(struct ctl *c);
int ctl_event_import(struct ctl *c);
int ctl_verify(struct ctl *c);
int ctl_rebuild(struct ctl *c);
int ctl_stats(struct ctl *c);

/* ---- demo_event.c ---- */
/* An event of this customer with a schedule that begins today, and some registrations. */
int demo_event(struct ctl *c, const struct scope *s, const struct uuid *customer_id);

/* ---- demo_agent.c ---- */
/* An agent of that customer, with some results. */
int demo_agent(struct ctl *c, const struct scope *s, const struct uuid *customer_id);

#endif
