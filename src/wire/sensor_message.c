/*
 * From mapped values to a reading, and back to bytes.
 *
 * It decides how the numbers become the core's integers (towards the safe
 * side) and refuses a message that contradicts itself. Where the values stand
 * in the message and what bounds they have is in mapping.c.
 */
#include "wire/sensor_message.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "wire/mapping.h"
#include "wire/number.h"

#define BP_PER_PCT 100
#define MILLI 1000
#define NOISE 1e-6 /* of a milli-unit: 1.001 * 1000 is 1000.9999999999999 */

/* In thousandths, rounded down, but not for the noise of binary fractions. */
static int32_t milli_down(double value)
{
	double milli = value * MILLI, nearest = round(milli);

	return (int32_t)(fabs(milli - nearest) < NOISE ? nearest : floor(milli));
}

static int32_t milli_up(double value)
{
	return -milli_down(-value);
}

static int64_t milli_nearest(double value)
{
	return (int64_t)llround(value * MILLI);
}

static double received(const struct mapped *mapped, enum quantity quantity)
{
	return mapped->has[quantity] ? mapped->number[quantity] : NAN;
}

static void take_received(struct reading *out, const struct mapped *mapped)
{
	out->received = (struct reading_received){
	    .soc_pct = received(mapped, QUANTITY_SOC),
	    .temp_c = received(mapped, QUANTITY_TEMP),
	    .temp_max_c = received(mapped, QUANTITY_TEMP_MAX),
	    .voltage_v = received(mapped, QUANTITY_VOLTAGE),
	    .current_a = received(mapped, QUANTITY_CURRENT),
	    .power_w = received(mapped, QUANTITY_POWER),
	    .soh_pct = received(mapped, QUANTITY_SOH),
	    .interval_s = received(mapped, QUANTITY_INTERVAL),
	};
}

static void take_optional(struct reading *out, const struct mapped *mapped)
{
	out->has_time = mapped->has[QUANTITY_TIME];
	out->measured = mapped->time;
	out->has_sequence = mapped->has[QUANTITY_SEQUENCE];
	out->sequence = (int64_t)mapped->number[QUANTITY_SEQUENCE];
	out->has_voltage = mapped->has[QUANTITY_VOLTAGE];
	out->voltage_mv = milli_nearest(mapped->number[QUANTITY_VOLTAGE]);
	out->has_current = mapped->has[QUANTITY_CURRENT];
	out->current_ma = milli_nearest(mapped->number[QUANTITY_CURRENT]);
	out->has_power = mapped->has[QUANTITY_POWER];
	out->power_mw = milli_nearest(mapped->number[QUANTITY_POWER]);
	out->has_interval = mapped->has[QUANTITY_INTERVAL];
	out->interval_ms = milli_nearest(mapped->number[QUANTITY_INTERVAL]);
	out->cell_count = (uint8_t)mapped->cell_count;
	for (size_t i = 0; i < mapped->cell_count; i++)
		out->cell_mv[i] = (uint16_t)milli_nearest(mapped->cells_v[i]);
}

static void take_reading(struct reading *out, const struct mapped *mapped)
{
	double hottest =
	    mapped->number[mapped->has[QUANTITY_TEMP_MAX] ? QUANTITY_TEMP_MAX : QUANTITY_TEMP];

	*out = (struct reading){
	    .node = mapped->node,
	    .soc_bp = (int32_t)lround(mapped->number[QUANTITY_SOC] * BP_PER_PCT),
	    .temp_min_mc = milli_down(mapped->number[QUANTITY_TEMP]),
	    .temp_max_mc = milli_up(hottest),
	};
	take_optional(out, mapped);
	take_received(out, mapped);
}

static enum refusal check_temperatures(const struct mapped *mapped, struct refusal_detail *detail)
{
	if (mapped->has[QUANTITY_TEMP_MAX] &&
	    mapped->number[QUANTITY_TEMP_MAX] < mapped->number[QUANTITY_TEMP])
		return refusal_with(detail, REFUSAL_CONTRADICTORY, "TempMax",
				    mapped->number[QUANTITY_TEMP_MAX],
				    mapped->number[QUANTITY_TEMP]);
	return REFUSAL_NONE;
}

enum refusal sensor_message_parse(struct reading *out, const char *topic_node, const void *payload,
				  size_t len, struct refusal_detail *detail)
{
	struct ident expected;
	struct mapped mapped;
	enum refusal why;

	if (topic_node != NULL && ident_parse(&expected, topic_node, strlen(topic_node)) != 0)
		return refusal_with(detail, REFUSAL_NODE_MISMATCH, "node", NAN, NAN);
	why = mapping_read(&mapped, mapping_amphora(), topic_node != NULL ? &expected : NULL,
			   payload, len, detail);
	if (why != REFUSAL_NONE)
		return why;
	why = check_temperatures(&mapped, detail);
	if (why == REFUSAL_NONE)
		take_reading(out, &mapped);
	return why;
}

static void give(struct mapped *mapped, enum quantity quantity, double value)
{
	mapped->has[quantity] = !isnan(value);
	mapped->number[quantity] = isnan(value) ? 0 : value;
}

enum refusal sensor_reading_make(struct reading *out, const struct ident *node,
				 const struct reading_received *received)
{
	struct mapped mapped = {.node = *node};
	enum refusal why;

	give(&mapped, QUANTITY_SOC, received->soc_pct);
	give(&mapped, QUANTITY_TEMP, received->temp_c);
	give(&mapped, QUANTITY_TEMP_MAX, received->temp_max_c);
	give(&mapped, QUANTITY_VOLTAGE, received->voltage_v);
	give(&mapped, QUANTITY_CURRENT, received->current_a);
	give(&mapped, QUANTITY_POWER, received->power_w);
	give(&mapped, QUANTITY_SOH, received->soh_pct);
	give(&mapped, QUANTITY_INTERVAL, received->interval_s);
	why = check_temperatures(&mapped, NULL);
	if (why == REFUSAL_NONE)
		take_reading(out, &mapped);
	return why;
}

static void add_number(struct text *out, const char *name, double value)
{
	if (!isfinite(value))
		return;
	text_add(out, ",\"%s\":", name);
	number_add_shortest(out, value);
}

static void add_cells(struct text *out, const struct reading *reading)
{
	if (reading->cell_count == 0)
		return;
	text_add(out, ",\"cells\":[");
	for (size_t i = 0; i < reading->cell_count; i++) {
		text_add(out, "%s", i > 0 ? "," : "");
		text_add_scaled(out, reading->cell_mv[i], MILLI);
	}
	text_add(out, "]");
}

/* In ms, but for a clock that believes in 1970: such a number would be read as seconds. */
static void add_time(struct text *out, struct wall_time time)
{
	bool is_early = (double)time.ms < MAPPING_EPOCH_MS_FROM;

	text_add(out, ",\"ts\":");
	text_add_scaled(out, time.ms, is_early ? MS_PER_SECOND : 1);
}

void sensor_message_format(struct text *out, const struct reading *reading)
{
	const struct reading_received *received = &reading->received;

	/* A node's name is an ident: nothing in it needs escaping. */
	text_add(out, "{\"node\":\"%s\"", reading->node.text);
	add_number(out, "SoC", received->soc_pct);
	add_number(out, "Temp", received->temp_c);
	add_number(out, "TempMax", received->temp_max_c);
	add_number(out, "V", received->voltage_v);
	add_number(out, "A", received->current_a);
	add_number(out, "W", received->power_w);
	add_number(out, "SoH", received->soh_pct);
	add_number(out, "interval", received->interval_s);
	add_cells(out, reading);
	if (reading->has_sequence)
		text_add(out, ",\"seq\":%" PRId64, reading->sequence);
	if (reading->has_time)
		add_time(out, reading->measured);
	text_add(out, "}");
}
