/* Any bytes as a meter's number. */
#include "wire/meter_message.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char words[METER_MESSAGE_MAX];
	struct text text = text_in(words, sizeof words);
	double power_w, again;

	if (meter_message_parse(&power_w, METER_GRID, data, size, NULL) != REFUSAL_NONE)
		return 0;
	if (!(power_w >= -METER_POWER_W_MAX && power_w <= METER_POWER_W_MAX))
		abort();
	meter_message_format(&text, power_w);
	if (meter_message_parse(&again, METER_GRID, words, text.length, NULL) != REFUSAL_NONE ||
	    again != power_w)
		abort();
	return 0;
}
