/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gate/tester.h"

#include <ctype.h>
#include <string.h>

#define FRAME_PATH "/e/"
#define TOKEN_BYTES "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

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
	{ "partner", "belongs to a partner that is not suspended" },
	{ "customer", "belongs to a customer that is active" },
	{ "portal_access", "belongs to a customer with portal access" },
	{ "feature", "belongs to a customer with the feature" },
	{ "subject", "belongs to what is named beside it" },
	{ "origin", "may be used on this site" },
	{ "permission", "may do this" },
};

const char *
tester_check(size_t i)
{
	return i < EG_COUNT(questions) ? questions[i].check : NULL;
}

const char *
tester_question(const char *check)
{
	for (size_t i = 0; i < EG_COUNT(questions); i++)
		if (strcmp(questions[i].check, check) == 0)
			return questions[i].question;
	return check;
}

/* ---- what was pasted ---- */

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

/* `url` holds "://". */
static bool
take_url_apart(struct arena *a, const char *url, struct tester_pasted *out)
{
	const char *host = strstr(url, "://") + 3;
	const char *path = host + strcspn(host, "/?#");
	const char *fragment = strchr(path, '#');
	const char *frame = strstr(path, FRAME_PATH);

	out->token = query_token(a, path);
	if (out->token == NULL && fragment != NULL)
		out->token = fragment + 1;
	if (out->token == NULL || *out->token == '\0')
		return false;
	if (frame != NULL && frame < path + strcspn(path, "?#"))
		out->token_id = up_to(a, frame + strlen(FRAME_PATH), "/?#");
	return true;
}

static bool
begins_credential(const char *text)
{
	enum gate_text_kind kind = gate_text_kind(text, strlen(text));

	return kind == GATE_TEXT_EMB || kind == GATE_TEXT_EMU || kind == GATE_TEXT_API_KEY;
}

/* Code, or a header line: the first address in it that holds a token, else the first thing that looks like one. */
static bool
take_code_apart(struct arena *a, const char *code, struct tester_pasted *out)
{
	for (const char *at = strstr(code, "http"); at != NULL; at = strstr(at + 4, "http")) {
		const char *url = up_to(a, at, "\"'<> \t\r\n\\");

		if (strstr(url, "://") != NULL && take_url_apart(a, url, out) && begins_credential(out->token))
			return true;
		*out = (struct tester_pasted){ 0 };
	}
	for (const char *at = code; *at != '\0'; at++)
		if ((at == code || strchr(TOKEN_BYTES, at[-1]) == NULL) && begins_credential(at)) {
			out->token = arena_strndup(a, at, strspn(at, TOKEN_BYTES));
			return true;
		}
	return false;
}

eg_err
tester_take_apart(struct arena *a, const char *text, size_t len, struct tester_pasted *out, const char **why)
{
	const char *whole;

	*out = (struct tester_pasted){ 0 };
	*why = NULL;
	while (len > 0 && isspace((unsigned char)text[len - 1]))
		len--;
	while (len > 0 && isspace((unsigned char)*text)) {
		text++;
		len--;
	}
	if (len == 0)
		*why = "Nothing was given; paste a token or an embed URL.";
	else if (len > TESTER_PASTED_MAX)
		*why = "This is longer than any token or embed URL; give just that.";
	if (*why != NULL)
		return EG_INVALID;

	whole = arena_strndup(a, text, len);
	if (strpbrk(whole, "<\"' \t\r\n") != NULL && take_code_apart(a, whole, out))
		return EG_OK;
	out->token = whole;
	if (strstr(whole, "://") == NULL || take_url_apart(a, whole, out))
		return EG_OK;
	*why = "This URL holds no token, neither behind # nor as ?token=; copy it whole.";
	return EG_INVALID;
}

/* ---- the test ---- */

/* What is known of a forgery: it ends at the signature, and belongs to nobody. */
static void
hide(struct gate_answer *out)
{
	for (size_t i = 0; i < out->step_count; i++) {
		struct gate_step *step = &out->steps[i];

		if (strcmp(step->check, "signature") != 0)
			continue;
		step->ok = false;
		step->verdict = VERDICT_INVALID_TOKEN;
		out->step_count = i + 1;
	}
	out->verdict = VERDICT_INVALID_TOKEN;
	out->secret_verified = false;
	out->missing_permission = 0;
	out->id = (struct identity){ .kind = IDENTITY_NONE };
}

void
tester_run(struct service *sv, struct arena *a, const struct scope *s, const struct gate_ask *ask, struct gate_answer *out)
{
	const struct token_row *t = &out->id.token;

	gate_embed(sv, a, ask, out);
	if (out->secret_verified && !uuid_is_nil(&t->id) && !scope_covers(s, &t->partner_id, &t->customer_id))
		hide(out);
}

json_object *
tester_view(struct arena *a, const struct gate_answer *answer)
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
