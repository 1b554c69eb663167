/* The keys of `web`: where browsers reach the daemon, and by which rules. */
#include "wire/config_table.h"

static const char *const truth_words[] = {"false", "true", NULL};

static const struct config_key web_keys[] = {
    {.name = "listen",
     .kind = KEY_WEB,
     FIELD(struct web_config, listen),
     .preset = "127.0.0.1:8642",
     .help = "Where browsers and programs reach the daemon."},
    {.name = "certificate",
     .kind = KEY_TEXT,
     TEXT_FIELD(struct web_config, certificate),
     .help = "For TLS: our certificate and those that lead to its CA, a file in PEM form."},
    {.name = "key",
     .kind = KEY_TEXT,
     TEXT_FIELD(struct web_config, key),
     .help = "The private key of certificate, in a file with mode 0600."},
    {.name = "proxy",
     .kind = KEY_HOSTS,
     FIELD(struct web_config, proxies),
     .count_offset = offsetof(struct web_config, proxy_count),
     .max = WEB_PROXIES_MAX,
     .preset = "[]",
     .help = "Addresses of reverse proxies. What comes from there needs a login, and its "
	     "X-Forwarded-For and -Proto are believed."},
    {.name = "hosts",
     .kind = KEY_HOSTS,
     FIELD(struct web_config, hosts),
     .count_offset = offsetof(struct web_config, host_count),
     .max = WEB_HOSTS_MAX,
     .preset = "[]",
     .help = "Names by which browsers call us, besides localhost and the address of listen."},
    {.name = "insecure",
     .kind = KEY_CHOICE,
     FIELD(struct web_config, is_insecure),
     .choices = truth_words,
     .preset = "false",
     .help = "true: listen beyond this machine without TLS. Who listens in has the passwords; "
	     "every screen shows it."},
    {.name = "users",
     .kind = KEY_TEXT,
     TEXT_FIELD(struct web_config, users),
     .preset = "users.json beside the journal",
     .help = "The file with users and tokens, which `amphora user` and `amphora token` write."},
};
const struct config_section config_web = {SECTION(web_keys)};
