/* Any bytes as a meter's number. */
#include "wire/meter_message.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_kind(enum meter_kind kind, const uint8_t *data, size_t size)
{
	char words[METER_MESSAGE_MAX];
	struct text text = text_in(words, sizeof words);
	double power_w, again;

	if (meter_message_parse(&power_w, kind, data, size, NULL) != REFUSAL_NONE)
		return;
	if (!(power_w >= (kind == METER_GRID ? -METER_POWER_W_MAX : 0) &&
	      power_w <= METER_POWER_W_MAX))
		abort();
	meter_message_format(&text, power_w);
	if (meter_message_parse(&again, kind, words, text.length, NULL) != REFUSAL_NONE ||
	    again != power_w)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	double energy_wh;

	if (meter_counter_parse(&energy_wh, data, size, NULL) == REFUSAL_NONE &&
	    !(energy_wh >= 0 && energy_wh <= METER_COUNTER_WH_MAX))
		abort();
	for (int kind = 0; kind < METER_COUNT; kind++)
		fuzz_kind((enum meter_kind)kind, data, size);
	return 0;
}
