/* `amphora health`: what is known of a battery's health, its limits and where it has lived. */
#include <stdio.h>
#include <string.h>

#include "cli/client.h"
#include "cli/show.h"

/* The limits and who set them, in the words of the page (src/web/words/en). */
struct wording {
	const char *name, *words;
};

static const struct wording LIMITS[] = {
    {"ceiling_pct", "ceiling"},
    {"reserve_pct", "reserve"},
    {"charge_max_c", "hot, charging"},
    {"charge_min_c", "cold, charging"},
    {"discharge_max_c", "hot, discharging"},
    {"discharge_min_c", "cold, discharging"},
};

static const struct wording PLACES[] = {
    {"preset", "As it comes"},
    {"house file", "From the configuration, for the house"},
    {"house set", "From you, for the house"},
    {"battery file", "From the configuration, for this battery"},
    {"battery set", "From you, for this battery"},
};

/* Puts words in the place of the member `name`, where there are some for it. */
static void put_words(json_t *row, const char *name, const struct wording *wordings, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(wordings[i].name, member_text(row, name)) == 0) {
			json_object_set_new(row, name, json_string(wordings[i].words));
			return;
		}
	}
}

static const struct column LIMIT_COLUMNS[] = {
    {"battery", "battery", COLUMN_TEXT},
    {"name", "limit", COLUMN_TEXT},
    {"value", "stops at", COLUMN_ONE_DECIMAL},
    {"release", "again at", COLUMN_ONE_DECIMAL},
    {"unit", "unit", COLUMN_TEXT},
    {"place", "from", COLUMN_TEXT},
};

/* The last 30 days of `battery`, into its object. */
static int add_life(struct cli *cli, json_t *battery)
{
	char buffer[CLIENT_PATH_MAX];
	struct text path = text_in(buffer, sizeof(buffer));
	json_t *life;
	int rc;

	text_add(&path, "battery/life?battery=");
	client_segment(&path, member_text(battery, "battery"));
	rc = client_get(cli, buffer, &life);
	if (rc == EXIT_OK)
		json_object_set_new(battery, "life", life);
	return rc;
}

/* Where it was longest: "3.2 h at 55 % and 22 °C". */
static const json_t *longest(const json_t *life)
{
	const json_t *most = NULL, *one;
	size_t index;

	json_array_foreach(json_object_get(life, "hours"), index, one)
	{
		if (!most || member_number(one, "h") > member_number(most, "h"))
			most = one;
	}
	return most;
}

static void show_learned(const json_t *learned)
{
	const json_t *gives = json_object_get(learned, "gives_wh");
	const json_t *back = json_object_get(learned, "efficiency");

	if (json_is_object(gives))
		printf("  measured: gives %.0f Wh from full to empty (%.0f to %.0f)\n",
		       member_number(gives, "value"), member_number(gives, "low"),
		       member_number(gives, "high"));
	if (json_is_object(back))
		printf("  measured: %.1f %% of what goes in comes out again (%.1f to %.1f)\n",
		       100 * member_number(back, "value"), 100 * member_number(back, "low"),
		       100 * member_number(back, "high"));
	else
		printf("  capacity and efficiency: %s\n", member_text(learned, "needs"));
}

static void show_life(const json_t *battery)
{
	const json_t *life = json_object_get(battery, "life");
	const json_t *cycles = json_object_get(life, "cycles"), *most = longest(life);

	printf("%s: full cycles in 30 days: %.1f EFC, from charge alone, %.1f to %.1f, of %.0f h "
	       "measured\n",
	       member_text(battery, "battery"), member_number(cycles, "efc"),
	       member_number(cycles, "low"), member_number(cycles, "high"),
	       member_number(life, "measured_h"));
	if (most)
		printf("  longest at %.0f to %.0f %% and %.0f to %.0f °C: %.1f h\n",
		       member_number(most, "soc_pct"),
		       member_number(most, "soc_pct") + member_number(life, "soc_step_pct"),
		       member_number(most, "temp_c"),
		       member_number(most, "temp_c") + member_number(life, "temp_step_c"),
		       member_number(most, "h"));
	show_learned(json_object_get(life, "learned"));
	printf("  health: needs %s, never guessed from charge alone\n",
	       member_text(json_object_get(battery, "soh"), "needs"));
}

/* The limits of all, each with its battery; with words where it is for people. */
static json_t *limits_of(const json_t *batteries, bool is_for_people)
{
	json_t *rows = json_array(), *limit;
	const json_t *battery;
	size_t index, at;

	json_array_foreach(batteries, index, battery)
	{
		json_array_foreach(json_object_get(battery, "limits"), at, limit)
		{
			json_t *row = json_copy(limit);

			json_object_set(row, "battery", json_object_get(battery, "battery"));
			if (is_for_people) {
				put_words(row, "name", LIMITS, ARRAY_LENGTH(LIMITS));
				put_words(row, "place", PLACES, ARRAY_LENGTH(PLACES));
			}
			json_array_append_new(rows, row);
		}
	}
	return rows;
}

static void show(const struct cli *cli, const json_t *answer)
{
	const json_t *batteries = json_object_get(answer, "batteries"), *battery;
	json_t *limits = limits_of(batteries, cli->format == FORMAT_PEOPLE);
	size_t index;

	if (cli->format == FORMAT_JSON) {
		json_show(stdout, answer);
	} else {
		if (cli->format != FORMAT_CSV)
			json_array_foreach(batteries, index, battery) show_life(battery);
		rows_show(cli, stdout, limits, LIMIT_COLUMNS, ARRAY_LENGTH(LIMIT_COLUMNS),
			  "no battery is configured");
	}
	json_decref(limits);
}

int command_health(struct cli *cli, int argc, char **argv)
{
	char buffer[CLIENT_PATH_MAX];
	struct text path = text_in(buffer, sizeof(buffer));
	json_t *answer, *battery;
	size_t index;
	int rc;

	if (!words_fit(argc, argv, 0, 1))
		return usage(cli);
	text_add(&path, "battery/health");
	if (argc == 2) {
		text_add(&path, "?battery=");
		client_segment(&path, argv[1]);
	}
	rc = client_get(cli, buffer, &answer);
	if (rc != EXIT_OK)
		return rc;
	json_array_foreach(json_object_get(answer, "batteries"), index, battery)
	{
		if (rc == EXIT_OK)
			rc = add_life(cli, battery);
	}
	if (rc == EXIT_OK)
		show(cli, answer);
	json_decref(answer);
	return rc;
}
