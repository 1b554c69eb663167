/* What Home Assistant is shown of a plan: only one that is followed, or would be, has values. */
#include <math.h>

#include "wire/ha_announce.h"
#include "wire/json_text.h"
#include "wire/plan_words.h"

void ha_plan_topic(struct text *out, const struct house *house, size_t battery)
{
	text_add(out, "%s/plan/%s/state", house->home_assistant.topic,
		 house->batteries[battery].id.text);
}

static struct wall_time begin_of(const struct planned *plan, const struct planned_slot *slot)
{
	return (struct wall_time){plan->from.ms +
				  (slot - plan->slots) * plan->slot_s * MS_PER_SECOND};
}

/* The first after `slot` that is of another mode; NULL: none is planned. */
static const struct planned_slot *next_change(const struct planned *plan,
					      const struct planned_slot *slot)
{
	for (const struct planned_slot *next = slot + 1; next < plan->slots + plan->count; next++)
		if (next->mode != slot->mode)
			return next;
	return NULL;
}

static void add_change(struct json_text *object, const struct planned *plan,
		       const struct planned_slot *slot)
{
	const struct planned_slot *next = next_change(plan, slot);

	if (next == NULL) {
		json_text_null(object, "next_at");
		json_text_null(object, "next_mode");
		return;
	}
	json_text_time(object, "next_at", begin_of(plan, next));
	json_text_string(object, "next_mode", planned_mode_name(next->mode));
}

static void add_slot(struct json_text *object, const struct planned *plan,
		     const struct planned_slot *slot)
{
	char room[HA_WORDS_MAX + 1] = "";
	struct text sentence = text_in(room, sizeof room);

	json_text_string(object, "mode", planned_mode_name(slot->mode));
	if (slot->mode == PLANNED_CHARGE_TO || slot->mode == PLANNED_DISCHARGE_TO)
		json_text_scaled(object, "level_pct", slot->level_bp / 10, 10);
	else
		json_text_null(object, "level_pct");
	json_text_scaled(object, "soc_pct", slot->soc_bp[PLANNED_P50] / 10, 10);
	json_text_time(object, "soc_at", begin_of(plan, slot + 1));
	add_change(object, plan, slot);
	plan_sentence(&sentence, plan, slot);
	json_text_string(object, "sentence", room);
}

static void add_nothing(struct json_text *object)
{
	static const char *const names[] = {"mode",    "level_pct", "soc_pct", "soc_at",
					    "next_at", "next_mode", "sentence"};

	for (size_t i = 0; i < ARRAY_LENGTH(names); i++)
		json_text_null(object, names[i]);
}

static void add_plan(struct json_text *object, const struct planned *plan)
{
	json_text_time(object, "made_at", plan->made_at);
	json_text_time(object, "valid_until", plan->valid_until);
	json_text_real(object, "saved", round((double)plan->saved * 100) / 100);
}

void ha_plan_state(struct text *out, const struct plan_status *status, struct wall_time now)
{
	const struct planned *plan = status->plan;
	bool counts = plan != NULL && status->state != PLANNED_EXPIRED &&
		      status->state != PLANNED_VOID && now.ms < plan->valid_until.ms;
	const struct planned_slot *slot = counts ? planned_at(plan, now) : NULL;
	struct json_text object = json_text_open(out);

	if (slot != NULL)
		add_slot(&object, plan, slot);
	else
		add_nothing(&object);
	json_text_string(&object, "state",
			 plan != NULL ? planned_state_name(status->state) : "none");
	json_text_string(&object, "why", status->why);
	if (plan != NULL)
		add_plan(&object, plan);
	json_text_close(&object);
}
