/* Whether a reading is believable, against itself and against what came before. */
#pragma once

#include "core/turn.h"

struct verdict {
	enum alert_code code; /* ALERT_NONE: good */
	int64_t value, limit; /* both numbers of what is wrong */
	bool is_recalibrated; /* good because it agrees with the suspect one before */
};

/* Judges `reading` of the battery `index`, measured at `measured_at`. Changes nothing. */
struct verdict judge_reading(const struct turn *turn, size_t index, const struct reading *reading,
			     struct mono_time measured_at);

/*
 * Sums the current up to `measured_at` and compares its sign with the SoC's
 * trend; moves the trend on where they agree.
 */
struct verdict judge_trend(struct battery_state *battery, const struct battery_config *config,
			   const struct reading *reading, struct mono_time measured_at);

/* Remembers the reading as suspect, so that a next one may agree with it. */
void judge_remember(struct battery_state *battery, const struct battery_config *config,
		    const struct reading *reading, struct mono_time measured_at,
		    enum alert_code code);

/* Moves the anchor towards a good reading, and onto one after which the sensor is believed anew. */
void judge_anchor(struct battery_state *battery, const struct battery_config *config,
		  const struct reading *reading, struct mono_time measured_at,
		  bool is_recalibrated);
