/* Words for qualities and intents. */
#include "model/quantity.h"

const char *quality_name(enum quality quality)
{
	static const char *const names[] = {"missing", "assumed", "frozen", "suspect", "good"};

	return names[quality];
}

bool quality_is_doubted(enum quality quality)
{
	return quality == QUALITY_SUSPECT || quality == QUALITY_FROZEN;
}

const char *intent_name(enum intent intent)
{
	static const char *const names[] = {"idle", "charge", "discharge", "both"};

	return names[intent];
}
