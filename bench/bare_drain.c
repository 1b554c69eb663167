/*
 * The bare drain: readings that are in memory already go into MariaDB's
 * battery_data by array binding, one transaction for each batch. No journal, no
 * positions, no refusals: what the forwarder's draining is compared with.
 *
 *     bare_drain SOCKET PASSWORD-FILE ROWS BATCH
 *
 * Prints {"seconds":…} and ends.
 */
#include <mysql.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BATCH_MAX 100000
#define COLUMNS 10
#define START_DAY 1 /* of June 2026 */

static const char insert[] =
    "INSERT INTO battery_data (collector, epoch, `row`, ts, ts_trusted, node, soc_pct, temp_c, "
    "quality, acts) VALUES (?,?,?,?,?,?,?,?,?,?)";

/* A batch, column by column. */
struct rows {
	const char *texts[3][BATCH_MAX];
	unsigned long lengths[3][BATCH_MAX];
	int64_t integers[4][BATCH_MAX];
	double doubles[2][BATCH_MAX];
	MYSQL_TIME times[BATCH_MAX];
	MYSQL_TIME *starts[BATCH_MAX];
};

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void put_text(struct rows *rows, int column, unsigned int at, const char *text)
{
	rows->texts[column][at] = text;
	rows->lengths[column][at] = strlen(text);
}

/* Rows `first`.. of one node, a second apart. */
static void fill(struct rows *rows, int64_t first, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		int64_t second = first + i;

		put_text(rows, 0, i, "bare");
		put_text(rows, 1, i, "b1");
		put_text(rows, 2, i, "good");
		rows->integers[0][i] = 1;
		rows->integers[1][i] = second;
		rows->integers[2][i] = 1;
		rows->integers[3][i] = 1;
		rows->doubles[0][i] = 40 + (double)(second % 100) / 10;
		rows->doubles[1][i] = 20.5;
		rows->times[i] = (MYSQL_TIME){
		    .year = 2026,
		    .month = 6,
		    .day = (unsigned int)(START_DAY + second / 86400 % 30),
		    .hour = (unsigned int)(second / 3600 % 24),
		    .minute = (unsigned int)(second / 60 % 60),
		    .second = (unsigned int)(second % 60),
		    .time_type = MYSQL_TIMESTAMP_DATETIME,
		};
		rows->starts[i] = &rows->times[i];
	}
}

static MYSQL_BIND bind_of(enum enum_field_types type, void *buffer, unsigned long *lengths)
{
	return (MYSQL_BIND){.buffer_type = type, .buffer = buffer, .length = lengths};
}

static void bind_all(MYSQL_BIND binds[COLUMNS], struct rows *rows)
{
	binds[0] = bind_of(MYSQL_TYPE_STRING, rows->texts[0], rows->lengths[0]);
	binds[1] = bind_of(MYSQL_TYPE_LONGLONG, rows->integers[0], NULL);
	binds[2] = bind_of(MYSQL_TYPE_LONGLONG, rows->integers[1], NULL);
	binds[3] = bind_of(MYSQL_TYPE_DATETIME, rows->starts, NULL);
	binds[4] = bind_of(MYSQL_TYPE_LONGLONG, rows->integers[2], NULL);
	binds[5] = bind_of(MYSQL_TYPE_STRING, rows->texts[1], rows->lengths[1]);
	binds[6] = bind_of(MYSQL_TYPE_DOUBLE, rows->doubles[0], NULL);
	binds[7] = bind_of(MYSQL_TYPE_DOUBLE, rows->doubles[1], NULL);
	binds[8] = bind_of(MYSQL_TYPE_STRING, rows->texts[2], rows->lengths[2]);
	binds[9] = bind_of(MYSQL_TYPE_LONGLONG, rows->integers[3], NULL);
}

static int drain(MYSQL *mysql, MYSQL_STMT *statement, int64_t count, unsigned int batch)
{
	static struct rows rows;
	MYSQL_BIND binds[COLUMNS];

	bind_all(binds, &rows);
	for (int64_t done = 0; done < count; done += batch) {
		unsigned int size = count - done < batch ? (unsigned int)(count - done) : batch;

		fill(&rows, done, size);
		if (mysql_query(mysql, "START TRANSACTION") != 0 ||
		    mysql_stmt_attr_set(statement, STMT_ATTR_ARRAY_SIZE, &size) != 0 ||
		    mysql_stmt_bind_param(statement, binds) != 0 ||
		    mysql_stmt_execute(statement) != 0 || mysql_commit(mysql) != 0)
			return -1;
	}
	return 0;
}

static int read_password(const char *path, char *password, int size)
{
	FILE *file = fopen(path, "re");
	bool is_read = file != NULL && fgets(password, size, file) != NULL;

	if (file != NULL)
		fclose(file);
	if (is_read)
		password[strcspn(password, "\n")] = '\0';
	return is_read ? 0 : -1;
}

int main(int argc, char **argv)
{
	char password[256];
	unsigned int batch;
	int result = -1;

	if (argc != 5 || read_password(argv[2], password, sizeof(password)) != 0)
		return 2;
	batch = (unsigned int)atoi(argv[4]);
	if (batch == 0 || batch > BATCH_MAX)
		return 2;
	MYSQL *mysql = mysql_init(NULL);
	if (mysql_real_connect(mysql, NULL, "amphora", password, "amphora", 0, argv[1], 0)) {
		MYSQL_STMT *statement = mysql_stmt_init(mysql);
		double start = now_s();

		if (mysql_stmt_prepare(statement, insert, sizeof(insert) - 1) == 0)
			result = drain(mysql, statement, strtoll(argv[3], NULL, 10), batch);
		if (result == 0)
			printf("{\"seconds\":%.6f}\n", now_s() - start);
		else
			fprintf(stderr, "bare_drain: %s\n", mysql_stmt_error(statement));
		mysql_stmt_close(statement);
	} else {
		fprintf(stderr, "bare_drain: %s\n", mysql_error(mysql));
	}
	mysql_close(mysql);
	return result < 0;
}
