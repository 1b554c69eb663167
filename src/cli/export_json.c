/*
 * Exported rows as JSON: one object a line, which jq and others read as a stream, so
 * that a year of them needs no more memory than one.
 */
#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "cli/export_sink.h"

static const struct {
	const char *name;
	enum export_type type;
} TYPES[] = {
    {"at", EXPORT_TIME},           {"measured", EXPORT_TIME},
    {"soc_pct", EXPORT_REAL},      {"temp_c", EXPORT_REAL},
    {"temp_max_c", EXPORT_REAL},   {"voltage_v", EXPORT_REAL},
    {"current_a", EXPORT_REAL},    {"power_w", EXPORT_REAL},
    {"soh_pct", EXPORT_REAL},      {"interval_s", EXPORT_REAL},
    {"lease_left_s", EXPORT_REAL}, {"sequence", EXPORT_WHOLE},
    {"switches", EXPORT_WHOLE},    {"n", EXPORT_WHOLE},
    {"boot", EXPORT_WHOLE},        {"wall_trusted", EXPORT_TRUTH},
    {"state", EXPORT_SWITCH},      {"wished", EXPORT_SWITCH},
    {"cells_mv", EXPORT_CELLS},    {"age_s", EXPORT_REAL},
    {"id", EXPORT_WHOLE},          {"value", EXPORT_WHOLE},
    {"limit_value", EXPORT_WHOLE},  {"power_min_w", EXPORT_REAL},
    {"power_max_w", EXPORT_REAL},  {"power_last_w", EXPORT_REAL},
    {"imported_wh", EXPORT_REAL},  {"exported_wh", EXPORT_REAL},
    {"known_s", EXPORT_REAL},      {"count", EXPORT_WHOLE},
};

static enum export_type type_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_LENGTH(TYPES); i++) {
		if (strcmp(TYPES[i].name, name) == 0)
			return TYPES[i].type;
	}
	return EXPORT_TEXT;
}

int export_columns_read(struct export_columns *out, const struct csv_record *head)
{
	out->count = head->count;
	for (size_t i = 0; i < head->count; i++) {
		struct text name = text_in(out->names[i], sizeof(out->names[i]));

		text_add(&name, "%s", head->fields[i]);
		if (name.is_cut || name.length == 0)
			return -EINVAL;
		out->types[i] = type_of(out->names[i]);
	}
	return head->count > 0 ? 0 : -EINVAL;
}

/* Names and words of ours: only what JSON cannot hold as it is is escaped. */
static void write_text(FILE *out, const char *text)
{
	fputc('"', out);
	for (; *text; text++) {
		if ((unsigned char)*text < 0x20)
			fprintf(out, "\\u%04x", (unsigned)*text);
		else if (*text == '"' || *text == '\\')
			fprintf(out, "\\%c", *text);
		else
			fputc(*text, out);
	}
	fputc('"', out);
}

static void write_value(FILE *out, enum export_type type, const char *field)
{
	if (field[0] == '\0') {
		fputs("null", out);
		return;
	}
	switch (type) {
	case EXPORT_REAL:
	case EXPORT_WHOLE:
	case EXPORT_TRUTH:
		fputs(field, out);
		break;
	case EXPORT_SWITCH:
		fputs(strcmp(field, "on") == 0 ? "true" : "false", out);
		break;
	case EXPORT_CELLS:
		fprintf(out, "[%s]", field);
		break;
	case EXPORT_TEXT:
	case EXPORT_TIME:
		write_text(out, field);
		break;
	}
}

void export_json_row(FILE *out, const struct export_columns *columns,
		     const struct csv_record *record)
{
	for (size_t i = 0; i < columns->count && i < record->count; i++) {
		fprintf(out, "%s\"%s\":", i > 0 ? "," : "{", columns->names[i]);
		write_value(out, columns->types[i], record->fields[i]);
	}
	fputs("}\n", out);
}
