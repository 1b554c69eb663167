/* Any bytes as a configuration. */
#include "wire/config.h"

#include <errno.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct house house;
	static char words[CONFIG_ERRORS_TEXT_MAX];
	struct text errors = text_in(words, sizeof words);
	int result = config_parse(&house, "fuzz.yaml", data, size, &errors);

	/* A refusal has words, what is taken has none, and the words fit. */
	if ((result == -EINVAL) != (errors.length > 0) || errors.is_cut)
		abort();
	return 0;
}
