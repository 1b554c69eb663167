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

/*
 * How an entry begins: its kind as in enum trace_kind and its whole time, or as one of these, a
 * step soon after the entry before, both clocks having gone on alike.
 */
enum head { HEAD_SOON = TRACE_PIECE + 1, HEAD_TICK_SOON, HEAD_READING_SOON, HEADS };

/* The clocks are read one after the other and cut to ms each: they may differ by so much. */
#define APART_MAX_MS 1
#define APART_WAYS (2 * APART_MAX_MS + 1)
#define SOON_MAX_MS MS_PER_HOUR

static int64_t apart_ms(const struct now *now, const struct now *before)
{
	return (int64_t)((uint64_t)now->wall.ms - (uint64_t)before->wall.ms -
			 ((uint64_t)now->mono.ms - (uint64_t)before->mono.ms));
}

static bool is_soon(const struct now *now, const struct now *before)
{
	return before != NULL && now->mono.ms >= before->mono.ms &&
	       (uint64_t)now->mono.ms - (uint64_t)before->mono.ms <= SOON_MAX_MS &&
	       apart_ms(now, before) >= -APART_MAX_MS && apart_ms(now, before) <= APART_MAX_MS &&
	       now->wall_is_trusted == before->wall_is_trusted &&
	       now->utc_offset_s == before->utc_offset_s &&
	       now->clock_factor == before->clock_factor;
}

/* The time since `before`, and by how much the clocks differ in it. */
static void code_soon(struct coder *coder, struct now *now, const struct now *before)
{
	uint64_t passed = 0;

	if (before == NULL) {
		coder->has_failed = true;
		return;
	}
	if (!coder->is_reading)
		passed = (uint64_t)(now->mono.ms - before->mono.ms) * APART_WAYS +
			 (uint64_t)(apart_ms(now, before) + APART_MAX_MS);
	passed = code_size(coder, passed, SOON_MAX_MS * APART_WAYS + APART_WAYS - 1);
	if (!coder->is_reading)
		return;
	*now = *before;
	now->mono.ms = (int64_t)((uint64_t)before->mono.ms + passed / APART_WAYS);
	now->wall.ms = (int64_t)((uint64_t)before->wall.ms + passed / APART_WAYS +
				 passed % APART_WAYS - APART_MAX_MS);
}

/* Returns how it begins. */
static unsigned code_head(struct coder *coder, unsigned head, struct now *now,
			  const struct now *before)
{
	head = code_enum(coder, head, HEADS);
	if (head == 0)
		coder->has_failed = true;
	if (head >= HEAD_SOON)
		code_soon(coder, now, before);
	else
		code_now(coder, now);
	return head;
}

static struct coder writer(uint8_t *to, size_t size, unsigned head, const struct now *now,
			   const struct now *before)
{
	struct coder coder = {.to = to, .left = size};
	struct now copy = *now;

	code_head(&coder, head, &copy, before);
	return coder;
}

static unsigned head_of_step(const struct now *now, const struct now *before,
			     const struct event *event)
{
	if (!is_soon(now, before))
		return TRACE_STEP;
	if (event->kind == EVENT_TICK && event->index == 0)
		return HEAD_TICK_SOON;
	return event->kind == EVENT_READING ? HEAD_READING_SOON : HEAD_SOON;
}

/* What follows the head of a step. */
static void code_step(struct coder *coder, unsigned head, const struct now *now,
		      struct event *event)
{
	if (head == HEAD_TICK_SOON)
		event->kind = EVENT_TICK;
	else if (head == HEAD_READING_SOON)
		code_short_reading(coder, event, now->wall);
	else
		code_event(coder, event);
}

static size_t written(const struct coder *coder, const uint8_t *to)
{
	return coder->has_failed ? 0 : (size_t)(coder->to - to);
}

/* A writing coder only reads what it is given: its functions serve both directions. */
size_t trace_encode_step(uint8_t *to, size_t size, const struct now *now, const struct now *before,
			 const struct event *event)
{
	unsigned head = head_of_step(now, before, event);
	struct coder coder = writer(to, size, head, now, before);

	code_step(&coder, head, now, (struct event *)event);
	return written(&coder, to);
}

size_t trace_encode_start(uint8_t *to, size_t size, const struct now *now,
			  const struct trace_start *start)
{
	struct coder coder = writer(to, size, TRACE_START, now, NULL);

	code_start(&coder, (struct trace_start *)start);
	return written(&coder, to);
}

size_t trace_encode_piece(uint8_t *to, size_t size, const struct now *now,
			  const struct trace_piece *piece)
{
	struct coder coder = writer(to, size, TRACE_PIECE, now, NULL);

	code_piece(&coder, (struct trace_piece *)piece);
	return written(&coder, to);
}

int trace_decode(struct trace_entry *out, const uint8_t *from, size_t size,
		 const struct now *before)
{
	struct coder coder = {.is_reading = true, .from = from, .left = size};
	unsigned head;

	memset(&out->now, 0, sizeof(out->now));
	head = code_head(&coder, 0, &out->now, before);
	if (coder.has_failed)
		return -EINVAL;
	out->kind = head >= HEAD_SOON ? TRACE_STEP : (enum trace_kind)head;
	if (out->kind == TRACE_STEP) {
		memset(&out->event, 0, sizeof(out->event));
		code_step(&coder, head, &out->now, &out->event);
	} else if (out->kind == TRACE_START) {
		memset(&out->start, 0, sizeof(out->start));
		code_start(&coder, &out->start);
	} else {
		memset(&out->piece, 0, sizeof(out->piece));
		code_piece(&coder, &out->piece);
	}
	return coder.has_failed ? -EINVAL : (int)(size - coder.left);
}
