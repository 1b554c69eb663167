/* What an event's data says of itself. */
#include "model/event.h"

bool override_wish_asks_on(const struct override_wish *wish)
{
	return wish->is_by_relay ? wish->is_on : wish->intent != INTENT_SAFE;
}
