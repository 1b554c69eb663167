/* Writes what the sensors of house.h send: the brief's payload with a time, as amphora-sensor. */
#include "house.h"

#include <stdio.h>
#include <time.h>

static int64_t wall_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

void house_topic(char out[HOUSE_TOPIC_MAX], size_t index)
{
	snprintf(out, HOUSE_TOPIC_MAX, "amphora/b%zu/battery", index);
}

void house_reading(char out[HOUSE_PAYLOAD_MAX], size_t index, int soc_cpct, int temp_dc)
{
	snprintf(out, HOUSE_PAYLOAD_MAX,
		 "{\"node\":\"b%zu\",\"SoC\":%d.%02d,\"Temp\":%d.%d,\"ts\":%lld}", index,
		 soc_cpct / 100, soc_cpct % 100, temp_dc / 10, temp_dc % 10, (long long)wall_ms());
}

void house_mapped(char topic[HOUSE_TOPIC_MAX], char payload[HOUSE_PAYLOAD_MAX], size_t index,
		  int soc_cpct, int temp_dc)
{
	snprintf(topic, HOUSE_TOPIC_MAX, "shed/b%zu/bms", index);
	snprintf(payload, HOUSE_PAYLOAD_MAX,
		 "{\"bms\":{\"soc\":%d.%02d,\"t\":%d.%d},\"at\":%lld}", soc_cpct / 100,
		 soc_cpct % 100, temp_dc / 10, temp_dc % 10, (long long)wall_ms());
}

void house_value(char topic[HOUSE_TOPIC_MAX], char payload[HOUSE_PAYLOAD_MAX], size_t device,
		 size_t value, size_t round)
{
	static const char *const names[HOUSE_VALUES] = {"soc", "temp", "voltage", "current",
							"power"};
	static const int firsts[HOUSE_VALUES] = {5000, 2410, 5240, 100, 524};

	snprintf(topic, HOUSE_TOPIC_MAX, "d/%zu/%s", device, names[value]);
	snprintf(payload, HOUSE_PAYLOAD_MAX, "%d.%02d", firsts[value] / 100 + (int)(round % 3),
		 firsts[value] % 100);
}
