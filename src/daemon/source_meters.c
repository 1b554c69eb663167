/*
 * Devices of other makes as meters: what a source reads of grid, PV or load
 * counts where `meters` names the source, and nowhere else.
 */
#include "daemon/devices_parts.h"

#include "wire/meter_message.h"
#include "wire/source_phases.h"

static const enum source_field power_fields[METER_COUNT] = {
    [METER_GRID] = SOURCE_GRID,
    [METER_PV] = SOURCE_PV,
    [METER_LOAD] = SOURCE_LOAD,
};

static bool is_named(const struct meters_config *meters, const struct ident *id)
{
	for (size_t i = 0; i < meters->count; i++) {
		if (ident_equal(&meters->names[i], id))
			return true;
	}
	return false;
}

static bool brings(const struct source *source, enum meter_kind kind)
{
	return source_slot(source, power_fields[kind]) >= 0 ||
	       (kind == METER_GRID && source_has_phases(source)) ||
	       source_slot(source, SOURCE_ENERGY) >= 0 ||
	       source_slot(source, SOURCE_ENERGY_IN) >= 0 ||
	       source_slot(source, SOURCE_ENERGY_OUT) >= 0;
}

void device_meters_open(struct daemon *daemon, const struct source *source, struct device *device)
{
	for (int kind = 0; kind < METER_COUNT; kind++) {
		device->is_meter[kind] = is_named(&daemon->house.meters[kind], &source->id) &&
					 brings(source, (enum meter_kind)kind);
		device->is_any_meter |= device->is_meter[kind];
	}
}

/* What an inverter draws at night is no sun; a sign that is turned is no value. */
static bool is_power(double *power_w, enum meter_kind kind)
{
	if (kind == METER_GRID || *power_w >= 0)
		return true;
	if (*power_w < -METER_BELOW_ZERO_W_MAX)
		return false;
	*power_w = 0;
	return true;
}

static void count(struct daemon *daemon, const struct source *source,
		  const struct source_news *news, enum meter_kind kind, enum source_field field)
{
	if ((news->got & SOURCE_BIT(field)) != 0)
		(void)!meters_count(daemon, kind, &source->id, field == SOURCE_ENERGY_OUT,
				    news->value[field]);
}

void device_meters_take(struct daemon *daemon, const struct source *source,
			const struct device *device, const struct source_news *news)
{
	for (int number = 0; number < METER_COUNT; number++) {
		enum meter_kind kind = (enum meter_kind)number;
		double power_w = news->value[power_fields[kind]];

		if (!device->is_meter[kind])
			continue;
		if ((news->got & SOURCE_BIT(power_fields[kind])) == 0) {
			count(daemon, source, news, kind, SOURCE_ENERGY);
			count(daemon, source, news, kind, SOURCE_ENERGY_IN);
			count(daemon, source, news, kind, SOURCE_ENERGY_OUT);
		} else if (is_power(&power_w, kind)) {
			(void)!meters_hear(daemon, kind, &source->id, power_w);
		} else {
			daemon->status.refused[REFUSAL_OUT_OF_RANGE]++;
		}
	}
}
