/*
 * LwM2M's TLV (OMA-TS-LightweightM2M, 6.4.3; content format 11542), as IPSO
 * objects answer:
 *
 *     e4 1644 41c0cccd         resource 5700 of what was asked for, a float of 4 bytes
 *     08 00 0b …               object instance 0 with 11 bytes of resources
 *
 * The bytes do not say what they are: the kind comes from the number of the
 * resource (OMA's registry). Where that is not known, 1 and 2 bytes are taken for a
 * whole number and more are not taken at all, as they could be a float as well.
 */
#pragma once

#include "wire/named_values.h"

#define TLV_MESSAGE_MAX 1024

/*
 * Reads what GET of `path` (`/3303/0/5700`, `/3303/0` or `/3303`) was answered
 * with. The values are named by their whole path, `/3303/0/5700`, or
 * `/3303/0/5700/2` for an instance of a resource. Returns REFUSAL_NONE, or
 * REFUSAL_EMPTY, _TOO_LARGE (also more than NAMED_VALUES_MAX values), _BAD_TLV (a
 * length past the end, parts that can not stand there) or _NOT_USABLE (`path` is none of
 * an object). A value of an impossible length has _BAD_TLV for itself alone. Writes `out` only on
 * REFUSAL_NONE.
 */
enum refusal tlv_message_read(struct named_values *out, const char *path, const void *payload,
			      size_t len) MUST_CHECK;

/*
 * Reads the same resource as text/plain: a number, `1` or `0` of a bool. `path` names a
 * resource. Returns as above, or REFUSAL_BAD_NUMBER.
 */
enum refusal tlv_text_read(struct named_values *out, const char *path, const void *payload,
			   size_t len) MUST_CHECK;
