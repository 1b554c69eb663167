/* The table of what Home Assistant sees; docs/home-assistant.md has it for people. */
#include "wire/ha_parts.h"

/* States are not retained and end by themselves, or old values would look alive. */
#define EXPIRES "\"exp_aft\":120"
#define MEASURED(class, unit)                                \
	"\"dev_cla\":\"" class "\",\"unit_of_meas\":\"" unit \
			       "\",\"stat_cla\":\"measurement\"," EXPIRES
/* It only grows, over restarts too; where the journal is lost it begins at 0, as a new meter would. */
#define COUNTED                                                                                    \
	"\"dev_cla\":\"energy\",\"unit_of_meas\":\"kWh\",\"stat_cla\":\"total_increasing\"," EXPIRES
/* The names of planned_mode_name(). */
#define PLANNED_MODE                                                                             \
	"\"dev_cla\":\"enum\",\"ops\":[\"hold\",\"self-consume\",\"charge-from-sun\","          \
	"\"charge-to\",\"discharge-to\"]," EXPIRES
#define DIAGNOSTIC "\"ent_cat\":\"diagnostic\""
#define CONFIG "\"ent_cat\":\"config\""
#define HIDDEN "\"en\":false"

static const struct ha_part parts[] = {
    {HA_OF_BATTERY, "soc", "sensor", "state of charge", "soc_pct", NULL, 0,
     MEASURED("battery", "%")},
    {HA_OF_BATTERY, "temp", "sensor", "temperature", "temp_c", NULL, 0,
     MEASURED("temperature", "°C")},
    {HA_OF_BATTERY, "tempmax", "sensor", "hottest", "temp_max_c", NULL, 0,
     MEASURED("temperature", "°C") "," HIDDEN},
    {HA_OF_BATTERY, "power", "sensor", "power", "power_w", NULL, 0, MEASURED("power", "W")},
    {HA_OF_BATTERY, "voltage", "sensor", "voltage", "voltage_v", NULL, 0,
     MEASURED("voltage", "V") "," HIDDEN},
    {HA_OF_BATTERY, "current", "sensor", "current", "current_a", NULL, 0,
     MEASURED("current", "A") "," HIDDEN},
    {HA_OF_BATTERY, "action", "sensor", "action", "action", NULL, 0,
     "\"dev_cla\":\"enum\",\"ops\":[\"idle\",\"charge\",\"discharge\",\"both\"]," EXPIRES},
    {HA_OF_BATTERY, "why", "sensor", "why", "why", NULL, 0, EXPIRES "," DIAGNOSTIC},
    {HA_OF_BATTERY, "locked", "binary_sensor", "locked out", "locked", NULL, 0,
     "\"dev_cla\":\"problem\"," EXPIRES},
    {HA_OF_BATTERY, "mode", "select", "mode", "mode", "mode", HA_COMMAND_MODE,
     "\"ops\":[\"monitor\",\"threshold\",\"schedule\",\"plan\"]," CONFIG},
    {HA_OF_BATTERY, "enable", "switch", "control", "enabled", "enable", HA_COMMAND_ENABLE, CONFIG},
    {HA_OF_BATTERY, "reserve", "number", "reserve", "reserve_pct", "reserve", HA_COMMAND_RESERVE,
     "\"min\":0,\"max\":95,\"step\":1,\"unit_of_meas\":\"%\"," CONFIG},
    {HA_OF_BATTERY, "minutes", "number", "take over for", "minutes", "minutes", HA_COMMAND_MINUTES,
     "\"min\":1,\"max\":1440,\"step\":1,\"unit_of_meas\":\"min\""},
    {HA_OF_BATTERY, "charge", "button", "charge", NULL, "charge", HA_COMMAND_CHARGE, ""},
    {HA_OF_BATTERY, "discharge", "button", "discharge", NULL, "discharge", HA_COMMAND_DISCHARGE,
     ""},
    {HA_OF_BATTERY, "hold", "button", "hold", NULL, "hold", HA_COMMAND_HOLD, ""},
    {HA_OF_BATTERY, "auto", "button", "back to automatic", NULL, "auto", HA_COMMAND_AUTO, ""},
    {HA_OF_BATTERY, "until", "sensor", "taken over until", "until", NULL, 0,
     "\"dev_cla\":\"timestamp\"," EXPIRES},
    {HA_OF_RELAY, "relay", "binary_sensor", "relay", "state", NULL, 0, EXPIRES},
    {HA_OF_RELAY, "lease", "sensor", "lease", "lease_s", NULL, 0,
     "\"dev_cla\":\"duration\",\"unit_of_meas\":\"s\"," EXPIRES "," DIAGNOSTIC},
    {HA_OF_RELAY, "phase", "sensor", "last command", "phase", NULL, 0, EXPIRES "," DIAGNOSTIC},
    {HA_OF_METER, "power", "sensor", "power", "power_w", NULL, 0, MEASURED("power", "W")},
    {HA_OF_METER, "energy", "sensor", "energy", "energy_kwh", NULL, 0, COUNTED},
    {HA_OF_METER, HA_FED, "sensor", "energy fed in", "fed_kwh", NULL, 0, COUNTED},
    {HA_OF_PLAN, HA_PLAN, "sensor", "plan", "mode", NULL, 0, PLANNED_MODE},
    {HA_OF_PLAN, "plansoc", "sensor", "planned charge", "soc_pct", NULL, 0,
     "\"unit_of_meas\":\"%\",\"stat_cla\":\"measurement\"," EXPIRES},
    {HA_OF_PLAN, "planchange", "sensor", "plan changes", "next_at", NULL, 0,
     "\"dev_cla\":\"timestamp\"," EXPIRES},
    {HA_OF_PLAN, "planthen", "sensor", "plan then", "next_mode", NULL, 0, PLANNED_MODE},
    {HA_OF_SITE, "problem", "binary_sensor", "problem", "problem", NULL, 0,
     "\"dev_cla\":\"problem\"," EXPIRES},
    {HA_OF_SITE, "alerts", "sensor", "alerts", "alerts", NULL, 0,
     "\"stat_cla\":\"measurement\"," EXPIRES},
    {HA_OF_SITE, "alert", "sensor", "worst alert", "alert", NULL, 0, EXPIRES},
    {HA_OF_SITE, "ack", "button", "acknowledge alerts", NULL, "ack", HA_COMMAND_ACKNOWLEDGE, ""},
    {HA_OF_SITE, "outcome", "sensor", "outcome of the last command", "outcome", NULL, 0,
     EXPIRES "," DIAGNOSTIC},
};

size_t ha_part_count(void)
{
	return ARRAY_LENGTH(parts);
}

const struct ha_part *ha_part(size_t index)
{
	return &parts[index];
}
