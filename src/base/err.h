/* SPDX-License-Identifier: GPL-3.0-or-later */
/* err.h - the one error type. A fault is logged once, by eg_fail(), where its cause is still known; everybody above
 * passes the code on. An answer ("not found", "taken") is not a fault and is not logged. */
#ifndef EG_BASE_ERR_H
#define EG_BASE_ERR_H

#define EG_CHECKED __attribute__((warn_unused_result))
#define EG_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

typedef enum eg_err {
	EG_OK = 0,

	/* Answers. */
	EG_NOTFOUND,    /* no such thing, or not in the caller's scope */
	EG_EXISTS,      /* a unique key is taken */
	EG_CONFLICT,    /* the thing is in a state that forbids this */
	EG_INVALID,     /* input breaks a rule; the faults travel beside the code */
	EG_MALFORMED,   /* not of the expected shape at all */
	EG_WRONG_KIND,  /* well formed, but of another kind than asked for */
	EG_FORGED,      /* well formed, but signed by none of our keys */
	EG_EXPIRED,     /* genuine, but its time is over */
	EG_NOT_YET,     /* genuine, but its time has not come */
	EG_TOO_LARGE,   /* over a stated bound */
	EG_REFUSED,     /* a verdict was recorded with the request (web/request.h) */

	/* Faults. */
	EG_CONFIG,      /* configuration or key file unusable */
	EG_BUSY,        /* store: the writer lock was not had in time; nothing was changed */
	EG_RECOVERING,  /* store: an index is being rebuilt */
	EG_FULL,        /* store: no space; nothing was changed, reading goes on */
	EG_FAILED,      /* store: a sync failed or was not awaited; the result of this change is unknown */
	EG_DAMAGED,     /* store: a record or journal line does not authenticate */
	EG_RANDOM,      /* no randomness to be had */
	EG_IO,          /* any other failed system call */
	EG_INTERNAL,    /* a case that should not exist */
} eg_err;

/* The name of the enumerator without its prefix in lower case ("notfound"), for logs. */
const char *eg_err_name(eg_err e);

/* Log "fmt" at level error and return `e`. Never with a secret among the arguments. */
eg_err eg_fail(eg_err e, const char *fmt, ...) EG_PRINTF(2, 3);

/* Return a failure upward. The only macro that hides a return. */
#define EG_TRY(call)                                  \
	do {                                          \
		eg_err eg_try_err = (call);           \
		if (eg_try_err != EG_OK)              \
			return eg_try_err;            \
	} while (0)

#define EG_COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
