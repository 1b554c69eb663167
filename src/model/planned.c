/* The names of what is planned, and where a moment is in it. */
#include "model/planned.h"

const char *planned_mode_name(enum planned_mode mode)
{
	static const char *const names[PLANNED_MODES] = {"hold", "self-consume", "charge-from-sun",
							 "charge-to", "discharge-to"};

	return names[mode];
}

const char *planned_cause_name(enum planned_cause cause)
{
	static const char *const names[PLANNED_CAUSES] = {"slot", "prices", "change", "command",
							  "time"};

	return names[cause];
}

const char *planned_rule_name(enum planned_rule rule)
{
	static const char *const names[PLANNED_RULES] = {"none", "self-use", "tou", "topup"};

	return names[rule];
}

const char *planned_state_name(enum planned_state state)
{
	static const char *const names[] = {"in-force", "expired", "void", "not-asked"};

	return names[state];
}

uint32_t planned_number_beyond(uint32_t stored)
{
	return stored == 0 ? 0 : stored + 2 * PLANNED_UNSTORED_MAX;
}

const char *planned_sun_name(enum planned_sun sun)
{
	static const char *const names[PLANNED_SUNS] = {"own", "learning",  "stale",
							"odd", "no-better", "used"};

	return names[sun];
}

const struct planned_slot *planned_at(const struct planned *plan, struct wall_time at)
{
	int64_t slot_ms = plan->slot_s * MS_PER_SECOND;
	int64_t since_ms = at.ms - plan->from.ms;

	if (since_ms < 0 || since_ms >= slot_ms * plan->count)
		return NULL;
	return &plan->slots[since_ms / slot_ms];
}
