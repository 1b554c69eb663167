/* The keys of `home_assistant`: what it is told over the broker, and may ask for there. */
#include "wire/config_table.h"

static const char *const command_words[] = {"refuse", "take", NULL};

static const char *const announce_words[] = {"false", "true", NULL};
static const char *const sign_words[] = {"charge", "discharge", NULL};

static const struct config_key take_keys[] = {
    {.name = "battery",
     .kind = KEY_BATTERY,
     FIELD(struct home_take_config, battery),
     .is_required = true,
     .help = "The battery that they measure, in place of its sensor."},
    {.name = "soc",
     .kind = KEY_TEXT,
     TEXT_FIELD(struct home_take_config, soc),
     .is_required = true,
     .help = "The unique_id of its state of charge."},
    {.name = "temp",
     .kind = KEY_TEXT,
     TEXT_FIELD(struct home_take_config, temp),
     .is_required = true,
     .help = "Of its temperature, the coldest where there are several."},
    {.name = "temp_max",
     .kind = KEY_TEXT,
     TEXT_FIELD(struct home_take_config, temp_max),
     .help = "Of the hottest temperature."},
    {.name = "voltage",
     .kind = KEY_TEXT,
     TEXT_FIELD(struct home_take_config, voltage),
     .help = "Of its voltage."},
    {.name = "current",
     .kind = KEY_TEXT,
     TEXT_FIELD(struct home_take_config, current),
     .help = "Of its current, with positive."},
    {.name = "power",
     .kind = KEY_TEXT,
     TEXT_FIELD(struct home_take_config, power),
     .help = "Of its power, with positive."},
    {.name = "positive",
     .kind = KEY_CHOICE,
     FIELD(struct home_take_config, positive),
     .choices = sign_words,
     .min = HOME_POSITIVE_CHARGE,
     .help = "What the battery does while its current and power are positive: in Home Assistant "
	     "there is no rule."},
};
static const struct config_section take_section = {SECTION(take_keys)};

static const struct config_key home_assistant_keys[] = {
    {.name = "prefix",
     .kind = KEY_TOPIC,
     TEXT_FIELD(struct home_assistant_config, prefix),
     .preset = "homeassistant",
     .help = "What its discovery topics begin with, as set there."},
    {.name = "topic",
     .kind = KEY_TOPIC,
     TEXT_FIELD(struct home_assistant_config, topic),
     .preset = "amphora",
     .help = "What the topics of our states and of its commands begin with; another for each "
	     "daemon at the same broker."},
    {.name = "id",
     .kind = KEY_NAME,
     FIELD(struct home_assistant_config, id),
     .preset = "the collector",
     .help = "Names this daemon there, for good: letters, digits, _ and -."},
    {.name = "announce",
     .kind = KEY_CHOICE,
     FIELD(struct home_assistant_config, is_announced),
     .choices = announce_words,
     .preset = "true",
     .help = "false: it is shown nothing, and only what stands under take is taken from it."},
    {.name = "commands",
     .kind = KEY_CHOICE,
     FIELD(struct home_assistant_config, commands_are_taken),
     .choices = command_words,
     .preset = "take",
     .help = "refuse: it is shown everything and may change nothing."},
    {.name = "take",
     .kind = KEY_LIST,
     .offset = offsetof(struct home_assistant_config, takes),
     .size = sizeof(struct home_take_config),
     .count_offset = offsetof(struct home_assistant_config, take_count),
     .max = HOME_TAKES_MAX,
     .section = &take_section,
     .help = "Batteries whose values others announce to Home Assistant."},
};
const struct config_section config_home_assistant = {
    SECTION(home_assistant_keys),
    .has_presence = true,
    .presence_offset = offsetof(struct home_assistant_config, is_on),
};
