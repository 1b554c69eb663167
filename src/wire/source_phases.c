#include "wire/source_phases.h"

#define PHASES (SOURCE_BIT(SOURCE_GRID_L1) | SOURCE_BIT(SOURCE_GRID_L2) | SOURCE_BIT(SOURCE_GRID_L3))

bool source_has_phases(const struct source *source)
{
	if (source_slot(source, SOURCE_GRID) >= 0)
		return false;
	return source_slot(source, SOURCE_GRID_L1) >= 0 ||
	       source_slot(source, SOURCE_GRID_L2) >= 0 || source_slot(source, SOURCE_GRID_L3) >= 0;
}

void source_phases_add(struct source_news *news, const struct source *source,
		       const struct source_state *state, struct mono_time now)
{
	double sum_w = 0, value_w;
	int64_t age_ms;

	if ((news->got & PHASES) == 0 || source_slot(source, SOURCE_GRID) >= 0)
		return;
	for (int field = SOURCE_GRID_L1; field <= SOURCE_GRID_L3; field++) {
		int slot = source_slot(source, (enum source_field)field);

		if (slot < 0 || !state->slots[slot].is_set)
			continue;
		if (!source_value(&value_w, &age_ms, source, state, (enum source_field)field, now))
			return;
		sum_w += value_w;
	}
	news->got |= SOURCE_BIT(SOURCE_GRID);
	news->value[SOURCE_GRID] = sum_w;
}
