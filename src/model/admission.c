/* What an admission says as a text, and which battery comes of it. */
#include "model/admission.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char NO_CHEMISTRY[] = "none";

void admission_format(const struct admission *admission, struct text *out)
{
	const struct chemistry_preset *preset = chemistry_preset(admission->chemistry);

	text_add(out, "%s %d %d", preset != NULL ? preset->name : NO_CHEMISTRY,
		 (int)admission->capacity_wh, (int)admission->power_w);
}

int admission_find_chemistry(enum chemistry *out, const char *name)
{
	for (int i = CHEMISTRY_NONE + 1; i < CHEMISTRY_CUSTOM; i++) {
		if (strcmp(chemistry_preset((enum chemistry)i)->name, name) != 0)
			continue;
		*out = (enum chemistry)i;
		return 0;
	}
	return -EINVAL;
}

static int read_size(int32_t *out, const char **at)
{
	int64_t value = 0;
	const char *digit = *at;

	while (*digit >= '0' && *digit <= '9' && value <= ADMISSION_WATTS_MAX)
		value = value * 10 + (*digit++ - '0');
	if (digit == *at || value > ADMISSION_WATTS_MAX)
		return -EINVAL;
	*out = (int32_t)value;
	*at = digit;
	return 0;
}

int admission_parse(struct admission *out, const char *node, const char *text)
{
	struct admission admission = {.chemistry = CHEMISTRY_NONE};
	const char *at = strchr(text, ' ');
	char name[ADMISSION_TEXT_MAX];

	if (at == NULL || (size_t)(at - text) >= sizeof name ||
	    ident_parse(&admission.node, node, strlen(node)) != 0)
		return -EINVAL;
	(void)snprintf(name, sizeof name, "%.*s", (int)(at - text), text);
	if (strcmp(name, NO_CHEMISTRY) != 0 &&
	    admission_find_chemistry(&admission.chemistry, name) != 0)
		return -EINVAL;
	at++;
	if (read_size(&admission.capacity_wh, &at) != 0 || *at++ != ' ' ||
	    read_size(&admission.power_w, &at) != 0 || *at != '\0')
		return -EINVAL;
	*out = admission;
	return 0;
}

void admission_battery(const struct admission *admission, struct battery_config *out)
{
	*out = (struct battery_config){
	    .id = admission->node,
	    .chemistry = admission->chemistry,
	    .capacity_wh = admission->capacity_wh,
	    .power_w = admission->power_w,
	    .transport = SENSOR_MQTT,
	    .node = admission->node,
	    .is_admitted = true,
	};
	out->layer.is_set[PARAMETER_LOGIC] = true;
	out->layer.value[PARAMETER_LOGIC].number = LOGIC_MONITOR;
}

int admission_check(const struct admission *admission, const struct house *house,
		    struct text *error)
{
	const char *name = admission->node.text;

	if (house_find_battery(house, name) >= 0 ||
	    house_find_sensor(house, &admission->node) >= 0 || house_find_relay(house, name) >= 0) {
		text_add(error, "\"%s\" belongs to this house already", name);
		return -EEXIST;
	}
	if (house->battery_count == BATTERIES_MAX) {
		text_add(error, "there are %d batteries, and no more can be", BATTERIES_MAX);
		return -ENOBUFS;
	}
	return 0;
}
