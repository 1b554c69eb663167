/* Any bytes as a course project's registration. */
#include "wire/course_registration.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ident name, again;

	if (course_registration_read(&name, data, size) != REFUSAL_NONE)
		return 0;
	if (name.text[0] != '\0' && ident_parse(&again, name.text, strlen(name.text)) < 0)
		abort();
	return 0;
}
