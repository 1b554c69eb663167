/*
 * `amphora get`, `set`, `unset`, `settings`: parameters, what the file says,
 * what was set, and what holds. What is allowed is the daemon's to say.
 */
#include <stdio.h>
#include <string.h>

#include "cli/client.h"
#include "cli/show.h"
#include "model/ident.h"
#include "model/parameter.h"

#define VALUE_MAX 512

static const struct column SETTING_COLUMNS[] = {
    {"name", "name", COLUMN_TEXT},
    {"battery", "battery", COLUMN_TEXT},
    {"value", "holds", COLUMN_TEXT},
    {"unit", "unit", COLUMN_TEXT},
    {"place", "from", COLUMN_TEXT},
    {"file", "file", COLUMN_TEXT},
    {"set", "set", COLUMN_TEXT},
    {"battery_file", "battery's file", COLUMN_TEXT},
    {"battery_set", "battery's set", COLUMN_TEXT},
};

/* `b1.reserve` is the battery b1 and the parameter reserve. */
struct name {
	char battery[IDENT_MAX + 1]; /* empty: the house */
	enum parameter_id parameter;
};

static int read_name(struct name *out, const char *words)
{
	const char *dot = strrchr(words, '.');
	char buffer[VALUE_MAX];
	struct text alike = text_in(buffer, sizeof(buffer));

	out->battery[0] = '\0';
	if (dot) {
		if ((size_t)(dot - words) > IDENT_MAX) {
			complain("%s: no battery has such a long name", words);
			return EXIT_NOT_FOUND;
		}
		snprintf(out->battery, sizeof(out->battery), "%.*s", (int)(dot - words), words);
		words = dot + 1;
	}
	if (parameter_find(&out->parameter, words) == 0)
		return EXIT_OK;
	if (parameter_write_alike(words, &alike) > 0)
		complain("there is no setting %s; did you mean %s?", words, buffer);
	else
		complain("there is no setting %s (see `amphora settings`)", words);
	return EXIT_NOT_FOUND;
}

/* ---- showing ---- */

/* One flat row of a parameter and a battery (NULL: the house has none). */
static json_t *flat_row(const json_t *parameter, const json_t *battery)
{
	json_t *out = json_object();

	json_object_set(out, "name", json_object_get(parameter, "name"));
	json_object_set(out, "unit", json_object_get(parameter, "unit"));
	json_object_set(out, "file", json_object_get(parameter, "file"));
	json_object_set(out, "set", json_object_get(parameter, "set"));
	json_object_set(out, "battery", json_object_get(battery, "battery"));
	json_object_set(out, "value", json_object_get(battery, "value"));
	json_object_set(out, "place", json_object_get(battery, "place"));
	json_object_set(out, "battery_file", json_object_get(battery, "file"));
	json_object_set(out, "battery_set", json_object_get(battery, "set"));
	if (!battery)
		json_object_set(out, "default", json_object_get(parameter, "default"));
	return out;
}

static void add_rows(json_t *rows, const json_t *parameter, const char *battery)
{
	const json_t *batteries = json_object_get(parameter, "batteries");
	const json_t *one;
	size_t index;

	json_array_foreach(batteries, index, one)
	{
		if (!battery || strcmp(member_text(one, "battery"), battery) == 0)
			json_array_append_new(rows, flat_row(parameter, one));
	}
	if (json_array_size(batteries) == 0 && !battery)
		json_array_append_new(rows, flat_row(parameter, NULL));
}

/* Rows of all parameters, or of `only`; of all batteries, or of `battery`. */
static json_t *collect(const json_t *answer, const char *only, const char *battery)
{
	json_t *rows = json_array();
	const json_t *parameter;
	size_t index;

	json_array_foreach(json_object_get(answer, "settings"), index, parameter)
	{
		if (!only || strcmp(member_text(parameter, "name"), only) == 0)
			add_rows(rows, parameter, battery);
	}
	return rows;
}

int command_settings(struct cli *cli, int argc, char **argv)
{
	json_t *answer, *rows;
	int rc;

	if (!words_fit(argc, argv, 0, 1))
		return usage(cli);
	rc = client_get(cli, "settings", &answer);
	if (rc != EXIT_OK)
		return rc;
	rows = collect(answer, NULL, argv[1]);
	if (argv[1] && json_array_size(rows) == 0) {
		complain("there is no battery %s", argv[1]);
		rc = EXIT_NOT_FOUND;
	} else if (cli->format == FORMAT_JSON) {
		json_show(stdout, argv[1] ? rows : answer);
	} else {
		rows_show(cli, stdout, rows, SETTING_COLUMNS, ARRAY_LENGTH(SETTING_COLUMNS),
			  "there is no setting");
	}
	json_decref(rows);
	json_decref(answer);
	return rc;
}

static void show_line(const struct cli *cli, const json_t *row)
{
	char buffer[VALUE_MAX];
	struct text value = text_in(buffer, sizeof(buffer));
	const char *battery = member_text(row, "battery");
	const json_t *holds = json_object_get(row, battery[0] ? "value" : "default");

	value_add(cli, &value, holds, COLUMN_TEXT);
	printf("%s%s%s = %s%s%s (%s)\n", battery, battery[0] ? "." : "", member_text(row, "name"),
	       buffer, member_text(row, "unit")[0] ? " " : "", member_text(row, "unit"),
	       battery[0] ? member_text(row, "place") : "default");
}

static int show_one(struct cli *cli, const struct name *name)
{
	json_t *answer, *rows;
	const json_t *row;
	size_t index;
	int rc = client_get(cli, "settings", &answer);

	if (rc != EXIT_OK)
		return rc;
	rows = collect(answer, parameter_get(name->parameter)->name,
		       name->battery[0] ? name->battery : NULL);
	if (json_array_size(rows) == 0) {
		complain("there is no battery %s", name->battery);
		rc = EXIT_NOT_FOUND;
	} else if (cli->format == FORMAT_JSON) {
		json_show(stdout, rows);
	} else if (cli->format == FORMAT_CSV) {
		rows_show(cli, stdout, rows, SETTING_COLUMNS, ARRAY_LENGTH(SETTING_COLUMNS),
			  "there is no setting");
	} else {
		json_array_foreach(rows, index, row) show_line(cli, row);
	}
	json_decref(rows);
	json_decref(answer);
	return rc;
}

int command_get(struct cli *cli, int argc, char **argv)
{
	struct name name;
	int rc;

	if (!words_fit(argc, argv, 1, 1))
		return usage(cli);
	rc = read_name(&name, argv[1]);
	return rc == EXIT_OK ? show_one(cli, &name) : rc;
}

/* ---- changing ---- */

static int change(struct cli *cli, const struct name *name, const char *value)
{
	json_t *answer, *before = NULL;
	json_t *body = json_pack("{s:s, s:s, s:s?}", "scope", name->battery, "name",
				 parameter_get(name->parameter)->name, "value", value);
	int rc = body ? client_get(cli, "settings", &before) : EXIT_FAILED;

	if (rc == EXIT_OK)
		rc = client_change(cli, "PATCH", "settings", body, member_text(before, "etag"),
				   &answer);
	json_decref(before);
	json_decref(body);
	if (rc != EXIT_OK)
		return rc;
	if (cli->format == FORMAT_JSON)
		json_show(stdout, answer);
	json_decref(answer);
	/* Read back what holds now: that is the confirmation. */
	return cli->format == FORMAT_JSON ? EXIT_OK : show_one(cli, name);
}

static bool is_value_option(const char *word)
{
	return strncmp(word, "--", 2) == 0;
}

int command_set(struct cli *cli, int argc, char **argv)
{
	char buffer[VALUE_MAX];
	struct text value = text_in(buffer, sizeof(buffer));
	struct name name;
	int rc;

	if (argc < 3 || is_value_option(argv[1]))
		return usage(cli);
	rc = read_name(&name, argv[1]);
	if (rc != EXIT_OK)
		return rc;
	/* A schedule may come as several words. */
	for (int i = 2; i < argc; i++)
		text_add(&value, "%s%s", i > 2 ? " " : "", argv[i]);
	if (value.is_cut) {
		complain("the value is too long");
		return EXIT_USAGE;
	}
	return change(cli, &name, buffer);
}

int command_unset(struct cli *cli, int argc, char **argv)
{
	struct name name;
	int rc;

	if (!words_fit(argc, argv, 1, 1))
		return usage(cli);
	rc = read_name(&name, argv[1]);
	return rc == EXIT_OK ? change(cli, &name, NULL) : rc;
}
