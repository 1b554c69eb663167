/* What a bundle must not carry out of the house. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/bundle_secret.h"

static void config_becomes(const char *config, const char *expected)
{
	char *data = NULL;
	size_t size;
	FILE *in = fmemopen((void *)config, strlen(config), "r");
	FILE *out = open_memstream(&data, &size);

	bundle_secret_config(in, out);
	fclose(in);
	fclose(out);
	assert_string_equal(data, expected);
	free(data);
}

static void who_and_where_to_is_taken_out_of_a_configuration(void **state)
{
	(void)state;
	config_becomes("mqtt:\n  host: 10.0.0.2\n  user: anna # me\n",
		       "mqtt:\n  host: 10.0.0.2\n  user: (removed)\n");
	config_becomes("notify: [{url: \"https://ntfy/x,y}z\", to: 'a@b', minimum: alarm}]",
		       "notify: [{url: (removed), to: (removed), minimum: alarm}]");
	config_becomes("- url: https://u:p@h/t?k=1\n", "- url: (removed)\n");
}

static void what_only_looks_like_a_secret_stays(void **state)
{
	(void)state;
	config_becomes("charge_to: 80\npassword_file: /etc/p\nusers: x.json\n",
		       "charge_to: 80\npassword_file: /etc/p\nusers: x.json\n");
	config_becomes("# to do\n", "# to do\n");
}

static void an_endless_line_is_left_out_whole(void **state)
{
	char config[3000];

	(void)state;
	memset(config, 'x', sizeof(config));
	memcpy(config + sizeof(config) - 20, "user: anna\nid: b1\n", 19);
	config_becomes(config, "# (removed)\nid: b1\n");
}

static void members_of_an_answer_are_taken_out_however_deep(void **state)
{
	json_t *answer = json_pack("{s:[{s:s, s:s}], s:s}", "outlets", "url", "https://x", "state",
				   "ok", "user", "anna");

	(void)state;
	bundle_secret_json(answer);
	assert_string_equal(
	    json_string_value(json_object_get(
		json_array_get(json_object_get(answer, "outlets"), 0), "url")),
	    BUNDLE_REMOVED);
	assert_string_equal(json_string_value(json_object_get(answer, "user")), BUNDLE_REMOVED);
	assert_string_equal(
	    json_string_value(json_object_get(
		json_array_get(json_object_get(answer, "outlets"), 0), "state")),
	    "ok");
	json_decref(answer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(who_and_where_to_is_taken_out_of_a_configuration),
	    cmocka_unit_test(what_only_looks_like_a_secret_stays),
	    cmocka_unit_test(an_endless_line_is_left_out_whole),
	    cmocka_unit_test(members_of_an_answer_are_taken_out_however_deep),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
