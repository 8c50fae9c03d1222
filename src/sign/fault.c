/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sign/fault.h"

#include <openssl/err.h>

eg_err
sign_fault(eg_err e, const char *what)
{
	const char *reason = ERR_reason_error_string(ERR_get_error());

	ERR_clear_error();
	return eg_fail(e, "%s: %s", what, reason == NULL ? "no reason given" : reason);
}
