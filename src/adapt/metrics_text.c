/* The text format of Prometheus, see metrics_text.h. */
#include "adapt/metrics_text.h"

#include <math.h>

#define WHOLE_MAX 9007199254740992.0 /* to here a double is each whole number */

void metrics_family(struct text *out, const char *name, enum metrics_kind kind, const char *help)
{
	text_add(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name,
		 kind == METRICS_COUNTER ? "counter" : "gauge");
}

/* Backslash, quote and line end, which would end the value. */
static void add_escaped(struct text *out, const char *value)
{
	for (; *value; value++) {
		if (*value == '\n')
			text_add_bytes(out, "\\n", 2);
		else if (*value == '\\' || *value == '"')
			text_add(out, "\\%c", *value);
		else
			text_add_bytes(out, value, 1);
	}
}

void metrics_sample(struct text *out, const char *name, const struct metrics_label *labels,
		    size_t label_count, double value)
{
	if (isnan(value))
		return;
	text_add(out, "%s", name);
	for (size_t i = 0; i < label_count; i++) {
		text_add(out, "%s%s=\"", i == 0 ? "{" : ",", labels[i].name);
		add_escaped(out, labels[i].value);
		text_add(out, "\"");
	}
	text_add(out, "%s ", label_count > 0 ? "}" : "");
	if (value == trunc(value) && fabs(value) <= WHOLE_MAX)
		text_add(out, "%.0f\n", value);
	else
		text_add(out, "%.12g\n", value);
}

void metrics_single(struct text *out, const char *name, enum metrics_kind kind, double value,
		    const char *help)
{
	if (isnan(value))
		return;
	metrics_family(out, name, kind, help);
	metrics_sample(out, name, NULL, 0, value);
}
