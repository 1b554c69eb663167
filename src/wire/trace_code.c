/* The entries of a trace: their heads, the start, and which coder reads what follows. */
#include "wire/trace_code.h"

#include <errno.h>
#include <string.h>

#include "wire/trace_bytes.h"

static void code_battery(struct coder *coder, struct battery_config *battery)
{
	code_ident(coder, &battery->id);
	battery->chemistry = (enum chemistry)code_enum(coder, battery->chemistry, CHEMISTRY_COUNT);
	code_i32(coder, &battery->capacity_wh);
	code_i32(coder, &battery->power_w);
	code_bool(coder, &battery->paths_are_independent);
}

static void code_relay(struct coder *coder, struct relay_config *relay)
{
	code_ident(coder, &relay->id);
	relay->battery = code_size(coder, relay->battery, BATTERIES_MAX - 1);
	relay->role = (enum relay_role)code_enum(coder, relay->role, RELAY_LOAD + 1);
	code_bool(coder, &relay->has_lease);
}

static void code_start(struct coder *coder, struct trace_start *start)
{
	struct house *house = &start->house;

	code_ident(coder, &start->version);
	code_bool(coder, &start->has_copy);
	code_bool(coder, &start->is_after_gap);
	code_u32(coder, &start->next_decision_id);
	code_u32(coder, &start->next_alert_id);
	house->battery_count = code_size(coder, house->battery_count, BATTERIES_MAX);
	for (size_t i = 0; i < house->battery_count; i++) {
		code_battery(coder, &house->batteries[i]);
		code_settings(coder, &start->settings[i]);
	}
	house->relay_count = code_size(coder, house->relay_count, RELAYS_MAX);
	for (size_t i = 0; i < house->relay_count; i++)
		code_relay(coder, &house->relays[i]);
}

/* ---- entries ---- */

static void code_piece(struct coder *coder, struct trace_piece *piece)
{
	code_u64(coder, &piece->layout);
	code_u32(coder, &piece->offset);
	code_u32(coder, &piece->length);
	piece->kept = (uint16_t)code_size(coder, piece->kept, TRACE_PIECE_MAX);
	code_bytes(coder, piece->bytes, piece->kept);
}

static void code_now(struct coder *coder, struct now *now)
{
	code_i64(coder, &now->mono.ms);
	code_i64(coder, &now->wall.ms);
	code_bool(coder, &now->wall_is_trusted);
	code_i32(coder, &now->utc_offset_s);
	code_i32(coder, &now->clock_factor);
}

static enum trace_kind code_head(struct coder *coder, enum trace_kind kind, struct now *now)
{
	unsigned coded = code_enum(coder, kind, TRACE_PIECE + 1);

	if (coded == 0)
		coder->has_failed = true;
	code_now(coder, now);
	return (enum trace_kind)coded;
}

static struct coder writer(uint8_t *to, size_t size, enum trace_kind kind, const struct now *now)
{
	struct coder coder = {.to = to, .left = size};
	struct now copy = *now;

	code_head(&coder, kind, &copy);
	return coder;
}

static size_t written(const struct coder *coder, const uint8_t *to)
{
	return coder->has_failed ? 0 : (size_t)(coder->to - to);
}

/* A writing coder only reads what it is given: its functions serve both directions. */
size_t trace_encode_step(uint8_t *to, size_t size, const struct now *now, const struct event *event)
{
	struct coder coder = writer(to, size, TRACE_STEP, now);

	code_event(&coder, (struct event *)event);
	return written(&coder, to);
}

size_t trace_encode_start(uint8_t *to, size_t size, const struct now *now,
			  const struct trace_start *start)
{
	struct coder coder = writer(to, size, TRACE_START, now);

	code_start(&coder, (struct trace_start *)start);
	return written(&coder, to);
}

size_t trace_encode_piece(uint8_t *to, size_t size, const struct now *now,
			  const struct trace_piece *piece)
{
	struct coder coder = writer(to, size, TRACE_PIECE, now);

	code_piece(&coder, (struct trace_piece *)piece);
	return written(&coder, to);
}

int trace_decode(struct trace_entry *out, const uint8_t *from, size_t size)
{
	struct coder coder = {.is_reading = true, .from = from, .left = size};

	memset(&out->now, 0, sizeof(out->now));
	out->kind = code_head(&coder, TRACE_STEP, &out->now);
	if (coder.has_failed)
		return -EINVAL;
	if (out->kind == TRACE_STEP) {
		memset(&out->event, 0, sizeof(out->event));
		code_event(&coder, &out->event);
	} else if (out->kind == TRACE_START) {
		memset(&out->start, 0, sizeof(out->start));
		code_start(&coder, &out->start);
	} else {
		memset(&out->piece, 0, sizeof(out->piece));
		code_piece(&coder, &out->piece);
	}
	return coder.has_failed ? -EINVAL : (int)(size - coder.left);
}
