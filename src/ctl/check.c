/* SPDX-License-Identifier: GPL-3.0-or-later */
/* check.c - `token check -`: what the gate says to a pasted token or embed URL, check by check. The text comes on standard
 * input, because the command line is for everybody on the machine to read. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/origin.h"
#include "ctl/ctl.h"
#include "gate/gate.h"

#define PASTED_MAX 8192
#define FRAME_PATH "/e/"

/* What each check asked. */
static const struct {
	const char *check, *question;
} questions[] = {
	{ "shape", "has the form of a token" },
	{ "checksum", "was copied without a mistake" },
	{ "kind", "is an embed token, and not something else" },
	{ "signature", "was made by this installation" },
	{ "known", "is in the token database" },
	{ "revoked", "is not revoked" },
	{ "rotated", "was not replaced by a newer text" },
	{ "expired", "has not expired" },
	{ "paused", "is not paused" },
	{ "partner", "its partner is not suspended" },
	{ "customer", "its customer is active" },
	{ "portal_access", "its customer has portal access" },
	{ "feature", "its customer has the embed feature" },
	{ "subject", "belongs to this embed URL" },
	{ "origin", "may be used on this site" },
	{ "permission", "may do this" },
};

static const char *
question_of(const char *check)
{
	for (size_t i = 0; i < EG_COUNT(questions); i++)
		if (strcmp(questions[i].check, check) == 0)
			return questions[i].question;
	return check;
}

/* ---- what was pasted ---- */

struct pasted {
	const char *token;
	const char *token_id;   /* the id in an embed URL's path, or NULL */
};

static const char *
up_to(struct arena *a, const char *text, const char *ends)
{
	return arena_strndup(a, text, strcspn(text, ends));
}

/* The value of ?token= or &token= within a query. */
static const char *
query_token(struct arena *a, const char *url)
{
	const char *query = strchr(url, '?');

	while (query != NULL && *query != '#') {
		if (strncmp(query + 1, "token=", 6) == 0)
			return up_to(a, query + 7, "&#");
		query = strpbrk(query + 1, "&#");
	}
	return NULL;
}

static int
take_apart(struct arena *a, const char *text, struct pasted *out)
{
	const char *scheme_end = strstr(text, "://");

	*out = (struct pasted){ .token = text };
	if (scheme_end == NULL)
		return CTL_DONE;

	const char *path = scheme_end + 3 + strcspn(scheme_end + 3, "/?#");
	const char *fragment = strchr(path, '#');
	const char *frame = strstr(path, FRAME_PATH);

	out->token = query_token(a, path);
	if (out->token == NULL && fragment != NULL)
		out->token = fragment + 1;
	if (out->token == NULL || *out->token == '\0')
		return ctl_refuse("This URL holds no token, neither behind # nor as ?token=; copy it whole.");
	if (frame != NULL && frame < path + strcspn(path, "?#"))
		out->token_id = up_to(a, frame + strlen(FRAME_PATH), "/?#");
	return CTL_DONE;
}

static int
read_pasted(struct ctl *c, struct pasted *out)
{
	char text[PASTED_MAX + 1];
	size_t len = fread(text, 1, sizeof(text), stdin);
	char *begin = text;
	int result;

	if (len > PASTED_MAX)
		return ctl_refuse("What was given is longer than any token or embed URL; give just that.");
	while (len > 0 && isspace((unsigned char)text[len - 1]))
		len--;
	text[len] = '\0';
	while (isspace((unsigned char)*begin))
		begin++;
	if (*begin == '\0')
		return ctl_refuse("Nothing came on standard input; paste the token, or redirect a file that holds it.");
	result = take_apart(c->arena, arena_strdup(c->arena, begin), out);
	keyring_wipe(text, sizeof(text));
	return result;
}

static int
site_of(struct ctl *c, const char **origin)
{
	const char *text = c->value[OPT_ORIGIN], *why;

	*origin = NULL;
	if (text == NULL || origin_normalise(c->arena, text, strlen(text), origin, &why) == EG_OK)
		return CTL_DONE;
	return ctl_usage("--origin: %s", why);
}

/* ---- what came out ---- */

static json_object *
answer_view(struct arena *a, const struct gate_answer *answer)
{
	json_object *view = json_new_object(a), *checks = json_new_array(a);

	for (size_t i = 0; i < answer->step_count; i++) {
		const struct gate_step *s = &answer->steps[i];
		const struct verdict_info *v = verdict_info(s->verdict);
		json_object *one = json_new_object(a);

		json_add_str(one, "check", s->check);
		json_add_bool(one, "ok", s->ok);
		json_add_str(one, "code", s->ok ? NULL : v->code);
		json_add_str(one, "fix", s->ok ? NULL : v->fix);
		json_push_object(checks, one);
	}
	json_add_str(view, "verdict", verdict_info(answer->verdict)->code);
	json_add_object(view, "checks", checks);
	return view;
}

static void
print_answer(const struct gate_answer *answer)
{
	const struct identity *id = &answer->id;
	const struct verdict_info *v = verdict_info(answer->verdict);

	if (id->token.name != NULL && id->customer.name != NULL)
		printf("Token \"%s\" of %s\n", id->token.name, id->customer.name);
	for (size_t i = 0; i < answer->step_count; i++)
		printf("%s %s\n", answer->steps[i].ok ? "\u2713" : "\u2717", question_of(answer->steps[i].check));
	if (answer->verdict == VERDICT_OK)
		puts("This token works.");
	else
		printf("Refused: %s (%d). %s\n%s\n", v->code, v->status, v->detail, v->fix);
}

int
ctl_token_check(struct ctl *c)
{
	struct gate_ask ask = { .place = GATE_TESTER, .now_s = c->now_s };
	struct gate_answer answer;
	struct pasted pasted = { 0 };
	int result;

	if (strcmp(c->operand, "-") != 0)
		return ctl_usage("Give the token on standard input, where nobody else can read it: embedctl token check - <FILE");
	result = site_of(c, &ask.origin);
	if (result == CTL_DONE)
		result = read_pasted(c, &pasted);
	if (result != CTL_DONE)
		return result;
	ask.text = pasted.token;
	ask.len = strlen(pasted.token);
	ask.subject.token_id = pasted.token_id;
	gate_embed(&c->service, c->arena, &ask, &answer);
	if (c->json)
		print_view(c, answer_view(c->arena, &answer), NULL);
	else
		print_answer(&answer);
	return answer.verdict == VERDICT_OK ? CTL_DONE : CTL_REFUSED;
}
