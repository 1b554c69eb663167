/*
 * The battery sensor's message: bytes <-> struct reading.
 *
 *     {"node":"b1","SoC":55.2,"Temp":24.1}
 *
 * docs/protocol.md has the whole of it. A message is taken whole or refused
 * whole; a reading that comes out is valid by construction.
 */
#pragma once

#include <stddef.h>

#include "base/result.h"
#include "base/text.h"
#include "model/reading.h"
#include "wire/json_message.h"

/*
 * Reads `payload` of `len` bytes. `topic_node` is the node that topic, address
 * or configuration names, NULL where none does; the message must name the same.
 * Writes `out` only on REFUSAL_NONE and `detail` (may be NULL) only on refusal.
 * SoC is rounded to the nearest basis point, the coldest temperature down and
 * the hottest up to a milli-degree. Does not block; allocates within the bounds
 * of json_message.h.
 */
enum refusal sensor_message_parse(struct reading *out, const char *topic_node, const void *payload,
				  size_t len, struct refusal_detail *detail) MUST_CHECK;

/*
 * The reading of `node` that `received` makes, whoever sent it: SoC and temp_c are there, all
 * within their ranges. Returns REFUSAL_NONE, or _CONTRADICTORY and leaves `out` alone.
 */
enum refusal sensor_reading_make(struct reading *out, const struct ident *node,
				 const struct reading_received *received) MUST_CHECK;

#define SENSOR_MESSAGE_MAX 1024 /* enough for what sensor_message_format() writes */

/*
 * Writes the message that sensor_message_parse() reads back as `reading`, from
 * `reading->received`, its node, time, sequence and cells. Numbers are the
 * shortest decimals that read back as the same double, with dots whatever the
 * locale says; the time is epoch ms, or s before 1973.
 */
void sensor_message_format(struct text *out, const struct reading *reading);
