/* The keys of an entry of `notify`: one way by which alerts leave the house. */
#include "wire/config_table.h"

#include <string.h>

#define TOPIC "amphora/alerts"

static const char *const kind_words[] = {"webhook", "ntfy", "email", "mqtt", NULL};
static const char *const level_words[] = {"notice", "warning", "alarm", NULL};

static void outlet_init(void *entry)
{
	struct outlet_config *outlet = entry;

	outlet->minimum = ALERT_WARNING;
	memcpy(outlet->topic, TOPIC, sizeof TOPIC);
}

static const struct config_key outlet_keys[] = {
    {.name = "name",
     .kind = KEY_NAME,
     FIELD(struct outlet_config, name),
     .is_required = true,
     .help = "How it is called in `amphora alerts` and on the page."},
    {.name = "kind",
     .kind = KEY_CHOICE,
     FIELD(struct outlet_config, kind),
     .choices = kind_words,
     .is_required = true,
     .help = "webhook: JSON by POST; ntfy: to a phone; email: through a mail server; mqtt: to a "
	     "topic of the broker."},
    {.name = "minimum",
     .kind = KEY_CHOICE,
     FIELD(struct outlet_config, minimum),
     .choices = level_words,
     .preset = "warning",
     .help = "The lowest level that is told."},
    {.name = "url",
     .kind = KEY_URL,
     TEXT_FIELD(struct outlet_config, url),
     .help = "Where to: https://… for webhook and ntfy (with the topic), smtps://… or smtp://… for "
	     "email."},
    {.name = "tls",
     .kind = KEY_CHOICE,
     FIELD(struct outlet_config, tls),
     .choices = config_tls_words,
     .min = OUTLET_TLS_OFF,
     .preset = "required beyond this machine",
     .help = "off: http://, or smtp:// without STARTTLS, may leave this machine; every screen "
	     "shows it."},
    {.name = "tls_ca",
     .kind = KEY_TEXT,
     TEXT_FIELD(struct outlet_config, tls_ca),
     .preset = "the system's certificates",
     .help = "A file with the certificates to trust."},
    {.name = "user",
     .kind = KEY_TEXT,
     TEXT_FIELD(struct outlet_config, user),
     .help = "The user at the server; without it password_file holds a token (Authorization: "
	     "Bearer)."},
    {.name = "password_file",
     .kind = KEY_TEXT,
     TEXT_FIELD(struct outlet_config, password_file),
     .help = "A file whose first line is the password or the token."},
    {.name = "secret_file",
     .kind = KEY_TEXT,
     TEXT_FIELD(struct outlet_config, secret_file),
     .help = "webhook: a file whose first line is a secret; what is sent is signed with it."},
    {.name = "from",
     .kind = KEY_ADDRESS,
     TEXT_FIELD(struct outlet_config, from),
     .help = "email: who it is from."},
    {.name = "to",
     .kind = KEY_ADDRESS,
     TEXT_FIELD(struct outlet_config, to),
     .help = "email: who gets it."},
    {.name = "topic",
     .kind = KEY_TOPIC,
     TEXT_FIELD(struct outlet_config, topic),
     .preset = TOPIC,
     .help = "mqtt: where it is published."},
    {.name = "page",
     .kind = KEY_URL,
     TEXT_FIELD(struct outlet_config, page),
     .help = "ntfy and email: the address of Amphora's page, to be opened from there."},
};
const struct config_section config_outlet = {SECTION(outlet_keys), .init = outlet_init};
