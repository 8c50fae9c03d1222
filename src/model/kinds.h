/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kinds.h - the letters of the store's records, which lists each stands in (in this order in the record), and by which
 * texts it is found. */
#ifndef EG_MODEL_KINDS_H
#define EG_MODEL_KINDS_H

#include "base/uuid.h"

#define KIND_PARTNER  'p'       /* lists: kinds_root */
#define KIND_CUSTOMER 'c'       /* lists: partner; unique: "external:PARTNER:EXTERNAL_ID" */
#define KIND_USER     'u'       /* lists: partner; unique: "email:ADDRESS", in lower case */
#define KIND_SESSION  's'       /* portal sign-in; lists: user */
#define KIND_FLASH    'f'       /* one-time page content; lists: session */
#define KIND_API_KEY  'k'       /* lists: partner, customer; unique: "key:LOOKUP", also of the text before */
#define KIND_TOKEN    't'       /* embed token; lists: customer, partner, event, agent */
#define KIND_EVENT    'e'       /* lists: customer, partner; one that is being deleted: kinds_root */
#define KIND_SCHEDULE 'h'       /* of an event, which names it; never changed, but replaced by another */
#define KIND_AGENT    'a'       /* lists: customer, partner; one that is being deleted: kinds_root; unique: "agent:NUMBER" */
#define KIND_RESULT   'r'       /* of an agent; lists: agent */
#define KIND_SIGNUP   'g'       /* registration for an event; lists: event; unique: "signup:EVENT:MAC OF THE MAIL ADDRESS" */
#define KIND_METRIC   'm'       /* one named series of a customer; lists: customer; unique: "metric:CUSTOMER:NAME" */
#define KIND_ACTIVITY 'v'       /* who did what; lists: partner, customer, the thing itself */
#define KIND_REPLAY   'i'       /* answer kept for an idempotency key; id: of API key and that key; lists: kinds_root */
#define KIND_FAMILY   'y'       /* refresh family of an agent login; lists: kinds_root */
#define KIND_COUNTER  'n'       /* last agent number, and the like; unique: "counter:NAME" */

/* The list of what belongs to the installation as a whole. No id: the maximum UUID of RFC 9562 section 5.10. */
extern const struct uuid kinds_root;

#endif
