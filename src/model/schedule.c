/* Reads, writes and looks up the daily schedule; what follows from it is core/control's. */
#include "model/schedule.h"

#include <errno.h>
#include <string.h>

static int two_digits(const char *text)
{
	if (text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9')
		return -1;
	return (text[0] - '0') * 10 + (text[1] - '0');
}

int time_of_day_parse(int32_t *out_s, const char *text, size_t len)
{
	int hour, minute, second = 0;

	if ((len != 5 && len != 8) || text[2] != ':' || (len == 8 && text[5] != ':'))
		return -EINVAL;
	hour = two_digits(text);
	minute = two_digits(text + 3);
	if (len == 8)
		second = two_digits(text + 6);
	if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59)
		return -EINVAL;
	*out_s = (hour * 60 + minute) * 60 + second;
	return 0;
}

/* Reads `charge 00:30-04:30`, `len` bytes without blanks around. */
static int window_parse(struct schedule_window *out, const char *text, size_t len)
{
	static const struct {
		const char *word;
		enum intent intent;
	} intents[] = {{"charge ", INTENT_CHARGE}, {"discharge ", INTENT_DISCHARGE}};

	for (size_t i = 0; i < ARRAY_LENGTH(intents); i++) {
		size_t word_len = strlen(intents[i].word);
		const char *times = text + word_len, *dash;
		struct schedule_window window = {.intent = intents[i].intent};
		size_t times_len;

		if (len < word_len || memcmp(text, intents[i].word, word_len) != 0)
			continue;
		times_len = len - word_len;
		dash = memchr(times, '-', times_len);
		if (dash == NULL ||
		    time_of_day_parse(&window.start_s, times, (size_t)(dash - times)) != 0 ||
		    time_of_day_parse(&window.end_s, dash + 1,
				      times_len - (size_t)(dash + 1 - times)) != 0)
			return -EINVAL;
		*out = window;
		return 0;
	}
	return -EINVAL;
}

int schedule_parse(struct schedule *out, const char *text, struct text *error)
{
	struct schedule schedule = {0};
	const char *at = text + strspn(text, " ");

	while (*at != '\0') {
		size_t whole = strcspn(at, ","), len = whole;

		while (len > 0 && at[len - 1] == ' ')
			len--;
		if (schedule.count == SCHEDULE_WINDOWS_MAX) {
			text_add(error, "at most %d windows are allowed", SCHEDULE_WINDOWS_MAX);
			return -EINVAL;
		}
		if (window_parse(&schedule.windows[schedule.count], at, len) != 0) {
			text_add(error,
				 "\"%.*s\" is no window: write `charge 00:30-04:30` or "
				 "`discharge 18:00-22:00`",
				 (int)(len > 40 ? 40 : len), at);
			return -EINVAL;
		}
		schedule.count++;
		at += whole;
		at += strspn(at, ", ");
	}
	*out = schedule;
	return 0;
}

static void time_of_day_format(int32_t second_of_day, struct text *out)
{
	text_add(out, "%02d:%02d", (int)(second_of_day / 3600), (int)(second_of_day / 60 % 60));
	if (second_of_day % 60 != 0)
		text_add(out, ":%02d", (int)(second_of_day % 60));
}

void schedule_format(const struct schedule *schedule, struct text *out)
{
	for (uint8_t i = 0; i < schedule->count; i++) {
		const struct schedule_window *window = &schedule->windows[i];

		text_add(out, "%s%s ", i > 0 ? ", " : "", intent_name(window->intent));
		time_of_day_format(window->start_s, out);
		text_add(out, "-");
		time_of_day_format(window->end_s, out);
	}
}

static bool window_has(const struct schedule_window *window, int32_t second_of_day)
{
	if (window->start_s < window->end_s)
		return window->start_s <= second_of_day && second_of_day < window->end_s;
	return second_of_day >= window->start_s || second_of_day < window->end_s;
}

const struct schedule_window *schedule_at(const struct schedule *schedule, int32_t second_of_day)
{
	for (uint8_t i = 0; i < schedule->count; i++) {
		if (window_has(&schedule->windows[i], second_of_day))
			return &schedule->windows[i];
	}
	return NULL;
}
