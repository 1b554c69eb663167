/*
 * Reading the journal for the forwarder: any table, by row number; part of
 * journal_read. What of a row is wanted is the caller's SQL, since it goes as it
 * is into a column of the server.
 */
#pragma once

#include "adapt/journal_reader.h"

/*
 * Makes the sentences of decisions and alerts known to SQL on this connection:
 *   decision_sentence(intent, winner, reason, value, limit_value, flip, flip_limit)
 *   alert_sentence(code, subject, value, limit_value, detail, is_active)
 * Names and numbers are those of the tables `decision` and `alert`; a name that
 * this version does not know gives NULL. Returns 0 or -EIO.
 */
int journal_forward_prepare(struct journal_reader *reader) MUST_CHECK;

/*
 * Up to `limit` rows of `table` whose number is greater than `row`, in the order
 * of their numbers; `columns` is what `visit` gets of each. Ends when `visit`
 * returns false. Returns 0, or -EIO with the sentence in journal_reader_error().
 */
int journal_forward_after(struct journal_reader *reader, const char *table, const char *columns,
			  int64_t row, uint32_t limit, journal_row_visit *visit,
			  void *user) MUST_CHECK;

/* The highest row number of `table`, 0 where it is empty; fast. Returns 0 or -EIO. */
int journal_forward_last(struct journal_reader *reader, const char *table, int64_t *row) MUST_CHECK;
