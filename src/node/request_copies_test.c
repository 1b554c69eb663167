/* Which requests count as a copy of an earlier one. */
#include "node/request_copies.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct request_copies copies;

static int begin(void **test)
{
	(void)test;
	memset(&copies, 0, sizeof(copies));
	return 0;
}

static struct request_key key_of(uint16_t port, int message_id, const char *token)
{
	struct request_key key = {.message_id = message_id, .token_length = strlen(token)};

	coap_address_init(&key.peer);
	key.peer.size = sizeof(key.peer.addr.sin);
	key.peer.addr.sin.sin_family = AF_INET;
	key.peer.addr.sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	key.peer.addr.sin.sin_port = htons(port);
	memcpy(key.token, token, key.token_length);
	return key;
}

static bool is_copy(uint16_t port, int message_id, const char *token, uint64_t now_ms)
{
	struct request_key key = key_of(port, message_id, token);

	return request_copies_take(&copies, &key, now_ms);
}

static void the_same_from_the_same_peer_is_a_copy(void **test)
{
	(void)test;
	assert_false(is_copy(5000, 7, "ab", 1000));
	assert_true(is_copy(5000, 7, "ab", 1000));
	assert_true(is_copy(5000, 7, "ab", 2000));
}

static void another_peer_message_or_token_is_no_copy(void **test)
{
	(void)test;
	assert_false(is_copy(5000, 7, "ab", 1000));
	assert_false(is_copy(5001, 7, "ab", 1000));
	assert_false(is_copy(5000, 8, "ab", 1000));
	assert_false(is_copy(5000, 7, "ac", 1000));
	assert_false(is_copy(5000, 7, "", 1000));
	assert_false(is_copy(5000, 0, "", 1000)); /* which is what an empty place would look like */
}

static void it_is_a_copy_for_as_long_as_one_may_be_on_its_way(void **test)
{
	(void)test;
	assert_false(is_copy(5000, 7, "ab", 1000));
	assert_true(is_copy(5000, 7, "ab", 1000 + REQUEST_COPY_MS - 1));
	assert_false(is_copy(5000, 7, "ab", 1000 + REQUEST_COPY_MS));
	assert_true(is_copy(5000, 7, "ab", 1000 + REQUEST_COPY_MS));
}

static void the_oldest_is_forgotten_for_one_more(void **test)
{
	(void)test;
	for (int i = 0; i < REQUEST_COPIES_MAX; i++)
		assert_false(is_copy(5000, i, "ab", 1000));
	assert_true(is_copy(5000, 0, "ab", 1000));
	assert_false(is_copy(5000, REQUEST_COPIES_MAX, "ab", 1000));
	assert_true(is_copy(5000, 1, "ab", 1000));
	assert_false(is_copy(5000, 0, "ab", 1000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(the_same_from_the_same_peer_is_a_copy, begin),
	    cmocka_unit_test_setup(another_peer_message_or_token_is_no_copy, begin),
	    cmocka_unit_test_setup(it_is_a_copy_for_as_long_as_one_may_be_on_its_way, begin),
	    cmocka_unit_test_setup(the_oldest_is_forgotten_for_one_more, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
