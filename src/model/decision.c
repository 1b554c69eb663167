/*
 * The words of decisions: one row a reason, in a table, so that they can be
 * translated and tested. Which reason holds is core's affair.
 */
#include "model/decision.h"

#include <stddef.h>

#include "model/amount.h"

#define MC_PER_KELVIN 1000

enum unit { UNIT_NONE, UNIT_SOC, UNIT_TEMP, UNIT_POWER, UNIT_DURATION, UNIT_COUNT, UNIT_TIME_OF_DAY };

/*
 * A reason with a relation reads "VALUE relation LIMIT"; in other texts %V and
 * %L stand for value and limit. `lead` goes before it in a decision.
 */
struct words {
	const char *name;
	const char *lead;
	enum unit unit;
	const char *text;
	const char *flip;
};

#define NO_CHARGING "charging is not allowed"
#define NO_DISCHARGING "discharging is not allowed"

static const struct words table[REASON_COUNT] = {
    [REASON_NONE] = {"none", NULL, UNIT_NONE, "nothing stands against it", NULL},
    [REASON_NOT_CONFIGURED] = {"not-configured", NULL, UNIT_NONE,
			       "watched only: chemistry, capacity and power are not all configured",
			       "would be commanded once they are"},
    [REASON_NO_READING] = {"no-reading", NULL, UNIT_NONE, "nothing was heard from the sensor yet",
			   "would decide after two good readings"},
    [REASON_STALE] = {"stale", "the reading is too old", UNIT_DURATION, "%V > %L",
		      "would decide after two good readings"},
    [REASON_REFUSED] = {"refused", NULL, UNIT_NONE,
			"the last message was out of range or contradictory",
			"would decide after two good readings"},
    [REASON_SUSPECT] = {"suspect", NULL, UNIT_NONE,
			"the last reading is not believable for this battery",
			"would decide after two good readings"},
    [REASON_FROZEN] = {"frozen", NULL, UNIT_NONE,
		       "the sensor's values stand still although the battery is in use",
		       "would decide once they move"},
    [REASON_SETTLING] = {"settling", NULL, UNIT_COUNT, "%V of %L good readings in a row",
			 "would decide after %L"},
    [REASON_LOCKED_OUT] = {"locked-out", NULL, UNIT_NONE, "locked out; an alert says why",
			   "would decide once a person acknowledges that alert"},
    [REASON_CEILING] = {"ceiling", NO_CHARGING, UNIT_SOC, "%V ≥ %L", NULL},
    [REASON_CEILING_LATCHED] = {"ceiling-latched", NO_CHARGING " after the ceiling", UNIT_SOC,
				"%V ≥ %L", "would be ON at < %L"},
    [REASON_RESERVE] = {"reserve", NO_DISCHARGING, UNIT_SOC, "%V ≤ %L", NULL},
    [REASON_RESERVE_LATCHED] = {"reserve-latched", NO_DISCHARGING " after the reserve", UNIT_SOC,
				"%V < %L", "would be ON at ≥ %L"},
    [REASON_CHARGE_COLD] = {"charge-cold", NO_CHARGING, UNIT_TEMP, "%V < %L", NULL},
    [REASON_CHARGE_COLD_LATCHED] = {"charge-cold-latched", NO_CHARGING " after cold", UNIT_TEMP,
				    "%V < %L", "would be ON at ≥ %L"},
    [REASON_CHARGE_HOT] = {"charge-hot", NO_CHARGING, UNIT_TEMP, "%V > %L", NULL},
    [REASON_CHARGE_HOT_LATCHED] = {"charge-hot-latched", NO_CHARGING " after heat", UNIT_TEMP,
				   "%V > %L", "would be ON at ≤ %L"},
    [REASON_DISCHARGE_COLD] = {"discharge-cold", NO_DISCHARGING, UNIT_TEMP, "%V < %L", NULL},
    [REASON_DISCHARGE_COLD_LATCHED] = {"discharge-cold-latched", NO_DISCHARGING " after cold",
				       UNIT_TEMP, "%V < %L", "would be ON at ≥ %L"},
    [REASON_DISCHARGE_HOT] = {"discharge-hot", NO_DISCHARGING, UNIT_TEMP, "%V > %L", NULL},
    [REASON_DISCHARGE_HOT_LATCHED] = {"discharge-hot-latched", NO_DISCHARGING " after heat",
				      UNIT_TEMP, "%V > %L", "would be ON at ≤ %L"},
    [REASON_DWELL] = {"dwell", "the relay has just opened", UNIT_DURATION, "%V < %L",
		      "would be ON after %L"},
    [REASON_BUDGET] = {"budget", "the day's switching is used up", UNIT_COUNT, "%V of %L",
		       "would be ON tomorrow"},
    [REASON_LEASE_SHORT] = {"lease-short", "the reading is about to expire", UNIT_DURATION,
			    "%V < %L", "would be ON with the next reading"},
    [REASON_OTHER_PATH] = {"other-path", NULL, UNIT_NONE,
			   "the other path is not confirmed open yet", "would be ON once it is"},
    [REASON_RELAY_UNREAD] = {"relay-unread", NULL, UNIT_NONE, "the relay has not been read yet",
			     "would be ON once it answers"},
    [REASON_RELAY_CLOCK] = {"relay-clock", "the relay's clock is not ours", UNIT_COUNT,
			    "factor %V, ours %L", "would be ON once they agree"},
    [REASON_EPOCH] = {"epoch", NULL, UNIT_NONE, "the command numbers are not stored yet",
		      "would be ON once they are"},
    [REASON_NO_RELAY] = {"no-relay", NULL, UNIT_NONE, "there is no relay for it", NULL},
    [REASON_RELAY_GIVEN_UP] = {"relay-given-up", "the relay does not follow", UNIT_COUNT,
			       "ON was sent %V of %L times",
			       "would be tried again once the wish or its answer changes"},
    [REASON_SHUTDOWN] = {"shutdown", NULL, UNIT_NONE, "Amphora is stopping", NULL},
    [REASON_OVERRIDE] = {"override", "a person asked for it", UNIT_DURATION, "%V left",
			 "would end after that, or once it is cancelled"},
    [REASON_MONITOR] = {"monitor", NULL, UNIT_NONE, "logic is monitor, which only watches",
			"would act with logic threshold, schedule or plan"},
    [REASON_SCHEDULE_WINDOW] = {"schedule-window", "the schedule", UNIT_TIME_OF_DAY, "%V-%L",
				"would end at %L"},
    [REASON_SCHEDULE_NONE] = {"schedule-none", NULL, UNIT_NONE, "the schedule has no window now",
			      NULL},
    [REASON_SCHEDULE_CLOCK] = {"schedule-clock", NULL, UNIT_NONE,
			       "the schedule waits until the time of day is trusted",
			       "would follow it then"},
    [REASON_CHARGE_BELOW] = {"charge-below", NULL, UNIT_SOC, "%V < %L", NULL},
    [REASON_CHARGE_UNTIL] = {"charge-until", NULL, UNIT_SOC, "%V < %L", "would be OFF at ≥ %L"},
    [REASON_DISCHARGE_ABOVE] = {"discharge-above", NULL, UNIT_SOC, "%V ≥ %L", NULL},
    [REASON_DISCHARGE_UNTIL] = {"discharge-until", NULL, UNIT_SOC, "%V > %L",
				"would be OFF at ≤ %L"},
    [REASON_BETWEEN] = {"between", NULL, UNIT_SOC, "%V is between the thresholds",
			"would charge at < %L"},
    [REASON_PLAN_CHARGE] = {"plan-charge", "the plan fills the battery", UNIT_SOC, "%V < %L",
			    "would be OFF at ≥ %L"},
    [REASON_PLAN_SUN] = {"plan-sun", "the plan stores what the house does not need", UNIT_POWER,
			 "%V left over, from %L on", "would be OFF with less left over"},
    [REASON_PLAN_SERVE] = {"plan-serve", "the plan feeds the house", UNIT_POWER,
			   "%V needed, from %L on", "would be OFF with less needed"},
    [REASON_PLAN_DISCHARGE] = {"plan-discharge", "the plan uses the battery", UNIT_SOC, "%V > %L",
			       "would be OFF at ≤ %L"},
    [REASON_PLAN_REST] = {"plan-rest", "the plan waits for the house", UNIT_POWER,
			  "sun and house are %V apart, acts from %L on",
			  "would act with more surplus or need"},
    [REASON_PLAN_KEEP] = {"plan-keep", "the plan keeps what there is", UNIT_SOC, "%V", NULL},
    [REASON_PLAN_NONE] = {"plan-none", NULL, UNIT_NONE, "there is no plan",
			  "would follow one once it is made"},
    [REASON_PLAN_EXPIRED] = {"plan-expired", "the plan has expired", UNIT_DURATION, "%V ago",
			     "would follow the next one"},
    [REASON_PLAN_LOCKED] = {"plan-locked", NULL, UNIT_NONE,
			    "the plan is void: a lockout came after it",
			    "would follow the next one"},
    [REASON_PLAN_OVERRIDDEN] = {"plan-overridden", NULL, UNIT_NONE,
				"the plan is void: a person took over after it",
				"would follow the next one"},
    [REASON_PLAN_LEAPT] = {"plan-leapt", NULL, UNIT_NONE,
			   "the plan is void: the state of charge leapt after it",
			   "would follow the next one"},
    [REASON_PLAN_CLOCK] = {"plan-clock", NULL, UNIT_NONE,
			   "the plan waits until the time of day is trusted",
			   "would follow it then"},
    [REASON_PLAN_WAIT] = {"plan-wait", "the plan does not charge now", UNIT_SOC, "%V", NULL},
};

const char *reason_name(enum reason_code code)
{
	return table[code].name;
}

/* At least one digit after the point, and as many as it takes: 5.0, 4.95. */
static void add_temperature(struct text *out, int64_t temp_mc)
{
	text_add_scaled(out, temp_mc, MC_PER_KELVIN);
	text_add(out, "%s °C", temp_mc % MC_PER_KELVIN == 0 ? ".0" : "");
}

static void add_time_of_day(struct text *out, int64_t second)
{
	text_add(out, "%02d:%02d", (int)(second / 3600 % 24), (int)(second / 60 % 60));
	if (second % 60 != 0)
		text_add(out, ":%02d", (int)(second % 60));
}

/* `value` beside the other number of the reason. */
static void add_quantity(struct text *out, enum unit unit, int64_t value, int64_t beside)
{
	switch (unit) {
	case UNIT_SOC:
		text_add_scaled(out, value, 100);
		text_add(out, " %%");
		break;
	case UNIT_TEMP:
		add_temperature(out, value);
		break;
	case UNIT_POWER:
		text_add(out, "%lld W", (long long)value);
		break;
	case UNIT_DURATION:
		duration_add(out, value, beside);
		break;
	case UNIT_TIME_OF_DAY:
		add_time_of_day(out, value);
		break;
	case UNIT_COUNT:
	case UNIT_NONE:
		text_add(out, "%lld", (long long)value);
		break;
	}
}

static void add_template(struct text *out, const char *template, enum unit unit,
			 const struct reason *reason)
{
	for (const char *at = template; *at != '\0'; at++) {
		if (at[0] == '%' && (at[1] == 'V' || at[1] == 'L')) {
			if (*++at == 'V')
				add_quantity(out, unit, reason->value, reason->limit);
			else
				add_quantity(out, unit, reason->limit, reason->value);
		} else {
			text_add(out, "%c", *at);
		}
	}
}

void reason_format(const struct reason *reason, struct text *out)
{
	const struct words *words = &table[reason->code];

	add_template(out, words->text, words->unit, reason);
}

void reason_format_flip(const struct reason *reason, struct text *out)
{
	const struct words *words = &table[reason->code];

	if (words->flip != NULL)
		add_template(out, words->flip, words->unit, reason);
}

void hindrance_format(const struct hindrance *hindrance, struct text *out)
{
	const struct words *words = &table[hindrance->reason.code];

	if (words->lead != NULL)
		text_add(out, "%s: ", words->lead);
	reason_format(&hindrance->reason, out);
	if (table[hindrance->flip.code].flip != NULL) {
		text_add(out, "; ");
		reason_format_flip(&hindrance->flip, out);
	}
}

bool reason_passes(enum reason_code code)
{
	return code == REASON_DWELL || code == REASON_OTHER_PATH || code == REASON_LEASE_SHORT ||
	       code == REASON_RELAY_UNREAD || code == REASON_EPOCH || code == REASON_SETTLING;
}

bool reason_is_of_plan(enum reason_code code)
{
	return (code >= REASON_PLAN_CHARGE && code <= REASON_PLAN_KEEP) || code == REASON_PLAN_WAIT;
}

bool reason_is_without_plan(enum reason_code code)
{
	return code >= REASON_PLAN_NONE && code <= REASON_PLAN_CLOCK;
}

const char *decider_name(enum decider decider)
{
	static const char *const names[DECIDER_COUNT] = {"safety",   "override",  "plan",
							 "schedule", "threshold", "monitor"};

	return names[decider];
}

static const char *shown_intent(enum intent intent)
{
	static const char *const names[] = {"IDLE", "CHARGE", "DISCHARGE", "BOTH"};

	return names[intent];
}

static void add_missing_plan(const struct decision *decision, struct text *out)
{
	const struct wish *wish = &decision->wishes[DECIDER_PLAN];

	if (decision->winner != DECIDER_THRESHOLD || !wish->is_given)
		return;
	text_add(out, "; the rule decides, as ");
	hindrance_format(&(struct hindrance){.reason = wish->reason}, out);
}

void decision_format(const struct decision *decision, struct text *out)
{
	text_add(out, "%s: ", shown_intent(decision->intent));
	hindrance_format(&(struct hindrance){decision->reason, decision->flip}, out);
	add_missing_plan(decision, out);
}
