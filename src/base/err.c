/* SPDX-License-Identifier: GPL-3.0-or-later */
/* err.c - names of errors, and the one place where a fault becomes a log line. */
#include "base/err.h"

#include <stdarg.h>

#include "base/log.h"

const char *
eg_err_name(eg_err e)
{
	switch (e) {    /* no default: the compiler names the enumerator that is missing here */
	case EG_OK:		return "ok";
	case EG_NOTFOUND:	return "notfound";
	case EG_EXISTS:		return "exists";
	case EG_CONFLICT:	return "conflict";
	case EG_INVALID:	return "invalid";
	case EG_MALFORMED:	return "malformed";
	case EG_WRONG_KIND:	return "wrong_kind";
	case EG_FORGED:		return "forged";
	case EG_EXPIRED:	return "expired";
	case EG_NOT_YET:	return "not_yet";
	case EG_TOO_LARGE:	return "too_large";
	case EG_REFUSED:	return "refused";
	case EG_CONFIG:		return "config";
	case EG_BUSY:		return "busy";
	case EG_RECOVERING:	return "recovering";
	case EG_FULL:		return "full";
	case EG_FAILED:		return "failed";
	case EG_DAMAGED:	return "damaged";
	case EG_RANDOM:		return "random";
	case EG_IO:		return "io";
	case EG_INTERNAL:	return "internal";
	}
	return "unknown";
}

eg_err
eg_fail(eg_err e, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	log_vline(LOG_LEVEL_ERROR, fmt, args);
	va_end(args);
	return e;
}
