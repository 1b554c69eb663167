/* The judgement on the wall clock; a pure function but for trust_ask_system(). */
#include "daemon/trust.h"

#include <stdlib.h>
#include <sys/timex.h>

/* The newest row was stamped by our own clock, which may have been corrected by a little since. */
#define TRUST_SLACK_MS (2 * MS_PER_MINUTE)

void trust_init(struct trust *trust, struct wall_time newest_row)
{
	int64_t earliest_ms = newest_row.ms - TRUST_SLACK_MS;

	*trust = (struct trust){
	    .earliest = {earliest_ms > TRUST_EARLIEST_MS ? earliest_ms : TRUST_EARLIEST_MS},
	};
}

static bool is_jump(const struct trust *trust, struct wall_time wall, struct mono_time mono)
{
	int64_t drift_ms = (wall.ms - trust->last_wall.ms) - mono_since(mono, trust->last_mono);

	return llabs(drift_ms) > TRUST_JUMP_MS;
}

bool trust_check(struct trust *trust, struct wall_time wall, struct mono_time mono,
		 bool is_synchronised)
{
	bool was_trusted = trust->is_trusted;

	if (wall.ms < trust->earliest.ms || (trust->has_last && is_jump(trust, wall, mono)))
		trust->steady_checks = 0;
	else if (trust->steady_checks < TRUST_STEADY_CHECKS)
		trust->steady_checks++;
	trust->has_last = true;
	trust->last_wall = wall;
	trust->last_mono = mono;
	trust->is_trusted = trust->steady_checks == TRUST_STEADY_CHECKS ||
			    (trust->steady_checks > 0 && is_synchronised);
	if (trust->is_trusted)
		trust->untrusted_checks = 0;
	else if (trust->untrusted_checks <= TRUST_PATIENCE_CHECKS)
		trust->untrusted_checks++;
	return trust->is_trusted != was_trusted;
}

bool trust_is_news(const struct trust *trust, bool has_changed)
{
	return has_changed || trust->untrusted_checks == TRUST_PATIENCE_CHECKS;
}

bool trust_ask_system(void)
{
	struct timex state = {.modes = 0};
	int result = adjtimex(&state);

	return result != -1 && result != TIME_ERROR && (state.status & STA_UNSYNC) == 0;
}
