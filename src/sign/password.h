/* SPDX-License-Identifier: GPL-3.0-or-later */
/* password.h - passwords, by libxcrypt: yescrypt ($y$, cost factor 5 unless told). */
#ifndef EG_SIGN_PASSWORD_H
#define EG_SIGN_PASSWORD_H

#include "base/arena.h"

#define PASSWORD_MIN_CHARS 12
#define PASSWORD_MAX_BYTES 256

/* EG_INVALID where the password is shorter than 12 characters, longer than 256 bytes, not UTF-8, or holds a NUL or control
 * character; `*why` says which. */
eg_err password_check_policy(const char *password, size_t len, const char **why) EG_CHECKED;
/* The hash text, in the arena. EG_RANDOM without salt, EG_TOO_LARGE over 256 bytes. */
eg_err password_hash(struct arena *a, const char *password, const char **out) EG_CHECKED;
/* EG_OK where it matches, EG_FORGED where not, EG_INTERNAL where libxcrypt cannot use `hash`. `hash` NULL stands for an
 * unknown account: the work is done all the same, and the answer is EG_FORGED. */
eg_err password_verify(const char *password, const char *hash) EG_CHECKED;
/* A password for a first owner: 20 characters of an alphabet without look-alikes, over 100 bits. In the arena. */
eg_err password_generate(struct arena *a, const char **out) EG_CHECKED;

#endif
