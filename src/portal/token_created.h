/* SPDX-License-Identifier: GPL-3.0-or-later */
/* token_created.h - the one time a token is shown. */
#ifndef EG_PORTAL_TOKEN_CREATED_H
#define EG_PORTAL_TOKEN_CREATED_H

#include "portal/page.h"

/* After creating or rotating `t`: keep both its texts for one look, and lead there. Where they cannot be kept, the page is the
 * answer itself, because nobody may lose a token they have just made. */
eg_err token_created_redirect(struct rq *rq, struct resp *rs, const struct token_row *t) EG_CHECKED;

/* The form that made the present text was sent again. While nobody has looked, the one look is still to be had, and a double
 * click may take another; later the text stays hidden, and the token's own page says `notice`. */
eg_err token_created_again(struct rq *rq, struct resp *rs, const struct token_row *t, const char *notice) EG_CHECKED;

#endif
