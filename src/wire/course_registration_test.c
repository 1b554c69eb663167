/* Registrations of course projects' nodes, in the forms that they have. */
#include "wire/course_registration.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void course_registration_yields_the_name_in_whatever_form(void **state)
{
	static const struct {
		const char *payload;
		enum refusal why;
		const char *name;
	} rows[] = {
	    {"{\"name\":\"temp1\",\"sensor_types\":[\"temperature\"]}", REFUSAL_NONE, "temp1"},
	    {"{\"device\":\"lamp\",\"resources\":[\"/act\"]}", REFUSAL_NONE, "lamp"},
	    {"{\"Resource\":\"lamp 1\",\"Room\":\"kitchen\",\"Type\":\"actuator\"}", REFUSAL_NONE,
	     "lamp-1"},
	    {"{\"Type\":\"x\",\"Name\":\"fan\"}", REFUSAL_NONE, "fan"},
	    {"{\"resource\":\"act\",\"name\":\"fan\"}", REFUSAL_NONE, "fan"},
	    {"temp1", REFUSAL_NONE, "temp1"},
	    {" temp1\n", REFUSAL_NONE, "temp1"},
	    {"", REFUSAL_NONE, ""},
	    {"{}", REFUSAL_NONE, ""},
	    {"{\"Room\":\"kitchen\"}", REFUSAL_NONE, ""},
	    {"{\"name\":\"/act\"}", REFUSAL_NONE, "act"},
	    {"{\"name\":5}", REFUSAL_WRONG_TYPE, NULL},
	    {"{\"name\":\"\"}", REFUSAL_WRONG_TYPE, NULL},
	    {"{\"name\":\"..\"}", REFUSAL_WRONG_TYPE, NULL},
	    {"{\"name\":\"a\",\"name\":\"b\"}", REFUSAL_DUPLICATE_KEY, NULL},
	    {"{'name':'temp1'}", REFUSAL_NOT_JSON, NULL},
	    {"two words", REFUSAL_NOT_JSON, NULL},
	    {"[\"temp1\"]", REFUSAL_WRONG_TYPE, NULL},
	    {"{\"name\":\"\xff\"}", REFUSAL_BAD_UTF8, NULL},
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		struct ident name = {"untouched"};

		print_message("# %s\n", rows[i].payload);
		assert_int_equal(
		    course_registration_read(&name, rows[i].payload, strlen(rows[i].payload)),
		    rows[i].why);
		assert_string_equal(name.text, rows[i].name != NULL ? rows[i].name : "untouched");
	}
}

static void course_registration_is_bounded(void **state)
{
	char payload[COURSE_REGISTRATION_MAX + 1],
	    name[] =
		"{\"name\":\"a123456789012345678901234567890123456789012345678901234567890123\"}";
	struct ident out;
	(void)state;

	memset(payload, ' ', sizeof payload);
	assert_int_equal(course_registration_read(&out, payload, sizeof payload),
			 REFUSAL_TOO_LARGE);
	assert_int_equal(course_registration_read(&out, payload, sizeof payload - 1), REFUSAL_NONE);
	assert_int_equal(course_registration_read(&out, name, strlen(name)), REFUSAL_TOO_LARGE);
}

static void course_registration_is_for_the_allowed_and_where_it_is_expected(void **state)
{
	static const struct ident allowed[] = {{"fd00::202:2:2:2"}, {"temp1"}};
	static const char *const own[] = {"nodes", NULL};
	static const struct {
		bool is_open, has_own_paths;
		const char *path, *from, *payload;
		enum course_answer answer;
	} rows[] = {
	    {true, false, "registration", "fd00::bad", "temp9", COURSE_CREATED},
	    {true, false, "Registration", "fd00::bad", "", COURSE_CREATED},
	    {true, false, "dev/register", "fd00::bad", "", COURSE_CREATED},
	    {true, false, "registrations", "fd00::bad", "temp9", COURSE_NOT_FOUND},
	    {true, false, "", "fd00::bad", "temp9", COURSE_NOT_FOUND},
	    {true, true, "nodes", "fd00::bad", "temp9", COURSE_CREATED},
	    {true, true, "register", "fd00::bad", "temp9", COURSE_NOT_FOUND},
	    {true, false, "register", "fd00::bad", "{\"name\":", COURSE_BAD_REQUEST},
	    {false, false, "register", "fd00::bad", "temp9", COURSE_FORBIDDEN},
	    {false, false, "register", "fd00::bad", "", COURSE_FORBIDDEN},
	    {false, false, "register", "FD00::202:2:2:2", "temp9", COURSE_CREATED},
	    {false, false, "register", "fd00::202:2:2:2", "", COURSE_CREATED},
	    {false, false, "register", "fd00::202:2:2:22", "", COURSE_FORBIDDEN},
	    {false, false, "register", "fd00::bad", "temp1", COURSE_CREATED},
	    {false, false, "register", "fd00::bad", "{\"name\":", COURSE_BAD_REQUEST},
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		struct course_admission admission = {.pairing_is_open = rows[i].is_open,
						     .allowed_count = ARRAY_LENGTH(allowed),
						     .allowed = allowed,
						     .paths = rows[i].has_own_paths ? own : NULL};
		struct ident name = {"untouched"};
		enum refusal why = REFUSAL_NONE;

		assert_int_equal(course_registration_judge(&name, &why, &admission, rows[i].path,
							   rows[i].from, rows[i].payload,
							   strlen(rows[i].payload)),
				 rows[i].answer);
		assert_int_equal(strcmp(name.text, "untouched") == 0,
				 rows[i].answer != COURSE_CREATED);
		assert_int_equal(why != REFUSAL_NONE, rows[i].answer == COURSE_BAD_REQUEST);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(course_registration_yields_the_name_in_whatever_form),
	    cmocka_unit_test(course_registration_is_bounded),
	    cmocka_unit_test(course_registration_is_for_the_allowed_and_where_it_is_expected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
