/* A grid told by phase is their sum, or nothing. */
#include "wire/source_phases.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "wire/source_read.h"

static struct {
	struct sources *sources;
	struct source_state state;
	struct source_slot slots[SOURCE_FIELD_COUNT];
	struct source_news news;
	struct source_now now;
} scene;

static void open_scene(const char *read)
{
	char yaml[512], words[512];
	struct text errors = text_in(words, sizeof words), text = text_in(yaml, sizeof yaml);

	text_add(&text, "sources:\n- id: house\n  stale_after: 60\n  read: {%s}\n", read);
	memset(&scene, 0, sizeof scene);
	assert_int_equal(sources_parse(&scene.sources, "test", yaml, strlen(yaml),
				       &source_shelf_built_in, &errors),
			 0);
	source_state_init(&scene.state, scene.slots, &scene.sources->entries[0]);
	scene.now.mono.ms = 1000000;
}

#define BY_PHASE "grid_l1_w: {topic: l1}, grid_l2_w: {topic: l2}, grid_l3_w: {topic: l3}"

static void hear(const char *topic, const char *payload)
{
	const struct source_message message = {
	    .topic = topic, .payload = payload, .length = strlen(payload)};

	source_take(&scene.news, &scene.sources->entries[0], &scene.state, &message, &scene.now);
}

/* NULL: no sum. */
static void assert_sum(const double *sum_w)
{
	bool is_there = (scene.news.got & SOURCE_BIT(SOURCE_GRID)) != 0;

	assert_int_equal(is_there, sum_w != NULL);
	if (sum_w != NULL)
		assert_true(scene.news.value[SOURCE_GRID] == *sum_w);
}

static void phases_that_were_told_are_added_up(void **state)
{
	static const double one = 1200, two = 900, all = 950;
	(void)state;

	open_scene(BY_PHASE);
	assert_true(source_has_phases(&scene.sources->entries[0]));
	hear("l1", "1200");
	assert_sum(&one);
	hear("l2", "-300");
	assert_sum(&two);
	hear("l3", "50");
	assert_sum(&all);
	hear("l3", "n/a");
	assert_sum(NULL);
	sources_free(scene.sources);
}

static void a_phase_that_is_silent_leaves_no_sum(void **state)
{
	static const double two = 900, again = 1200;
	(void)state;

	open_scene(BY_PHASE);
	hear("l2", "-300");
	scene.now.mono.ms += 60000;
	hear("l1", "1200");
	assert_sum(&two);
	scene.now.mono.ms += 1;
	hear("l1", "1200");
	assert_sum(NULL);
	hear("l2", "0");
	assert_sum(&again);
	sources_free(scene.sources);
}

static void what_tells_the_whole_grid_is_not_added_to(void **state)
{
	static const double whole = 500;
	(void)state;

	open_scene("grid_w: {topic: all}, grid_l1_w: {topic: l1}");
	assert_false(source_has_phases(&scene.sources->entries[0]));
	hear("l1", "1200");
	assert_sum(NULL);
	hear("all", "500");
	assert_sum(&whole);
	sources_free(scene.sources);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(phases_that_were_told_are_added_up),
	    cmocka_unit_test(a_phase_that_is_silent_leaves_no_sum),
	    cmocka_unit_test(what_tells_the_whole_grid_is_not_added_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
