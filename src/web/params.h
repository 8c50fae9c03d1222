/* SPDX-License-Identifier: GPL-3.0-or-later */
/* params.h - inside src/web: names and values out of a query or a form. */
#ifndef EG_WEB_PARAMS_H
#define EG_WEB_PARAMS_H

#include "web/request.h"

/* application/x-www-form-urlencoded (URL Standard section 5.1) -> at most REQUEST_PARAMS_MAX params; more are a fault of
 * the field `what`. Names and values are valid UTF-8 without NUL: other bytes become U+FFFD. */
void params_parse(struct rq *rq, const char *what, const char *text, size_t len, struct param out[REQUEST_PARAMS_MAX],
    size_t *count);

/* The value of two hexadecimal digits at `text`, or -1. */
int params_hex(const char *text, size_t len);

/* The value of the header `name`, looking from env[*at] on, which moves behind it; NULL where there is no further one. */
const char *rq_header_next(const struct rq *rq, const char *name, size_t *at);

#endif
