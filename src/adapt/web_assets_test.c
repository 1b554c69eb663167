/* The dashboard's files as a browser gets them: what is kept, for how long, and in which form. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "adapt/api_test_client.h"
#include "adapt/web_assets.h"

struct fixture {
	char directory[64], path[96];
	uv_loop_t loop;
	struct http_server *server;
};

static const struct http_route ROUTES[] = {
    {HTTP_GET, "/", web_get_page, false},
    {HTTP_GET, "/sw.js", web_get_worker, false},
    {HTTP_GET, "/manifest.webmanifest", web_get_manifest, false},
    {HTTP_GET, "/assets/*", web_get_asset, false},
};

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	char words[256];
	struct text error = text_in(words, sizeof(words));

	strcpy(fixture->directory, "/tmp/amphora-web-XXXXXX");
	assert_non_null(mkdtemp(fixture->directory));
	snprintf(fixture->path, sizeof(fixture->path), "%s/http.sock", fixture->directory);
	assert_int_equal(uv_loop_init(&fixture->loop), 0);
	assert_int_equal(http_open(&fixture->server, &fixture->loop, fixture->path, ROUTES,
				   ARRAY_LENGTH(ROUTES), NULL, &error),
			 0);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	http_close(fixture->server, NULL);
	uv_run(&fixture->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&fixture->loop), 0);
	rmdir(fixture->directory);
	free(fixture);
	return 0;
}

/* Asks with further header lines, each with its line end. */
static struct client_answer ask(struct fixture *fixture, const char *path, const char *headers)
{
	char request[1024];
	int length =
	    snprintf(request, sizeof(request),
		     "GET %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n%s\r\n", path, headers);

	return client_send(&fixture->loop, fixture->path, request, (size_t)length);
}

static bool contains(const struct web_asset *asset, const char *text)
{
	return memmem(asset->plain, asset->plain_length, text, strlen(text)) != NULL;
}

/* The page's own modules: the one that the page begins with. */
static const struct web_asset *the_app(void)
{
	char tag[160];

	for (size_t i = 0; i < web_asset_count; i++) {
		snprintf(tag, sizeof(tag), "type=\"module\" src=\"%s\"", web_assets[i].path + 1);
		if (contains(&web_assets[0], tag))
			return &web_assets[i];
	}
	fail_msg("there is no app");
	return NULL;
}

static void web_page_is_asked_for_again_each_time(void **state)
{
	struct client_answer answer = ask(*state, "/", "");

	assert_int_equal(answer.status, 200);
	assert_non_null(strstr(answer.head, "Cache-Control: no-cache"));
	assert_non_null(strstr(answer.head, "ETag: \""));
	assert_non_null(strstr(answer.head, "Content-Type: text/html; charset=utf-8"));
	assert_null(strstr(answer.head, "Content-Encoding"));
	client_done(&answer);
}

static void web_page_that_is_known_is_not_sent_again(void **state)
{
	char header[128];
	struct client_answer answer;

	snprintf(header, sizeof(header), "If-None-Match: %s\r\n", web_assets[0].tag);
	answer = ask(*state, "/", header);
	assert_string_equal(web_assets[0].path, "/");
	assert_int_equal(answer.status, 304);
	client_done(&answer);
	answer = ask(*state, "/", "If-None-Match: \"another\"\r\n");
	assert_int_equal(answer.status, 200);
	client_done(&answer);
}

static void web_asset_may_be_kept_for_ever(void **state)
{
	struct client_answer answer = ask(*state, the_app()->path, "");

	assert_int_equal(answer.status, 200);
	assert_non_null(strstr(answer.head, "max-age=31536000, immutable"));
	assert_non_null(strstr(answer.head, "text/javascript"));
	client_done(&answer);
}

static void web_asset_comes_packed_to_who_takes_that(void **state)
{
	struct client_answer answer = ask(*state, the_app()->path, "Accept-Encoding: br, gzip\r\n");
	char length[64];

	snprintf(length, sizeof(length), "Content-Length: %zu", the_app()->packed_length);
	assert_non_null(strstr(answer.head, "Content-Encoding: gzip"));
	assert_non_null(strstr(answer.head, "Vary: Accept-Encoding"));
	assert_non_null(strstr(answer.head, length));
	client_done(&answer);
	answer = ask(*state, the_app()->path, "Accept-Encoding: gzip;q=0\r\n");
	assert_null(strstr(answer.head, "Content-Encoding"));
	client_done(&answer);
}

/* Answers are kept: each of the forms must stay what it is, whichever was asked for first. */
static void web_asset_is_the_same_each_time_in_each_form(void **state)
{
	char known[128];
	const char *headers[] = {"", "Accept-Encoding: gzip\r\n", known};
	const size_t lengths[] = {the_app()->plain_length, the_app()->packed_length, 0};

	snprintf(known, sizeof(known), "If-None-Match: %s\r\n", the_app()->tag);
	for (int i = 0; i < 9; i++) {
		struct client_answer answer = ask(*state, the_app()->path, headers[i % 3]);
		bool is_packed = i % 3 == 1;
		char length[64];

		snprintf(length, sizeof(length), "Content-Length: %zu", lengths[i % 3]);
		assert_int_equal(answer.status, i % 3 == 2 ? 304 : 200);
		assert_true(answer.status == 304 || strstr(answer.head, length));
		assert_int_equal(strstr(answer.head, "Content-Encoding: gzip") != NULL, is_packed);
		assert_non_null(
		    strstr(answer.head, is_packed ? the_app()->packed_tag : the_app()->tag));
		assert_non_null(strstr(answer.head, "Content-Security-Policy"));
		client_done(&answer);
	}
}

static void web_asset_that_is_not_there_is_not_found(void **state)
{
	struct client_answer answer = ask(*state, "/assets/app.js", "");

	assert_int_equal(answer.status, 404);
	client_done(&answer);
	answer = ask(*state, "/assets/../sw.js", "");
	assert_int_equal(answer.status, 404);
	client_done(&answer);
}

static void web_page_names_its_files_by_their_hashes(void **state)
{
	(void)state;
	assert_string_equal(the_app()->type, "text/javascript; charset=utf-8");
	assert_false(contains(&web_assets[0], "src=\"app.js\""));
	assert_false(contains(the_app(), "live.js"));
}

static void web_page_has_no_code_of_its_own_and_no_absolute_address(void **state)
{
	(void)state;
	assert_false(contains(&web_assets[0], "<style"));
	assert_false(contains(&web_assets[0], " style="));
	assert_false(contains(&web_assets[0], "<script>"));
	assert_false(contains(&web_assets[0], "=\"/"));
	assert_false(contains(&web_assets[0], "://"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(web_page_is_asked_for_again_each_time),
	    cmocka_unit_test(web_page_that_is_known_is_not_sent_again),
	    cmocka_unit_test(web_asset_may_be_kept_for_ever),
	    cmocka_unit_test(web_asset_comes_packed_to_who_takes_that),
	    cmocka_unit_test(web_asset_is_the_same_each_time_in_each_form),
	    cmocka_unit_test(web_asset_that_is_not_there_is_not_found),
	    cmocka_unit_test(web_page_names_its_files_by_their_hashes),
	    cmocka_unit_test(web_page_has_no_code_of_its_own_and_no_absolute_address),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
