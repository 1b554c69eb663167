/* The gate: both sides of every boundary, and what it promises for any input. */
#include "core/safety.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/result.h"

/* Everything allows: 50 %, 20 °C, 10 s old, relays read and open for long. */
struct question {
	struct gate_battery battery;
	struct gate_limits limits;
	struct gate_switching switching;
};

static struct question allowing(void)
{
	struct gate_path open = {
	    .has_lease = true, .open_for_ms = 1000000, .clock_factor = 1, .our_clock_factor = 1};

	return (struct question){
	    .battery = {.is_configured = true,
			.has_reading = true,
			.good_in_a_row = 2,
			.age_ms = 10000,
			.soc_bp = 5000,
			.temp_min_mc = 20000,
			.temp_max_mc = 22000},
	    .limits = {.stale_after_ms = 90000,
		       .reserve_bp = 1000,
		       .ceiling_bp = 9500,
		       .charge_min_mc = 5000,
		       .charge_max_mc = 45000,
		       .discharge_min_mc = -10000,
		       .discharge_max_mc = 50000,
		       .soc_hysteresis_bp = 200,
		       .temp_hysteresis_mc = 2000,
		       .dwell_ms = 60000,
		       .switches_per_day = 20},
	    .switching = {.source = open, .load = open},
	};
}

static struct gate_answer ask(const struct question *question, enum intent wanted)
{
	return safety_permit(&question->battery, &question->limits, &question->switching, wanted);
}

static void assert_charges(const struct question *question, enum reason_code code)
{
	struct gate_answer answer = ask(question, INTENT_CHARGE);

	assert_int_equal(answer.reason.code, code);
	assert_int_equal(answer.source_is_on, code == REASON_NONE);
	assert_false(answer.load_is_on);
}

static void assert_discharges(const struct question *question, enum reason_code code)
{
	struct gate_answer answer = ask(question, INTENT_DISCHARGE);

	assert_int_equal(answer.reason.code, code);
	assert_int_equal(answer.load_is_on, code == REASON_NONE);
	assert_false(answer.source_is_on);
}

static void safety_compares_soc_with_ceiling_and_reserve(void **state)
{
	static const struct {
		int32_t soc_bp;
		enum reason_code charge, discharge;
	} rows[] = {
	    {0, REASON_NONE, REASON_RESERVE},    {999, REASON_NONE, REASON_RESERVE},
	    {1000, REASON_NONE, REASON_RESERVE}, {1001, REASON_NONE, REASON_NONE},
	    {9499, REASON_NONE, REASON_NONE},    {9500, REASON_CEILING, REASON_NONE},
	    {9501, REASON_CEILING, REASON_NONE}, {10000, REASON_CEILING, REASON_NONE},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		struct question question = allowing();

		question.battery.soc_bp = rows[i].soc_bp;
		assert_charges(&question, rows[i].charge);
		assert_discharges(&question, rows[i].discharge);
	}
}

static void safety_compares_coldest_and_hottest_with_the_windows(void **state)
{
	static const struct {
		int32_t min_mc, max_mc;
		enum reason_code charge, discharge;
	} rows[] = {
	    {5000, 20000, REASON_NONE, REASON_NONE},
	    {4999, 20000, REASON_CHARGE_COLD, REASON_NONE},
	    {-100, 20000, REASON_CHARGE_COLD, REASON_NONE},
	    {-10000, 20000, REASON_CHARGE_COLD, REASON_NONE},
	    {-10001, 20000, REASON_CHARGE_COLD, REASON_DISCHARGE_COLD},
	    {20000, 45000, REASON_NONE, REASON_NONE},
	    {20000, 45001, REASON_CHARGE_HOT, REASON_NONE},
	    {20000, 50000, REASON_CHARGE_HOT, REASON_NONE},
	    {20000, 50001, REASON_CHARGE_HOT, REASON_DISCHARGE_HOT},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		struct question question = allowing();

		question.battery.temp_min_mc = rows[i].min_mc;
		question.battery.temp_max_mc = rows[i].max_mc;
		assert_charges(&question, rows[i].charge);
		assert_discharges(&question, rows[i].discharge);
	}
}

static void safety_refuses_a_reading_that_is_older_than_stale_after(void **state)
{
	static const struct {
		int64_t age_ms;
		enum reason_code code;
		int64_t lease_ms;
	} rows[] = {
	    {-1, REASON_STALE, 0},          {0, REASON_NONE, 90000},
	    {1, REASON_NONE, 89000},        {1000, REASON_NONE, 89000},
	    {89000, REASON_NONE, 1000},     {89001, REASON_LEASE_SHORT, 0},
	    {90000, REASON_LEASE_SHORT, 0}, {90001, REASON_STALE, 0},
	    {INT64_MAX, REASON_STALE, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		struct question question = allowing();

		question.battery.age_ms = rows[i].age_ms;
		assert_charges(&question, rows[i].code);
		assert_discharges(&question, rows[i].code);
		assert_int_equal(ask(&question, INTENT_CHARGE).lease_ms, rows[i].lease_ms);
	}
}

static void safety_gives_no_lease_to_a_relay_that_has_none(void **state)
{
	struct question question = allowing();

	(void)state;
	question.switching.source.has_lease = false;
	question.battery.age_ms = 90000;
	assert_charges(&question, REASON_NONE);
	assert_int_equal(ask(&question, INTENT_CHARGE).lease_ms, 0);
	question.battery.age_ms = 90001;
	assert_charges(&question, REASON_STALE);
}

static void safety_opens_both_paths_on_any_fault_of_the_sensor(void **state)
{
	static const enum reason_code codes[] = {
	    REASON_NOT_CONFIGURED, REASON_LOCKED_OUT, REASON_NO_READING,
	    REASON_REFUSED,        REASON_SUSPECT,    REASON_FROZEN,
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(codes); i++) {
		struct question question = allowing();

		question.battery.is_configured = codes[i] != REASON_NOT_CONFIGURED;
		question.battery.is_locked_out = codes[i] == REASON_LOCKED_OUT;
		question.battery.has_reading = codes[i] != REASON_NO_READING;
		question.battery.is_refused = codes[i] == REASON_REFUSED;
		question.battery.is_suspect = codes[i] == REASON_SUSPECT;
		question.battery.is_frozen = codes[i] == REASON_FROZEN;
		question.switching.source.is_on = true; /* being on already does not help */
		assert_charges(&question, codes[i]);
		assert_discharges(&question, codes[i]);
		assert_int_equal(safety_fault(&question.battery, &question.limits).code, codes[i]);
	}
}

static void safety_waits_for_two_good_readings(void **state)
{
	struct question question = allowing();

	(void)state;
	question.battery.good_in_a_row = 0;
	assert_charges(&question, REASON_SETTLING);
	question.battery.good_in_a_row = 1;
	assert_charges(&question, REASON_SETTLING);
	question.battery.good_in_a_row = 2;
	assert_charges(&question, REASON_NONE);
}

static void safety_keeps_a_latched_path_open(void **state)
{
	static const enum reason_code codes[] = {
	    REASON_CEILING_LATCHED, REASON_CHARGE_COLD_LATCHED,    REASON_CHARGE_HOT_LATCHED,
	    REASON_RESERVE_LATCHED, REASON_DISCHARGE_COLD_LATCHED, REASON_DISCHARGE_HOT_LATCHED,
	};
	static const int64_t release_at[] = {9300, 7000, 43000, 1200, -8000, 48000};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(codes); i++) {
		struct question question = allowing();
		struct gate_battery *battery = &question.battery;
		bool is_charge = i < 3;

		battery->ceiling_latch = codes[i] == REASON_CEILING_LATCHED;
		battery->charge_cold_latch = codes[i] == REASON_CHARGE_COLD_LATCHED;
		battery->charge_hot_latch = codes[i] == REASON_CHARGE_HOT_LATCHED;
		battery->reserve_latch = codes[i] == REASON_RESERVE_LATCHED;
		battery->discharge_cold_latch = codes[i] == REASON_DISCHARGE_COLD_LATCHED;
		battery->discharge_hot_latch = codes[i] == REASON_DISCHARGE_HOT_LATCHED;
		assert_charges(&question, is_charge ? codes[i] : REASON_NONE);
		assert_discharges(&question, is_charge ? REASON_NONE : codes[i]);
		assert_int_equal(
		    ask(&question, is_charge ? INTENT_CHARGE : INTENT_DISCHARGE).reason.limit,
		    release_at[i]);
	}
}

static void safety_holds_back_closing_for_dwell_and_budget_but_opens_nothing(void **state)
{
	static const struct {
		int64_t open_for_ms;
		int32_t switches;
		bool is_on;
		enum reason_code code;
	} rows[] = {
	    {59999, 0, false, REASON_DWELL},   {60000, 0, false, REASON_NONE},
	    {59999, 0, true, REASON_NONE},     {60000, 19, false, REASON_NONE},
	    {60000, 20, false, REASON_BUDGET}, {60000, 21, false, REASON_BUDGET},
	    {60000, 20, true, REASON_NONE},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		struct question question = allowing();

		question.switching.source.open_for_ms = rows[i].open_for_ms;
		question.switching.source.switches_today = rows[i].switches;
		question.switching.source.is_on = rows[i].is_on;
		question.switching.load = question.switching.source;
		assert_charges(&question, rows[i].code);
		assert_discharges(&question, rows[i].code);
	}
}

static void safety_breaks_before_it_makes(void **state)
{
	struct question question = allowing();

	(void)state;
	question.switching.load.may_be_on = true;
	assert_charges(&question, REASON_OTHER_PATH);
	assert_discharges(&question, REASON_NONE);
	question.switching.source.is_on = true; /* not even if it is on already */
	assert_charges(&question, REASON_OTHER_PATH);
	question.limits.paths_are_independent = true;
	assert_charges(&question, REASON_NONE);
}

static void safety_waits_for_relay_epoch_and_a_common_clock(void **state)
{
	struct question question = allowing();

	(void)state;
	question.switching.source.is_unread = true;
	assert_charges(&question, REASON_RELAY_UNREAD);
	question = allowing();
	question.switching.source.epoch_is_pending = true;
	assert_charges(&question, REASON_EPOCH);
	question = allowing();
	question.switching.source.clock_factor = 60;
	assert_charges(&question, REASON_RELAY_CLOCK);
	question = allowing();
	question.switching.is_stopping = true;
	assert_charges(&question, REASON_SHUTDOWN);
}

/* A small generator (Marsaglia's xorshift), so that a failure repeats. */
static uint64_t draw(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

/* Near `centre` more often than not, so that boundaries are met. */
static int64_t around(uint64_t *seed, int64_t centre, int64_t spread)
{
	uint64_t dice = draw(seed) % 4;
	int64_t width = dice == 0 ? 1 : spread;

	return centre + (int64_t)(draw(seed) % (uint64_t)(2 * width + 1)) - width;
}

static bool rarely(uint64_t *seed)
{
	return draw(seed) % 16 == 0;
}

static struct gate_path random_path(uint64_t *seed)
{
	return (struct gate_path){.is_on = draw(seed) % 2,
				  .may_be_on = draw(seed) % 4 == 0,
				  .is_unread = rarely(seed),
				  .has_lease = !rarely(seed),
				  .epoch_is_pending = rarely(seed),
				  .open_for_ms = around(seed, 60000, 60000),
				  .switches_today = (int32_t)around(seed, 15, 15),
				  .clock_factor = rarely(seed) ? 60 : 1,
				  .our_clock_factor = 1};
}

static struct question random_question(uint64_t *seed)
{
	struct question question = allowing();
	struct gate_battery *battery = &question.battery;

	battery->is_configured = !rarely(seed);
	battery->is_locked_out = rarely(seed);
	battery->has_reading = !rarely(seed);
	battery->is_refused = rarely(seed);
	battery->is_suspect = rarely(seed);
	battery->is_frozen = rarely(seed);
	battery->good_in_a_row = (int32_t)(draw(seed) % 6);
	battery->age_ms = around(seed, 45000, 50000);
	battery->soc_bp = (int32_t)around(seed, draw(seed) % 2 ? 1000 : 9500, 900);
	battery->temp_min_mc = (int32_t)around(seed, 5000, 30000);
	battery->temp_max_mc = (int32_t)around(seed, 40000, 12000);
	battery->ceiling_latch = rarely(seed);
	battery->reserve_latch = rarely(seed);
	battery->charge_cold_latch = rarely(seed);
	battery->charge_hot_latch = rarely(seed);
	battery->discharge_cold_latch = rarely(seed);
	battery->discharge_hot_latch = rarely(seed);
	question.limits.paths_are_independent = draw(seed) % 2;
	question.switching.is_stopping = rarely(seed);
	question.switching.source = random_path(seed);
	question.switching.load = random_path(seed);
	return question;
}

static bool is_fresh(const struct question *q)
{
	const struct gate_battery *b = &q->battery;

	return b->is_configured && !b->is_locked_out && b->has_reading && !b->is_refused &&
	       !b->is_suspect && !b->is_frozen && b->good_in_a_row >= 2 && b->age_ms >= 0 &&
	       b->age_ms <= q->limits.stale_after_ms && !q->switching.is_stopping;
}

static bool charge_is_safe(const struct question *q)
{
	const struct gate_battery *b = &q->battery;

	return is_fresh(q) && b->soc_bp < q->limits.ceiling_bp &&
	       b->temp_min_mc >= q->limits.charge_min_mc &&
	       b->temp_max_mc <= q->limits.charge_max_mc && !b->ceiling_latch &&
	       !b->charge_cold_latch && !b->charge_hot_latch;
}

static bool discharge_is_safe(const struct question *q)
{
	const struct gate_battery *b = &q->battery;

	return is_fresh(q) && b->soc_bp > q->limits.reserve_bp &&
	       b->temp_min_mc >= q->limits.discharge_min_mc &&
	       b->temp_max_mc <= q->limits.discharge_max_mc && !b->reserve_latch &&
	       !b->discharge_cold_latch && !b->discharge_hot_latch;
}

/* What the path itself must satisfy. */
static bool path_is_ready(const struct question *q, bool is_charge)
{
	const struct gate_path *path = is_charge ? &q->switching.source : &q->switching.load;
	const struct gate_path *other = is_charge ? &q->switching.load : &q->switching.source;
	bool may_close = !path->is_unread && !path->epoch_is_pending &&
			 path->open_for_ms >= q->limits.dwell_ms &&
			 path->switches_today < q->limits.switches_per_day;

	return (q->limits.paths_are_independent || !other->may_be_on) &&
	       path->clock_factor == path->our_clock_factor && (path->is_on || may_close) &&
	       (!path->has_lease || q->limits.stale_after_ms - q->battery.age_ms >= 1000);
}

static void check(const struct question *q, enum intent wanted)
{
	struct gate_answer answer = ask(q, wanted);
	const struct gate_path *path =
	    wanted == INTENT_CHARGE ? &q->switching.source : &q->switching.load;
	bool is_on = answer.source_is_on || answer.load_is_on;
	bool charge = wanted == INTENT_CHARGE && charge_is_safe(q) && path_is_ready(q, true);
	bool discharge =
	    wanted == INTENT_DISCHARGE && discharge_is_safe(q) && path_is_ready(q, false);

	assert_int_equal(answer.source_is_on, charge); /* S1, S3, S4, S5, S6, dwell, useful */
	assert_int_equal(answer.load_is_on, discharge);
	assert_false(answer.source_is_on && answer.load_is_on); /* S8 */
	if (is_on && path->has_lease) {                         /* S7 */
		assert_true(answer.lease_ms > 0);
		assert_true(answer.lease_ms <= q->limits.stale_after_ms - q->battery.age_ms);
		assert_int_equal(answer.lease_ms % 1000, 0);
	} else {
		assert_int_equal(answer.lease_ms, 0);
	}
	if (wanted != INTENT_SAFE)
		assert_int_equal(answer.reason.code == REASON_NONE, is_on);
}

static void safety_keeps_its_promises_for_any_input(void **state)
{
	uint64_t seed = 88172645463325252u;
	int on = 0;

	(void)state;
	for (int i = 0; i < 300000; i++) {
		struct question question = random_question(&seed);

		check(&question, INTENT_SAFE);
		check(&question, INTENT_CHARGE);
		check(&question, INTENT_DISCHARGE);
		on += ask(&question, INTENT_CHARGE).source_is_on;
	}
	assert_true(on > 1000); /* the inputs are not all refused */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(safety_compares_soc_with_ceiling_and_reserve),
	    cmocka_unit_test(safety_compares_coldest_and_hottest_with_the_windows),
	    cmocka_unit_test(safety_refuses_a_reading_that_is_older_than_stale_after),
	    cmocka_unit_test(safety_gives_no_lease_to_a_relay_that_has_none),
	    cmocka_unit_test(safety_opens_both_paths_on_any_fault_of_the_sensor),
	    cmocka_unit_test(safety_waits_for_two_good_readings),
	    cmocka_unit_test(safety_keeps_a_latched_path_open),
	    cmocka_unit_test(safety_holds_back_closing_for_dwell_and_budget_but_opens_nothing),
	    cmocka_unit_test(safety_breaks_before_it_makes),
	    cmocka_unit_test(safety_waits_for_relay_epoch_and_a_common_clock),
	    cmocka_unit_test(safety_keeps_its_promises_for_any_input),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
