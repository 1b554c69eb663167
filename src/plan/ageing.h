/*
 * What published models say of how a battery ages: capacity that is lost with time, and with
 * cycles.
 *
 * MODELLED, not measured: each model is of one cell in a laboratory, and says by how much one way
 * of running it ages more than another rather than when yours is done.
 *
 * AGEING_LFP: Sony/Murata US26650FTC1. Storage: M. Naumann, M. Schimpe, P. Keil, H. Hesse and
 * A. Jossen, J. Energy Storage 17 (2018) 153-169; 0 to 60 °C, all states of charge, 2.4 years.
 * Cycles: M. Naumann, F. Spingler and A. Jossen, J. Power Sources 451 (2020) 227666; mostly at
 * 40 °C, 0.2 to 1 C. Loss goes with the root of time, and of cycles.
 *
 * AGEING_NMC: Sanyo UR18650E. J. Schmalstieg, S. Käbitz, M. Ecker and D. U. Sauer, J. Power
 * Sources 257 (2014) 325-334; storage at 35 °C and above, cycles at 35 °C and 1 C. Loss goes with
 * time to the power of 3/4, and with the root of charge.
 *
 * Where conditions change a loss goes on from what has been lost. Below 25 °C both extrapolate, and
 * neither knows the lithium plating of a battery that is charged in the cold.
 */
#pragma once

#include "plan/wear.h"

enum ageing_model { AGEING_LFP, AGEING_NMC, AGEING_MODELS };

/* A battery's course, as far as the models ask. Zero to begin with. */
struct ageing {
	struct wear_count wear;
	float last_share;
	double calendar[AGEING_MODELS]; /* the integral that each model's power is taken of */
	double moved, rated;            /* shares of the capacity; and each times its rate in 1/h */
	double cold_hours;              /* below AGEING_WARM_C */
};

#define AGEING_WARM_C 25.0f

/* The battery stands at `share` (0..1 of its capacity) after `hours` at `temp_c`. */
void ageing_take(struct ageing *ageing, float share, float temp_c, float hours);

/* Shares of the capacity. */
struct ageing_loss {
	double calendar, cycles;
};

/* What `model` says after `years` of what `ageing` saw, over and over. 0 where it saw nothing. */
struct ageing_loss ageing_after(const struct ageing *ageing, enum ageing_model model, double years);

/* "LFP", "NMC" */
const char *ageing_name(enum ageing_model model);
