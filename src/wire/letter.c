/* The words of what leaves the house; who sends it is adapt/courier's affair. */
#include "wire/letter.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "wire/json_text.h"

#define TRIAL_WORDS "This is a test: Amphora's alerts arrive here."
#define WORDS_MAX 384
#define QUOTED_LINE_MAX 72 /* of a mail's body; 76 are allowed */

const char *letter_kind_name(enum letter_kind kind)
{
	static const char *const names[] = {
	    [LETTER_BEGINS] = "begin",
	    [LETTER_ENDS] = "end",
	    [LETTER_TRIAL] = "test",
	};

	return names[kind];
}

void letter_title(const struct letter *letter, const char *collector, struct text *out)
{
	const struct alert *alert = &letter->alert;

	text_add(out, "Amphora %s: ", collector);
	if (letter->kind == LETTER_TRIAL) {
		text_add(out, "test");
		return;
	}
	text_add(out, "%s, %s",
		 letter->kind == LETTER_ENDS ? "over" : alert_level_name(alert_level(alert->code)),
		 alert_name(alert->code));
	if (alert->subject.text[0] != '\0')
		text_add(out, " of %s", alert->subject.text);
}

/* How many bytes the valid UTF-8 character at `at` has; 0: there is none. */
static size_t character_length(const unsigned char *at)
{
	size_t length = at[0] < 0x80                    ? 1
			: at[0] >= 0xc2 && at[0] < 0xe0 ? 2
			: at[0] >= 0xe0 && at[0] < 0xf0 ? 3
			: at[0] >= 0xf0 && at[0] < 0xf5 ? 4
							: 0;

	for (size_t i = 1; i < length; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	if (length == 3 && ((at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xed && at[1] > 0x9f)))
		return 0;
	if (length == 4 && ((at[0] == 0xf0 && at[1] < 0x90) || (at[0] == 0xf4 && at[1] > 0x8f)))
		return 0;
	return length;
}

/* A detail may come from a node or a server, and be cut in a character. */
void letter_add_clean(struct text *out, const char *words)
{
	while (*words != '\0') {
		size_t length = character_length((const unsigned char *)words);
		unsigned char first = (unsigned char)*words;

		if (length == 0 || first < ' ' || first == 0x7f)
			text_add(out, "%c", length == 0 ? '?' : ' ');
		else
			text_add(out, "%.*s", (int)length, words);
		words += length == 0 ? 1 : length;
	}
}

void letter_words(const struct letter *letter, struct text *out)
{
	char room[WORDS_MAX] = "";
	struct text words = text_in(room, sizeof room);

	if (letter->kind == LETTER_TRIAL)
		text_add(&words, "%s", TRIAL_WORDS);
	else if (letter->kind == LETTER_ENDS)
		alert_format_over(&letter->alert, &words);
	else
		alert_format(&letter->alert, &words);
	letter_add_clean(out, room);
}

void letter_json(const struct letter *letter, const char *collector, struct text *out)
{
	const struct alert *alert = &letter->alert;
	struct json_text object = json_text_open(out);
	char room[WORDS_MAX] = "";
	struct text words = text_in(room, sizeof room);

	letter_words(letter, &words);
	json_text_string(&object, "event", letter_kind_name(letter->kind));
	json_text_string(&object, "collector", collector);
	json_text_string(&object, "words", room);
	if (letter->kind != LETTER_TRIAL) {
		json_text_integer(&object, "id", alert->id);
		json_text_string(&object, "code", alert_name(alert->code));
		json_text_string(&object, "level", alert_level_name(alert_level(alert->code)));
		json_text_string(&object, "subject", alert->subject.text);
		json_text_time(&object, "raised", alert->raised);
		json_text_time(&object, "cleared",
			       letter->kind == LETTER_ENDS ? alert->cleared
							   : (struct wall_time){0});
	}
	json_text_close(&object);
}

/* ---- mail ---- */

/* "Mon, 30 Nov 2026 08:24:29 +0000", whatever the locale. */
static void add_date(struct text *out, struct wall_time at)
{
	static const char days[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	time_t seconds = (time_t)(at.ms / MS_PER_SECOND);
	struct tm parts;

	if (gmtime_r(&seconds, &parts) == NULL)
		return;
	text_add(out, "Date: %s, %02d %s %d %02d:%02d:%02d +0000\r\n", days[parts.tm_wday],
		 parts.tm_mday, months[parts.tm_mon], parts.tm_year + 1900, parts.tm_hour,
		 parts.tm_min, parts.tm_sec);
}

/* Of an alert and of what it tells. */
static void add_id(struct text *out, const char *header, enum letter_kind kind,
		   const struct letter *letter, const char *domain)
{
	const struct alert *alert = &letter->alert;

	text_add(out, "%s: <%s.%" PRIu32 ".%" PRId64 "@%s>\r\n", header, letter_kind_name(kind),
		 alert->id, alert->raised.ms, domain);
}

/* RFC 2045, section 6.7: lines are kept short, and only letters go as they are. */
static void add_quoted(struct text *out, const char *words)
{
	size_t column = 0;

	for (; *words != '\0'; words++) {
		unsigned char byte = (unsigned char)*words;
		bool ends_line = byte == ' ' && words[1] == '\n';
		bool is_plain =
		    byte >= ' ' && byte < 0x7f && byte != '=' && byte != '.' && !ends_line;

		if (byte == '\n') {
			text_add(out, "\r\n");
			column = 0;
			continue;
		}
		if (column >= QUOTED_LINE_MAX) {
			text_add(out, "=\r\n");
			column = 0;
		}
		text_add(out, is_plain ? "%c" : "=%02X", byte);
		column += is_plain ? 1 : 3;
	}
}

static void add_body(struct text *out, const struct letter *letter,
		     const struct outlet_config *outlet)
{
	char room[WORDS_MAX + PATH_TEXT_MAX + WALL_TEXT_MAX] = "";
	struct text body = text_in(room, sizeof room);
	char at[WALL_TEXT_MAX];

	letter_words(letter, &body);
	text_add(&body, "\n");
	if (letter->kind != LETTER_TRIAL)
		text_add(&body, "\nSince %s", wall_format(at, letter->alert.raised, 0));
	if (letter->kind == LETTER_ENDS)
		text_add(&body, " until %s", wall_format(at, letter->alert.cleared, 0));
	if (outlet->page[0] != '\0')
		text_add(&body, "\n%s", outlet->page);
	text_add(&body, "\n");
	add_quoted(out, room);
}

void letter_mail(const struct letter *letter, const struct outlet_config *outlet,
		 const char *collector, struct wall_time now, struct text *out)
{
	const char *domain = strchr(outlet->from, '@') + 1;

	add_date(out, now);
	text_add(out, "From: Amphora <%s>\r\nTo: <%s>\r\nSubject: ", outlet->from, outlet->to);
	letter_title(letter, collector, out);
	text_add(out, "\r\n");
	add_id(out, "Message-ID", letter->kind, letter, domain);
	if (letter->kind == LETTER_ENDS) {
		add_id(out, "In-Reply-To", LETTER_BEGINS, letter, domain);
		add_id(out, "References", LETTER_BEGINS, letter, domain);
	}
	text_add(out, "Auto-Submitted: auto-generated\r\n"
		      "MIME-Version: 1.0\r\n"
		      "Content-Type: text/plain; charset=utf-8\r\n"
		      "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
	add_body(out, letter, outlet);
}

/* ---- ntfy ---- */

int letter_priority(const struct letter *letter)
{
	if (letter->kind != LETTER_BEGINS)
		return 3;
	switch (alert_level(letter->alert.code)) {
	case ALERT_ALARM:
		return 5;
	case ALERT_WARNING:
		return 4;
	case ALERT_NOTICE:
		break;
	}
	return 3;
}

const char *letter_tag(const struct letter *letter)
{
	if (letter->kind == LETTER_ENDS)
		return "white_check_mark";
	if (letter->kind == LETTER_TRIAL)
		return "test_tube";
	return alert_level(letter->alert.code) == ALERT_ALARM ? "rotating_light" : "warning";
}
