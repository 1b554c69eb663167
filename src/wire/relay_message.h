/*
 * What is said to a relay and what it answers, as JSON and as plain text.
 *
 *     PUT {"state":"on","lease":90,"n":4294967303}       or   on
 *     GET {"node":"r1","state":"on","lease":87,"switches":12,"n":…,"boot":…}
 *
 * States are absolute, never a toggle. A request that is not understood to its
 * last member is refused whole.
 */
#pragma once

#include <stddef.h>

#include "base/result.h"
#include "base/text.h"
#include "model/relay.h"
#include "wire/json_message.h"

enum message_format { FORMAT_JSON, FORMAT_TEXT };

#define RELAY_MESSAGE_MAX 512 /* bytes; also of what the format functions write */
#define RELAY_LEASE_MS_MAX (24 * (int64_t)MS_PER_HOUR)

/*
 * Reads a PUT request. Members: `state` ("on" or "off", required), `lease` (s,
 * above 0, at most 24 h, rounded down to 1 ms; checked and not kept with "off"),
 * `n` (0..COMMAND_NUMBER_MAX). Text is `on` or `off`, white space around it
 * aside, without lease and number. Anything else, also an unknown member, is
 * refused. Writes `out` only on REFUSAL_NONE, `detail` (may be NULL) only on refusal.
 */
enum refusal relay_request_parse(struct relay_command *out, enum message_format format,
				 const void *payload, size_t len,
				 struct refusal_detail *detail) MUST_CHECK;

/* Writes what relay_request_parse() reads; text has room for the state only. */
void relay_request_format(struct text *out, enum message_format format,
			  const struct relay_command *command);

/*
 * Reads a relay's answer. `node` and `state` are required in JSON; `lease` (s),
 * `switches`, `n`, `boot`, `W`, `speed` (clock factor) are not; further members
 * are passed over. Text has the state only and leaves `node` empty. Writes
 * `out` only on REFUSAL_NONE, `detail` (may be NULL) only on refusal.
 */
enum refusal relay_status_parse(struct relay_status *out, enum message_format format,
				const void *payload, size_t len,
				struct refusal_detail *detail) MUST_CHECK;

/*
 * Writes what relay_status_parse() reads. `lease` is always there in JSON (0
 * when off), `speed` only where the clock's factor is not 1. Numbers `n` and
 * `boot` are written whole: both must be at most 2^63 - 1.
 */
void relay_status_format(struct text *out, enum message_format format,
			 const struct relay_status *status);
