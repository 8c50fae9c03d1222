/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The last who leaves syncs the index files, writes the line "stop" to the journal, and leaves a mark in the page
 * that says so: then the next start, on whatever boot, need not make the index anew. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/engine.h"

/* ---- the mark ---- */

static eg_err
mark_mac(struct store *st, const struct stop_mark *mark, uint8_t out[MAC_SIZE])
{
	struct mac_part parts[] = {
		{ st->page->store.b, sizeof st->page->store.b },
		{ mark, offsetof(struct stop_mark, mac) },
	};

	return mac_compute(st->page_mac, parts, EG_COUNT(parts), out);
}

bool
stop_mark_is_genuine(struct store *st)
{
	uint8_t mac[MAC_SIZE];

	return mark_mac(st, &st->page->stop, mac) == EG_OK && keyring_equal(mac, st->page->stop.mac, MAC_SIZE);
}

static bool
describe_file(struct store *st, unsigned which, struct index_mark *out)
{
	struct stat sb;

	if (stat(st->index[which].path, &sb) != 0)
		return false;
	out->inode = sb.st_ino;
	out->size = (uint64_t)sb.st_size;
	out->modified_ns = sb.st_mtim.tv_sec * 1000000000LL + sb.st_mtim.tv_nsec;
	out->changed_ns = sb.st_ctim.tv_sec * 1000000000LL + sb.st_ctim.tv_nsec;
	return true;
}

bool
stop_mark_holds(struct store *st)
{
	const struct stop_mark *mark = &st->page->stop;
	struct index_mark now;
	struct slice json;

	for (unsigned i = 0; i < 2; i++) {
		const struct index_mark *then = &mark->index[i];

		if (!describe_file(st, i, &now) || now.inode != then->inode || now.size != then->size ||
		    now.modified_ns != then->modified_ns || now.changed_ns != then->changed_ns)
			return false;
	}
	/* Does the journal end with the line that the mark tells of? */
	journal_seek(&st->reader, &mark->before);
	return journal_next(&st->reader, &json) == EG_OK && memcmp(st->reader.at.mac, mark->tail.mac, MAC_SIZE) == 0 &&
	    journal_next(&st->reader, &json) == EG_NOTFOUND;
}

/* ---- the stop ---- */

static eg_err
sync_file(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);
	eg_err e = EG_OK;

	if (fd < 0 || fsync(fd) != 0)
		e = eg_fail(EG_IO, "%s: sync: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return e;
}

static eg_err
append_stop_line(struct store *st, struct arena *a)
{
	struct place tail = *shared_tail(st->page);
	struct line l = { .type = LINE_STOP, .sequence = tail.sequence + 1, .synced = tail.sequence + 1 };
	int64_t now = clock_now_us();

	l.at_us = now > tail.at_us ? now : tail.at_us + 1;
	struct slice json = line_format(a, &l);
	EG_TRY(tail_sync(st));  /* what comes before, as the line says that it is */
	EG_TRY(tail_room(st, json.len));
	EG_TRY(tail_append(st, a, &l, json, &tail));
	return tail_sync(st);
}

static eg_err
stop_in_order(struct store *st, struct arena *a)
{
	struct shared *page = st->page;
	struct stop_mark mark;

	EG_TRY(recover_before_change(st));
	if (stop_mark_is_genuine(st) && page->stop.tail.sequence == shared_tail(page)->sequence)
		return EG_OK;           /* nothing happened since the last one */
	for (unsigned i = 0; i < 2; i++) {
		if ((atomic_load(&page->index[i].word) & 1) != 0)
			return eg_fail(EG_CONFLICT, "index.%c was left half written", 'a' + (int)i);
		EG_TRY(sync_file(st->index[i].path, O_RDONLY));
	}
	EG_TRY(sync_file(st->dir, O_RDONLY | O_DIRECTORY));

	memset(&mark, 0, sizeof mark);  /* with what is between the members: a MAC goes over it */
	mark.before = *shared_tail(page);
	EG_TRY(append_stop_line(st, a));
	mark.tail = *shared_tail(page);
	mark.published = current_index(atomic_load(&page->current));
	mark.index_key = page->index_key;
	/* The stop changes no record: who was at the end before is at the end now. */
	page->index[mark.published].applied = mark.tail;
	for (unsigned i = 0; i < 2; i++) {
		mark.index[i].applied = page->index[i].applied;
		mark.index[i].sequence = atomic_load(&page->index[i].sequence);
		if (!describe_file(st, i, &mark.index[i]))
			return eg_fail(EG_IO, "%s: %s", st->index[i].path, strerror(errno));
	}
	EG_TRY(mark_mac(st, &mark, mark.mac));
	page->stop = mark;
	atomic_store(&page->synced_first, 0);
	if (msync(page, sizeof *page, MS_SYNC) != 0)
		return eg_fail(EG_IO, "shared.page: msync: %s", strerror(errno));
	return EG_OK;
}

void
stop(struct store *st)
{
	struct shared *page = st->page;
	struct arena *a;
	bool died;

	/* The page may be another's by now, who came and went in between. */
	if (!shared_is_valid(page) || !shared_is_of_this_boot(page) || atomic_load(&page->damaged) ||
	    !current_is_readable(atomic_load(&page->current)) || st->index_macs[page->index_key] == NULL ||
	    shared_lock(page, &died) != EG_OK)
		return;
	engine_use_index_key(st);
	a = arena_new();
	if (stop_in_order(st, a) != EG_OK)
		log_line(LOG_LEVEL_WARN, "store: no orderly stop; the next start after a reboot makes the index anew");
	arena_free(a);
	shared_unlock(page);
}
