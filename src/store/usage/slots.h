/* SPDX-License-Identifier: GPL-3.0-or-later */
/* slots.h - how a usage slot lies in its file; for the parts of usage/ and their tests.
 *
 * 1,024 bytes: four to a page, which is what the kernel dirties for any of them, and none across two. 480 of them are
 * the exact counts of 30 days; half the size would mean fewer days or no sites. A slot that was never used is all
 * zeros, is claimed by its first use, and is never written before: making ten million tokens dirties nothing.
 *
 * Counts are exact. The totals are added to. A day's column carries in each of its two words the low 8 bits of the
 * number of its month of 30 days: who counts on a new day replaces, in the same compare and swap, the value of 30 days
 * ago, to which nobody adds any more (and who still tried would fail in their swap and judge again). So the day rolls
 * over with no moment at which a count could be lost or land on the wrong day, and no one has to wipe anything. A
 * column of 7,680 days ago would be mistaken for today's. A day's loads and refusals stop at 268,435,455; the totals go
 * on.
 *
 * Texts (origins and a code) are packed into one area behind a keyed checksum. Who changes them holds the lock word,
 * which carries the time it was taken and may be taken over after a second; who fails to get it leaves the text as it
 * is. A reader takes no lock and believes the checksum alone: whatever a dead, stopped or late writer left, a torn text
 * is no text. The counts of a site stand beside the area, in words tagged with the hash of its origin: a known site
 * needs no lock, and the count of one site never becomes that of another that took its place. */
#ifndef EG_STORE_USAGE_SLOTS_H
#define EG_STORE_USAGE_SLOTS_H

#include <stdatomic.h>
#include <stdint.h>

#include "store/usage/usage.h"

#define SLOT_SIZE 1024u
#define SLOT_TEXT_WORDS 40
#define SLOT_STALE_MS 1000u             /* a lock held for longer is taken over */

struct slot_site {
	_Atomic uint64_t hash;          /* of the origin; 0: free. The others are tagged with it */
	_Atomic uint64_t loads;
	_Atomic uint64_t old_text_loads;
	_Atomic uint64_t last_at_s;
	_Atomic uint64_t old_text_at_s;
};

struct slot_day {
	_Atomic uint64_t loads_refused; /* month 8, refused 28, loads 28 bits */
	_Atomic uint64_t requests;      /* month 8, requests 56 bits */
};

struct slot {
	_Atomic uint64_t owner;         /* hash of the record's id, odd; 0: unused; even: being wiped, since (as in `lock`) */
	_Atomic uint64_t lock;          /* time in ms 32, number 31, held 1 bit */
	_Atomic uint64_t loads, requests, refused;
	_Atomic uint64_t last_used;     /* tag of the site, time in s */
	_Atomic uint64_t last_refused;  /* tag of code and origin, time in s */
	_Atomic uint64_t spare;
	struct slot_site sites[USAGE_SITES];
	_Atomic uint64_t text[SLOT_TEXT_WORDS];
	struct slot_day days[USAGE_DAYS];
};

_Static_assert(sizeof(struct slot) == SLOT_SIZE, "slots lie in the file without holes");
_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2, "words are shared between processes");

/* Take the lock of the texts, in one try; false: another holds it, for less than SLOT_STALE_MS. `*ticket` is for
 * slot_unlock(), which does nothing where the lock was taken over meanwhile. */
bool slot_lock(struct slot *s, uint64_t *ticket);
void slot_unlock(struct slot *s, uint64_t ticket);

#endif
