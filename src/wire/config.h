/*
 * The configuration file: YAML <-> struct house.
 *
 * One table says which keys there are, of what kind, in what range, where they
 * go and what they are for; reading, checking and the reference come from it.
 * The parameters of model/parameter.h are keys as well, under `settings` and in
 * each battery.
 */
#pragma once

#include <stddef.h>

#include "base/result.h"
#include "base/text.h"
#include "model/house.h"

struct sources;

#define CONFIG_BYTES_MAX (1024 * 1024) /* thousands of sources are a few hundred KB */
#define CONFIG_DEPTH_MAX 16
#define CONFIG_ERRORS_MAX 20
#define CONFIG_ERRORS_TEXT_MAX (32 * 1024) /* enough for what config_parse() writes */

/*
 * Reads `bytes` as the configuration. `file_name` is for the messages. An empty
 * file is house_init(). Returns 0; or -EINVAL with up to CONFIG_ERRORS_MAX
 * lines in `errors`, in the order of the file, each of which names file, line,
 * key and what is allowed; or -ENOMEM. Writes `out` only on 0. Does no I/O:
 * whether files, hosts and the zone exist is for the daemon to see. Allocates;
 * everything is freed before it returns.
 */
int config_parse(struct house *out, const char *file_name, const void *bytes, size_t len,
		 struct text *errors) MUST_CHECK;

/*
 * The same with the devices of other makes: `sources` is for sources_deinit() where it is 0.
 * Otherwise it is left alone. What batteries and relays say of them has been checked.
 */
int config_parse_with_sources(struct house *out, struct sources *sources, const char *file_name,
			      const void *bytes, size_t len, struct text *errors) MUST_CHECK;

#define CONFIG_KEYS_TEXT_MAX (32 * 1024) /* enough for what config_write_keys() writes */

/* Writes the reference of all keys, from the table (`amphorad --help-config`). */
void config_write_keys(struct text *out);
