/* The keys of `home_assistant`: what it is told over the broker, and may ask for there. */
#include "wire/config_table.h"

static const char *const command_words[] = {"refuse", "take", NULL};

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
    {.name = "commands",
     .kind = KEY_CHOICE,
     FIELD(struct home_assistant_config, commands_are_taken),
     .choices = command_words,
     .preset = "take",
     .help = "refuse: it is shown everything and may change nothing."},
};
const struct config_section config_home_assistant = {
    SECTION(home_assistant_keys),
    .has_presence = true,
    .presence_offset = offsetof(struct home_assistant_config, is_on),
};
