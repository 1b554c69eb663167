/*
 * The words of reasons: one row a reason. Which reason holds is core's affair.
 */
#include "model/reason.h"

#include <string.h>

#include "model/amount.h"

#define MC_PER_KELVIN 1000

enum unit { UNIT_NONE, UNIT_SOC, UNIT_TEMP, UNIT_POWER, UNIT_DURATION, UNIT_COUNT, UNIT_TIME_OF_DAY };

/*
 * {value} and {limit} stand for the reason's numbers, {sensor}, {until} and {other} for what
 * `struct reason_names` has; what is in brackets is left out where it has none.
 */
struct words {
	const char *name;
	enum unit unit;
	const char *why, *flip;
};

#define GOOD_AGAIN "It would decide again after two good readings."

/* clang-format off */
static const struct words table[REASON_COUNT] = {
	[REASON_NONE] = {"none", UNIT_NONE,
		"nothing stands against it",
		"Nothing would change it now."},
	[REASON_NOT_CONFIGURED] = {"not-configured", UNIT_NONE,
		"chemistry, capacity and power are not all configured, so it is only watched",
		"It would be controlled once they are."},
	[REASON_NO_READING] = {"no-reading", UNIT_NONE,
		"nothing was heard from battery sensor[ {sensor}] yet",
		GOOD_AGAIN},
	[REASON_STALE] = {"stale", UNIT_DURATION,
		"battery sensor[ {sensor}] has said nothing for {value}; readings count for "
		"{limit}",
		GOOD_AGAIN},
	[REASON_REFUSED] = {"refused", UNIT_NONE,
		"the last message[ of {sensor}] was out of range or contradicted itself",
		GOOD_AGAIN},
	[REASON_SUSPECT] = {"suspect", UNIT_NONE,
		"the last reading[ of {sensor}] is not believable for this battery",
		GOOD_AGAIN},
	[REASON_FROZEN] = {"frozen", UNIT_NONE,
		"the values[ of {sensor}] stand still although the battery is in use",
		"It would decide again once they move."},
	[REASON_SETTLING] = {"settling", UNIT_COUNT,
		"{value} of {limit} good readings in a row have come[ from {sensor}]",
		"It would decide after {limit}."},
	[REASON_LOCKED_OUT] = {"locked-out", UNIT_NONE,
		"it locked itself; an alert says why",
		"It would decide again once you unlock it in Alerts."},
	[REASON_CEILING] = {"ceiling", UNIT_SOC,
		"it is {value} full; charging is allowed below {limit}",
		"It would charge again below {limit}."},
	[REASON_CEILING_LATCHED] = {"ceiling-latched", UNIT_SOC,
		"it was at its ceiling and is {value} full; charging begins again below {limit}",
		"It would charge again below {limit}."},
	[REASON_RESERVE] = {"reserve", UNIT_SOC,
		"{value} are left; your reserve is {limit}",
		"It would be used again above {limit}."},
	[REASON_RESERVE_LATCHED] = {"reserve-latched", UNIT_SOC,
		"it was at your reserve and has {value}; it is used again from {limit}",
		"It would be used again from {limit}."},
	[REASON_CHARGE_COLD] = {"charge-cold", UNIT_TEMP,
		"the battery is {value}; charging is allowed from {limit}",
		"It would charge again from {limit}."},
	[REASON_CHARGE_COLD_LATCHED] = {"charge-cold-latched", UNIT_TEMP,
		"the battery was too cold and is {value}; charging begins again at {limit}",
		"It would charge again from {limit}."},
	[REASON_CHARGE_HOT] = {"charge-hot", UNIT_TEMP,
		"the battery is {value}; charging is allowed up to {limit}",
		"It would charge again at {limit} or less."},
	[REASON_CHARGE_HOT_LATCHED] = {"charge-hot-latched", UNIT_TEMP,
		"the battery was too hot and is {value}; charging begins again at {limit}",
		"It would charge again at {limit} or less."},
	[REASON_DISCHARGE_COLD] = {"discharge-cold", UNIT_TEMP,
		"the battery is {value}; it may be used from {limit}",
		"It would be used again from {limit}."},
	[REASON_DISCHARGE_COLD_LATCHED] = {"discharge-cold-latched", UNIT_TEMP,
		"the battery was too cold and is {value}; it may be used again at {limit}",
		"It would be used again from {limit}."},
	[REASON_DISCHARGE_HOT] = {"discharge-hot", UNIT_TEMP,
		"the battery is {value}; it may be used up to {limit}",
		"It would be used again at {limit} or less."},
	[REASON_DISCHARGE_HOT_LATCHED] = {"discharge-hot-latched", UNIT_TEMP,
		"the battery was too hot and is {value}; it may be used again at {limit}",
		"It would be used again at {limit} or less."},
	[REASON_DWELL] = {"dwell", UNIT_DURATION,
		"the relay opened {value} ago and stays open for {limit}",
		"It would switch after {limit}."},
	[REASON_BUDGET] = {"budget", UNIT_COUNT,
		"today’s switching is used up: {value} of {limit}",
		"It would switch again tomorrow."},
	[REASON_LEASE_SHORT] = {"lease-short", UNIT_DURATION,
		"the last reading counts for {value} more, and {limit} are needed",
		"It would switch with the next reading."},
	[REASON_OTHER_PATH] = {"other-path", UNIT_NONE,
		"the other relay is not confirmed open yet",
		"It would switch once it is."},
	[REASON_RELAY_UNREAD] = {"relay-unread", UNIT_NONE,
		"the relay has not been read yet",
		"It would switch once the relay answers."},
	[REASON_RELAY_CLOCK] = {"relay-clock", UNIT_COUNT,
		"the relay’s clock runs {value} times as fast as the world, ours {limit} times",
		"It would switch once they agree."},
	[REASON_EPOCH] = {"epoch", UNIT_NONE,
		"the numbers of commands are not stored yet",
		"It would switch once they are."},
	[REASON_NO_RELAY] = {"no-relay", UNIT_NONE,
		"there is no relay for it",
		"It would act once a relay for it is configured."},
	[REASON_RELAY_GIVEN_UP] = {"relay-given-up", UNIT_COUNT,
		"the relay does not follow: asked {value} of {limit} times",
		"It would be asked again once the relay answers otherwise, or the wish changes."},
	[REASON_SHUTDOWN] = {"shutdown", UNIT_NONE,
		"Amphora is stopping",
		"It would decide again once Amphora is started."},
	[REASON_OVERRIDE] = {"override", UNIT_DURATION,
		"you asked for it[ until {until}]",
		"[Without you, {other}. ]Safety still comes first."},
	[REASON_MONITOR] = {"monitor", UNIT_NONE,
		"it is set to watch only",
		"It would act with a rule or a schedule: see Settings."},
	[REASON_SCHEDULE_WINDOW] = {"schedule-window", UNIT_TIME_OF_DAY,
		"the schedule says so from {value} to {limit}",
		"It would end at {limit}."},
	[REASON_SCHEDULE_NONE] = {"schedule-none", UNIT_NONE,
		"the schedule has nothing for now",
		"It would act in the schedule’s next window."},
	[REASON_SCHEDULE_CLOCK] = {"schedule-clock", UNIT_NONE,
		"the schedule waits until the time of day is trusted",
		"It would follow the schedule then."},
	[REASON_CHARGE_BELOW] = {"charge-below", UNIT_SOC,
		"{value} is below {limit}, where charging begins",
		"It would stop at a higher charge."},
	[REASON_CHARGE_UNTIL] = {"charge-until", UNIT_SOC,
		"it is {value} full; the rule charges it up to {limit}",
		"It would stop at {limit}."},
	[REASON_DISCHARGE_ABOVE] = {"discharge-above", UNIT_SOC,
		"{value} is at or above {limit}, where your home begins to use it",
		"It would stop at a lower charge."},
	[REASON_DISCHARGE_UNTIL] = {"discharge-until", UNIT_SOC,
		"it is {value} full; your home uses it down to {limit}",
		"It would stop at {limit}."},
	[REASON_BETWEEN] = {"between", UNIT_SOC,
		"{value} is neither low enough to charge nor high enough to use",
		"It would charge below {limit}."},
	[REASON_PLAN_CHARGE] = {"plan-charge", UNIT_SOC,
		"the plan fills it: it is {value} full, and is to be {limit}",
		"It would stop at {limit}."},
	[REASON_PLAN_SUN] = {"plan-sun", UNIT_POWER,
		"the plan stores what your home does not need: {value}, from {limit} on",
		"It would stop with less left over."},
	[REASON_PLAN_SERVE] = {"plan-serve", UNIT_POWER,
		"the plan feeds your home, which needs {value}; from {limit} on",
		"It would stop with less needed."},
	[REASON_PLAN_DISCHARGE] = {"plan-discharge", UNIT_SOC,
		"the plan uses it: it is {value} full, down to {limit}",
		"It would stop at {limit}."},
	[REASON_PLAN_REST] = {"plan-rest", UNIT_POWER,
		"sun and home are {value} apart, and the plan acts from {limit} on",
		"It would act with more left over or more needed."},
	[REASON_PLAN_KEEP] = {"plan-keep", UNIT_SOC,
		"the plan keeps what there is: {value}",
		"It would act when the plan says so."},
	[REASON_PLAN_NONE] = {"plan-none", UNIT_NONE,
		"there is no plan",
		"It would follow a plan once there is one."},
	[REASON_PLAN_EXPIRED] = {"plan-expired", UNIT_DURATION,
		"the plan expired {value} ago",
		"It would follow the next plan."},
	[REASON_PLAN_LOCKED] = {"plan-locked", UNIT_NONE,
		"the plan is void since it locked itself",
		"It would follow the next plan."},
	[REASON_PLAN_OVERRIDDEN] = {"plan-overridden", UNIT_NONE,
		"the plan is void since you took over",
		"It would follow the next plan."},
	[REASON_PLAN_LEAPT] = {"plan-leapt", UNIT_NONE,
		"the plan is void since the charge leapt",
		"It would follow the next plan."},
	[REASON_PLAN_CLOCK] = {"plan-clock", UNIT_NONE,
		"the plan waits until the time of day is trusted",
		"It would follow the plan then."},
	[REASON_PLAN_WAIT] = {"plan-wait", UNIT_SOC,
		"the plan does not charge now: {value}",
		"It would act when the plan says so."},
};
/* clang-format on */

const char *reason_name(enum reason_code code)
{
	return table[code].name;
}

enum reason_code reason_of_name(const char *name)
{
	int code = 0;

	while (code < REASON_COUNT && strcmp(table[code].name, name) != 0)
		code++;
	return (enum reason_code)code;
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

/* A sentence that is being written. */
struct writing {
	struct text *out;
	enum unit unit;
	const struct reason *reason;
	const struct reason_names *names;
};

/* What `{…}` at `at` stands for where that is a name; NULL where it is not, or is not known. */
static const char *name_at(const struct writing *writing, const char *at)
{
	const struct reason_names *names = writing->names;

	if (!names)
		return NULL;
	return strncmp(at, "{sensor}", 8) == 0  ? names->sensor
	       : strncmp(at, "{until}", 7) == 0 ? names->until
	       : strncmp(at, "{other}", 7) == 0 ? names->other
						: NULL;
}

static void add_field(const struct writing *writing, const char *at)
{
	const struct reason *reason = writing->reason;
	const char *name = name_at(writing, at);

	if (name)
		text_add(writing->out, "%s", name);
	else if (strncmp(at, "{value}", 7) == 0)
		add_quantity(writing->out, writing->unit, reason->value, reason->limit);
	else if (strncmp(at, "{limit}", 7) == 0)
		add_quantity(writing->out, writing->unit, reason->limit, reason->value);
}

static void add_template(const struct writing *writing, const char *template)
{
	for (const char *at = template; *at != '\0'; at++) {
		if (*at == '[' && !name_at(writing, strchr(at, '{'))) {
			at = strchr(at, ']');
		} else if (*at == '{') {
			add_field(writing, at);
			at = strchr(at, '}');
		} else if (*at != '[' && *at != ']') {
			text_add(writing->out, "%c", *at);
		}
	}
}

void reason_format(const struct reason *reason, const struct reason_names *names, struct text *out)
{
	const struct words *words = &table[reason->code];

	add_template(&(struct writing){out, words->unit, reason, names}, words->why);
}

void reason_format_flip(const struct reason *reason, const struct reason_names *names,
			struct text *out)
{
	const struct words *words = &table[reason->code];

	add_template(&(struct writing){out, words->unit, reason, names}, words->flip);
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
