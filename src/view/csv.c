/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "view/csv.h"

#include <stdbool.h>
#include <string.h>

static void
add_cell(struct buf *b, const char *text)
{
	bool is_formula = *text != '\0' && strchr("=+-@\t\r", *text) != NULL;

	if (!is_formula && strpbrk(text, ",\"\r\n") == NULL) {
		buf_add_str(b, text);
		return;
	}
	buf_add_char(b, '"');
	if (is_formula)
		buf_add_char(b, '\'');
	for (; *text != '\0'; text++) {
		if (*text == '"')
			buf_add_char(b, '"');
		buf_add_char(b, *text);
	}
	buf_add_char(b, '"');
}

void
csv_row(struct buf *b, const char *const *cells, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			buf_add_char(b, ',');
		add_cell(b, cells[i] != NULL ? cells[i] : "");
	}
	buf_add_str(b, "\r\n");
}
