/* SPDX-License-Identifier: GPL-3.0-or-later */
/* agent_name.c - what can name an agent, without asking whether there is one. */
#include "model/agent.h"

#include <string.h>

#define NUMBER_DIGITS_MAX 18            /* so many always fit into an int64_t */

/* As agent_view() writes it: no sign, no zero in front. */
bool
agent_is_number(const char *text)
{
	size_t len = strlen(text);

	return len > 0 && len <= NUMBER_DIGITS_MAX && strspn(text, "0123456789") == len && *text != '0';
}

bool
agent_is_name(const char *text)
{
	struct uuid id;

	return agent_is_number(text) || uuid_parse(text, strlen(text), &id) == EG_OK;
}
