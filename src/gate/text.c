/* SPDX-License-Identifier: GPL-3.0-or-later */
/* text.c - what a credential looks like. Looks only at how it begins: whether it is whole and genuine is for its parser. */
#include "gate/gate.h"

#include <string.h>

static bool
begins_with(const char *text, size_t len, const char *prefix)
{
	size_t n = strlen(prefix);

	return len >= n && memcmp(text, prefix, n) == 0;
}

/* Three parts, of which the first begins a JSON object. Also one that another make signed, or nobody: such a text is a
 * session that is not valid, not an embed token with a typing error. */
static bool
looks_like_jwt(const char *text, size_t len)
{
	unsigned dots = 0;

	if (!begins_with(text, len, "eyJ"))
		return false;
	for (size_t i = 0; i < len; i++)
		dots += text[i] == '.';
	return dots == 2;
}

enum gate_text_kind
gate_text_kind(const char *text, size_t len)
{
	if (text == NULL || len == 0)
		return GATE_TEXT_EMPTY;
	if (begins_with(text, len, "emb_"))
		return GATE_TEXT_EMB;
	if (begins_with(text, len, "emu_"))
		return GATE_TEXT_EMU;
	for (enum api_key_type t = API_KEY_PARTNER; t <= API_KEY_WEBHOOK; t++)
		if (begins_with(text, len, api_key_type_prefix(t)))
			return GATE_TEXT_API_KEY;
	return looks_like_jwt(text, len) ? GATE_TEXT_JWT : GATE_TEXT_OTHER;
}
