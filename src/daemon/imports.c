/*
 * Rows of the past that a person brings back: into the journal, and nowhere else.
 *
 * Live readings have the better right to the batch: an import fills a part of it,
 * and waits for the next one then.
 */
#include "daemon/imports.h"

#include <errno.h>

/* Records in the batch from which on an import waits. */
#define IMPORT_PENDING_MAX 400

int imports_take(struct daemon *daemon, const struct record *record, struct text *error)
{
	/* Or the oldest rows would soon go to make room for rows that are older still. */
	if (daemon->status.journal.is_nearly_full) {
		text_add(error, "nothing was done: the journal or its disk is nearly full; raise "
				"store.max_mb, or make room");
		return -EAGAIN;
	}
	if (journal_pending(daemon->journal) >= IMPORT_PENDING_MAX ||
	    journal_is_full(daemon->journal))
		return -ENOBUFS;
	return journal_append(daemon->journal, record);
}

void imports_committed(struct daemon *daemon)
{
	uint64_t stored = journal_imported(daemon->journal);

	daemon->status.journal.rows += stored - daemon->imports_counted;
	daemon->imports_counted = stored;
}

uint64_t imports_stored(const struct daemon *daemon)
{
	return journal_imported(daemon->journal);
}
