/* What a phone, a mailbox and a program get to read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "wire/letter.h"

#define AT_MS 1764491069000 /* 2025-11-30T08:24:29Z, a Sunday */

static char room[LETTER_TEXT_MAX];

static struct letter a_letter(enum letter_kind kind)
{
	struct letter letter = {.kind = kind};

	if (kind == LETTER_TRIAL) {
		letter.alert.raised.ms = AT_MS;
		return letter;
	}
	letter.alert = (struct alert){.id = 17,
				      .code = ALERT_RELAY_TIMEOUT,
				      .subject = {"r1"},
				      .detail = "no answer",
				      .is_active = kind == LETTER_BEGINS,
				      .raised = {AT_MS},
				      .cleared = {AT_MS + MS_PER_MINUTE}};
	return letter;
}

static const struct outlet_config post = {
    .kind = OUTLET_EMAIL, .from = "house@example.org", .to = "anna@example.net"};

static void a_program_gets_json(void **state)
{
	const struct letter begins = a_letter(LETTER_BEGINS), ends = a_letter(LETTER_ENDS),
			    trial = a_letter(LETTER_TRIAL);
	struct text out = text_in(room, sizeof room);

	(void)state;
	letter_json(&begins, "home", &out);
	assert_string_equal(
	    room, "{\"event\":\"begin\",\"collector\":\"home\",\"words\":\"r1: the relay does not "
		  "answer (no answer); see whether it runs and can be reached\",\"id\":17,"
		  "\"code\":\"relay-timeout\",\"level\":\"alarm\",\"subject\":\"r1\","
		  "\"raised\":\"2025-11-30T08:24:29.000Z\",\"cleared\":null}");
	out = text_in(room, sizeof room);
	letter_json(&ends, "home", &out);
	assert_non_null(strstr(room, "\"event\":\"end\""));
	assert_non_null(strstr(room, "\"cleared\":\"2025-11-30T08:25:29.000Z\""));
	out = text_in(room, sizeof room);
	letter_json(&trial, "home", &out);
	assert_string_equal(room,
			    "{\"event\":\"test\",\"collector\":\"home\",\"words\":\"This is a "
			    "test: Amphora's alerts arrive here.\"}");
}

static void a_title_says_which_house_and_what(void **state)
{
	static const char *const titles[] = {
	    [LETTER_BEGINS] = "Amphora home: alarm, relay-timeout of r1",
	    [LETTER_ENDS] = "Amphora home: over, relay-timeout of r1",
	    [LETTER_TRIAL] = "Amphora home: test",
	};

	(void)state;
	for (int kind = LETTER_BEGINS; kind <= LETTER_TRIAL; kind++) {
		const struct letter letter = a_letter((enum letter_kind)kind);
		struct text out = text_in(room, sizeof room);

		letter_title(&letter, "home", &out);
		assert_string_equal(room, titles[kind]);
	}
}

static void what_a_stranger_said_is_clean(void **state)
{
	struct letter letter = a_letter(LETTER_BEGINS);
	struct text out = text_in(room, sizeof room);

	(void)state;
	snprintf(letter.alert.detail, sizeof letter.alert.detail,
		 "a\r\nBcc: x\x7f \xc3\xa8 \xc3 \xed\xa0\x80 \xf4\x90\x80\x80 \xe0\x80\x80");
	letter_words(&letter, &out);
	assert_non_null(strstr(room, "(a  Bcc: x  \xc3\xa8 ? ?\?? ?\??? ?\??"));
}

static void a_mail_has_its_headers_and_a_quoted_body(void **state)
{
	const struct letter letter = a_letter(LETTER_BEGINS);
	struct text out = text_in(room, sizeof room);

	(void)state;
	letter_mail(&letter, &post, "home", (struct wall_time){AT_MS}, &out);
	assert_string_equal(room,
			    "Date: Sun, 30 Nov 2025 08:24:29 +0000\r\n"
			    "From: Amphora <house@example.org>\r\n"
			    "To: <anna@example.net>\r\n"
			    "Subject: Amphora home: alarm, relay-timeout of r1\r\n"
			    "Message-ID: <begin.17.1764491069000@example.org>\r\n"
			    "Auto-Submitted: auto-generated\r\n"
			    "MIME-Version: 1.0\r\n"
			    "Content-Type: text/plain; charset=utf-8\r\n"
			    "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
			    "r1: the relay does not answer (no answer); see whether it runs and "
			    "can b=\r\ne reached\r\n\r\n"
			    "Since 2025-11-30T08:24:29=2E000Z\r\n");
	assert_false(out.is_cut);
}

static void the_mail_of_an_end_answers_that_of_the_beginning(void **state)
{
	const struct letter letter = a_letter(LETTER_ENDS);
	struct text out = text_in(room, sizeof room);

	(void)state;
	letter_mail(&letter, &post, "home", (struct wall_time){AT_MS}, &out);
	assert_non_null(strstr(room, "\r\nMessage-ID: <end.17.1764491069000@example.org>\r\n"
				     "In-Reply-To: <begin.17.1764491069000@example.org>\r\n"
				     "References: <begin.17.1764491069000@example.org>\r\n"));
	assert_non_null(strstr(room, "until 2025-11-30T08:25:29=2E000Z\r\n"));
}

static void the_longest_alert_fits_into_a_mail(void **state)
{
	struct letter letter = a_letter(LETTER_ENDS);
	struct outlet_config outlet = post;
	struct text out = text_in(room, sizeof room);

	(void)state;
	memset(letter.alert.detail, '=', sizeof letter.alert.detail - 1);
	memset(letter.alert.subject.text, 'b', sizeof letter.alert.subject.text - 1);
	memset(outlet.page, '.', sizeof outlet.page - 1);
	memset(outlet.from, 'f', 100);
	memset(outlet.to, 't', 100);
	outlet.from[50] = '@';
	letter_mail(&letter, &outlet, "home", (struct wall_time){AT_MS}, &out);
	assert_false(out.is_cut);
	for (const char *line = room; *line != '\0'; line += strcspn(line, "\n") + 1)
		assert_in_range(strcspn(line, "\r"), 0, 400); /* 998 are allowed */
}

static void an_alarm_is_the_loudest(void **state)
{
	struct letter letter = a_letter(LETTER_BEGINS);

	(void)state;
	assert_int_equal(letter_priority(&letter), 5);
	letter.alert.code = ALERT_LIMIT_TRIPPED;
	assert_int_equal(letter_priority(&letter), 4);
	letter.alert.code = ALERT_RELAY_REBOOTED;
	assert_int_equal(letter_priority(&letter), 3);
	letter = a_letter(LETTER_ENDS);
	assert_int_equal(letter_priority(&letter), 3);
	assert_string_equal(letter_tag(&letter), "white_check_mark");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_program_gets_json),
	    cmocka_unit_test(a_title_says_which_house_and_what),
	    cmocka_unit_test(what_a_stranger_said_is_clean),
	    cmocka_unit_test(a_mail_has_its_headers_and_a_quoted_body),
	    cmocka_unit_test(the_mail_of_an_end_answers_that_of_the_beginning),
	    cmocka_unit_test(the_longest_alert_fits_into_a_mail),
	    cmocka_unit_test(an_alarm_is_the_loudest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
