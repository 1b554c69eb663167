/* What a password file gives, and which files are none. */
#include "adapt/password.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define SIZE 8

/* Reads a file of that content and mode. Returns what password_read() says. */
static int read_of(char out[SIZE], const char *content, mode_t mode)
{
	char path[] = "/tmp/amphora-password-XXXXXX", words[256];
	struct text error = text_in(words, sizeof words);
	int fd = mkstemp(path), result;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, content, strlen(content)), strlen(content));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
	result = password_read(out, SIZE, path, &error);
	unlink(path);
	assert_int_equal(result != 0, words[0] != '\0');
	assert_true(result == 0 || strstr(words, path) != NULL);
	return result;
}

static void password_is_the_first_line_without_its_end(void **state)
{
	static const char *const contents[] = {"secret", "secret\n", "secret\r\n",
					       "secret\nand more than fits\n"};
	char out[SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(contents); i++) {
		assert_int_equal(read_of(out, contents[i], 0600), 0);
		assert_string_equal(out, "secret");
	}
}

static void password_of_an_empty_path_is_empty(void **state)
{
	char out[SIZE] = "old", words[64];
	struct text error = text_in(words, sizeof words);

	(void)state;
	assert_int_equal(password_read(out, sizeof out, "", &error), 0);
	assert_string_equal(out, "");
}

static void password_may_fill_its_room_and_no_more(void **state)
{
	char out[SIZE];

	(void)state;
	assert_int_equal(read_of(out, "1234567", 0600), 0);
	assert_string_equal(out, "1234567");
	assert_int_equal(read_of(out, "1234567\n", 0600), 0);
	assert_int_equal(read_of(out, "12345678", 0600), -EFBIG);
	assert_string_equal(out, "");
}

static void password_that_is_empty_is_refused(void **state)
{
	char out[SIZE];

	(void)state;
	assert_int_equal(read_of(out, "", 0600), -EINVAL);
	assert_int_equal(read_of(out, "\nsecret", 0600), -EINVAL);
	assert_int_equal(read_of(out, "\r\n", 0600), -EINVAL);
}

static void password_that_others_may_read_is_refused(void **state)
{
	static const struct {
		mode_t mode;
		int result;
	} cases[] = {{0600, 0},      {0400, 0},      {0640, 0},      {0644, -EPERM},
		     {0604, -EPERM}, {0660, -EPERM}, {0602, -EPERM}, {0601, -EPERM}};
	char out[SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
		assert_int_equal(read_of(out, "secret", cases[i].mode), cases[i].result);
}

static void password_is_not_read_from_a_directory(void **state)
{
	char out[SIZE], words[128];
	struct text error = text_in(words, sizeof words);

	(void)state;
	assert_int_equal(password_read(out, sizeof out, "/", &error), -EISDIR);
	assert_non_null(strstr(words, "is a directory"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(password_is_the_first_line_without_its_end),
	    cmocka_unit_test(password_of_an_empty_path_is_empty),
	    cmocka_unit_test(password_may_fill_its_room_and_no_more),
	    cmocka_unit_test(password_that_is_empty_is_refused),
	    cmocka_unit_test(password_that_others_may_read_is_refused),
	    cmocka_unit_test(password_is_not_read_from_a_directory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
