/* What people do in a simulated home: take over, change settings, see to alerts. */
#include "sim/simulate_home.h"
#include "sim/simulate_oracle.h"

/* What the core is told instead where something is to be broken. */
struct settings sim_person_settings(const struct sim_home *home, size_t battery)
{
	struct settings settings = home->settings[battery];
	struct parameter_value *value = settings.value;

	switch (home->broken) {
	case SIM_BREAK_STALE:
		value[PARAMETER_STALE_AFTER].number += 10 * MS_PER_SECOND;
		break;
	case SIM_BREAK_CEILING:
		value[PARAMETER_CEILING].number += 200;
		break;
	case SIM_BREAK_RESERVE:
		value[PARAMETER_RESERVE].number -= 200;
		break;
	case SIM_BREAK_COLD:
		value[PARAMETER_CHARGE_MIN_TEMP].number -= 3000;
		value[PARAMETER_DISCHARGE_MIN_TEMP].number -= 3000;
		break;
	case SIM_BREAK_HOT:
		value[PARAMETER_CHARGE_MAX_TEMP].number += 3000;
		value[PARAMETER_DISCHARGE_MAX_TEMP].number += 3000;
		break;
	case SIM_BREAK_HYSTERESIS:
		value[PARAMETER_SOC_HYSTERESIS].number = 0;
		value[PARAMETER_TEMP_HYSTERESIS].number = 0;
		break;
	case SIM_BREAK_DWELL:
		value[PARAMETER_DWELL].number = 0;
		break;
	case SIM_BREAK_BUDGET:
		value[PARAMETER_SWITCHES_PER_DAY].number = 1000;
		break;
	default:
		break;
	}
	return settings;
}

static void change_settings(struct sim_home *home, size_t battery)
{
	sim_trace(home, "settings change");
	sim_draw_settings(home, &home->people, battery);
	sim_world_to_now(home, battery);
	sim_world_borders(home, battery);
	sim_oracle_settings(home, battery);
	sim_daemon_event(home, EVENT_SETTINGS, battery)->settings.settings =
	    sim_person_settings(home, battery);
	sim_daemon_step(home);
}

static size_t any_relay(struct sim_home *home)
{
	return (size_t)sim_between(&home->people, 0, (int64_t)home->house.relay_count - 1);
}

/* A battery as a whole, or one relay. */
static void take_over(struct sim_home *home, size_t battery)
{
	struct override_wish wish = {
	    .is_by_relay = sim_happens(&home->people, 0.4),
	    .index = battery,
	    .is_on = sim_happens(&home->people, 0.5),
	    .intent = (enum intent)sim_between(&home->people, INTENT_SAFE, INTENT_DISCHARGE),
	    .duration_ms = sim_between(&home->people, MS_PER_SECOND, 4 * (int64_t)MS_PER_HOUR),
	};

	if (wish.is_by_relay)
		wish.index = any_relay(home);
	sim_trace(home, "override of %s: %s for %lld s",
		  wish.is_by_relay ? home->house.relays[wish.index].id.text
				   : home->house.batteries[battery].id.text,
		  !wish.is_by_relay ? intent_name(wish.intent)
		  : wish.is_on      ? "on"
				    : "off",
		  (long long)(wish.duration_ms / MS_PER_SECOND));
	sim_daemon_event(home, EVENT_OVERRIDE, battery)->override = wish;
	sim_daemon_step(home);
}

static void give_back(struct sim_home *home)
{
	uint32_t id = home->site.relays[any_relay(home)].override.id;

	sim_daemon_event(home, EVENT_OVERRIDE_CANCEL, 0)->cancel.id = id;
	sim_daemon_step(home);
}

void sim_person_acknowledges(struct sim_home *home, enum alert_code code)
{
	for (size_t i = 0; i < ALERTS_MAX; i++) {
		const struct alert *alert = &home->site.alerts[i];

		if (alert->id == 0 || !alert->is_active || alert->code != code)
			continue;
		sim_oracle_acknowledged(home, alert);
		sim_daemon_event(home, EVENT_ACKNOWLEDGE, 0)->acknowledge.alert_id = alert->id;
		sim_daemon_step(home);
	}
}

void sim_person_acts(struct sim_home *home)
{
	size_t battery =
	    (size_t)sim_between(&home->people, 0, (int64_t)home->house.battery_count - 1);
	int64_t what = sim_between(&home->people, 0, 9);

	sim_after(home, sim_gap(&home->people, home->person_gap_ms), SIM_EV_PERSON, 0);
	if (!home->daemon.is_up)
		return;
	if (what < 3) {
		take_over(home, battery);
	} else if (what == 3) {
		give_back(home);
	} else if (what == 4) {
		change_settings(home, battery);
	} else if (what < 9) {
		sim_person_acknowledges(home, ALERT_LOCKED_OUT);
	} else {
		sim_person_acknowledges(home, ALERT_SOC_IMPLAUSIBLE);
	}
}
