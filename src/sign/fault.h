/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fault.h - what OpenSSL says of its own failures. Only for src/sign. */
#ifndef EG_SIGN_FAULT_H
#define EG_SIGN_FAULT_H

#include "base/err.h"

/* Logs `what` with the oldest entry of OpenSSL's error queue, empties the queue, and returns `e`. */
eg_err sign_fault(eg_err e, const char *what);

#endif
