/* One description for both directions, see trace_bytes.h. */
#include "wire/plan_code.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "wire/trace_bytes.h"

#define FORMAT 5
#define FORMAT_FIRST 1   /* without temperature, what it was made from and why then */
#define FORMAT_OUTSIDE 3 /* the first with forecasts from outside, and what paths cost */
#define FORMAT_LIMITS 4  /* the first with the limits that it was made within, and a currency */
#define FORMAT_BETWEEN 5 /* the first that says between what money will likely be */
#define MONEY_SCALE 10000.0f
#define MONEY_MAX 1e9f
#define NO_MONEY INT64_MIN /* NaN */
#define SLOT_SECONDS_MAX 86400

/* Not exactly what it was: rounded. */
static void code_money(struct coder *coder, float *value)
{
	int64_t scaled = NO_MONEY;

	if (!coder->is_reading && isfinite(*value))
		scaled =
		    (int64_t)lroundf(fminf(fmaxf(*value, -MONEY_MAX), MONEY_MAX) * MONEY_SCALE);
	code_i64(coder, &scaled);
	if (coder->is_reading)
		*value = scaled == NO_MONEY ? NAN : (float)scaled / MONEY_SCALE;
}

static void code_three(struct coder *coder, int32_t value[PLANNED_QUANTILES])
{
	for (int i = 0; i < PLANNED_QUANTILES; i++)
		code_i32(coder, &value[i]);
}

static void code_slot(struct coder *coder, int format, struct planned_slot *slot)
{
	slot->mode = (enum planned_mode)code_enum(coder, slot->mode, PLANNED_MODES);
	code_i32(coder, &slot->level_bp);
	code_bool(coder, &slot->price_is_assumed);
	code_bool(coder, &slot->is_known);
	code_money(coder, &slot->buy);
	code_money(coder, &slot->sell);
	code_three(coder, slot->load_w);
	code_three(coder, slot->pv_w);
	code_three(coder, slot->soc_bp);
	code_money(coder, &slot->bill);
	for (int mode = 0; mode < PLANNED_MODES; mode++)
		code_money(coder, &slot->more[mode]);
	if (coder->is_reading)
		slot->said_w = -1;
	if (format == FORMAT_FIRST)
		return;
	code_bool(coder, &slot->has_temp);
	code_i32(coder, &slot->temp_mc);
	if (format >= FORMAT_OUTSIDE)
		code_i32(coder, &slot->said_w);
}

static void code_outside(struct coder *coder, struct planned_outside *outside)
{
	outside->sun = (enum planned_sun)code_enum(coder, outside->sun, PLANNED_SUNS);
	code_i32(coder, &outside->share_pct);
	code_i32(coder, &outside->days);
	code_i32(coder, &outside->own_off_w);
	code_i32(coder, &outside->said_off_w);
}

static void code_limits(struct coder *coder, struct planned_limits *limits)
{
	code_bool(coder, &limits->are_known);
	code_bool(coder, &limits->are_exclusive);
	code_i32(coder, &limits->reserve_bp);
	code_i32(coder, &limits->ceiling_bp);
	code_i32(coder, &limits->power_w);
	code_i32(coder, &limits->charge_min_mc);
	code_i32(coder, &limits->charge_max_mc);
}

static void code_between(struct coder *coder, struct planned_between *between)
{
	code_money(coder, &between->low);
	code_money(coder, &between->high);
}

/* What is of a plan as a whole since the third format. */
static void code_later(struct coder *coder, int format, struct planned *plan)
{
	if (coder->is_reading) {
		plan->free_bill = plan->free_self_use = NAN;
		plan->bill_between = plan->saved_between = (struct planned_between){NAN, NAN};
	}
	if (format < FORMAT_OUTSIDE)
		return;
	code_money(coder, &plan->free_bill);
	code_money(coder, &plan->free_self_use);
	code_outside(coder, &plan->outside);
	if (format < FORMAT_LIMITS)
		return;
	code_text(coder, plan->currency, sizeof(plan->currency));
	code_limits(coder, &plan->limits);
	if (format < FORMAT_BETWEEN)
		return;
	code_between(coder, &plan->bill_between);
	code_between(coder, &plan->saved_between);
}

static void code_plan(struct coder *coder, struct planned *plan)
{
	int format = code_enum(coder, FORMAT, FORMAT + 1);

	if (format < FORMAT_FIRST)
		coder->has_failed = true;
	code_u32(coder, &plan->number);
	code_ident(coder, &plan->battery);
	code_i64(coder, &plan->made_at.ms);
	code_i64(coder, &plan->from.ms);
	code_i64(coder, &plan->valid_until.ms);
	plan->slot_s = (int32_t)code_size(coder, (size_t)plan->slot_s, SLOT_SECONDS_MAX);
	code_i32(coder, &plan->days_known);
	code_bool(coder, &plan->is_by_rule);
	if (format > FORMAT_FIRST) {
		code_bool(coder, &plan->is_by_log);
		code_bool(coder, &plan->has_no_prices);
		plan->cause = (enum planned_cause)code_enum(coder, plan->cause, PLANNED_CAUSES);
	}
	code_money(coder, &plan->bill);
	code_money(coder, &plan->saved);
	for (int rule = 0; rule < PLANNED_RULES; rule++)
		code_money(coder, &plan->rule_bill[rule]);
	code_later(coder, format, plan);
	plan->count = (int32_t)code_size(coder, (size_t)plan->count, PLANNED_SLOTS_MAX);
	for (int i = 0; i < plan->count; i++)
		code_slot(coder, format, &plan->slots[i]);
	if (plan->slot_s == 0)
		coder->has_failed = true;
}

/* A writing coder only reads what it is given. */
size_t plan_encode(uint8_t *to, size_t size, const struct planned *plan)
{
	struct coder coder = {.to = to, .left = size};

	code_plan(&coder, (struct planned *)plan);
	return coder.has_failed ? 0 : (size_t)(coder.to - to);
}

int plan_decode(struct planned *out, const uint8_t *from, size_t size)
{
	struct coder coder = {.is_reading = true, .from = from, .left = size};

	memset(out, 0, sizeof(*out));
	code_plan(&coder, out);
	return coder.has_failed || coder.left > 0 ? -EINVAL : 0;
}
