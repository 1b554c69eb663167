/*
 * The queue of one outlet. Letters go out in their order but for those that are
 * not due yet; after a failure all wait, since it is the other end that failed.
 */
#include "model/outlet.h"

#include <string.h>

#define NOWHERE OUTLET_LETTERS_MAX

static bool is_same(const struct alert *a, const struct alert *b)
{
	return a->code == b->code && ident_equal(&a->subject, &b->subject);
}

static void remove_letter(struct outlet *outlet, size_t index)
{
	outlet->count--;
	memmove(&outlet->letters[index], &outlet->letters[index + 1],
		(outlet->count - index) * sizeof outlet->letters[0]);
}

/* The letter of that kind about the same, not tried yet; NOWHERE: there is none. */
static size_t find_untried(const struct outlet *outlet, enum letter_kind kind,
			   const struct alert *alert)
{
	for (size_t i = 0; i < outlet->count; i++) {
		const struct letter *letter = &outlet->letters[i];

		if (letter->kind == kind && !letter->was_tried && is_same(&letter->alert, alert))
			return i;
	}
	return NOWHERE;
}

static void write_letter(struct outlet *outlet, const struct letter *letter)
{
	if (outlet->count == OUTLET_LETTERS_MAX) {
		remove_letter(outlet, 0);
		outlet->lost++;
	}
	outlet->letters[outlet->count++] = *letter;
}

/* When the beginning of such an alert may be told. */
static int64_t allowed_at(const struct outlet *outlet, const struct alert *alert, int64_t now_ms)
{
	if (outlet->is_busy && outlet->current.kind == LETTER_BEGINS &&
	    is_same(&outlet->current.alert, alert))
		return now_ms + OUTLET_PAUSE_MS;
	for (size_t i = 0; i < OUTLET_TOLD_MAX; i++) {
		const struct outlet_told *told = &outlet->told[i];

		if (told->code == alert->code && ident_equal(&told->subject, &alert->subject) &&
		    told->at_ms + OUTLET_PAUSE_MS > now_ms)
			return told->at_ms + OUTLET_PAUSE_MS;
	}
	return now_ms;
}

void outlet_begins(struct outlet *outlet, const struct alert *alert, int64_t now_ms)
{
	struct letter letter = {
	    .kind = LETTER_BEGINS, .alert = *alert, .written_ms = now_ms, .due_ms = now_ms};
	size_t before;

	if (alert_level(alert->code) < outlet->minimum)
		return;
	before = find_untried(outlet, LETTER_ENDS, alert);
	if (before != NOWHERE) { /* the other end believes it to last, and so it does */
		remove_letter(outlet, before);
		return;
	}
	before = find_untried(outlet, LETTER_BEGINS, alert);
	if (before != NOWHERE) { /* the newest words */
		outlet->letters[before].alert = *alert;
		return;
	}
	letter.due_ms = allowed_at(outlet, alert, now_ms);
	write_letter(outlet, &letter);
}

void outlet_ends(struct outlet *outlet, const struct alert *alert, int64_t wait_ms, int64_t now_ms)
{
	const struct letter letter = {
	    .kind = LETTER_ENDS, .alert = *alert, .written_ms = now_ms, .due_ms = now_ms + wait_ms};
	size_t before;

	if (alert_level(alert->code) < outlet->minimum)
		return;
	before = find_untried(outlet, LETTER_BEGINS, alert);
	if (before != NOWHERE)
		remove_letter(outlet, before);
	else if (find_untried(outlet, LETTER_ENDS, alert) == NOWHERE)
		write_letter(outlet, &letter);
}

const struct letter *outlet_take(struct outlet *outlet, int64_t now_ms)
{
	if (outlet->is_busy || now_ms < outlet->retry_ms)
		return NULL;
	for (size_t i = 0; i < outlet->count; i++) {
		if (outlet->letters[i].due_ms > now_ms)
			continue;
		outlet->current = outlet->letters[i];
		outlet->current.was_tried = true;
		outlet->is_busy = true;
		remove_letter(outlet, i);
		return &outlet->current;
	}
	return NULL;
}

static int64_t back_off_ms(uint32_t failures)
{
	int64_t wait_ms = OUTLET_BACK_OFF_MIN_MS;

	for (uint32_t i = 1; i < failures && wait_ms < OUTLET_BACK_OFF_MAX_MS; i++)
		wait_ms *= 2;
	return wait_ms < OUTLET_BACK_OFF_MAX_MS ? wait_ms : OUTLET_BACK_OFF_MAX_MS;
}

static void note_told(struct outlet *outlet, const struct alert *alert, int64_t now_ms)
{
	size_t index = outlet->told_next;

	for (size_t i = 0; i < OUTLET_TOLD_MAX; i++)
		if (outlet->told[i].code == alert->code &&
		    ident_equal(&outlet->told[i].subject, &alert->subject))
			index = i;
	if (index == outlet->told_next)
		outlet->told_next = (outlet->told_next + 1) % OUTLET_TOLD_MAX;
	outlet->told[index] = (struct outlet_told){alert->code, alert->subject, now_ms};
}

void outlet_put_back(struct outlet *outlet, const struct letter *letter)
{
	write_letter(outlet, letter);
}

/* Puts the letter under way back in front of the others. */
static void keep_trying(struct outlet *outlet)
{
	if (outlet->count == OUTLET_LETTERS_MAX) {
		outlet->lost++;
		return;
	}
	memmove(&outlet->letters[1], &outlet->letters[0],
		outlet->count * sizeof outlet->letters[0]);
	outlet->letters[0] = outlet->current;
	outlet->count++;
}

void outlet_done(struct outlet *outlet, bool has_arrived, int64_t now_ms)
{
	if (!outlet->is_busy)
		return;
	outlet->is_busy = false;
	if (has_arrived) {
		outlet_is_well(outlet);
		if (outlet->current.kind == LETTER_BEGINS)
			note_told(outlet, &outlet->current.alert, now_ms);
		return;
	}
	outlet->failures++;
	outlet_missed(outlet);
	outlet->retry_ms = now_ms + back_off_ms(outlet->failures);
	if (now_ms - outlet->current.written_ms < OUTLET_GIVES_UP_MS)
		keep_trying(outlet);
	else
		outlet->lost++;
}

void outlet_is_well(struct outlet *outlet)
{
	outlet->failures = outlet->misses = 0;
	outlet->retry_ms = 0;
}

void outlet_missed(struct outlet *outlet)
{
	outlet->misses += outlet->misses < OUTLET_FAILING_AFTER;
}

bool outlet_is_failing(const struct outlet *outlet)
{
	return outlet->misses >= OUTLET_FAILING_AFTER;
}

size_t outlet_waiting(const struct outlet *outlet)
{
	return outlet->count + outlet->is_busy;
}
