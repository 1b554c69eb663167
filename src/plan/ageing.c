/* Both models, each as the power of an integral of its stress. */
#include "plan/ageing.h"

#include <math.h>

#include "plan/vector.h"

#define KELVIN 273.15
#define GAS 8.314462618 /* J/(mol K) */
#define HOURS_A_YEAR 8766.0
#define SECONDS_AN_HOUR 3600.0

/* e to the power of either sign. */
static double power_of_e(double x)
{
	return x <= 0 ? (double)plan_exp((float)x) : 1 / (double)plan_exp((float)-x);
}

/* ---- LFP: Naumann et al. ---- */

#define LFP_REF_K 298.15
#define LFP_PER_ROOT_SECOND 1.2571e-5
#define LFP_ACTIVATION 17126.0

static double lfp_storage(double soc, double temp_k)
{
	double off = soc - 0.5;
	double heat = power_of_e(-LFP_ACTIVATION / GAS * (1 / temp_k - 1 / LFP_REF_K));

	return LFP_PER_ROOT_SECOND * heat * (2.8575 * off * off * off + 0.60225);
}

/* Of an equivalent full cycle, under the root. */
static double lfp_cycle(double depth, double rate)
{
	double off = depth - 0.6;

	return (0.0630 * rate + 0.0971) * (4.0253 * off * off * off + 1.0923) / 100;
}

/* ---- NMC: Schmalstieg et al. ---- */

#define NMC_CELL_AH 2.05
#define NMC_VOLTS 11 /* at rest, each 10 % of the state of charge */

static const double NMC_REST_V[NMC_VOLTS] = {3.331, 3.491, 3.581, 3.627, 3.655, 3.697,
					     3.775, 3.869, 3.965, 4.073, 4.162};

static double nmc_volt(double soc)
{
	double place = fmin(fmax(soc, 0), 1) * (NMC_VOLTS - 1);
	int at = place >= NMC_VOLTS - 1 ? NMC_VOLTS - 2 : (int)place;

	return NMC_REST_V[at] + (NMC_REST_V[at + 1] - NMC_REST_V[at]) * (place - at);
}

/* A day's, to the power of 3/4 of days. */
static double nmc_storage(double soc, double temp_k)
{
	double stress = 7.543 * nmc_volt(soc) - 23.75;

	return fmax(stress, 0) * 1e6 * power_of_e(-6976 / temp_k);
}

static double nmc_cycle(double middle, double depth)
{
	double off = nmc_volt(middle) - 3.667;

	return 7.348e-3 * off * off + 7.60e-4 + 4.081e-3 * depth;
}

/* ---- both ---- */

/* x to the power of 1/3, by Newton's way; x > 0 and small. */
static double cube_root(double x)
{
	double root = sqrt(sqrt(x));

	for (int i = 0; i < 20; i++)
		root -= (root - x / (root * root)) / 3;
	return root;
}

void ageing_take(struct ageing *ageing, float share, float temp_c, float hours)
{
	double temp_k = (double)temp_c + KELVIN, h = (double)hours, lfp, nmc;
	double middle = ((double)share + (double)ageing->last_share) / 2;

	if (ageing->wear.hours <= 0)
		middle = (double)share;
	else if (hours > 0) {
		double moved = fabs((double)(share - ageing->last_share));

		ageing->moved += moved;
		ageing->rated += moved * moved / h;
	}
	lfp = lfp_storage(middle, temp_k);
	nmc = nmc_storage(middle, temp_k);
	ageing->calendar[AGEING_LFP] += lfp * lfp * h * SECONDS_AN_HOUR;
	if (nmc > 0)
		ageing->calendar[AGEING_NMC] += nmc * cube_root(nmc) * h / 24;
	ageing->cold_hours += temp_c < AGEING_WARM_C ? h : 0;
	ageing->last_share = share;
	wear_take(&ageing->wear, share, hours);
}

/* Under the root: the stress of each depth's cycles, squared, times how many there were. */
static double cycles_of(const struct ageing *ageing, enum ageing_model model)
{
	struct wear_count wear = wear_close(&ageing->wear);
	double rate = ageing->moved > 0 ? ageing->rated / ageing->moved : 0, sum = 0;

	for (int i = 0; i < WEAR_DEPTHS; i++) {
		double full = wear.ways[i], stress, middle;

		if (full <= 0)
			continue;
		middle = wear.middles[i] / wear.cycles[i];
		stress = model == AGEING_LFP ? lfp_cycle(full / wear.cycles[i], rate)
					     : nmc_cycle(middle, full / wear.cycles[i]);
		/* A full cycle moves the cell's charge out and in. */
		sum += stress * stress * full * (model == AGEING_LFP ? 1 : 2 * NMC_CELL_AH);
	}
	return sum;
}

struct ageing_loss ageing_after(const struct ageing *ageing, enum ageing_model model, double years)
{
	double seen = ageing->wear.hours / HOURS_A_YEAR, times, calendar;

	if (seen <= 0)
		return (struct ageing_loss){0, 0};
	times = years / seen;
	calendar = ageing->calendar[model] * times;
	return (struct ageing_loss){
	    .calendar = model == AGEING_LFP ? sqrt(calendar) : sqrt(calendar * sqrt(calendar)),
	    .cycles = sqrt(cycles_of(ageing, model) * times),
	};
}

const char *ageing_name(enum ageing_model model)
{
	return model == AGEING_LFP ? "LFP" : "NMC";
}
