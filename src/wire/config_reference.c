/* The table of keys written out for people: `amphorad --help-config` and the documentation. */
#include "wire/config.h"
#include "wire/config_table.h"

#define INDENT 2

static void write_section(const struct config_section *section, int indent, bool is_list,
			  struct text *out);

static void write_comment(const struct config_key *key, int indent, struct text *out)
{
	text_add(out, "%*s# %s", indent, "", key->help);
	if (key->kind != KEY_MAPPING && key->kind != KEY_LIST) {
		text_add(out, " Allowed: ");
		config_key_allowed(key, out);
		text_add(out, ".");
	}
	if (key->is_required)
		text_add(out, " Required.");
	else if (key->preset != NULL)
		text_add(out, " Default: %s.", key->preset);
	text_add(out, "\n");
}

static void write_key(const struct config_key *key, int indent, struct text *out)
{
	write_comment(key, indent, out);
	text_add(out, "%*s%s:\n", indent, "", key->name);
	if (key->section != NULL)
		write_section(key->section, indent + INDENT, key->kind == KEY_LIST, out);
}

static void write_parameter(enum parameter_id id, int indent, struct text *out)
{
	const struct parameter *parameter = parameter_get(id);
	const struct parameter_value preset = {.number = parameter->preset};

	text_add(out, "%*s# %s", indent, "", parameter->help);
	if (parameter->kind == KIND_NUMBER) {
		text_add(out, " Allowed: ");
		text_add_scaled(out, parameter->min, parameter->scale);
		text_add(out, " to ");
		text_add_scaled(out, parameter->max, parameter->scale);
		text_add(out, "%s%s.", parameter->unit[0] != '\0' ? " " : "", parameter->unit);
	}
	if (parameter->kind != KIND_SCHEDULE) {
		text_add(out, " Default: ");
		parameter_format(id, &preset, out);
		text_add(out, ".");
	}
	text_add(out, "\n%*s%s:\n", indent, "", parameter->name);
}

static void write_section(const struct config_section *section, int indent, bool is_list,
			  struct text *out)
{
	if (is_list)
		text_add(out, "%*s# Each entry, after `- `:\n", indent, "");
	for (size_t i = 0; i < section->key_count; i++)
		write_key(&section->keys[i], indent, out);
	if (!section->has_parameters)
		return;
	/* Written once, under `settings`, which has nothing else. */
	if (section->key_count > 0) {
		text_add(out, "%*s# Each parameter of `settings`, for this entry only.\n", indent,
			 "");
		return;
	}
	text_add(out, "%*s# Limits start from what the chemistry says, where one is given.\n",
		 indent, "");
	for (int id = 0; id < PARAMETER_COUNT; id++)
		write_parameter((enum parameter_id)id, indent, out);
}

void config_write_keys(struct text *out)
{
	text_add(out,
		 "# Every key of the configuration. None is required, except where it says so\n"
		 "# within an entry; a file may be empty.\n");
	write_section(&config_root, 0, false, out);
}
