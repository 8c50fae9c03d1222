/* SPDX-License-Identifier: GPL-3.0-or-later */
/* serve.h - the life of a program: open the service, take requests (FastCGI, or one plain CGI request where it was not started
 * with a FastCGI socket), answer through the router, reset the arena, and end in order on SIGTERM after the current request. */
#ifndef EG_WEB_SERVE_H
#define EG_WEB_SERVE_H

#include "web/router.h"

/* A peer has 10 s from its connection to the last byte of the body; then the request is given up, with a 408 where there is
 * somebody to tell. No start on a socket that every user of the machine, or another machine, may reach: who writes there says
 * who asks and from where. Nor, as FastCGI, with templates that miss a part, which else a visitor would find. Connections
 * that a server keeps open are kept, and hold nobody.
 *
 * The whole of main(). Returns the exit status: 0 after SIGTERM or one CGI request, 1 where it could not start (one sentence on
 * standard error; as plain CGI also a 500 answer; as FastCGI not before a second is over). */
int serve_main(const struct program *p);

#endif
