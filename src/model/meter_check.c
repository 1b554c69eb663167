/*
 * The balance of a house, as it is and as it would be if one meter were mended: by the mean
 * of what is missing over ten minutes, since meters do not measure at once.
 */
#include "model/meter_check.h"

#include <math.h>

#define ERROR_LEAST_W 250 /* what meters that do not measure at once may differ by */
#define ERROR_SHARE 0.25  /* of the greatest power in the balance */
#define MENDED_SHARE 0.2  /* of the error: so much smaller it becomes, or it is not that */

static const struct {
	enum meter_kind kind;
	double factor;
	const char *words;
} faults[METER_FAULT_COUNT] = {
    [METER_FAULT_NONE] = {METER_COUNT, 1, ""},
    [METER_GRID_IS_TURNED] = {METER_GRID, -1, "grid: its sign is turned"},
    [METER_GRID_IS_KW] = {METER_GRID, 1000, "grid: it sends kW in place of W"},
    [METER_PV_IS_KW] = {METER_PV, 1000, "pv: it sends kW in place of W"},
    [METER_LOAD_IS_KW] = {METER_LOAD, 1000, "load: it sends kW in place of W"},
};

enum meter_kind meter_fault_kind(enum meter_fault fault)
{
	return faults[fault].kind;
}

/* What nobody accounts for, if `fault` is mended. */
static double error_w(const double power_w[METER_COUNT], double battery_w, enum meter_fault fault)
{
	double mended[METER_COUNT];

	for (int i = 0; i < METER_COUNT; i++)
		mended[i] = power_w[i] * ((int)faults[fault].kind == i ? faults[fault].factor : 1);
	return fabs(mended[METER_GRID] - mended[METER_LOAD] + mended[METER_PV] - battery_w);
}

static void sum_up(struct meter_check *check, const double power_w[METER_COUNT], double battery_w,
		   int64_t took_ms)
{
	double size_w = fabs(battery_w);

	for (int i = 0; i < METER_COUNT; i++) {
		size_w = fmax(size_w, fabs(power_w[i]));
		check->power_w_ms[i] += power_w[i] * (double)took_ms;
	}
	for (int fault = 0; fault < METER_FAULT_COUNT; fault++)
		check->error_w_ms[fault] +=
		    error_w(power_w, battery_w, (enum meter_fault)fault) * (double)took_ms;
	check->size_w_ms += size_w * (double)took_ms;
	check->balance_w_ms += battery_w * (double)took_ms;
	check->looked_ms += took_ms;
}

static bool does_balance(const struct meter_check *check)
{
	double error = check->error_w_ms[METER_FAULT_NONE];

	return error < ERROR_LEAST_W * (double)check->looked_ms ||
	       error < ERROR_SHARE * check->size_w_ms;
}

static enum meter_fault judge(const struct meter_check *check)
{
	double error = check->error_w_ms[METER_FAULT_NONE];
	enum meter_fault best = METER_FAULT_NONE;

	if (does_balance(check))
		return METER_FAULT_NONE;
	for (int fault = 1; fault < METER_FAULT_COUNT; fault++) {
		if (check->error_w_ms[fault] < check->error_w_ms[best])
			best = (enum meter_fault)fault;
	}
	return check->error_w_ms[best] < MENDED_SHARE * error ? best : METER_FAULT_NONE;
}

/* What the other meters and the battery come to, for the meter at fault. */
static double others_w(const struct meter_check *check, enum meter_kind kind)
{
	const double *sums = check->power_w_ms;
	double balance = check->balance_w_ms;
	double wanted = kind == METER_GRID ? sums[METER_LOAD] - sums[METER_PV] + balance
			: kind == METER_PV ? sums[METER_LOAD] + balance - sums[METER_GRID]
					   : sums[METER_GRID] + sums[METER_PV] - balance;

	return wanted / (double)check->looked_ms;
}

bool meter_check_add(struct meter_check *check, const double power_w[METER_COUNT], double battery_w,
		     int64_t took_ms)
{
	enum meter_fault before = check->fault, fault;
	struct meter_check next = {0};

	if (took_ms <= 0)
		return false;
	sum_up(check, power_w, battery_w, took_ms);
	if (check->looked_ms < METER_CHECK_MS)
		return false;
	fault = judge(check);
	if (fault != METER_FAULT_NONE) {
		next.says_w = check->power_w_ms[faults[fault].kind] / (double)check->looked_ms;
		next.should_w = others_w(check, faults[fault].kind);
	}
	next.fault = fault;
	next.is_judged = true;
	next.is_off = fault == METER_FAULT_NONE && !does_balance(check);
	*check = next;
	return fault != before;
}

void meter_check_format(const struct meter_check *check, struct text *out)
{
	if (check->fault == METER_FAULT_NONE)
		return;
	text_add(out, "%s: it says %.*f W, the others come to %.0f W", faults[check->fault].words,
		 faults[check->fault].factor == 1000 ? 1 : 0, check->says_w, check->should_w);
}
