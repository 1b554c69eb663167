/* Profiles of one's own: found beside the configuration, and what is wrong with one told by file and line. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "adapt/config_files.h"
#include "wire/config.h"
#include "wire/source_read.h"

#define PLUG                                                                                       \
	"about: my plug\n"                                                                         \
	"keys:\n  topic: {required: true, help: its topic}\n"                                      \
	"read:\n  soc_pct: {topic: \"${topic}/soc\"}\n  temp_c: {topic: \"${topic}/t\"}\n"
#define SOURCE "sources: [{id: pack, profile: my-plug, topic: cellar}]\n"

static char directory[64], config[128], words[CONFIG_ERRORS_TEXT_MAX];
static struct house house;

static void put(const char *name, const char *text)
{
	char path[160];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static int set_up(void **state)
{
	char inner[96];

	(void)state;
	strcpy(directory, "/tmp/amphora-config-XXXXXX");
	assert_non_null(mkdtemp(directory));
	snprintf(config, sizeof(config), "%s/amphora.yaml", directory);
	snprintf(inner, sizeof(inner), "%s/mine", directory);
	return mkdir(inner, 0700);
}

static int tear_down(void **state)
{
	char command[96];

	(void)state;
	snprintf(command, sizeof(command), "rm -r '%s'", directory);
	return system(command);
}

/* Reads the configuration `text`; gives the topic of the first row of its first source, or "". */
static int parse(const char *text, char topic[64])
{
	struct text errors = text_in(words, sizeof(words));
	struct sources sources;
	int result = config_files_parse(&house, &sources, config, text, strlen(text), &errors);

	topic[0] = '\0';
	if (result != 0)
		return result;
	if (sources.count > 0)
		snprintf(topic, 64, "%s", sources.entries[0].rows[0].topic);
	sources_deinit(&sources);
	return 0;
}

static void a_profile_of_ones_own_is_read_from_a_file_or_a_directory(void **state)
{
	static const char *const PROFILES[] = {"profiles: [mine/my-plug.yaml]\n", "profiles: [mine]\n"};
	char topic[64];

	(void)state;
	put("mine/my-plug.yaml", PLUG);
	put("mine/notes.txt", "no profile");
	for (size_t i = 0; i < ARRAY_LENGTH(PROFILES); i++) {
		char text[256];

		snprintf(text, sizeof(text), "%s%s", PROFILES[i], SOURCE);
		if (parse(text, topic) != 0)
			fail_msg("%s", words);
		assert_string_equal(topic, "cellar/soc");
		assert_int_equal(house.profile_path_count, 1);
	}
	assert_int_equal(parse("sources: [{id: p, profile: tasmota, topic: x}]\n", topic), 0);
}

static void tells(const char *text, const char *wanted)
{
	char topic[64];

	words[0] = '\0';
	assert_int_equal(parse(text, topic), -EINVAL);
	if (!strstr(words, wanted))
		fail_msg("\"%s\" is not in: %s", wanted, words);
}

static void what_is_wrong_is_told_by_file_line_key_and_what_is_allowed(void **state)
{
	(void)state;
	put("mine/my-plug.yaml", PLUG "  state: {topic: \"${topic}/s\", mpa: {\"1\": on}}\n");
	tells("zone: UTC\nprofiles: [mine]\n" SOURCE, "amphora.yaml:3: sources[0]: profile ");
	tells("zone: UTC\nprofiles: [mine]\n" SOURCE,
	      "/mine/my-plug.yaml, line 7, read.state.mpa: no such key");
	put("mine/my-plug.yaml", "a: [1\n");
	tells("zone: UTC\nprofiles: [mine]\n" SOURCE, "amphora.yaml:2: profiles[0]: ");
	tells("zone: UTC\nprofiles: [mine]\n" SOURCE, "/mine/my-plug.yaml: line ");
	put("mine/my-plug.yaml", "- 1\n");
	tells("profiles: [mine]\n", "a profile is a mapping");
	put("mine/my-plug.yaml", PLUG);
	put("mine/tasmota.yaml", PLUG);
	tells("profiles: [mine]\n", "/mine/tasmota.yaml: this name is built in");
	tells("profiles: [mine/my-plug.yaml, mine/my-plug.yaml]\n", "there are two of that name");
	tells("profiles: [not-there.yaml]\n", "not-there.yaml: No such file");
	tells("profiles: [amphora]\n", "No such file");
	tells("profiles: mine\n", "profiles: \"mine\" is not allowed: a list of at most 16 files");
	tells("profiles: [mine/my-plug.yaml]\nsources: [{id: p, profile: nothing}]\n",
	      "no profile \"nothing\"; there are my-plug, ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_profile_of_ones_own_is_read_from_a_file_or_a_directory,
					    set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		what_is_wrong_is_told_by_file_line_key_and_what_is_allowed, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
