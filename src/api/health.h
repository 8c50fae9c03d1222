/* SPDX-License-Identifier: GPL-3.0-or-later */
/* health.h - is the program alive (/healthz), and can it serve (/readyz)? For load balancers and supervisors. */
#ifndef EG_API_HEALTH_H
#define EG_API_HEALTH_H

#include "web/router.h"

handler_fn health_alive;
/* Reads from the store: its faults are answered as their 503. */
handler_fn health_ready;

#endif
