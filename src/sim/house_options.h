/* The command line of amphora-house. */
#pragma once

#include <stdint.h>

#include "base/result.h"
#include "base/text.h"
#include "base/time.h"
#include "sim/virtual_house.h"

struct house_options {
	struct virtual_house_options house;
	char broker_host[PATH_TEXT_MAX]; /* what house.broker_host points to */
	struct clock clock;
	const char *account_path; /* of argv; NULL where not given, as below */
	const char *control_path;
	const char *ports_path;
};

enum house_options_answer { HOUSE_OPTIONS_HELP = 1, HOUSE_OPTIONS_VERSION };

/*
 * Reads `argv` into `out`. Returns 0, HOUSE_OPTIONS_HELP or HOUSE_OPTIONS_VERSION
 * where nothing is to be run, or -EINVAL with a sentence in `error`.
 */
int house_options_parse(struct house_options *out, int argc, char **argv,
			struct text *error) MUST_CHECK;

/* What --help prints. */
extern const char house_options_usage[];
