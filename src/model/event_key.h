/* SPDX-License-Identifier: GPL-3.0-or-later */
/* event_key.h - a key for each event that has registrations, in a file of its own in the folder event_keys_dir of the
 * configuration, named by the event's id, of the form of a key file (sign/keyring.h), owner only. For the files of
 * src/model.
 *
 * Registrations are personal data and stand in the store only sealed under this key. The journal keeps every line it
 * ever had, and so does each copy of it; but no journal line, no index and no backup of the store holds the key. So
 * who destroys the file makes all of them unreadable, wherever they are (T40). The price: who restores a store on
 * another machine must bring that folder, too, kept apart from the backups and no longer than the data may live; what
 * is sealed under a missing key counts as erased. (A disk may keep old blocks of a deleted file for a while; an
 * encrypted disk does not.) */
#ifndef EG_MODEL_EVENT_KEY_H
#define EG_MODEL_EVENT_KEY_H

#include "model/service.h"

/* A keyring of this one key, numbered 1; the caller frees it. EG_NOTFOUND: there is no such file. */
eg_err event_key_open(struct service *sv, struct arena *a, const struct uuid *event_id, struct keyring **out) EG_CHECKED;
/* The same, but makes the key where there is none; it is on disk before this returns. Of two at once both get one key.
 * Waits for the disk: not under the writer lock. */
eg_err event_key_make(struct service *sv, struct arena *a, const struct uuid *event_id, struct keyring **out) EG_CHECKED;
/* Overwritten, removed, and the removal on disk. EG_OK also where there is none. */
eg_err event_key_destroy(struct service *sv, struct arena *a, const struct uuid *event_id) EG_CHECKED;

#endif
