/*
 * Watches for rows in MariaDB.
 *
 *     await SOCKET USER PASSWORD-FILE DATABASE WANTED QUERY
 *
 * Asks QUERY, whose answer is one number (NULL or none: 0), every few
 * milliseconds until it is WANTED or more, and prints {"end_ns":…}
 * (CLOCK_MONOTONIC). Ends with 1 when no more came for a while.
 */
#include <mysql.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "samples.h"

#define EVERY_NS 5000000
#define PATIENCE_NS (60 * INT64_C(1000000000)) /* without a new row */

static int read_password(const char *path, char *password, int size)
{
	FILE *file = fopen(path, "re");
	int result = file != NULL && fgets(password, size, file) != NULL ? 0 : -1;

	if (file != NULL)
		fclose(file);
	if (result == 0)
		password[strcspn(password, "\n")] = '\0';
	return result;
}

/* The number that `query` answers, or -1. */
static long long ask(MYSQL *mysql, const char *query)
{
	MYSQL_RES *result;
	MYSQL_ROW row;
	long long found = 0;

	if (mysql_query(mysql, query) != 0)
		return -1;
	result = mysql_store_result(mysql);
	if (result == NULL)
		return -1;
	row = mysql_fetch_row(result);
	if (row != NULL && row[0] != NULL)
		found = strtoll(row[0], NULL, 10);
	mysql_free_result(result);
	return found;
}

static int await(MYSQL *mysql, const char *query, long long wanted)
{
	const struct timespec nap = {.tv_nsec = EVERY_NS};
	long long newest = 0, found;
	int64_t changed_ns = now_ns();

	while ((found = ask(mysql, query)) >= 0 && found < wanted) {
		if (found != newest)
			changed_ns = now_ns();
		newest = found;
		if (now_ns() - changed_ns > PATIENCE_NS) {
			fprintf(stderr, "await: %lld, and no more for a while\n", found);
			return -1;
		}
		nanosleep(&nap, NULL);
	}
	if (found < 0)
		fprintf(stderr, "await: %s\n", mysql_error(mysql));
	return found < 0 ? -1 : 0;
}

int main(int argc, char **argv)
{
	char password[256];
	int result = -1;

	if (argc != 7 || read_password(argv[3], password, sizeof(password)) != 0)
		return 2;
	MYSQL *mysql = mysql_init(NULL);
	if (mysql_real_connect(mysql, NULL, argv[2], password, argv[4], 0, argv[1], 0))
		result = await(mysql, argv[6], strtoll(argv[5], NULL, 10));
	else
		fprintf(stderr, "await: %s\n", mysql_error(mysql));
	if (result == 0)
		printf("{\"end_ns\":%lld}\n", (long long)now_ns());
	mysql_close(mysql);
	return result < 0;
}
