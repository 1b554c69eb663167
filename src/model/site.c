/*
 * The members of the state, by name: C leaves to whatever a register or the stack
 * held what is between them, so that two states that are the same can differ
 * there. (GCC 12 has a builtin to clear it, which clears members too.)
 *
 * What is missing here is not compared and not copied: tests/site_members_test.py
 * holds this against the headers.
 */
#include "model/site.h"

#include <assert.h>
#include <string.h>

struct layout;

/* `count` times `size` bytes; `layout` says where they are members themselves, NULL: all are. */
struct member {
	size_t offset, size, count;
	const struct layout *layout;
};

struct layout {
	const struct member *members;
	size_t count;
};

#define SIZE(member) sizeof(((OWNER *)NULL)->member)
#define PLAIN(member)                                          \
	{                                                      \
		offsetof(OWNER, member), SIZE(member), 1, NULL \
	}
#define NESTED(type, member)                                                    \
	{                                                                       \
		offsetof(OWNER, member), sizeof(struct type), 1, &type##_layout \
	}
#define EACH(type, member, length)                                                   \
	{                                                                            \
		offsetof(OWNER, member), sizeof(struct type), length, &type##_layout \
	}
#define LAYOUT(type) \
	static const struct layout type##_layout = {type##_members, ARRAY_LENGTH(type##_members)}

/* These are PLAIN, since there is nothing between their members. */
static_assert(sizeof(struct ident) == IDENT_MAX + 1, "ident");
static_assert(sizeof(struct mono_time) == sizeof(int64_t), "mono_time");
static_assert(sizeof(struct wall_time) == sizeof(int64_t), "wall_time");
static_assert(sizeof(struct schedule_window) == 3 * sizeof(int32_t), "schedule_window");
static_assert(sizeof(struct reading_received) % sizeof(double) == 0, "reading_received");

/* clang-format off */
#define OWNER struct schedule
static const struct member schedule_members[] = {
    PLAIN(count), PLAIN(windows),
};
LAYOUT(schedule);
#undef OWNER

#define OWNER struct parameter_value
static const struct member parameter_value_members[] = {
    PLAIN(number), NESTED(schedule, schedule),
};
LAYOUT(parameter_value);
#undef OWNER

#define OWNER struct settings
static const struct member settings_members[] = {
    EACH(parameter_value, value, PARAMETER_COUNT), PLAIN(place),
};
LAYOUT(settings);
#undef OWNER

#define OWNER struct reading
static const struct member reading_members[] = {
    PLAIN(node), PLAIN(soc_bp), PLAIN(temp_min_mc), PLAIN(temp_max_mc), PLAIN(has_time),
    PLAIN(measured), PLAIN(has_sequence), PLAIN(sequence), PLAIN(has_voltage),
    PLAIN(has_current), PLAIN(has_power), PLAIN(has_interval), PLAIN(voltage_mv),
    PLAIN(current_ma), PLAIN(power_mw), PLAIN(interval_ms), PLAIN(cell_count), PLAIN(cell_mv),
    PLAIN(received),
};
LAYOUT(reading);
#undef OWNER

#define OWNER struct rise_mark
static const struct member rise_mark_members[] = {
    PLAIN(at), PLAIN(soc_bp),
};
LAYOUT(rise_mark);
#undef OWNER

#define OWNER struct reason
static const struct member reason_members[] = {
    PLAIN(code), PLAIN(value), PLAIN(limit),
};
LAYOUT(reason);
#undef OWNER

#define OWNER struct wish
static const struct member wish_members[] = {
    PLAIN(is_given), PLAIN(intent), NESTED(reason, reason),
};
LAYOUT(wish);
#undef OWNER

#define OWNER struct plan_wish
static const struct member plan_wish_members[] = {
    PLAIN(number), PLAIN(version), PLAIN(intent), NESTED(reason, reason), PLAIN(until),
};
LAYOUT(plan_wish);
#undef OWNER

#define OWNER struct decision
static const struct member decision_members[] = {
    PLAIN(id), PLAIN(at), PLAIN(wall_is_trusted), PLAIN(at_mono), PLAIN(intent), PLAIN(winner),
    NESTED(reason, reason), NESTED(reason, flip), PLAIN(wanted),
    EACH(wish, wishes, DECIDER_COUNT), PLAIN(quality), PLAIN(age_ms), PLAIN(soc_bp),
    PLAIN(temp_min_mc), PLAIN(temp_max_mc),
};
LAYOUT(decision);
#undef OWNER

#define OWNER struct battery_state
static const struct member battery_state_members[] = {
    PLAIN(has_reading), NESTED(reading, reading), PLAIN(measured_is_own), PLAIN(measured_at),
    PLAIN(arrived_at), PLAIN(quality), PLAIN(last_was_refused), PLAIN(good_in_a_row),
    PLAIN(interval_seen_ms), PLAIN(heard_at), PLAIN(has_restarted), PLAIN(restarted_sequence),
    PLAIN(ignored), PLAIN(has_anchor), PLAIN(anchor_soc_bp), PLAIN(anchor_temp_mc),
    PLAIN(anchor_temp_max_mc), PLAIN(anchor_at), PLAIN(anchor_temp_at), PLAIN(has_suspect),
    PLAIN(suspect_soc_bp), PLAIN(suspect_temp_mc), PLAIN(suspect_temp_max_mc), PLAIN(suspect_at),
    PLAIN(is_distrusted), PLAIN(has_leapt), PLAIN(leapt_at), PLAIN(has_trend),
    PLAIN(trend_soc_bp), PLAIN(trend_charge_mas), PLAIN(trend_since), PLAIN(trend_at),
    PLAIN(wants_charge), PLAIN(wants_discharge), PLAIN(ceiling_latch), PLAIN(reserve_latch),
    PLAIN(charge_cold_latch), PLAIN(charge_hot_latch), PLAIN(discharge_cold_latch),
    PLAIN(discharge_hot_latch), PLAIN(trips_today), PLAIN(is_locked_out), PLAIN(has_shown),
    PLAIN(shown_soc_bp), PLAIN(shown_temp_mc), PLAIN(shown_temp_max_mc), PLAIN(is_found_frozen),
    PLAIN(still_since), PLAIN(still_energy_uj), PLAIN(still_summed_at), PLAIN(soc_step_bp),
    PLAIN(is_effect_watched), PLAIN(effect_seen_at), PLAIN(effect_soc_bp), PLAIN(effect_ms),
    PLAIN(effect_gained_bp), PLAIN(rise_count), EACH(rise_mark, rise_marks, RISE_MARKS), NESTED(plan_wish, plan), PLAIN(plan_version),
    PLAIN(plan_void), PLAIN(alert_bits), NESTED(decision, decision),
};
LAYOUT(battery_state);
#undef OWNER

#define OWNER struct hindrance
static const struct member hindrance_members[] = {
    NESTED(reason, reason), NESTED(reason, flip),
};
LAYOUT(hindrance);
#undef OWNER

#define OWNER struct override
static const struct member override_members[] = {
    PLAIN(is_active), PLAIN(waits_for_clock), PLAIN(id), PLAIN(is_on), PLAIN(ends),
    PLAIN(ends_wall), NESTED(hindrance, held_by),
};
LAYOUT(override);
#undef OWNER

#define OWNER struct relay_command
static const struct member relay_command_members[] = {
    PLAIN(is_on), PLAIN(has_lease), PLAIN(lease_ms), PLAIN(has_number), PLAIN(number),
};
LAYOUT(relay_command);
#undef OWNER

#define OWNER struct relay_status
static const struct member relay_status_members[] = {
    PLAIN(node), PLAIN(is_on), PLAIN(lease_left_ms), PLAIN(has_switches), PLAIN(switches),
    PLAIN(has_number), PLAIN(number), PLAIN(has_boot), PLAIN(boot), PLAIN(has_power),
    PLAIN(power_mw), PLAIN(clock_factor),
};
LAYOUT(relay_status);
#undef OWNER

#define OWNER struct relay_state
static const struct member relay_state_members[] = {
    NESTED(override, override), PLAIN(phase), PLAIN(wished_on), PLAIN(has_command),
    NESTED(relay_command, command), PLAIN(sent_at), PLAIN(first_on_number), PLAIN(first_on_at),
    PLAIN(on_attempts), PLAIN(on_is_given_up), PLAIN(resend_at), PLAIN(backoff_ms),
    PLAIN(lease_ends), PLAIN(own_longest_ms), PLAIN(command_count), PLAIN(is_heard),
    NESTED(relay_status, status), PLAIN(heard_at), PLAIN(read_at), PLAIN(ask_at),
    PLAIN(may_be_on), PLAIN(is_blind), PLAIN(has_rebooted), PLAIN(rebooted_at), PLAIN(is_open),
    PLAIN(opened_at), PLAIN(switches_today), PLAIN(switches_undated), PLAIN(closing_is_counted),
    PLAIN(day), PLAIN(commands),
    PLAIN(confirmed), PLAIN(mismatches), PLAIN(timeouts), PLAIN(has_kept_switches),
    PLAIN(kept_switches), PLAIN(is_on_trial), PLAIN(is_foreign_on), PLAIN(is_foreign_off), PLAIN(has_undone_off),
    PLAIN(is_ours_to_open), PLAIN(is_silent), PLAIN(wish_number), PLAIN(on_number),
    PLAIN(renewal_is_pending), PLAIN(renew_at), PLAIN(on_since), PLAIN(is_welded),
    PLAIN(leak_count), PLAIN(tight_count), PLAIN(leak_since), PLAIN(alert_bits),
};
LAYOUT(relay_state);
#undef OWNER

#define OWNER struct alert
static const struct member alert_members[] = {
    PLAIN(id), PLAIN(code), PLAIN(subject), PLAIN(value), PLAIN(limit), PLAIN(detail),
    PLAIN(is_active), PLAIN(is_acknowledged), PLAIN(count), PLAIN(raised), PLAIN(cleared),
    PLAIN(last_at),
};
LAYOUT(alert);
#undef OWNER

#define OWNER struct site
static const struct member site_members[] = {
    EACH(settings, settings, BATTERIES_MAX), EACH(battery_state, batteries, BATTERIES_MAX),
    EACH(relay_state, relays, RELAYS_MAX), PLAIN(epoch), PLAIN(epoch_is_durable),
    PLAIN(is_stopping), PLAIN(local_day), PLAIN(day_since), PLAIN(next_override_id),
    PLAIN(next_decision_id), PLAIN(next_alert_id), EACH(alert, alerts, ALERTS_MAX),
};
LAYOUT(site);
#undef OWNER
/* clang-format on */

/* The bytes from that member on, with those after it up to what is between members, or nested. */
static size_t run_of(const struct layout *layout, size_t *next)
{
	const struct member *first = &layout->members[*next];
	size_t size = 0;

	while (*next < layout->count && layout->members[*next].layout == NULL &&
	       layout->members[*next].offset == first->offset + size)
		size += layout->members[(*next)++].size;
	return size;
}

/*
 * In as few pieces as there are: at most ticks all of it is the same. What C leaves between the
 * members is not looked at, it was perhaps never written.
 */
static bool members_are_same(const struct layout *layout, const uint8_t *a, const uint8_t *b)
{
	for (size_t i = 0; i < layout->count;) {
		const struct member *member = &layout->members[i];
		size_t at = member->offset;

		if (member->layout == NULL) {
			if (memcmp(a + at, b + at, run_of(layout, &i)) != 0)
				return false;
			continue;
		}
		for (size_t left = member->count; left > 0; left--, at += member->size)
			if (!members_are_same(member->layout, a + at, b + at))
				return false;
		i++;
	}
	return true;
}

static void copy_members(const struct layout *layout, uint8_t *to, const uint8_t *from)
{
	for (size_t i = 0; i < layout->count; i++) {
		const struct member *member = &layout->members[i];

		for (size_t at = member->offset, left = member->count; left > 0; left--) {
			if (member->layout == NULL)
				memcpy(to + at, from + at, member->size);
			else
				copy_members(member->layout, to + at, from + at);
			at += member->size;
		}
	}
}

bool site_is_same(const struct site *a, const struct site *b)
{
	return members_are_same(&site_layout, (const uint8_t *)a, (const uint8_t *)b);
}

void site_copy_members(struct site *to, const struct site *from)
{
	memset(to, 0, sizeof(*to));
	copy_members(&site_layout, (uint8_t *)to, (const uint8_t *)from);
}
