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

/* What was measured of it, into `answer`. A plan is worth showing without. */
static int add_worth(struct cli *cli, json_t *answer)
{
	char buffer[CLIENT_PATH_MAX];
	struct text path = text_in(buffer, sizeof(buffer));
	json_t *worth;
	int rc;

	text_add(&path, "plan/worth");
	client_argument(&path, "battery", member_text(answer, "battery"));
	rc = client_get(cli, buffer, &worth);
	if (rc == EXIT_OK)
		json_object_set_new(answer, "worth", worth);
	return rc;
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

			if (is_whole || cli->format == FORMAT_CSV) {
				plan_slots_show(&view, stdout, json_object_get(answer, "plan"));
			} else {
				rc = add_worth(cli, answer);
				plan_summary_show(&view, stdout, answer);
			}
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
	char today[32];
	int64_t after_ms;

	if (words[0] == '+' && duration_parse(&after_ms, words + 1) == 0) {
		out->ms = now.ms + after_ms;
		return 0;
	}
	if (snprintf(today, sizeof(today), "today %s", words) < (int)sizeof(today) &&
	    moment_parse(out, today, now, house_offset_s, cli) == 0) {
		if (out->ms < now.ms)
			out->ms += MS_PER_DAY;
		return 0;
	}
	return moment_parse(out, words, now, house_offset_s, cli);
}

/* `when` is of one word or two: "yesterday", "18:30". */
static int explain(struct cli *cli, const char *const when[2], const char *battery)
{
	char buffer[CLIENT_PATH_MAX], iso[WALL_TEXT_MAX], currency[16], asked[64] = "now";
	struct text path = text_in(buffer, sizeof(buffer));
	struct wall_time now, at;
	json_t *answer;
	int rc = span_now(cli, &now);

	if (rc != EXIT_OK)
		return rc;
	if (when[0])
		snprintf(asked, sizeof(asked), "%s%s%s", when[0], when[1] ? " " : "",
			 when[1] ? when[1] : "");
	if (time_parse(cli, &at, asked, now) < 0) {
		complain("%s is no time (18:30, yesterday 18:30, +3h, -2h, now, "
			 "2026-11-25T18:00:00Z)",
			 asked);
		return EXIT_USAGE;
	}
	text_add(&path, at.ms < now.ms ? "plan/past/explain" : "plan/explain");
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
	if (argc > 1 && strcmp(argv[1], "explain") == 0 && argc <= 4) {
		const char *when[2] = {argv[2], argc > 3 ? argv[3] : NULL};

		return explain(cli, when, battery);
	}
	if (argc > 2 && strcmp(argv[1], "what-if") == 0 && words_fit(argc, argv, 2, argc))
		return what_if(cli, battery, argc - 2, &argv[2]);
	if (!words_fit(argc, argv, 0, 1))
		return usage(cli);
	if (argc == 2 && strcmp(argv[1], "show") != 0)
		return usage(cli);
	return show(cli, battery, argc == 2);
}
