/* What a person asks through the API, handed to the core as events. */
#include "daemon/prices.h"
#include "daemon/admissions.h"
#include "daemon/foresee.h"
#include "daemon/pilot.h"
#include "daemon/imports.h"

#include <errno.h>

#include "adapt/setup_body.h"
#include "base/log.h"
#include "daemon/first_run.h"
#include "daemon/trial.h"
#include "base/zone.h"

static struct now host_now(void *user)
{
	return daemon_now(user);
}

/* Off and hold act at once, whatever the disk does; what could not be kept is not promised. */
static int check(const struct daemon *daemon, bool must_be_stored, struct text *error)
{
	if (daemon->phase != DAEMON_RUNS) {
		text_add(error, "nothing was done: amphorad is stopping");
		return -EAGAIN;
	}
	if (must_be_stored && !daemon->status.journal.is_ok) {
		text_add(error, "nothing was done, since it could not be stored: %s",
			 daemon->status.journal.detail);
		return -EAGAIN;
	}
	return 0;
}

static int host_set(void *user, const char *scope, enum parameter_id id,
		    const struct parameter_value *value, bool is_set, struct text *error)
{
	int result = check(user, true, error);

	return result != 0 ? result : settings_set(user, scope, id, value, is_set, error);
}

static int host_override(void *user, const struct override_wish *wish, uint32_t *id,
			 struct hindrance *refusal, struct text *error)
{
	struct daemon *daemon = user;
	struct event event = {.kind = EVENT_OVERRIDE, .override = *wish};
	/* Off and hold act at once, whatever the disk does. */
	int result = check(daemon, override_wish_asks_on(wish), error);

	if (result != 0)
		return result;
	daemon_step(daemon, &event);
	if (daemon->outcome.refusal.reason.code != REASON_NONE) {
		text_add(error, "refused, and nothing was changed: ");
		hindrance_format(&daemon->outcome.refusal, NULL, error);
		*refusal = daemon->outcome.refusal;
		return -ERANGE;
	}
	*id = daemon->site.next_override_id;
	return 0;
}

static int host_override_cancel(void *user, uint32_t id, struct text *error)
{
	struct daemon *daemon = user;
	struct event event = {.kind = EVENT_OVERRIDE_CANCEL, .cancel = {id}};
	int result = check(daemon, true, error);

	for (size_t i = 0; i < daemon->house.relay_count && result == 0; i++) {
		const struct override *override = &daemon->site.relays[i].override;

		if (override->id != id || !(override->is_active || override->waits_for_clock))
			continue;
		daemon_step(daemon, &event);
		return 0;
	}
	return result != 0 ? result : -ENOENT;
}

static int host_acknowledge(void *user, uint32_t alert_id, struct text *error)
{
	struct daemon *daemon = user;
	int result = check(daemon, true, error);
	struct event event = {.kind = EVENT_ACKNOWLEDGE, .acknowledge = {alert_id}};

	if (result != 0)
		return result;
	for (size_t i = 0; i < ALERTS_MAX; i++) {
		if (alert_id == 0 || daemon->site.alerts[i].id != alert_id)
			continue;
		daemon_step(daemon, &event);
		return 0;
	}
	return -ENOENT;
}

static int host_admit(void *user, const struct admission *admission, struct text *error)
{
	int result = check(user, true, error);

	return result != 0 ? result : admissions_admit(user, admission, error);
}

static int host_admit_relay(void *user, const struct relay_admission *admission,
			    struct text *error)
{
	int result = check(user, true, error);

	return result != 0 ? result : relay_admissions_admit(user, admission, error);
}

static int host_look_for_relays(void *user, const char *address, struct text *error)
{
	int result = check(user, false, error);

	return result != 0 ? result : relay_strangers_look(user, address, error);
}

static int host_forget(void *user, const char *node, bool is_seen_open, struct text *error)
{
	int result = check(user, true, error);

	return result != 0 ? result : admissions_forget(user, node, is_seen_open, error);
}

static void host_audit(void *user, const struct audit *entry)
{
	struct record record = daemon_new_record(user, RECORD_AUDIT);

	record.audit = *entry;
	daemon_record(user, &record);
}

static void host_keep_asked(void *user, size_t place, const char *text)
{
	struct record record = daemon_new_record(user, RECORD_ASKED);
	struct text out = text_in(record.asked.text, sizeof record.asked.text);

	record.asked.place = (uint32_t)place;
	text_add(&out, "%s", text);
	daemon_record(user, &record);
}

static int host_import(void *user, const struct record *record, struct text *error)
{
	int result = check(user, true, error);

	return result != 0 ? result : imports_take(user, record, error);
}

static uint64_t host_imported(void *user)
{
	return imports_stored(user);
}

static uint64_t host_store(void *user)
{
	return daemon_store(user);
}

static int host_test_outlets(void *user, struct text *error)
{
	return outlets_test(user, error);
}

static void host_shutdown(void *user)
{
	struct daemon *daemon = user;

	log_info("asked to stop through the API");
	daemon->stop_commit = daemon_store(daemon);
	daemon_stop(daemon);
}

static void host_setup_place(void *user, struct api_setup_place *out)
{
	first_run_place(user, out);
}

static int host_setup(void *user, struct setup_wish *wish, struct api_setup_done *done,
		      struct text *error)
{
	struct daemon *daemon = user;
	int result = check(daemon, !wish->is_preview, error);

	if (result == 0)
		result = first_run_take(daemon, wish, done, error);
	if (result != 0 || wish->is_preview)
		return result;
	log_info("set up anew through the API: %s is written", daemon->config);
	daemon->starts_again = true;
	daemon->stop_commit = daemon_store(daemon);
	daemon_stop(daemon);
	return 0;
}

static size_t host_prices(void *user, int64_t from_s, int64_t to_s, struct price_slot *out,
			  size_t capacity)
{
	const struct daemon *daemon = user;

	return prices_at(daemon, prices_step_s(daemon), from_s, to_s, out, capacity);
}

static size_t host_pv_forecast(void *user, int64_t from_s, int64_t to_s, struct feed_slot *out,
			       size_t capacity)
{
	return prices_pv_slots(user, from_s, to_s, out, capacity);
}

static void host_price_sources(void *user, struct price_source_view out[PRICE_SOURCES])
{
	prices_sources(user, out);
}

static void host_plan(void *user, size_t battery, struct plan_status *out)
{
	pilot_tell(user, battery, out);
}

static int host_try_relay(void *user, size_t relay, struct text *error)
{
	int result = check(user, false, error);

	return result != 0 ? result : trial_begin(user, relay, error);
}

static void host_trial(void *user, size_t relay, struct api_trial *out)
{
	trial_tell(user, relay, out);
}

static int host_compare_plans(void *user, size_t battery, const struct plan_change *change,
			      plan_compared_done *done, void *call, struct text *error)
{
	return pilot_compare(user, battery, change, done, call, error);
}

static const struct parameter_layer *host_layer(void *user, enum layer_place place, size_t battery)
{
	struct daemon *daemon = user;

	switch (place) {
	case LAYER_PRESET:
		return NULL;
	case LAYER_HOUSE_FILE:
		return &daemon->house.layer;
	case LAYER_HOUSE_RUN:
		return &daemon->house_run;
	case LAYER_BATTERY_FILE:
		return &daemon->house.batteries[battery].layer;
	case LAYER_BATTERY_RUN:
		return &daemon->battery_run[battery];
	}
	return NULL;
}

struct api_host requests_host(struct daemon *daemon)
{
	return (struct api_host){
	    .user = daemon,
	    .house = &daemon->house,
	    .configured_batteries = daemon->configured_batteries,
	    .configured_relays = daemon->configured_relays,
	    .site = &daemon->site,
	    .clock = &daemon->clock,
	    .offset_s = zone_offset_s,
	    .status = &daemon->status,
	    .journal_path = daemon->house.store.path,
	    .now = host_now,
	    .set = host_set,
	    .prices = host_prices,
	    .price_sources = host_price_sources,
	    .pv_forecast = host_pv_forecast,
	    .override = host_override,
	    .override_cancel = host_override_cancel,
	    .acknowledge = host_acknowledge,
	    .admit = host_admit,
	    .admit_relay = host_admit_relay,
	    .look_for_relays = host_look_for_relays,
	    .forget = host_forget,
	    .audit = host_audit,
	    .keep_asked = host_keep_asked,
	    .import = host_import,
	    .imported = host_imported,
	    .store = host_store,
	    .test_outlets = host_test_outlets,
	    .shutdown = host_shutdown,
	    .setup_place = host_setup_place,
	    .setup = host_setup,
	    .plan = host_plan,
	    .try_relay = host_try_relay,
	    .trial = host_trial,
	    .foresee = foresee,
	    .compare_plans = host_compare_plans,
	    .layer = host_layer,
	};
}
