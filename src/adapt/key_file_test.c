/* Which files hold a key, and which are refused with what to do. */
#include "adapt/key_file.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define KEY_16 "0123456789abcdef"

struct bench {
	char path[64];
	char words[256];
	struct shared_key key;
};

/* Reads a file of that content, mode and owner; returns what shared_key_read() says. */
static int read_of(struct bench *bench, const char *content, mode_t mode, uid_t owner)
{
	struct text error = text_in(bench->words, sizeof bench->words);
	int fd, result;

	snprintf(bench->path, sizeof bench->path, "/tmp/amphora-key-XXXXXX");
	fd = mkstemp(bench->path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, content, strlen(content)), strlen(content));
	assert_int_equal(fchmod(fd, mode), 0);
	assert_true(owner == geteuid() || fchown(fd, owner, (gid_t)-1) == 0);
	close(fd);
	result = shared_key_read(&bench->key, bench->path, "r1", &error);
	unlink(bench->path);
	assert_int_equal(result != 0, bench->words[0] != '\0');
	assert_true(result == 0 || strstr(bench->words, bench->path) != NULL);
	return result;
}

static void key_is_the_first_line_without_its_end(void **state)
{
	static const char *const contents[] = {KEY_16, KEY_16 "\n", KEY_16 "\r\n",
					       KEY_16 "\nand more\n"};
	struct bench bench;

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(contents); i++) {
		assert_int_equal(read_of(&bench, contents[i], 0600, geteuid()), 0);
		assert_int_equal(bench.key.length, 16);
		assert_memory_equal(bench.key.secret, KEY_16, 16);
		assert_string_equal(bench.key.identity, "r1");
	}
}

static void key_has_16_to_128_bytes(void **state)
{
	char content[SHARED_KEY_BYTES_MAX + 3];
	struct bench bench;

	(void)state;
	assert_int_equal(read_of(&bench, "0123456789abcde\n", 0600, geteuid()), -EINVAL);
	assert_non_null(strstr(bench.words, "openssl rand -hex 32"));
	assert_int_equal(read_of(&bench, "", 0600, geteuid()), -EINVAL);
	memset(content, 'k', sizeof content);
	snprintf(content + SHARED_KEY_BYTES_MAX, 3, "\r\n");
	assert_int_equal(read_of(&bench, content, 0600, geteuid()), 0);
	assert_int_equal(bench.key.length, SHARED_KEY_BYTES_MAX);
	snprintf(content + SHARED_KEY_BYTES_MAX, 3, "k\n");
	assert_int_equal(read_of(&bench, content, 0600, geteuid()), -EINVAL);
}

static void key_file_is_for_its_owner_alone(void **state)
{
	struct bench bench;

	(void)state;
	assert_int_equal(read_of(&bench, KEY_16, 0600, geteuid()), 0);
	assert_int_equal(read_of(&bench, KEY_16, 0400, geteuid()), 0);
	for (mode_t bit = 1; bit <= 0100; bit <<= 1) {
		assert_int_equal(read_of(&bench, KEY_16, 0600 | bit, geteuid()), -EPERM);
		assert_non_null(strstr(bench.words, "chmod 600"));
	}
}

static void key_file_of_another_user_is_refused(void **state)
{
	struct bench bench;

	(void)state;
	if (geteuid() != 0)
		skip(); /* only root can give a file away */
	assert_int_equal(read_of(&bench, KEY_16, 0600, 65534), -EPERM);
	assert_non_null(strstr(bench.words, "another user"));
	assert_non_null(strstr(bench.words, "chown"));
}

static void key_file_is_a_regular_file(void **state)
{
	char path[] = "/tmp/amphora-key-XXXXXX", words[256];
	struct shared_key key;
	struct text error = text_in(words, sizeof words);

	(void)state;
	assert_int_equal(shared_key_read(&key, "/nonexistent/key", "r1", &error), -ENOENT);
	error = text_in(words, sizeof words);
	assert_int_equal(shared_key_read(&key, "/tmp", "r1", &error), -EINVAL);
	assert_non_null(strstr(words, "not a regular file"));
	assert_non_null(mkdtemp(path));
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	error = text_in(words, sizeof words);
	assert_int_equal(shared_key_read(&key, path, "r1", &error), -EINVAL);
	assert_non_null(strstr(words, "not a regular file"));
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(key_is_the_first_line_without_its_end),
	    cmocka_unit_test(key_has_16_to_128_bytes),
	    cmocka_unit_test(key_file_is_for_its_owner_alone),
	    cmocka_unit_test(key_file_of_another_user_is_refused),
	    cmocka_unit_test(key_file_is_a_regular_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
