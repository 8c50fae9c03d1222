/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kinds.h - the letters of the store's records, and which lists each stands in. */
#ifndef EG_MODEL_KINDS_H
#define EG_MODEL_KINDS_H

#define KIND_PARTNER  'p'       /* list: uuid_nil is no list; partners stand in the list of KINDS_ROOT */
#define KIND_CUSTOMER 'c'       /* lists: partner */
#define KIND_USER     'u'       /* lists: partner; unique: email */
#define KIND_SESSION  's'       /* portal sign-in; lists: user */
#define KIND_FLASH    'f'       /* one-time page content; lists: session */
#define KIND_API_KEY  'k'       /* lists: partner, customer; unique: look-up value, and the one before */
#define KIND_TOKEN    't'       /* embed token; lists: customer, partner, event, agent */
#define KIND_EVENT    'e'       /* lists: customer, partner */
#define KIND_AGENT    'a'       /* lists: customer, partner; unique: number */
#define KIND_RESULT   'r'       /* of an agent; lists: agent */
#define KIND_SIGNUP   'g'       /* registration for an event; lists: event */
#define KIND_METRIC   'm'       /* one named series of a customer; lists: customer; unique: customer and name */
#define KIND_ACTIVITY 'v'       /* who did what; lists: partner, customer, the thing itself */
#define KIND_REPLAY   'i'       /* answer kept for an idempotency key; unique: key and text */
#define KIND_FAMILY   'y'       /* refresh family of an agent login */
#define KIND_COUNTER  'n'       /* last agent number, and the like */

#endif
