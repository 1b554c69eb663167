/*
 * The forwarder as a whole: a real journal, its thread, a real MariaDB that
 * comes and goes. Skipped as a whole where MariaDB is not installed.
 */
#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "adapt/journal.h"
#include "adapt/server.h"
#include "adapt/server_test_db.h"

#define DEADLINE_NS (60 * (uint64_t)1000000000)
#define STOP_MS 10000
#define FIRST_MS 1774750200123 /* 2026-03-29T02:10:00.123Z */

/* One test's journal, loop and forwarder. */
struct fixture {
	uv_loop_t loop;
	uv_timer_t tick; /* keeps the loop turning while waiting */
	char path[PATH_TEXT_MAX];
	struct journal *journal;
	struct server *server;
	int64_t appended;
	bool is_committed;
	unsigned int changes;
	struct server_progress progress;
};

static void on_committed(void *user)
{
	((struct fixture *)user)->is_committed = true;
}

static void on_health(void *user, int problem, const char *sentence)
{
	(void)user;
	if (problem != 0)
		print_error("journal: %s\n", sentence);
}

static void on_set_aside(void *user, const char *name)
{
	(void)user;
	print_error("journal set aside as %s\n", name);
}

static void on_tick(uv_timer_t *timer)
{
	(void)timer;
}

static void on_changed(void *context, const struct server_progress *progress)
{
	struct fixture *fixture = context;

	fixture->changes++;
	fixture->progress = *progress;
}

static void open_journal(struct fixture *fixture, const char *name)
{
	char words[256], set_aside[PATH_TEXT_MAX + 32];
	struct text error = text_in(words, sizeof(words));

	snprintf(fixture->path, sizeof(fixture->path), "%s/%s", db->directory, name);
	const struct journal_options options = {
	    .path = fixture->path,
	    .sync = SYNC_NORMAL,
	    .collector = "home",
	    .events = {fixture, on_committed, on_health, on_set_aside},
	};
	if (journal_open(&fixture->journal, &fixture->loop, &options, set_aside, &error) != 0)
		fail_msg("%s", words);
}

static void close_journal(struct fixture *fixture)
{
	size_t lost = 0;

	if (fixture->journal)
		assert_int_equal(journal_close(fixture->journal, STOP_MS, &lost), 0);
	fixture->journal = NULL;
}

static int set_up(void **state)
{
	static unsigned int count;
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	char name[32];

	*state = fixture;
	uv_loop_init(&fixture->loop);
	uv_timer_init(&fixture->loop, &fixture->tick);
	uv_timer_start(&fixture->tick, on_tick, 10, 10);
	if (!db)
		return 0;
	test_db_reset();
	snprintf(name, sizeof(name), "journal-%u.db", count++);
	open_journal(fixture, name);
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	server_stop(fixture->server, 0);
	close_journal(fixture);
	uv_close((uv_handle_t *)&fixture->tick, NULL);
	uv_run(&fixture->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&fixture->loop), 0);
	free(fixture);
	return 0;
}

static struct fixture *need_db(void **state)
{
	test_db_need();
	return *state;
}

static void start_forwarding(struct fixture *fixture)
{
	char words[256];
	struct text error = text_in(words, sizeof(words));

	if (server_new(&fixture->server, &fixture->loop, &db->config, fixture->path, on_changed,
		       fixture, &error) != 0)
		fail_msg("%s", words);
}

/* Turns the loop until `is_reached`, or fails the test. */
static void wait_until(struct fixture *fixture, bool (*is_reached)(const struct fixture *fixture),
		       const char *what)
{
	uint64_t end = uv_hrtime() + DEADLINE_NS;

	while (!is_reached(fixture)) {
		if (uv_hrtime() > end)
			fail_msg("waited in vain for %s; last: %s", what, fixture->progress.error);
		uv_run(&fixture->loop, UV_RUN_ONCE);
	}
}

static bool is_committed(const struct fixture *fixture)
{
	return fixture->is_committed;
}

static bool is_all_sent(const struct fixture *fixture)
{
	return fixture->progress.phase == SERVER_CONNECTED &&
	       fixture->progress.reading_row == fixture->appended;
}

static bool is_away(const struct fixture *fixture)
{
	return fixture->progress.phase == SERVER_CONNECTING && fixture->progress.error[0] != '\0';
}

static bool is_unfit(const struct fixture *fixture)
{
	return fixture->progress.phase == SERVER_UNFIT;
}

static struct record reading_record(int64_t number)
{
	struct record record = {
	    .kind = RECORD_READING,
	    .wall = {FIRST_MS + number},
	    .wall_is_trusted = true,
	};
	struct reading *reading = &record.reading.reading;

	memcpy(reading->node.text, "b1", 3);
	reading->received = (struct reading_received){
	    .soc_pct = (double)(number % 100) + 0.1,
	    .temp_c = 24.1,
	    .temp_max_c = NAN,
	    .voltage_v = NAN,
	    .current_a = NAN,
	    .power_w = NAN,
	    .soh_pct = NAN,
	    .interval_s = NAN,
	};
	record.reading.quality = QUALITY_GOOD;
	record.reading.acts = true;
	return record;
}

/* Appends `count` readings and waits until they are durable. */
static void append(struct fixture *fixture, int64_t count)
{
	while (count > 0) {
		fixture->is_committed = false;
		for (int in_batch = 0; in_batch < 500 && count > 0; in_batch++, count--) {
			struct record record = reading_record(++fixture->appended);
			assert_int_equal(journal_append(fixture->journal, &record), 0);
		}
		assert_true(journal_commit(fixture->journal));
		wait_until(fixture, is_committed, "the commit");
	}
	if (fixture->server)
		server_wake(fixture->server);
}

/* Asserts that exactly the rows 1..appended are there, each once and whole. */
static void assert_rows_are_equal(const struct fixture *fixture)
{
	char expected[64];

	snprintf(expected, sizeof(expected), "%lld %lld %lld", (long long)fixture->appended,
		 (long long)fixture->appended, (long long)fixture->appended);
	assert_string_equal(
	    test_db_ask("SELECT CONCAT_WS(' ', COUNT(*), COALESCE(MAX(`row`), 0), "
			"COALESCE(SUM(soc_pct = `row` % 100 + 0.1e0 AND temp_c = 24.1e0 AND "
			"ts = '2026-03-29 02:10:00.123' + INTERVAL `row` * 1000 MICROSECOND), 0)) "
			"FROM battery_data"),
	    expected);
}

static void server_forwards_what_was_there_before_and_what_comes(void **state)
{
	struct fixture *fixture = need_db(state);

	append(fixture, 2 * SERVER_BATCH_ROWS + 1);
	start_forwarding(fixture);
	wait_until(fixture, is_all_sent, "the old rows");
	append(fixture, 3);
	wait_until(fixture, is_all_sent, "the new rows");
	assert_rows_are_equal(fixture);
	assert_int_equal(fixture->progress.sent, fixture->appended);
	assert_int_equal(fixture->progress.unsent, 0);
	assert_int_equal(fixture->progress.refused, 0);
}

static void server_goes_on_where_it_was_after_a_restart_of_ours(void **state)
{
	struct fixture *fixture = need_db(state);

	start_forwarding(fixture);
	for (int i = 0; i < 3; i++) {
		append(fixture, 700);
		assert_int_equal(server_stop(fixture->server, STOP_MS), 0);
		fixture->server = NULL;
		memset(&fixture->progress, 0, sizeof(fixture->progress));
		start_forwarding(fixture);
	}
	wait_until(fixture, is_all_sent, "the rows");
	assert_rows_are_equal(fixture);
}

static void server_that_is_killed_and_comes_back_has_each_row_once(void **state)
{
	struct fixture *fixture = need_db(state);

	append(fixture, 5000);
	start_forwarding(fixture);
	for (int i = 0; i < 2; i++) {
		test_db_kill();
		append(fixture, 500);
		wait_until(fixture, is_away, "the server's absence");
		assert_true(fixture->progress.unsent > 0);
		test_db_restart();
		wait_until(fixture, is_all_sent, "the rest");
	}
	assert_rows_are_equal(fixture);
}

static void server_that_is_away_leaves_the_rows_unsent_at_the_end(void **state)
{
	struct fixture *fixture = need_db(state);

	append(fixture, 10);
	test_db_kill();
	start_forwarding(fixture);
	wait_until(fixture, is_away, "the server's absence");
	assert_false(fixture->progress.is_position_known);
	assert_int_equal(server_stop(fixture->server, STOP_MS), 10);
	fixture->server = NULL;
	test_db_restart();
	start_forwarding(fixture);
	wait_until(fixture, is_all_sent, "the rows");
	assert_rows_are_equal(fixture);
}

/* Somebody who takes a connection and says nothing. Returns his listening socket. */
static int mute_server(struct server_config *config)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(listener, (struct sockaddr *)&address, size), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &size), 0);
	config->socket[0] = '\0';
	snprintf(config->host, sizeof(config->host), "127.0.0.1");
	config->port = ntohs(address.sin_port);
	return listener;
}

static void server_stop_leaves_a_connection_behind_that_is_still_being_made(void **state)
{
	struct fixture *fixture = need_db(state);
	struct server_config config = db->config;
	char words[256], byte;
	struct text error = text_in(words, sizeof(words));
	int listener = mute_server(&config), connection;

	append(fixture, 3);
	assert_int_equal(server_new(&fixture->server, &fixture->loop, &config, fixture->path,
				    on_changed, fixture, &error),
			 0);
	connection = accept(listener, NULL, NULL);
	assert_true(connection >= 0);
	assert_int_equal(server_stop(fixture->server, 0), 3);
	fixture->server = NULL;
	/* It has not waited: the other side still has the connection open. */
	assert_int_equal(recv(connection, &byte, 1, MSG_DONTWAIT), -1);
	assert_int_equal(errno, EAGAIN);
	close(connection);
	close(listener);
}

static void server_leaves_out_a_refused_row_counts_it_and_goes_on(void **state)
{
	struct fixture *fixture = need_db(state);

	test_db_run("ALTER TABLE battery_data ADD CHECK (`row` NOT IN (1, 700, 1500, 2000))");
	append(fixture, 2000);
	start_forwarding(fixture);
	wait_until(fixture, is_all_sent, "the other rows");
	assert_int_equal(fixture->progress.sent, 1996);
	assert_int_equal(fixture->progress.refused, 4);
	assert_non_null(strstr(fixture->progress.refusal, "battery_data row 2000"));
	assert_string_equal(test_db_ask("SELECT COUNT(*) FROM battery_data"), "1996");
	append(fixture, 10);
	wait_until(fixture, is_all_sent, "the rows after them");
	assert_int_equal(fixture->progress.refused, 4);
}

static void server_that_would_alter_values_gets_none_until_it_is_mended(void **state)
{
	struct fixture *fixture = need_db(state);

	test_db_run("ALTER TABLE battery_data MODIFY soc_pct FLOAT NULL");
	append(fixture, 10);
	start_forwarding(fixture);
	wait_until(fixture, is_unfit, "the refusal");
	assert_non_null(strstr(fixture->progress.error, "soc_pct"));
	assert_string_equal(test_db_ask("SELECT COUNT(*) FROM battery_data"), "0");
	test_db_run("ALTER TABLE battery_data MODIFY soc_pct DOUBLE NULL");
	wait_until(fixture, is_all_sent, "the rows");
	assert_rows_are_equal(fixture);
}

static void server_takes_a_new_journal_that_counts_from_one_again(void **state)
{
	struct fixture *fixture = need_db(state);

	start_forwarding(fixture);
	append(fixture, 600);
	wait_until(fixture, is_all_sent, "the first journal's rows");
	assert_int_equal(server_stop(fixture->server, STOP_MS), 0);
	fixture->server = NULL;
	close_journal(fixture);

	memset(&fixture->progress, 0, sizeof(fixture->progress));
	fixture->appended = 0;
	open_journal(fixture, "another.db");
	start_forwarding(fixture);
	append(fixture, 600);
	wait_until(fixture, is_all_sent, "the second journal's rows");
	assert_string_equal(test_db_ask("SELECT CONCAT_WS(' ', COUNT(*), "
					"COUNT(DISTINCT epoch)) FROM battery_data"),
			    "1200 2");
}

static void server_without_user_or_password_file_is_refused(void **state)
{
	struct fixture *fixture = need_db(state);
	char words[256];
	struct server_config config = db->config;
	struct server *server = NULL;

	config.user[0] = '\0';
	struct text error = text_in(words, sizeof(words));
	assert_int_not_equal(server_new(&server, &fixture->loop, &config, fixture->path, on_changed,
					fixture, &error),
			     0);
	assert_non_null(strstr(words, "store.server.user"));

	config = db->config;
	snprintf(config.password_file, sizeof(config.password_file), "/nonexistent/password");
	error = text_in(words, sizeof(words));
	assert_int_not_equal(server_new(&server, &fixture->loop, &config, fixture->path, on_changed,
					fixture, &error),
			     0);
	assert_non_null(strstr(words, "/nonexistent/password"));
}

#define RULE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest rules[] = {
	    RULE(server_forwards_what_was_there_before_and_what_comes),
	    RULE(server_goes_on_where_it_was_after_a_restart_of_ours),
	    RULE(server_that_is_killed_and_comes_back_has_each_row_once),
	    RULE(server_that_is_away_leaves_the_rows_unsent_at_the_end),
	    RULE(server_stop_leaves_a_connection_behind_that_is_still_being_made),
	    RULE(server_leaves_out_a_refused_row_counts_it_and_goes_on),
	    RULE(server_that_would_alter_values_gets_none_until_it_is_mended),
	    RULE(server_takes_a_new_journal_that_counts_from_one_again),
	    RULE(server_without_user_or_password_file_is_refused),
	};

	return cmocka_run_group_tests_name("server", rules, test_db_group_start,
					   test_db_group_stop);
}
