/*
 * SenML (RFC 8428), as JSON (content format 110) and as CBOR (112):
 *
 *     [{"bn":"dev1/","bt":1780315190,"bu":"Cel","n":"temp","v":24.1},
 *      {"n":"soc","u":"%EL","v":55.2}]
 *
 * Base fields carry on from the record that has them until another has its own.
 * What must be understood and is not (a version above 10, an unknown field whose
 * name ends in `_`) refuses the whole pack; other unknown fields are passed over.
 */
#pragma once

#include "wire/named_values.h"

#define SENML_MESSAGE_MAX (16 * 1024)

/*
 * Read a pack into its resolved values, named by base name and name, in their order;
 * records without a value (sums, base fields alone) yield none. Return REFUSAL_NONE,
 * or REFUSAL_EMPTY, _TOO_LARGE (also more than NAMED_VALUES_MAX values), _WRONG_TYPE (no
 * array of records, a field that is not what it is to be), _MISSING_FIELD (no name),
 * _DUPLICATE_KEY, _UNSUPPORTED_VERSION, _NOT_FINITE, and of JSON those of json_message_load(), of
 * CBOR REFUSAL_BAD_LENGTH (it ends too early or too late) and _TOO_DEEP. A value of the wrong type
 * has its reason for itself alone. Write `out` only on REFUSAL_NONE. The JSON reader
 * allocates within the bounds of json_message.h, the other one not at all.
 */
enum refusal senml_json_read(struct named_values *out, const void *payload, size_t len) MUST_CHECK;
enum refusal senml_cbor_read(struct named_values *out, const void *payload, size_t len) MUST_CHECK;
