/* Words for refusals, and which of them are a reason to open relays. */
#include "model/reading.h"

const char *refusal_name(enum refusal refusal)
{
	static const char *const names[REFUSAL_COUNT] = {
	    [REFUSAL_NONE] = "none",
	    [REFUSAL_NOT_JSON] = "not-json",
	    [REFUSAL_BAD_UTF8] = "bad-utf8",
	    [REFUSAL_TOO_LARGE] = "too-large",
	    [REFUSAL_TOO_DEEP] = "too-deep",
	    [REFUSAL_DUPLICATE_KEY] = "duplicate-key",
	    [REFUSAL_MISSING_FIELD] = "missing-field",
	    [REFUSAL_WRONG_TYPE] = "wrong-type",
	    [REFUSAL_NOT_FINITE] = "not-finite",
	    [REFUSAL_OUT_OF_RANGE] = "out-of-range",
	    [REFUSAL_CONTRADICTORY] = "contradictory",
	    [REFUSAL_EMPTY] = "empty-payload",
	    [REFUSAL_NODE_MISMATCH] = "node-mismatch",
	    [REFUSAL_UNKNOWN_NODE] = "unknown-node",
	    [REFUSAL_RETAINED_COMMAND] = "retained-command",
	    [REFUSAL_BAD_NUMBER] = "bad-number",
	    [REFUSAL_NULL_VALUE] = "null-value",
	    [REFUSAL_UNKNOWN_STATE] = "unknown-state",
	    [REFUSAL_NOT_USABLE] = "not-usable",
	    [REFUSAL_BAD_LENGTH] = "bad-length",
	    [REFUSAL_BAD_TLV] = "bad-tlv",
	    [REFUSAL_UNSUPPORTED_VERSION] = "unsupported-version",
	    [REFUSAL_UNAVAILABLE] = "unavailable",
	    [REFUSAL_RETAINED] = "retained",
	    [REFUSAL_STALE] = "stale",
	    [REFUSAL_CLOCK_SKEW] = "clock-skew",
	    [REFUSAL_REFUSED] = "refused",
	    [REFUSAL_TEMPLATE_UNSUPPORTED] = "template-unsupported",
	    [REFUSAL_NO_READBACK] = "no-readback",
	};

	return names[refusal];
}

bool refusal_is_readable(enum refusal refusal)
{
	return refusal == REFUSAL_OUT_OF_RANGE || refusal == REFUSAL_CONTRADICTORY;
}
