/*
 * Meters that cannot be right: their sign or unit is against the others', or they stand still
 * though the house does not. They are named, their values marked, and nothing acts on these.
 */
#pragma once

#include "base/time.h"
#include "model/ident.h"
#include "model/meter_group.h"
#include "wire/meter_topic.h"

struct daemon;
struct now;

/* A meter has said `power_w`. */
void meters_doubt_hear(struct daemon *daemon, enum meter_kind kind, const struct ident *name,
		       double power_w, struct now now);

/* What is never negative said that it is; that was refused. */
void meters_doubt_refused(struct daemon *daemon, const struct meter_topic *topic, double power_w);

/* Marks a sum in which there is one. */
void meters_doubt_total(const struct daemon *daemon, enum meter_kind kind, struct mono_time mono,
			struct meter_total *total);

/* Once a second: adds the house up, and says who is in doubt from now on, or no more. */
void meters_doubt_second(struct daemon *daemon, struct now now);
