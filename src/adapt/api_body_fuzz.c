/* Feeds any bytes to what reads a person's wishes. */
#include "adapt/api_body.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char words[256];
	struct text error = text_in(words, sizeof(words));
	struct setting_change change;
	struct override_request request;
	struct fault_request fault;
	struct admission_request admission;
	char address[PATH_TEXT_MAX];

	if (setting_change_parse(&change, (const char *)data, size, &error) == 0 &&
	    change.parameter >= PARAMETER_COUNT)
		__builtin_trap();
	if (override_request_parse(&request, (const char *)data, size, &error) == 0 &&
	    request.duration_ms < 1000)
		__builtin_trap();
	if (fault_request_parse(&fault, (const char *)data, size, &error) == 0 &&
	    strchr(fault.fault, '\n'))
		__builtin_trap();
	if (admission_request_parse(&admission, (const char *)data, size, &error) == 0 &&
	    (admission.is_relay ? admission.relay.battery.text[0] == '\0'
				: (admission.battery.chemistry == CHEMISTRY_NONE) !=
				      (admission.battery.capacity_wh == 0)))
		__builtin_trap();
	if (look_request_parse(address, (const char *)data, size, &error) == 0 &&
	    address[0] == '\0')
		__builtin_trap();
	return 0;
}
