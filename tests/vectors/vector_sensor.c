/* Amphora's own sensor message. */
#include "vectors.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "wire/sensor_message.h"
#include "wire/topic.h"

static void keep(struct vector_result *result, const char *name, double value)
{
	if (!isnan(value))
		json_object_set_new(result->got, name, json_real(value));
}

static void keep_cells(struct vector_result *result, const struct reading *reading)
{
	json_t *cells = json_array();

	for (size_t i = 0; i < reading->cell_count; i++)
		json_array_append_new(cells, json_real(reading->cell_mv[i] / 1e3));
	if (reading->cell_count > 0)
		json_object_set(result->got, "cells_v", cells);
	json_decref(cells);
}

static void keep_reading(struct vector_result *result, const struct reading *reading)
{
	keep(result, "soc_pct", reading->received.soc_pct);
	keep(result, "temp_c", reading->received.temp_c);
	keep(result, "temp_max_c", reading->received.temp_max_c);
	keep(result, "voltage_v", reading->received.voltage_v);
	keep(result, "current_a", reading->received.current_a);
	keep(result, "power_w", reading->received.power_w);
	keep(result, "soh_pct", reading->received.soh_pct);
	keep_cells(result, reading);
}

/* What is retained is of use only by a time of its own, within stale_after. */
static const char *too_old(const struct vector *vector, const struct reading *reading)
{
	double stale_after_s = json_number_value(json_object_get(vector->config, "stale_after"));
	struct wall_time now;

	if (!json_is_true(json_object_get(vector->in, "retained")))
		return NULL;
	if (!reading->has_time || !vector_now(vector->in, &now))
		return "retained";
	return now.ms - reading->measured.ms > llround(stale_after_s * MS_PER_SECOND) ? "stale"
										      : NULL;
}

void vector_run_sensor(const struct vector *vector, struct vector_result *result)
{
	const char *topic = json_string_value(json_object_get(vector->in, "topic"));
	size_t length;
	uint8_t *payload = vector_payload(vector->in, &length);
	struct reading reading;
	struct ident node;
	enum refusal why;

	if (topic_classify(topic, &node) != TOPIC_IS_BATTERY) {
		free(payload);
		return;
	}
	why = sensor_message_parse(&reading, node.text, payload, length, NULL);
	free(payload);
	if (why != REFUSAL_NONE)
		result->error = refusal_name(why);
	else
		result->error = too_old(vector, &reading);
	if (result->error == NULL)
		keep_reading(result, &reading);
}
