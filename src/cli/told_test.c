/* What a battery and its relays do, as it is told to people. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/result.h"
#include "cli/told.h"

#define WORDS_MAX 512
#define SOURCE(members) "{\"id\":\"r1\",\"battery\":\"b1\",\"role\":\"source\",\"lease\":\"yes\"," members "}"
#define ON_READ "\"wished\":true,\"state\":true,\"last_state\":true,\"phase\":\"confirmed\""
#define ON_ASKED "\"wished\":true,\"state\":false,\"last_state\":false,\"asked_age_s\":2"
#define OFF_ASKED "\"wished\":false,\"state\":true,\"last_state\":true,\"asked_age_s\":2"
#define OFF_READ "\"wished\":false,\"state\":false,\"last_state\":false,\"phase\":\"confirmed\""
#define SILENT "\"wished\":true,\"state\":null,\"last_state\":false,\"phase\":\"timeout\",\"heard_age_s\":65"
#define CHARGES                                                                                    \
	"\"decision\":{\"intent\":\"charge\",\"wanted\":\"charge\",\"winner\":\"threshold\",\"losers\":[]," \
	"\"reason\":{\"code\":\"charge-until\",\"value\":5520,\"limit\":8000,"                     \
	"\"flip_code\":\"charge-until\",\"flip_value\":5520,\"flip_limit\":8000}}"
#define RESTS                                                                                      \
	"\"decision\":{\"intent\":\"idle\",\"wanted\":\"idle\",\"winner\":\"threshold\",\"losers\":[]," \
	"\"reason\":{\"code\":\"between\",\"value\":5000,\"limit\":3000,"                          \
	"\"flip_code\":\"between\",\"flip_value\":5000,\"flip_limit\":3000}}"
#define ALERT(code, subject) "{\"active\":true,\"code\":\"" code "\",\"subject\":\"" subject "\"}"
#define EXPLAINED(decision, relays, alerts)                                                        \
	"{\"battery\":\"b1\"," decision ",\"relays\":[" relays "],\"alerts\":[" alerts "]}"

static const struct cli PEOPLE = {.utc_offset_s = 3600};

static void what_the_relay_answers_counts_for_more_than_what_was_decided(void **state)
{
	static const struct {
		const char *explained, *doing, *flip;
	} rows[] = {
	    {EXPLAINED(CHARGES, SOURCE(ON_READ), ""),
	     "Charging because it is 55.2 % full; the rule charges it up to 80 %.",
	     "It would stop at 80 %."},
	    {EXPLAINED(CHARGES, SOURCE(ON_ASKED ",\"phase\":\"sent\""), ""),
	     "Starting to charge because it is 55.2 % full; the rule charges it up to 80 %.",
	     "Nothing has moved yet. Without a readback you get an alert."},
	    {EXPLAINED(CHARGES, SOURCE(ON_ASKED ",\"phase\":\"mismatch\""), ""),
	     "Not charging although asked to: relay r1 says it is off.",
	     "It would follow as soon as r1 reads back on."},
	    {EXPLAINED(CHARGES, SOURCE(SILENT), ""),
	     "Not charging although asked to: relay r1 does not answer.",
	     "It would follow as soon as r1 answers. Its lease opens it by itself."},
	    {EXPLAINED(CHARGES, SOURCE(ON_READ), ALERT("no-effect", "b1")),
	     "No effect although the relay says it is on: what flows is not what is to be expected.",
	     "It counts as charging again once the battery follows. Check what is behind its relay."},
	    {EXPLAINED(RESTS, SOURCE(OFF_READ), ""),
	     "Resting because 50 % is neither low enough to charge nor high enough to use.",
	     "It would charge below 30 %."},
	    {EXPLAINED(RESTS, SOURCE(OFF_ASKED ",\"phase\":\"sent\""), ""),
	     "Going to rest because 50 % is neither low enough to charge nor high enough to use.",
	     "Nothing has moved yet. Without a readback you get an alert."},
	    {EXPLAINED(RESTS, SOURCE(OFF_ASKED ",\"phase\":\"mismatch\""), ""),
	     "Not at rest although asked to rest: relay r1 says it is on.",
	     "It would follow as soon as r1 reads back off."},
	    {EXPLAINED(RESTS, SOURCE(OFF_READ), ALERT("relay-welded", "r1")),
	     "Not at rest although asked to rest: relay r1 says it is off.",
	     "Switch its circuit off by hand."},
	    {"{\"battery\":\"b1\",\"decision\":null,\"relays\":[],\"alerts\":[]}",
	     "Waiting because Amphora has not decided anything yet.", ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		json_t *explained = json_loads(rows[i].explained, 0, NULL);
		const struct told told = {.cli = &PEOPLE, .explained = explained};
		char doing[WORDS_MAX], flip[WORDS_MAX];
		struct text doing_text = text_in(doing, sizeof(doing));
		struct text flip_text = text_in(flip, sizeof(flip));

		assert_non_null(explained);
		told_doing(&told, &doing_text);
		told_flip(&told, &flip_text);
		assert_string_equal(doing, rows[i].doing);
		assert_string_equal(flip, rows[i].flip);
		json_decref(explained);
	}
}

static void a_power_that_flows_is_believed_more_than_an_alert_of_before(void **state)
{
	json_t *battery = json_loads("{\"id\":\"b1\",\"node\":\"b1\",\"power_w\":800}", 0, NULL);
	json_t *list = json_loads(
	    "[" EXPLAINED(CHARGES, SOURCE(ON_READ), ALERT("no-effect", "b1")) "]", 0, NULL);
	const struct told told = told_find(&PEOPLE, battery, list);
	char words[WORDS_MAX];
	struct text text = text_in(words, sizeof(words));

	(void)state;
	told_doing(&told, &text);
	assert_string_equal(words,
			    "Charging because it is 55.2 % full; the rule charges it up to 80 %.");
	json_decref(battery);
	json_decref(list);
}

static void the_two_words_of_a_relay_are_compared(void **state)
{
	static const struct {
		const char *relay, *alerts, *sign, *said, *heard;
	} rows[] = {
	    {SOURCE(ON_READ ",\"lease_left_s\":78,\"heard_age_s\":4"), "[]", "agree",
	     "They agree. Lease 1 min 18 s, renewed in time.", "read back 4 s ago"},
	    {SOURCE(ON_ASKED ",\"phase\":\"sent\",\"heard_age_s\":4,\"deadline_left_s\":3"), "[]",
	     "waiting", "Waiting for the relay to confirm: asked 2 s ago, 3 s left.",
	     "read back 4 s ago"},
	    {SOURCE(ON_ASKED ",\"phase\":\"acked\",\"heard_age_s\":4"), "[]", "waiting",
	     "Waiting for the relay to confirm: asked 2 s ago.", "read back 4 s ago"},
	    {SOURCE(ON_ASKED ",\"phase\":\"requested\",\"override\":{\"held_by\":\"it is full.\"},"
			     "\"heard_age_s\":4"),
	     "[]", "waiting", "Not sent yet: it is full.", "read back 4 s ago"},
	    {SOURCE(ON_ASKED ",\"phase\":\"sent\",\"heard_age_s\":4"),
	     "[" ALERT("relay-mismatch", "r1") "]", "disagree", "They disagree. Asked once.",
	     "read back 4 s ago"},
	    {SOURCE(OFF_READ ",\"heard_age_s\":4"), "[" ALERT("still-charging", "b1") "]", "agree",
	     "It says off, but power flows.", "read back 4 s ago"},
	    {SOURCE(SILENT), "[]", "not known", "Not known: the relay does not answer.",
	     "last: off, 1 min 5 s old"},
	    {SOURCE("\"wished\":true,\"state\":null,\"last_state\":null,\"phase\":\"unknown\""), "[]",
	     "not known", "Not known: the relay does not answer.", "never read"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		json_t *relay = json_loads(rows[i].relay, 0, NULL);
		json_t *alerts = json_loads(rows[i].alerts, 0, NULL);
		char said[WORDS_MAX], heard[WORDS_MAX];
		struct text said_text = text_in(said, sizeof(said));
		struct text heard_text = text_in(heard, sizeof(heard));

		assert_non_null(relay);
		told_said(&PEOPLE, &said_text, relay, alerts);
		told_heard(&PEOPLE, &heard_text, relay);
		assert_string_equal(told_sign_words(told_sign(relay, alerts)), rows[i].sign);
		assert_string_equal(said, rows[i].said);
		assert_string_equal(heard, rows[i].heard);
		json_decref(relay);
		json_decref(alerts);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_the_relay_answers_counts_for_more_than_what_was_decided),
	    cmocka_unit_test(a_power_that_flows_is_believed_more_than_an_alert_of_before),
	    cmocka_unit_test(the_two_words_of_a_relay_are_compared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
