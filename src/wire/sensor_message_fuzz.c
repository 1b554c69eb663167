/* Any bytes as a sensor's message; what is taken is valid and comes back as the same text. */
#include "wire/sensor_message.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_valid(const struct reading *reading)
{
	if (reading->soc_bp < 0 || reading->soc_bp > SOC_BP_MAX ||
	    reading->temp_min_mc < TEMP_MC_MIN || reading->temp_max_mc > TEMP_MC_MAX ||
	    reading->temp_min_mc > reading->temp_max_mc || reading->cell_count > CELLS_MAX)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char first[SENSOR_MESSAGE_MAX], second[SENSOR_MESSAGE_MAX];
	struct text text = text_in(first, sizeof first);
	struct refusal_detail detail;
	struct reading reading;

	if (sensor_message_parse(&reading, NULL, data, size, &detail) != REFUSAL_NONE)
		return 0;
	check_valid(&reading);
	sensor_message_format(&text, &reading);
	if (text.is_cut || sensor_message_parse(&reading, reading.node.text, first, text.length,
						NULL) != REFUSAL_NONE)
		abort();
	text = text_in(second, sizeof second);
	sensor_message_format(&text, &reading);
	if (strcmp(first, second) != 0)
		abort();
	return 0;
}
