/* Which file answers for which dialect. */
#include "vectors.h"

const struct vector_dialect vector_dialects[] = {
    {"amphora", vector_run_sensor},
    {"mqtt-map", vector_run_source},
    {"tasmota", vector_run_source},
    {"shelly1", vector_run_source},
    {"shelly2", vector_run_source},
    {"esphome", vector_run_source},
    {"z2m", vector_run_source},
    {"victron", vector_run_source},
    {"evcc", vector_run_source},
    {"opendtu", vector_run_source},
    {"onbattery", vector_run_source},
    {"solarassistant", vector_run_source},
    {"contiki", vector_run_coap},
    {"course-node", vector_run_coap},
    {"lwm2m", vector_run_coap},
    {"senml", vector_run_coap},
    {"amphora-relay", vector_run_relay},
    {"power_supply", vector_run_sysfs},
    {"hwmon", vector_run_sysfs},
    {"ha-discovery", vector_run_home},
    {"sunspec", vector_run_later},
    {"jk-uart", vector_run_later},
    {"jk-pb", vector_run_later},
    {"jbd", vector_run_later},
    {"daly", vector_run_later},
    {"vedirect", vector_run_later},
    {"pylontech-rs485", vector_run_later},
    {"pylontech-can", vector_run_later},
    {NULL, NULL},
};

void vector_run_later(const struct vector *vector, struct vector_result *result)
{
	(void)vector;
	result->skipped = "waits for buses";
}
