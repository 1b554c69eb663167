/* See outlet_book.h. Codes and kinds are kept by their names, which last. */
#include "wire/outlet_book.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

#include "wire/letter.h"

#define VERSION 1

/* ---- to JSON ---- */

static json_t *letter_kept(const struct letter *letter, struct outlet_now now)
{
	const struct alert *alert = &letter->alert;
	char room[ALERT_DETAIL_MAX] = "";
	struct text detail = text_in(room, sizeof room);

	letter_add_clean(&detail, alert->detail);
	return json_pack("{s:s, s:b, s:I, s:I, s:s, s:s, s:I, s:I, s:s, s:I, s:I, s:I}", "event",
			 letter_kind_name(letter->kind), "tried", letter->was_tried, "written_ms",
			 (json_int_t)(now.wall.ms - (now.ms - letter->written_ms)), "id",
			 (json_int_t)alert->id, "code", alert_name(alert->code), "subject",
			 alert->subject.text, "value", (json_int_t)alert->value, "limit",
			 (json_int_t)alert->limit, "detail", room, "count",
			 (json_int_t)alert->count, "raised_ms", (json_int_t)alert->raised.ms,
			 "cleared_ms", (json_int_t)alert->cleared.ms);
}

static json_t *outlet_kept(const struct outlet *outlet, struct outlet_now now)
{
	json_t *letters = json_array();

	if (outlet->is_busy)
		json_array_append_new(letters, letter_kept(&outlet->current, now));
	for (size_t i = 0; i < outlet->count; i++)
		json_array_append_new(letters, letter_kept(&outlet->letters[i], now));
	return letters;
}

char *outlet_book_write(const struct house *house, const struct outlet outlets[OUTLETS_MAX],
			uint32_t seen, struct outlet_now now)
{
	json_t *kept = json_object();
	json_t *book;
	char *text;

	for (size_t i = 0; i < house->outlet_count; i++)
		json_object_set_new(kept, house->outlets[i].name.text,
				    outlet_kept(&outlets[i], now));
	book = json_pack("{s:i, s:I, s:o}", "version", VERSION, "seen", (json_int_t)seen, "outlets",
			 kept);
	text = book != NULL ? json_dumps(book, JSON_INDENT(1)) : NULL;
	json_decref(book);
	return text;
}

/* ---- from JSON ---- */

static int find_code(enum alert_code *out, const char *name)
{
	for (int code = ALERT_NONE + 1; code < ALERT_COUNT; code++) {
		if (strcmp(alert_name((enum alert_code)code), name) == 0) {
			*out = (enum alert_code)code;
			return 0;
		}
	}
	return -ENOENT;
}

static int read_letter(struct letter *out, const json_t *json, struct outlet_now now)
{
	const char *event, *code, *subject, *detail;
	json_int_t written_ms, id, count, raised_ms, cleared_ms, value, limit;
	struct letter letter = {0};
	struct text text = text_in(letter.alert.detail, sizeof letter.alert.detail);
	int tried;

	if (json_unpack(
		(json_t *)json, "{s:s, s:b, s:I, s:I, s:s, s:s, s:I, s:I, s:s, s:I, s:I, s:I}",
		"event", &event, "tried", &tried, "written_ms", &written_ms, "id", &id, "code",
		&code, "subject", &subject, "value", &value, "limit", &limit, "detail", &detail,
		"count", &count, "raised_ms", &raised_ms, "cleared_ms", &cleared_ms) != 0 ||
	    find_code(&letter.alert.code, code) != 0 || id < 0 || id > UINT32_MAX || count < 0 ||
	    count > UINT32_MAX ||
	    (subject[0] != '\0' &&
	     ident_parse(&letter.alert.subject, subject, strlen(subject)) != 0))
		return -EINVAL;
	if (strcmp(event, letter_kind_name(LETTER_BEGINS)) != 0 &&
	    strcmp(event, letter_kind_name(LETTER_ENDS)) != 0)
		return -EINVAL;
	letter.kind =
	    strcmp(event, letter_kind_name(LETTER_ENDS)) == 0 ? LETTER_ENDS : LETTER_BEGINS;
	letter.was_tried = tried;
	letter.alert.id = (uint32_t)id;
	letter.alert.count = (uint32_t)count;
	letter.alert.value = value;
	letter.alert.limit = limit;
	letter.alert.raised.ms = raised_ms;
	letter.alert.cleared.ms = cleared_ms;
	letter.alert.is_active = letter.kind == LETTER_BEGINS;
	text_add(&text, "%s", detail);
	/* From a time to come where the clock was set back: as if written now. */
	letter.due_ms = now.ms;
	letter.written_ms = written_ms < now.wall.ms ? now.ms - (now.wall.ms - written_ms) : now.ms;
	*out = letter;
	return 0;
}

static int read_outlet(struct outlet *outlet, const json_t *letters, struct outlet_now now)
{
	const json_t *json;
	size_t index;

	if (!json_is_array(letters))
		return -EINVAL;
	json_array_foreach(letters, index, json)
	{
		struct letter letter;
		int result = read_letter(&letter, json, now);

		if (result != 0)
			return result;
		outlet_put_back(outlet, &letter);
	}
	return 0;
}

int outlet_book_read(const struct house *house, struct outlet outlets[OUTLETS_MAX], uint32_t *seen,
		     const char *bytes, size_t length, struct outlet_now now)
{
	json_t *book = json_loadb(bytes, length, 0, NULL);
	json_t *kept = json_object_get(book, "outlets");
	json_int_t last = json_integer_value(json_object_get(book, "seen"));
	int result = json_integer_value(json_object_get(book, "version")) == VERSION &&
			     json_is_object(kept) && last >= 0 && last <= UINT32_MAX
			 ? 0
			 : -EINVAL;

	for (size_t i = 0; result == 0 && i < house->outlet_count; i++) {
		const json_t *letters = json_object_get(kept, house->outlets[i].name.text);

		if (letters != NULL)
			result = read_outlet(&outlets[i], letters, now);
	}
	if (result == 0)
		*seen = (uint32_t)last;
	json_decref(book);
	return result;
}
