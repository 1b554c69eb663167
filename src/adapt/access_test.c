/* What guards the API, piece by piece: sessions, the pace of logins, the file of users. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "adapt/access_book.h"
#include "adapt/access_pace.h"
#include "adapt/access_session_file.h"

#define DAY_MS UINT64_C(86400000)

static const struct ident anna = {"anna"}, bob = {"bob"};

/* ---- sessions ---- */

static void a_session_is_found_by_its_secret_alone(void **state)
{
	struct access_sessions sessions = {0};
	char secret[SECRET_TEXT_MAX], other[SECRET_TEXT_MAX];
	(void)state;

	session_begin(&sessions, &anna, ROLE_VIEW, 0, secret);
	session_begin(&sessions, &bob, ROLE_CONTROL, 0, other);
	assert_string_not_equal(secret, other);
	assert_string_equal(session_find(&sessions, secret, 1)->user.text, "anna");
	assert_int_equal(session_find(&sessions, other, 1)->role, ROLE_CONTROL);
	assert_null(session_find(&sessions, "", 1));
	secret[0] ^= 1;
	assert_null(session_find(&sessions, secret, 1));
}

static void a_session_ends_when_it_is_idle_or_old(void **state)
{
	struct access_sessions sessions = {0};
	char secret[SECRET_TEXT_MAX];
	uint64_t now_ms = 0;
	(void)state;

	session_begin(&sessions, &anna, ROLE_VIEW, 0, secret);
	assert_non_null(session_find(&sessions, secret, SESSION_IDLE_DAYS_MAX * DAY_MS - 1));
	assert_null(session_find(&sessions, secret, 2 * SESSION_IDLE_DAYS_MAX * DAY_MS));
	session_begin(&sessions, &anna, ROLE_VIEW, 0, secret);
	for (; now_ms < SESSION_DAYS_MAX * DAY_MS; now_ms += DAY_MS)
		assert_non_null(session_find(&sessions, secret, now_ms));
	assert_null(session_find(&sessions, secret, now_ms));
}

static void a_session_holds_by_its_pass_until_it_ends(void **state)
{
	struct access_sessions sessions = {0};
	char secret[SECRET_TEXT_MAX];
	struct access_session *session;
	uint64_t now_ms = 0, pass;
	(void)state;

	session_begin(&sessions, &anna, ROLE_VIEW, 0, secret);
	session = session_find(&sessions, secret, 0);
	pass = secret_pass(session->digest);
	assert_true(pass != 0);
	assert_false(session_holds(&sessions, pass ^ 2, 0));
	for (; now_ms < SESSION_DAYS_MAX * DAY_MS; now_ms += DAY_MS)
		assert_true(session_holds(&sessions, pass, now_ms));
	assert_non_null(session_find(&sessions, secret, now_ms - 1)); /* holding was using it */
	assert_false(session_holds(&sessions, pass, now_ms));
	session_begin(&sessions, &anna, ROLE_VIEW, 0, secret);
	session = session_find(&sessions, secret, 0);
	pass = secret_pass(session->digest);
	session_end(session);
	assert_false(session_holds(&sessions, pass, 0));
}

static void the_session_that_was_not_seen_for_longest_gives_way(void **state)
{
	struct access_sessions sessions = {0};
	char first[SECRET_TEXT_MAX], second[SECRET_TEXT_MAX], more[SECRET_TEXT_MAX];
	(void)state;

	session_begin(&sessions, &anna, ROLE_VIEW, 0, first);
	session_begin(&sessions, &anna, ROLE_VIEW, 1, second);
	for (int i = 2; i < SESSIONS_MAX; i++)
		session_begin(&sessions, &bob, ROLE_VIEW, (uint64_t)i, more);
	assert_non_null(session_find(&sessions, first, 1000));
	session_begin(&sessions, &bob, ROLE_VIEW, 1001, more);
	assert_non_null(session_find(&sessions, first, 1002));
	assert_null(session_find(&sessions, second, 1002));
}

static void the_sessions_of_one_user_end_together(void **state)
{
	struct access_sessions sessions = {0};
	char first[SECRET_TEXT_MAX], second[SECRET_TEXT_MAX], other[SECRET_TEXT_MAX];
	(void)state;

	session_begin(&sessions, &anna, ROLE_VIEW, 0, first);
	session_begin(&sessions, &bob, ROLE_VIEW, 0, other);
	session_begin(&sessions, &anna, ROLE_VIEW, 0, second);
	session_end_of(&sessions, &anna);
	assert_null(session_find(&sessions, first, 1));
	assert_null(session_find(&sessions, second, 1));
	assert_non_null(session_find(&sessions, other, 1));
}

/* ---- the pace ---- */

static void an_address_has_five_tries_and_then_one_in_half_a_minute(void **state)
{
	struct access_pace pace = {0};
	(void)state;

	for (int i = 0; i < PACE_TRIES; i++)
		assert_int_equal(pace_take(&pace, "192.0.2.1", 1000), 0);
	assert_int_equal(pace_take(&pace, "192.0.2.1", 1000), 30);
	assert_int_equal(pace_take(&pace, "192.0.2.2", 1000), 0);
	assert_int_equal(pace_take(&pace, "192.0.2.1", 30999), 1);
	assert_int_equal(pace_take(&pace, "192.0.2.1", 31000), 0);
	assert_int_equal(pace_take(&pace, "192.0.2.1", 31000), 30);
}

static void what_succeeds_costs_no_try(void **state)
{
	struct access_pace pace = {0};
	(void)state;

	for (int i = 0; i < 1000; i++) {
		assert_int_equal(pace_take(&pace, "192.0.2.1", 5), 0);
		pace_give_back(&pace, "192.0.2.1", 5);
	}
}

static void a_whole_network_of_ipv6_is_one_address(void **state)
{
	struct access_pace pace = {0};
	char address[32];
	(void)state;

	for (int i = 0; i < PACE_TRIES; i++) {
		snprintf(address, sizeof address, "2001:db8::%d", i + 1);
		assert_int_equal(pace_take(&pace, address, 0), 0);
	}
	assert_int_not_equal(pace_take(&pace, "2001:db8::ffff", 0), 0);
	assert_int_equal(pace_take(&pace, "2001:db8:0:1::1", 0), 0);
}

static void many_addresses_together_are_slowed_down_as_well(void **state)
{
	struct access_pace pace = {0};
	char address[32];
	(void)state;

	for (int i = 0; i < PACE_ALL_TRIES; i++) {
		snprintf(address, sizeof address, "192.0.2.%d", i);
		assert_int_equal(pace_take(&pace, address, 0), 0);
	}
	assert_int_equal(pace_take(&pace, "198.51.100.1", 0), 2);
	assert_int_equal(pace_take(&pace, "198.51.100.1", 2000), 0);
}

/* ---- the file ---- */

static char directory[64], path[96], words[512];

static int set_up(void **state)
{
	(void)state;
	snprintf(directory, sizeof directory, "%s/amphora-access-XXXXXX",
		 getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	if (!mkdtemp(directory) || secret_begin() != 0)
		return -1;
	snprintf(path, sizeof path, "%s/users.json", directory);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(directory);
}

static int read_book(struct access_book *book)
{
	struct text error = text_in(words, sizeof words);

	return access_book_read(book, path, &error);
}

static void the_file_comes_back_as_it_was_written(void **state)
{
	static struct access_book book, back;
	struct access_user user = {.name = anna, .role = ROLE_CONTROL};
	struct access_token token = {.name = bob, .role = ROLE_VIEW, .digest = {1, 2, 3}};
	struct text error = text_in(words, sizeof words);
	struct stat found;
	(void)state;

	assert_int_equal(read_book(&back), 0);
	assert_int_equal(back.user_count, 0);
	assert_int_equal(secret_hash_password(user.password_hash, "correct horse"), 0);
	assert_int_equal(access_book_put_user(&book, &user), 0);
	assert_int_equal(access_book_put_token(&book, &token), 0);
	assert_int_equal(access_book_write(&book, path, &error), 0);
	assert_int_equal(stat(path, &found), 0);
	assert_int_equal(found.st_mode & 0777, 0600);
	assert_int_equal(read_book(&back), 0);
	assert_memory_equal(&book, &back, sizeof book);
	assert_true(secret_password_is_right(back.users[0].password_hash, "correct horse"));
	assert_false(secret_password_is_right(back.users[0].password_hash, "correct house"));
	assert_false(secret_password_is_right(NULL, "correct horse"));
}

static void write_file(const char *text, mode_t mode)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	assert_int_equal(chmod(path, mode), 0);
}

static void a_file_that_is_not_whole_is_refused(void **state)
{
	static const char *const bad[] = {
	    "",
	    "{}",
	    "{\"version\":2,\"users\":[],\"tokens\":[]}",
	    "{\"version\":1,\"users\":[{\"name\":\"anna\"}],\"tokens\":[]}",
	    "{\"version\":1,\"users\":[{\"name\":\"anna\",\"role\":\"view\",\"password\":\"x\"}],"
	    "\"tokens\":[]}",
	    "{\"version\":1,\"users\":[],\"tokens\":[{\"name\":\"a\",\"role\":\"view\","
	    "\"digest\":\"00\"}]}",
	};
	static struct access_book book;
	(void)state;

	for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
		write_file(bad[i], 0600);
		assert_int_equal(read_book(&book), -EINVAL);
		assert_non_null(strstr(words, path));
	}
	write_file("{\"version\":1,\"users\":[],\"tokens\":[]}", 0644);
	assert_true(read_book(&book) < 0);
	write_file("{\"version\":1,\"users\":[],\"tokens\":[]}", 0600);
	assert_int_equal(read_book(&book), 0);
}

static void a_full_book_takes_no_more(void **state)
{
	static struct access_book book;
	struct access_user user = {.role = ROLE_VIEW};
	(void)state;

	for (int i = 0; i < ACCESS_USERS_MAX; i++) {
		snprintf(user.name.text, sizeof user.name.text, "user%d", i);
		assert_int_equal(access_book_put_user(&book, &user), 0);
	}
	assert_int_equal(access_book_put_user(&book, &user), 0); /* in place of itself */
	user.name = anna;
	assert_int_equal(access_book_put_user(&book, &user), -ENOSPC);
	access_book_remove_user(&book, 0);
	assert_int_equal(access_book_find_user(&book, "user0"), -1);
	assert_int_equal(access_book_find_user(&book, "user1"), 0);
	assert_int_equal(access_book_put_user(&book, &user), 0);
}

/* ---- sessions over a restart ---- */

static const struct session_clocks BEFORE = {5000, INT64_C(1764072000000)};

/* Another start, `days` later by the time of day, whose own clock has just begun. */
static struct session_clocks after(int days)
{
	return (struct session_clocks){7, BEFORE.wall_ms + days * (int64_t)DAY_MS};
}

static struct access_book anna_with(const char *hash, enum role role)
{
	struct access_book book = {0};
	struct access_user user = {.name = anna, .role = role};

	strcpy(user.password_hash, hash);
	assert_int_equal(access_book_put_user(&book, &user), 0);
	return book;
}

/* Writes one session of anna and one by code, begun at BEFORE. */
static void keep_sessions(char secret[SECRET_TEXT_MAX], char by_code[SECRET_TEXT_MAX])
{
	static const struct ident nobody;
	struct access_book book = anna_with("$argon2id$one", ROLE_CONTROL);
	struct access_sessions sessions = {0};
	struct text error = text_in(words, sizeof words);

	session_begin(&sessions, &anna, ROLE_CONTROL, BEFORE.mono_ms, secret);
	session_begin(&sessions, &nobody, ROLE_CONTROL, BEFORE.mono_ms, by_code);
	assert_int_equal(session_file_write(&sessions, &book, BEFORE, path, &error), 0);
}

static int recall(struct access_sessions *out, const struct access_book *book,
		  struct session_clocks now)
{
	struct text error = text_in(words, sizeof words);

	return session_file_read(out, book, now, path, &error);
}

static void sessions_come_back_with_the_role_of_today(void **state)
{
	struct access_book book = anna_with("$argon2id$one", ROLE_VIEW);
	struct access_sessions sessions;
	char secret[SECRET_TEXT_MAX], by_code[SECRET_TEXT_MAX];
	struct stat found;
	(void)state;

	assert_int_equal(recall(&sessions, &book, after(1)), 0);
	assert_null(session_find(&sessions, "", 7));
	keep_sessions(secret, by_code);
	assert_int_equal(stat(path, &found), 0);
	assert_int_equal(found.st_mode & 0777, 0600);
	assert_int_equal(recall(&sessions, &book, after(1)), 0);
	assert_int_equal(session_find(&sessions, secret, 7)->role, ROLE_VIEW);
	assert_int_equal(session_find(&sessions, by_code, 7)->role, ROLE_CONTROL);
	/* They are as old as they are. */
	assert_null(session_find(&sessions, secret, 7 + SESSION_IDLE_DAYS_MAX * DAY_MS));
	assert_int_equal(recall(&sessions, &book, after(SESSION_IDLE_DAYS_MAX)), 0);
	assert_null(session_find(&sessions, by_code, 7));
}

static void no_session_comes_back_of_another_password_or_user_or_of_the_future(void **state)
{
	struct access_book same = anna_with("$argon2id$one", ROLE_CONTROL);
	struct access_book changed = anna_with("$argon2id$two", ROLE_CONTROL);
	static const struct access_book nobody;
	struct access_sessions sessions;
	char secret[SECRET_TEXT_MAX], by_code[SECRET_TEXT_MAX];
	(void)state;

	keep_sessions(secret, by_code);
	assert_int_equal(recall(&sessions, &changed, after(1)), 0);
	assert_null(session_find(&sessions, secret, 7));
	assert_non_null(session_find(&sessions, by_code, 7));
	assert_int_equal(recall(&sessions, &nobody, after(1)), 0);
	assert_null(session_find(&sessions, secret, 7));
	assert_int_equal(recall(&sessions, &same, after(-1)), 0);
	assert_null(session_find(&sessions, secret, 7));
	assert_int_equal(recall(&sessions, &same, after(0)), 0);
	assert_non_null(session_find(&sessions, secret, 7));
}

static void a_file_that_is_none_of_sessions_lets_nobody_in(void **state)
{
	static const char *const FILES[] = {
	    "", "{}", "{\"version\":2,\"sessions\":[]}", "{\"version\":1,\"sessions\":[{}]}",
	    "{\"version\":1,\"sessions\":[{\"user\":\"\",\"print\":\"\",\"digest\":\"00\","
	    "\"began_ms\":1,\"seen_ms\":1}]}",
	    "{\"version\":1,\"sessions\":[{\"user\":\"\",\"print\":\"\",\"digest\":"
	    "\"0000000000000000000000000000000000000000000000000000000000000000\","
	    "\"began_ms\":-1,\"seen_ms\":1}]}"};
	struct access_book book = anna_with("$argon2id$one", ROLE_CONTROL);
	struct access_sessions sessions;
	(void)state;

	for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i++) {
		FILE *file = fopen(path, "w");

		assert_non_null(file);
		fputs(FILES[i], file);
		fclose(file);
		assert_int_equal(chmod(path, 0600), 0);
		assert_int_equal(recall(&sessions, &book, after(0)), -EINVAL);
		for (size_t j = 0; j < SESSIONS_MAX; j++)
			assert_false(sessions.entries[j].is_used);
	}
}

static void the_file_learns_once_a_day_that_a_session_was_seen(void **state)
{
	struct access_sessions sessions = {0};
	char secret[SECRET_TEXT_MAX];
	(void)state;

	session_begin(&sessions, &anna, ROLE_VIEW, 0, secret);
	assert_non_null(session_find(&sessions, secret, DAY_MS - 1));
	assert_false(session_is_seen_anew(&sessions));
	assert_non_null(session_find(&sessions, secret, DAY_MS));
	assert_true(session_is_seen_anew(&sessions));
	assert_false(session_is_seen_anew(&sessions));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_session_is_found_by_its_secret_alone),
	    cmocka_unit_test(a_session_ends_when_it_is_idle_or_old),
	    cmocka_unit_test(a_session_holds_by_its_pass_until_it_ends),
	    cmocka_unit_test(the_session_that_was_not_seen_for_longest_gives_way),
	    cmocka_unit_test(the_sessions_of_one_user_end_together),
	    cmocka_unit_test(an_address_has_five_tries_and_then_one_in_half_a_minute),
	    cmocka_unit_test(what_succeeds_costs_no_try),
	    cmocka_unit_test(a_whole_network_of_ipv6_is_one_address),
	    cmocka_unit_test(many_addresses_together_are_slowed_down_as_well),
	    cmocka_unit_test_setup_teardown(the_file_comes_back_as_it_was_written, set_up,
					    tear_down),
	    cmocka_unit_test_setup_teardown(a_file_that_is_not_whole_is_refused, set_up, tear_down),
	    cmocka_unit_test(a_full_book_takes_no_more),
	    cmocka_unit_test_setup_teardown(sessions_come_back_with_the_role_of_today, set_up,
					    tear_down),
	    cmocka_unit_test_setup_teardown(
		no_session_comes_back_of_another_password_or_user_or_of_the_future, set_up,
		tear_down),
	    cmocka_unit_test_setup_teardown(a_file_that_is_none_of_sessions_lets_nobody_in, set_up,
					    tear_down),
	    cmocka_unit_test(the_file_learns_once_a_day_that_a_session_was_seen),
	};

	if (secret_begin() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
