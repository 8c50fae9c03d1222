/* SPDX-License-Identifier: GPL-3.0-or-later */
/* check.c - `token check -`: what the gate says to a pasted token or embed URL, check by check. The text comes on standard
 * input, because the command line is for everybody on the machine to read. */
#include <stdio.h>
#include <string.h>

#include "base/origin.h"
#include "ctl/ctl.h"
#include "gate/tester.h"

static int
read_pasted(struct ctl *c, struct tester_pasted *out)
{
	char text[TESTER_PASTED_MAX + 64];      /* some white space around it */
	size_t len = fread(text, 1, sizeof(text), stdin);
	const char *why;
	eg_err e = tester_take_apart(c->arena, text, len, out, &why);

	keyring_wipe(text, sizeof(text));
	return e == EG_OK ? CTL_DONE : ctl_refuse("%s", why);
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

/* A check of what was not given passed, and says nothing. */
static bool
is_telling(const struct gate_ask *ask, const char *check)
{
	return !(ask->origin == NULL && strcmp(check, "origin") == 0) &&
	    !(ask->subject.token_id == NULL && strcmp(check, "subject") == 0);
}

static void
print_answer(const struct gate_ask *ask, const struct gate_answer *answer)
{
	const struct identity *id = &answer->id;
	const struct verdict_info *v = verdict_info(answer->verdict);

	if (id->token.name != NULL && id->customer.name != NULL)
		printf("Token \"%s\" of %s\n", id->token.name, id->customer.name);
	for (size_t i = 0; i < answer->step_count; i++)
		if (is_telling(ask, answer->steps[i].check))
			printf("%s %s\n", answer->steps[i].ok ? "\u2713" : "\u2717", tester_question(answer->steps[i].check));
	if (answer->verdict == VERDICT_OK)
		puts("This token works.");
	else
		printf("Refused: %s (%d). %s\n%s\n", v->code, v->status, v->detail, v->fix);
}

int
ctl_token_check(struct ctl *c)
{
	static const struct scope everybody;
	struct gate_ask ask = { .place = GATE_TESTER, .now_s = c->now_s };
	struct gate_answer answer;
	struct tester_pasted pasted = { 0 };
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
	tester_run(&c->service, c->arena, &everybody, &ask, &answer);
	if (c->json)
		print_view(c, tester_view(c->arena, &answer), NULL);
	else
		print_answer(&ask, &answer);
	return answer.verdict == VERDICT_OK ? CTL_DONE : CTL_REFUSED;
}
