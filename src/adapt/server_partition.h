/*
 * Monthly partitions of battery_data and rele_data, by `ts` in UTC: an old month
 * is dropped at once, without a scan, and a query over a period reads its months
 * only. For an administrator: the daemon may not alter tables.
 *
 * A partition is named after its month, `m202603`. `earlier` takes what is before
 * the first of them, `later` what is after the last: no row is without a place.
 */
#pragma once

#include "adapt/server_link.h"
#include "adapt/server_table.h"

/* How many months after the present one have partitions of their own. */
#define SERVER_MONTHS_AHEAD 12
/* How many months before it, at most, where there are rows already. */
#define SERVER_MONTHS_BACK_MAX 120

/* Months since the year 0: 12 * year + month - 1. */
int server_month(int year, int month);

/* Writes the partitions of the months from..to, and `later` after them; `earlier` too if asked. */
void server_partition_write(int from, int to, bool has_earlier, struct text *out);

/* Enough for all months there may be. */
#define SERVER_PARTITIONS_TEXT_MAX 12288

/*
 * Splits `table` into months, beginning with that of its oldest row with a trusted
 * time, and gives it an index over `key_column`, collector and ts. Where it has
 * partitions, nothing is done. Copies the whole table, and blocks as long. Returns 0, or -EIO
 * with the server's words in `error`.
 */
int server_partition_make(struct server_link *link, const struct server_table *table,
			  const char *key_column, struct text *error) MUST_CHECK;

/*
 * Adds the months that lack up to SERVER_MONTHS_AHEAD from now to `table`; rows of
 * theirs that are in `later` are moved. Doing it again changes nothing. `added` gets how
 * many. Blocks. Returns 0, or -EIO with the server's words or a sentence in `error`.
 */
int server_partition_extend(struct server_link *link, const struct server_table *table, int *added,
			    struct text *error) MUST_CHECK;
