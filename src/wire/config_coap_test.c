/* Houses with CoAP nodes of other makes: what --check-config says before anything starts. */
#include "wire/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wire/source_read.h"

#define BATTERY                                                                                   \
	"batteries:\n- {id: b1, chemistry: lfp, capacity_kwh: 10, power_kw: 2, sensor: {source: " \
	"bat}}\n"
#define READS "    soc_pct: {path: /soc}\n    temp_c: {path: /temp}\n"

static void house_says_what_its_coap_nodes_lack(void **state)
{
	static const struct {
		const char *file, *error; /* "": none */
	} rows[] = {
	    {"sources:\n- id: bat\n  uri: coap://10.0.0.2\n  read:\n" READS BATTERY, ""},
	    {"sources:\n- id: bat\n  transport: coap\n  read:\n" READS BATTERY,
	     "\"bat\" has no uri, so its node registers itself: coap.listen is needed"},
	    {"coap: {listen: \"127.0.0.1:5683\"}\nsources:\n- id: bat\n  transport: coap\n  "
	     "read:\n" READS BATTERY,
	     ""},
	    {"sources:\n- id: bat\n  uri: coaps://10.0.0.2\n  read:\n" READS BATTERY,
	     "\"bat\" has a coaps:// uri, which needs key_file"},
	    {"sources:\n- id: bat\n  uri: coaps://10.0.0.2\n  key_file: k\n  read:\n" READS BATTERY, ""},
	    {"sources:\n- id: bat\n  uri: coap://10.0.0.2\n  key_file: k\n  read:\n" READS BATTERY,
	     "\"bat\" has key_file, which needs a uri with coaps://"},
	    {"sources:\n- id: bat\n  uri: coap://10.0.0.2/x\n  read:\n" READS BATTERY,
	     "is not allowed: coap://host[:port] or coaps://host[:port], without a path"},
	    {"sources:\n- id: bat\n  uri: coap://10.0.0.2\n  read:\n" READS
	     "- {id: act, profile: course-node, uri: coap://10.0.0.3, actuator: /act}\n" BATTERY
	     "relays:\n- {id: r1, battery: b1, role: source, source: act, lease: none}\n",
	     ""},
	    {"sources:\n- id: bat\n  uri: coap://10.0.0.2\n  read:\n" READS
	     "- {id: act, profile: course-node, uri: coap://10.0.0.3, actuator: /act}\n" BATTERY
	     "relays:\n- {id: r1, battery: b1, role: source, source: act}\n",
	     "the owner's word: lease: none"},
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		static struct house house;
		struct sources sources = {0};
		char words[4096];
		struct text errors = text_in(words, sizeof words);
		int result = config_parse_with_sources(&house, &sources, "house.yaml", rows[i].file,
						       strlen(rows[i].file), &errors);

		print_message("# %s\n", words);
		assert_int_equal(result == 0, rows[i].error[0] == '\0');
		if (result == 0)
			sources_deinit(&sources);
		else
			assert_non_null(strstr(words, rows[i].error));
	}
}

/* For the list of what is said in the open: each that is in use, once. */
static void house_knows_which_coap_nodes_are_in_use(void **state)
{
	static const char file[] =
	    "coap: {listen: \"127.0.0.1:5683\"}\n"
	    "sources:\n- id: bat\n  uri: coap://10.0.0.2\n  read:\n" READS
	    "- {id: act, profile: course-node, actuator: /act}\n"
	    "- {id: unused, uri: coap://10.0.0.4, read: {temp_c: {path: /t}}}\n"
	    "- {id: plug, profile: tasmota, topic: p}\n" BATTERY
	    "relays:\n- {id: r1, battery: b1, role: source, source: act, lease: none}\n"
	    "- {id: r2, battery: b1, role: source, source: plug}\n"
	    "meters: {grid: [bat]}\n";
	static struct house house;
	struct sources sources = {0};
	char words[1024];
	struct text errors = text_in(words, sizeof words);
	(void)state;

	assert_int_equal(config_parse_with_sources(&house, &sources, "house.yaml", file,
						   strlen(file), &errors),
			 0);
	assert_int_equal(house.coap_source_count, 2);
	assert_string_equal(house.coap_sources[0].id.text, "bat");
	assert_string_equal(house.coap_sources[0].uri, "coap://10.0.0.2");
	assert_string_equal(house.coap_sources[1].id.text, "act");
	assert_string_equal(house.coap_sources[1].uri, "");
	sources_deinit(&sources);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(house_says_what_its_coap_nodes_lack),
	    cmocka_unit_test(house_knows_which_coap_nodes_are_in_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
