/*
 * `amphora plan`: what comes and why. Without words, in short; `show`, slot by slot; `explain`, at
 * one time; `what-if`, in other circumstances.
 */
#include <stdio.h>
#include <string.h>

#include "cli/client.h"
#include "cli/duration.h"
#include "cli/plan_if.h"
#include "cli/plan_view.h"
#include "cli/screen.h"
#include "cli/show.h"
#include "cli/span.h"

#define COLUMNS_WITHOUT_TERMINAL 80

/* The currency of the prices, into `buffer`: `told` knows it, or a daemon with a plan has prices.
 */
static int learn_currency(struct cli *cli, const json_t *told, char *buffer, size_t size)
{
	struct text currency = text_in(buffer, size);
	json_t *prices;
	int rc;

	text_add(&currency, "%s", member_text(told, "currency"));
	if (buffer[0])
		return EXIT_OK;
	rc = client_get(cli, "prices", &prices);
	if (rc != EXIT_OK)
		return rc;
	text_add(&currency, "%s",
		 member_text(prices, "currency")[0] ? member_text(prices, "currency") : "EUR");
	json_decref(prices);
	return EXIT_OK;
}

static struct plan_view view_of(const struct cli *cli, const char *currency, struct wall_time now)
{
	size_t columns = cli->is_terminal ? screen_size().columns : COLUMNS_WITHOUT_TERMINAL;

	return (struct plan_view){cli, currency, now, columns};
}

/* GET /plan of `battery` (NULL: the first). */
static int get_plan(struct cli *cli, const char *battery, json_t **answer)
{
	char buffer[CLIENT_PATH_MAX];
	struct text path = text_in(buffer, sizeof(buffer));

	text_add(&path, "plan");
	client_argument(&path, "battery", battery);
	return client_get(cli, buffer, answer);
}

/* In short, or slot by slot where `is_whole`. */
static int show(struct cli *cli, const char *battery, bool is_whole)
{
	char currency[16];
	struct wall_time now;
	json_t *answer;
	int rc = span_now(cli, &now);

	if (rc == EXIT_OK)
		rc = get_plan(cli, battery, &answer);
	if (rc != EXIT_OK)
		return rc;
	if (cli->format == FORMAT_JSON) {
		json_show(stdout, answer);
	} else if (!json_is_object(json_object_get(answer, "plan"))) {
		plan_none_show(cli->format == FORMAT_CSV ? stderr : stdout, answer);
	} else {
		rc = learn_currency(cli, json_object_get(answer, "plan"), currency,
				    sizeof(currency));
		if (rc == EXIT_OK) {
			struct plan_view view = view_of(cli, currency, now);

			if (is_whole || cli->format == FORMAT_CSV)
				plan_slots_show(&view, stdout, json_object_get(answer, "plan"));
			else
				plan_summary_show(&view, stdout, answer);
		}
	}
	json_decref(answer);
	return rc;
}

/*
 * `18:30`, the next one on the house's clock, `+3h`, or any moment_parse(). Returns 0 or -EINVAL
 * and leaves `out` alone.
 */
static int time_parse(const struct cli *cli, struct wall_time *out, const char *words,
		      struct wall_time now)
{
	unsigned int hour, minute;
	int64_t after_ms;
	char rest;

	if (words[0] == '+' && duration_parse(&after_ms, words + 1) == 0) {
		out->ms = now.ms + after_ms;
		return 0;
	}
	if (sscanf(words, "%2u:%2u%c", &hour, &minute, &rest) == 2 && hour < 24 && minute < 60) {
		struct wall_time midnight;
		int rc = moment_parse(&midnight, "today", now, house_offset_s, cli);

		if (rc < 0)
			return rc;
		out->ms =
		    midnight.ms + (int64_t)hour * MS_PER_HOUR + (int64_t)minute * MS_PER_MINUTE;
		/* Where the clocks change on the way, by the offset there. */
		out->ms += (int64_t)(house_offset_s(cli, midnight) - house_offset_s(cli, *out)) *
			   MS_PER_SECOND;
		if (out->ms < now.ms)
			out->ms += MS_PER_DAY;
		return 0;
	}
	return moment_parse(out, words, now, house_offset_s, cli);
}

static int explain(struct cli *cli, const char *when, const char *battery)
{
	char buffer[CLIENT_PATH_MAX], iso[WALL_TEXT_MAX], currency[16];
	struct text path = text_in(buffer, sizeof(buffer));
	struct wall_time now, at;
	json_t *answer;
	int rc = span_now(cli, &now);

	if (rc != EXIT_OK)
		return rc;
	if (time_parse(cli, &at, when ? when : "now", now) < 0) {
		complain("%s is no time (18:30, +3h, -2h, now, 2026-11-25T18:00:00Z)", when);
		return EXIT_USAGE;
	}
	text_add(&path, "plan/explain");
	client_argument(&path, "battery", battery);
	client_argument(&path, "at", wall_format(iso, at, 0));
	rc = client_get(cli, buffer, &answer);
	if (rc != EXIT_OK)
		return rc;
	if (cli->format == FORMAT_JSON) {
		json_show(stdout, answer);
	} else {
		rc = learn_currency(cli, answer, currency, sizeof(currency));
		if (rc == EXIT_OK) {
			struct plan_view view = view_of(cli, currency, now);

			plan_why_show(&view, stdout, answer);
		}
	}
	json_decref(answer);
	return rc;
}

/* `changes`, `count` of them: what is to be otherwise. */
static int what_if(struct cli *cli, const char *battery, int count, char **changes)
{
	char buffer[CLIENT_PATH_MAX], currency[16];
	struct text path = text_in(buffer, sizeof(buffer));
	struct wall_time now;
	json_t *answer;
	int rc = EXIT_OK;

	text_add(&path, "plan/what-if");
	client_argument(&path, "battery", battery);
	for (int i = 0; rc == EXIT_OK && i < count; i++)
		rc = plan_if_add(&path, changes[i]);
	if (rc == EXIT_OK)
		rc = span_now(cli, &now);
	if (rc == EXIT_OK)
		rc = client_get(cli, buffer, &answer);
	if (rc != EXIT_OK)
		return rc;
	if (cli->format == FORMAT_JSON) {
		json_show(stdout, answer);
	} else {
		rc = learn_currency(cli, answer, currency, sizeof(currency));
		if (rc == EXIT_OK) {
			struct plan_view view = view_of(cli, currency, now);

			plan_if_show(&view, stdout, answer, count, changes);
		}
	}
	json_decref(answer);
	return rc;
}

int command_plan(struct cli *cli, int argc, char **argv)
{
	const char *battery = NULL;

	if (take_option(&argc, argv, "--battery", &battery) < 0)
		return usage(cli);
	if (argc > 1 && strcmp(argv[1], "explain") == 0 && argc <= 3)
		return explain(cli, argv[2], battery);
	if (argc > 2 && strcmp(argv[1], "what-if") == 0 && words_fit(argc, argv, 2, argc))
		return what_if(cli, battery, argc - 2, &argv[2]);
	if (!words_fit(argc, argv, 0, 1))
		return usage(cli);
	if (argc == 2 && strcmp(argv[1], "show") != 0)
		return usage(cli);
	return show(cli, battery, argc == 2);
}
