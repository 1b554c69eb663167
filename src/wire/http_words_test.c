/* Headers of requests and bodies of logins: what is taken, and that the rest is nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "wire/http_words.h"
#include "wire/login_message.h"

static void authority_is_a_host_and_a_port(void **state)
{
	static const struct {
		const char *text, *host;
		int port;
	} good[] = {
	    {"localhost", "localhost", 0},
	    {"LocalHost:8642", "localhost", 8642},
	    {"127.0.0.1:1", "127.0.0.1", 1},
	    {"[::1]", "::1", 0},
	    {"[2001:DB8::1]:65535", "2001:db8::1", 65535},
	    {"house.local.", "house.local", 0},
	};
	static const char *const bad[] = {
	    "",     ":80", "a:",     "a:0",    "a:65536", "a:080808", "a b", "a/b",   "a@b",
	    "[::1", "[]",  "[::1]x", "[::1]:", "a:1:2",   "\xc3\xa9", "a,b", "[::g]", "a:+1",
	};
	struct authority authority;
	(void)state;

	for (size_t i = 0; i < ARRAY_LENGTH(good); i++) {
		assert_int_equal(authority_parse(&authority, good[i].text), 0);
		assert_string_equal(authority.host, good[i].host);
		assert_int_equal(authority.port, good[i].port);
	}
	for (size_t i = 0; i < ARRAY_LENGTH(bad); i++)
		assert_int_not_equal(authority_parse(&authority, bad[i]), 0);
}

static void origin_has_the_port_of_its_scheme(void **state)
{
	static const char *const bad[] = {"null", "", "ftp://a", "http://", "http://a/", "//a"};
	struct origin origin;
	(void)state;

	assert_int_equal(origin_parse(&origin, "http://localhost:8642"), 0);
	assert_false(origin.is_https);
	assert_int_equal(origin.authority.port, 8642);
	assert_int_equal(origin_parse(&origin, "https://house.example"), 0);
	assert_true(origin.is_https);
	assert_int_equal(origin.authority.port, 443);
	for (size_t i = 0; i < ARRAY_LENGTH(bad); i++)
		assert_int_not_equal(origin_parse(&origin, bad[i]), 0);
}

static void a_cookie_is_found_by_its_whole_name(void **state)
{
	char value[8];
	(void)state;

	assert_int_equal(cookie_find(value, sizeof value, "x=1; amphora=abc; y=2", "amphora"), 3);
	assert_string_equal(value, "abc");
	assert_int_equal(cookie_find(value, sizeof value, "xamphora=abc", "amphora"), 0);
	assert_int_equal(cookie_find(value, sizeof value, "amphora", "amphora"), 0);
	assert_int_equal(cookie_find(value, sizeof value, "amphora=1234567", "amphora"), 7);
	assert_int_equal(cookie_find(value, sizeof value, "amphora=12345678", "amphora"), 0);
	assert_string_equal(value, "");
	assert_int_equal(cookie_find(value, sizeof value, "", "amphora"), 0);
}

static void a_bearer_token_is_found_whatever_the_case_of_the_word(void **state)
{
	char value[8];
	(void)state;

	assert_int_equal(bearer_find(value, sizeof value, "bearer abc"), 3);
	assert_int_equal(bearer_find(value, sizeof value, "Basic abc"), 0);
	assert_int_equal(bearer_find(value, sizeof value, "Bearer 12345678"), 0);
}

static bool is_ours(const void *user, const char *address)
{
	(void)user;
	return strncmp(address, "10.", 3) == 0;
}

static void the_address_is_the_one_that_our_nearest_proxy_saw(void **state)
{
	char address[ADDRESS_TEXT_MAX];
	(void)state;

	assert_int_equal(forwarded_for(address, "192.0.2.1", is_ours, NULL), 0);
	assert_string_equal(address, "192.0.2.1");
	/* What stands before it anybody may have written. */
	assert_int_equal(forwarded_for(address, "1.2.3.4, 192.0.2.1, 10.0.0.1", is_ours, NULL), 0);
	assert_string_equal(address, "192.0.2.1");
	assert_int_equal(forwarded_for(address, "10.0.0.2 ,10.0.0.1", is_ours, NULL), 0);
	assert_string_equal(address, "10.0.0.2");
	assert_int_equal(forwarded_for(address, "[2001:db8::1]:99", is_ours, NULL), 0);
	assert_string_equal(address, "2001:db8::1");
	assert_int_equal(forwarded_for(address, "192.0.2.1:99", is_ours, NULL), 0);
	assert_string_equal(address, "192.0.2.1");
	assert_int_not_equal(forwarded_for(address, "1.2.3.4, unknown", is_ours, NULL), 0);
	assert_int_not_equal(forwarded_for(address, "", is_ours, NULL), 0);
}

static struct login_message message;
static char words[128];

static int parse(const char *body, unsigned allowed, unsigned needed)
{
	struct text error = text_in(words, sizeof words);

	return login_message_parse(&message, body, strlen(body), allowed, needed, &error);
}

static void a_login_has_what_it_needs_and_no_more(void **state)
{
	const unsigned both = LOGIN_NAME | LOGIN_PASSWORD;
	(void)state;

	assert_int_equal(parse("{\"name\":\"anna\",\"password\":\"secret00\"}", both, both), 0);
	assert_string_equal(message.name.text, "anna");
	assert_string_equal(message.password, "secret00");
	assert_int_not_equal(parse("{\"name\":\"anna\"}", both, both), 0);
	assert_string_equal(words, "password: is missing");
	assert_int_not_equal(
	    parse("{\"name\":\"anna\",\"password\":\"secret00\",\"role\":\"view\"}", both, both),
	    0);
	assert_null(strstr(words, "secret00"));
	assert_string_equal(message.password, "");
	assert_int_not_equal(parse("{\"name\":\"anna\",\"password\":7}", both, both), 0);
	assert_int_not_equal(parse("[]", both, both), 0);
	assert_int_not_equal(parse("", both, both), 0);
}

static void a_code_is_read_however_it_is_grouped(void **state)
{
	(void)state;

	assert_int_equal(parse("{\"code\":\"k7qf-3mzt 9\"}", LOGIN_CODE, LOGIN_CODE), 0);
	assert_string_equal(message.code, "K7QF3MZT9");
	assert_int_not_equal(parse("{\"code\":\"--\"}", LOGIN_CODE, LOGIN_CODE), 0);
	assert_int_not_equal(parse("{\"code\":\"K7QF/\"}", LOGIN_CODE, LOGIN_CODE), 0);
	assert_int_not_equal(
	    parse("{\"code\":\"000000000000000000000000\"}", LOGIN_CODE, LOGIN_CODE), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(authority_is_a_host_and_a_port),
	    cmocka_unit_test(origin_has_the_port_of_its_scheme),
	    cmocka_unit_test(a_cookie_is_found_by_its_whole_name),
	    cmocka_unit_test(a_bearer_token_is_found_whatever_the_case_of_the_word),
	    cmocka_unit_test(the_address_is_the_one_that_our_nearest_proxy_saw),
	    cmocka_unit_test(a_login_has_what_it_needs_and_no_more),
	    cmocka_unit_test(a_code_is_read_however_it_is_grouped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
