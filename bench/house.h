/*
 * The house that all measurements are made in: batteries b0, b1, … and for
 * latency relays r0, r1, … with the role `source`. bench/run writes the daemon's
 * configuration to match.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define HOUSE_BATTERIES 32 /* as many as amphorad takes */

/*
 * One threshold and hardly any hysteresis: LOW_PCT begins charging, HIGH_PCT
 * ends it. They are less than 1 % apart, which any battery can do in no time,
 * so that no reading is suspect however fast they follow each other.
 */
#define HOUSE_CHARGE_BELOW_PCT 50.0
#define HOUSE_LOW_CPCT 4980  /* 1/100 % */
#define HOUSE_HIGH_CPCT 5060 /* charge_until_pct is 50.5 */

#define HOUSE_TEMP_DC 241 /* 1/10 °C */

#define HOUSE_TOPIC_MAX 64
#define HOUSE_PAYLOAD_MAX 160

/* The topic of battery `index`, and a reading of it as its sensor would send it now. */
void house_topic(char out[HOUSE_TOPIC_MAX], size_t index);
void house_reading(char out[HOUSE_PAYLOAD_MAX], size_t index, int soc_cpct, int temp_dc);

/* The same as a sensor of another make says it, on its own topic. */
void house_mapped(char topic[HOUSE_TOPIC_MAX], char payload[HOUSE_PAYLOAD_MAX], size_t index,
		  int soc_cpct, int temp_dc);

#define HOUSE_VALUES 5 /* soc, temp, voltage, current, power: a topic each */

/* One value of one of many devices, in its `round`-th round. */
void house_value(char topic[HOUSE_TOPIC_MAX], char payload[HOUSE_PAYLOAD_MAX], size_t device,
		 size_t value, size_t round);
