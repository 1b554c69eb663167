/* The host of the API's tests. What it is asked it writes down; what it answers a test may set. */
#include "adapt/api_test_host.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static int32_t utc(struct wall_time wall)
{
	(void)wall;
	return 0;
}

static struct now host_now(void *user)
{
	return ((struct fixture *)user)->now;
}

static int host_set(void *user, const char *scope, enum parameter_id id,
		    const struct parameter_value *value, bool is_set, struct text *error)
{
	struct fixture *fixture = user;

	(void)scope;
	if (fixture->next_result < 0) {
		text_add(error, "reserve_pct must be 10 to 40");
		return fixture->next_result;
	}
	fixture->sets++;
	fixture->run.is_set[id] = is_set;
	if (is_set)
		fixture->run.value[id] = fixture->site.settings[0].value[id] = *value;
	return 0;
}

/* Takes over a single relay, or of a battery the first. */
static int host_override(void *user, const struct override_wish *wish, uint32_t *id,
			 struct hindrance *refusal, struct text *error)
{
	struct fixture *fixture = user;

	*refusal = fixture->next_refusal;
	if (fixture->next_result < 0) {
		fixture->refused++;
		text_add(error, "nothing was done, since it could not be stored: the disk is full");
		return fixture->next_result;
	}
	fixture->overrides++;
	fixture->last_wish = *wish;
	*id = 7;
	fixture->site.relays[wish->is_by_relay ? wish->index : 0].override =
	    (struct override){.is_active = true,
			      .id = 7,
			      .is_on = override_wish_asks_on(wish),
			      .ends = {fixture->now.mono.ms + wish->duration_ms},
			      .ends_wall = {fixture->now.wall.ms + wish->duration_ms}};
	return 0;
}

static int host_cancel(void *user, uint32_t id, struct text *error)
{
	(void)user;
	(void)error;
	return id == 7 ? 0 : -ENOENT;
}

static int host_acknowledge(void *user, uint32_t id, struct text *error)
{
	struct fixture *fixture = user;

	(void)error;
	if (id != 3)
		return -ENOENT;
	fixture->acknowledged++;
	return 0;
}

static int host_admit(void *user, const struct admission *admission, struct text *error)
{
	struct fixture *fixture = user;

	if (fixture->next_result < 0) {
		text_add(error, "it was not let in");
		return fixture->next_result;
	}
	fixture->admissions++;
	fixture->admitted = *admission;
	return 0;
}

static int host_admit_relay(void *user, const struct relay_admission *admission,
			    struct text *error)
{
	struct fixture *fixture = user;

	if (fixture->next_result < 0) {
		text_add(error, "it was not let in");
		return fixture->next_result;
	}
	fixture->admissions++;
	fixture->admitted_relay = *admission;
	return 0;
}

static int host_look_for_relays(void *user, const char *address, struct text *error)
{
	struct fixture *fixture = user;

	if (fixture->next_result < 0) {
		text_add(error, "it was not looked at");
		return fixture->next_result;
	}
	snprintf(fixture->looked_at, sizeof(fixture->looked_at), "%s", address);
	return 0;
}

static int host_forget(void *user, const char *node, bool is_seen_open, struct text *error)
{
	struct fixture *fixture = user;

	if (fixture->next_result < 0) {
		text_add(error, "it was not let in");
		return fixture->next_result;
	}
	snprintf(fixture->forgotten, sizeof(fixture->forgotten), "%s", node);
	fixture->was_seen_open = is_seen_open;
	return 0;
}

static void host_audit(void *user, const struct audit *entry)
{
	struct fixture *fixture = user;

	if (fixture->audit_count < ARRAY_LENGTH(fixture->audits))
		fixture->audits[fixture->audit_count] = *entry;
	fixture->audit_count++;
}

static void host_keep_asked(void *user, size_t place, const char *text)
{
	struct fixture *fixture = user;

	fixture->asked_place = place;
	snprintf(fixture->asked, sizeof(fixture->asked), "%s", text);
}

static int host_import(void *user, const struct record *record, struct text *error)
{
	struct fixture *fixture = user;

	(void)error;
	if (fixture->imports == ARRAY_LENGTH(fixture->imported) ||
	    (fixture->import_room > 0 && fixture->imports == fixture->import_room))
		return -ENOBUFS;
	fixture->imported[fixture->imports++] = *record;
	return 0;
}

/* All but the first were there already. */
static uint64_t host_imported(void *user)
{
	return ((struct fixture *)user)->imports > 0;
}

static uint64_t host_store(void *user)
{
	struct fixture *fixture = user;

	fixture->stores++;
	fixture->asked_ms = uv_now(&fixture->loop);
	return fixture->commit;
}

static void host_shutdown(void *user)
{
	((struct fixture *)user)->shutdowns++;
}

static void host_plan(void *user, size_t battery, struct plan_status *out)
{
	(void)user;
	(void)battery;
	out->needs[out->need_count++] = "prices";
}

static int host_compare_plans(void *user, size_t battery, const struct plan_change *change,
			      plan_compared_done *done, void *call, struct text *error)
{
	(void)user;
	(void)battery;
	(void)change;
	(void)done;
	(void)call;
	text_add(error, "there is no plan to compare with");
	return -ENOENT;
}

static const struct parameter_layer *host_layer(void *user, enum layer_place place, size_t battery)
{
	struct fixture *fixture = user;

	(void)battery;
	return place == LAYER_HOUSE_RUN ? &fixture->run : NULL;
}

/* ---- one battery with two relays ---- */

static void furnish(struct fixture *fixture)
{
	struct house *house = &fixture->house;
	struct battery_state *battery = &fixture->site.batteries[0];

	house_init(house);
	house->battery_count = 1;
	strcpy(house->batteries[0].id.text, "b1");
	strcpy(house->batteries[0].node.text, "node-1");
	house->relay_count = 2;
	strcpy(house->relays[0].id.text, "r1");
	house->relays[0].role = RELAY_SOURCE;
	house->relays[0].has_lease = true;
	strcpy(house->relays[1].id.text, "r2");
	house->relays[1].role = RELAY_LOAD;
	fixture->site.settings[0].value[PARAMETER_STALE_AFTER].number = 90000;
	fixture->now = (struct now){{1000000}, {1700000000000}, true, 3600, 60};
	battery->has_reading = true;
	battery->quality = QUALITY_GOOD;
	battery->measured_at.ms = 997500;
	battery->reading.soc_bp = 5520;
	battery->reading.temp_min_mc = 24100;
	battery->reading.temp_max_mc = 25000;
	fixture->site.relays[0].is_heard = true;
	fixture->site.relays[0].phase = RELAY_CONFIRMED;
	fixture->site.relays[0].status.is_on = true;
	fixture->site.relays[0].status.lease_left_ms = 80000;
	fixture->site.relays[0].heard_at.ms = 999000;
	fixture->status.version = "1.2.3";
	fixture->status.journal.is_ok = true;
	fixture->clock = clock_real();
	fixture->clock.factor = 60;
}

struct api_host fixture_host(struct fixture *fixture)
{
	return (struct api_host){.user = fixture,
				 .house = &fixture->house,
				 .configured_batteries = 1,
				 .configured_relays = 2,
				 .site = &fixture->site,
				 .clock = &fixture->clock,
				 .offset_s = utc,
				 .status = &fixture->status,
				 .journal_path = fixture->journal,
				 .now = host_now,
				 .set = host_set,
				 .override = host_override,
				 .override_cancel = host_cancel,
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
				 .shutdown = host_shutdown,
				 .plan = host_plan,
				 .compare_plans = host_compare_plans,
				 .layer = host_layer};
}

int fixture_set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	char words[256];
	struct text error = text_in(words, sizeof(words));
	struct api_host host = fixture_host(fixture);

	strcpy(fixture->directory, "/tmp/amphora-api-XXXXXX");
	assert_non_null(mkdtemp(fixture->directory));
	snprintf(fixture->path, sizeof(fixture->path), "%s/api.sock", fixture->directory);
	snprintf(fixture->journal, sizeof(fixture->journal), "%s/none.db", fixture->directory);
	furnish(fixture);
	assert_int_equal(uv_loop_init(&fixture->loop), 0);
	assert_int_equal(api_open(&fixture->api, &fixture->loop, &host, fixture->path, &error), 0);
	*state = fixture;
	return 0;
}

int fixture_tear_down(void **state)
{
	struct fixture *fixture = *state;

	api_close(fixture->api);
	uv_run(&fixture->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&fixture->loop), 0);
	assert_int_not_equal(access(fixture->path, F_OK), 0);
	assert_int_equal(rmdir(fixture->directory), 0);
	free(fixture);
	return 0;
}
