/* That the JSON in docs/protocol.md is what the code takes: the page is the contract. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wire/relay_message.h"
#include "wire/sensor_message.h"

#define LINE_BYTES_MAX 4096

/* Takes one example; returns whether it is one of a kind that is tried here. */
static bool try_example(const char *line, size_t length)
{
	struct relay_status status;
	struct reading reading;

	if (strstr(line, "\"SoC\"") != NULL)
		assert_int_equal(sensor_message_parse(&reading, "b1", line, length, NULL),
				 REFUSAL_NONE);
	else if (strstr(line, "\"switches\"") != NULL)
		assert_int_equal(relay_status_parse(&status, FORMAT_JSON, line, length, NULL),
				 REFUSAL_NONE);
	else
		return false;
	return true;
}

static void protocol_page_shows_what_is_accepted(void **state)
{
	FILE *page = fopen(SOURCE_ROOT "/docs/protocol.md", "r");
	char line[LINE_BYTES_MAX];
	int tried = 0;
	(void)state;

	assert_non_null(page);
	while (fgets(line, sizeof line, page) != NULL) {
		if (line[0] == '{')
			tried += try_example(line, strlen(line));
	}
	fclose(page);
	assert_int_equal(tried, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(protocol_page_shows_what_is_accepted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
