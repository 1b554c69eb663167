/*
 * Which months have partitions: those with rows when they are made, and a year
 * ahead from then on. What an administrator drops stays dropped, and nothing here
 * ever drops anything.
 */
#include "adapt/server_partition.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define VALUE_MAX 64
#define QUERY_MAX 512

int server_month(int year, int month)
{
	return 12 * year + month - 1;
}

static void write_month(int month, struct text *out)
{
	text_add(out, "PARTITION m%04d%02d VALUES LESS THAN ('%04d-%02d-01')", month / 12,
		 month % 12 + 1, (month + 1) / 12, (month + 1) % 12 + 1);
}

void server_partition_write(int from, int to, bool has_earlier, struct text *out)
{
	if (has_earlier)
		text_add(out, "PARTITION earlier VALUES LESS THAN ('%04d-%02d-01'), ", from / 12,
			 from % 12 + 1);
	for (int month = from; month <= to; month++) {
		write_month(month, out);
		text_add(out, ", ");
	}
	text_add(out, "PARTITION later VALUES LESS THAN (MAXVALUE)");
}

/* Asks for a year and month, as in 202603 or '2026-03-01'. NULL leaves `month` alone. */
static int ask_month(struct server_link *link, const char *query, int *month, struct text *error)
{
	char value[VALUE_MAX];
	char digits[7] = "";
	size_t count = 0;

	if (server_link_ask(link, query, value, sizeof(value), error) != 0)
		return -EIO;
	for (const char *at = value; *at != '\0' && count < sizeof(digits) - 1; at++)
		if (*at >= '0' && *at <= '9')
			digits[count++] = *at;
	long number = strtol(digits, NULL, 10);
	if (count == sizeof(digits) - 1)
		*month = server_month((int)(number / 100), (int)(number % 100));
	return 0;
}

static int ask_present(struct server_link *link, int *month, struct text *error)
{
	return ask_month(link, "SELECT EXTRACT(YEAR_MONTH FROM UTC_TIMESTAMP())", month, error);
}

/* Whether the table has a partition of that name; an empty name: any. */
static int ask_partition(struct server_link *link, const struct server_table *table,
			 const char *name, bool *is_there, struct text *error)
{
	char query[QUERY_MAX], value[VALUE_MAX];
	struct text text = text_in(query, sizeof(query));

	text_add(&text,
		 "SELECT COUNT(*) FROM information_schema.partitions WHERE table_schema = "
		 "DATABASE() AND table_name = '%s' AND partition_name IS NOT NULL",
		 table->name);
	if (name[0] != '\0')
		text_add(&text, " AND partition_name = '%s'", name);
	if (server_link_ask(link, query, value, sizeof(value), error) != 0)
		return -EIO;
	*is_there = strcmp(value, "0") != 0;
	return 0;
}

static int ask_first_month(struct server_link *link, const struct server_table *table, int present,
			   int *first, struct text *error)
{
	char query[QUERY_MAX];
	struct text text = text_in(query, sizeof(query));

	*first = present;
	text_add(&text, "SELECT EXTRACT(YEAR_MONTH FROM MIN(ts)) FROM %s WHERE ts_trusted",
		 table->name);
	if (ask_month(link, query, first, error) != 0)
		return -EIO;
	if (*first > present)
		*first = present;
	if (*first < present - SERVER_MONTHS_BACK_MAX)
		*first = present - SERVER_MONTHS_BACK_MAX;
	return 0;
}

int server_partition_make(struct server_link *link, const struct server_table *table,
			  const char *key_column, struct text *error)
{
	char statement[SERVER_PARTITIONS_TEXT_MAX + QUERY_MAX];
	struct text text = text_in(statement, sizeof(statement));
	bool is_there = false;
	int present = 0, first = 0;

	if (ask_partition(link, table, "", &is_there, error) != 0)
		return -EIO;
	if (is_there)
		return 0;
	if (ask_present(link, &present, error) != 0 ||
	    ask_first_month(link, table, present, &first, error) != 0)
		return -EIO;
	text_add(&text,
		 "ALTER TABLE %s DROP INDEX %s, ADD INDEX %s (%s, collector, ts) "
		 "PARTITION BY RANGE COLUMNS(ts) (",
		 table->name, key_column, key_column, key_column);
	server_partition_write(first, present + SERVER_MONTHS_AHEAD, true, &text);
	text_add(&text, ")");
	return server_link_run(link, statement, error);
}

/* The month that the last partition with an end ends before; 0 where there is none. */
static int ask_end(struct server_link *link, const struct server_table *table, int *end,
		   struct text *error)
{
	char query[QUERY_MAX];
	struct text text = text_in(query, sizeof(query));

	*end = 0;
	text_add(&text,
		 "SELECT MAX(partition_description) FROM information_schema.partitions WHERE "
		 "table_schema = DATABASE() AND table_name = '%s' AND "
		 "partition_description <> 'MAXVALUE'",
		 table->name);
	return ask_month(link, query, end, error);
}

int server_partition_extend(struct server_link *link, const struct server_table *table, int *added,
			    struct text *error)
{
	char statement[SERVER_PARTITIONS_TEXT_MAX + QUERY_MAX];
	struct text text = text_in(statement, sizeof(statement));
	bool has_later = false;
	int present = 0, end = 0;

	*added = 0;
	if (ask_present(link, &present, error) != 0 || ask_end(link, table, &end, error) != 0 ||
	    ask_partition(link, table, "later", &has_later, error) != 0)
		return -EIO;
	if (end == 0) {
		text_add(error, "%s has no partitions by month: run `amphora db migrate`",
			 table->name);
		return -EIO;
	}
	int last = present + SERVER_MONTHS_AHEAD;
	if (end > last && has_later)
		return 0;
	/* Without a catch-all, or after years without a call, no more than can be written at once.
	 */
	if (last - end > SERVER_MONTHS_BACK_MAX + SERVER_MONTHS_AHEAD)
		last = end + SERVER_MONTHS_BACK_MAX + SERVER_MONTHS_AHEAD;
	text_add(&text, "ALTER TABLE %s %s (", table->name,
		 has_later ? "REORGANIZE PARTITION later INTO" : "ADD PARTITION");
	server_partition_write(end, last, false, &text);
	text_add(&text, ")");
	if (server_link_run(link, statement, error) != 0)
		return -EIO;
	*added = last >= end ? last - end + 1 : 0;
	return 0;
}
