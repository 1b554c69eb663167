/*
 * A small house for the core's tests, in simulated time: battery b1 (LFP,
 * 10 kWh, 5 kW), relay r1 that charges it and r2 that lets it feed the house.
 * The relays obey like a real node: numbers, leases, a counter, a boot.
 */
#pragma once

#include "core/step.h"

#define SOURCE 0
#define LOAD 1

#define SENT_MAX 64

struct fake_relay {
	bool is_on;
	bool is_stuck;   /* acknowledges, does not switch, and says so */
	bool is_lying;   /* the same, and says that it has switched */
	bool is_ordered; /* what it was told */
	bool has_power;  /* measures what flows through it */
	double power_w;
	bool is_silent;           /* answers nothing */
	bool is_deaf_to_commands; /* takes no command, and says nothing of it */
	bool is_opened_after_read;  /* once, by hand, when it has answered the next read */
	bool is_deaf_after_renewal; /* takes no command after the next renewal */
	bool is_blind;              /* takes commands, says no more than that, and can not be read */
	bool is_mute;               /* takes commands, and its answers are lost */
	bool has_lease;
	int64_t longest_ms; /* no lease is longer; 0 = any is given */
	struct mono_time lease_ends;
	uint64_t number, boot;
	uint32_t switches, on_received, off_received, renewals;
	int32_t clock_factor;
};

struct scene {
	struct house house;
	struct settings settings[BATTERIES_MAX];
	struct site site;
	struct now now;
	struct outcome outcome; /* of the last event given in */
	size_t sent_count;
	struct command sent[SENT_MAX]; /* by the last event given in, and all that came of it */
	struct fake_relay relays[2];
	uint32_t notes[NOTE_EPOCH + 1]; /* how often each kind was made */
	uint32_t closings[2];
};

/* 10:00 UTC on a day, all settings their presets but no dwell; relays read and open. */
void scene_begin(struct scene *scene);
/* The same, with nothing heard from anyone yet. */
void scene_begin_unread(struct scene *scene);

/* A parameter of b1, in core units, in force at once. */
void scene_set(struct scene *scene, enum parameter_id id, int64_t number);
void scene_set_schedule(struct scene *scene, const char *text);

/* Gives `event` in at the present, and delivers what it sends until all is quiet. */
void scene_give(struct scene *scene, const struct event *event);

/* Given in; what it sends is on its way for longer than the test looks. */
void scene_give_undelivered(struct scene *scene, const struct event *event);
/* How many ONs, and reads, the last event given in has sent. */
size_t scene_ons_sent(const struct scene *scene);
size_t scene_reads_asked(const struct scene *scene);
/* r1 says so, having obeyed the command `number`. */
void scene_hear(struct scene *scene, enum relay_answer answer, bool is_on, uint64_t number,
		int64_t lease_left_ms);

/* b1 says so now; `soc_pct` and `temp_c` in plain units. */
struct event scene_reading(double soc_pct, double temp_c);
void scene_say(struct scene *scene, double soc_pct, double temp_c);

/* A reading with more in it, 10 s from now. */
void scene_say_event(struct scene *scene, const struct event *event);

/* Says it every 10 s, `count` times, beginning in 10 s. */
void scene_say_times(struct scene *scene, double soc_pct, double temp_c, int count);

/* Says it every 10 s, moving from one state of charge to the other by 0.1 % a time. */
void scene_ramp(struct scene *scene, double from_pct, double to_pct, double temp_c);

/* Time passes in ticks of 1 s; leases run out. */
void scene_pass(struct scene *scene, int64_t ms);

void scene_refuse(struct scene *scene);
/* A person takes over b1, or one of its relays. */
void scene_override(struct scene *scene, enum intent intent, int64_t duration_ms);
void scene_override_relay(struct scene *scene, size_t relay, bool is_on, int64_t duration_ms);
/* Ends the override of that relay, and of all that were taken over with it. */
void scene_override_cancel(struct scene *scene, size_t relay);
bool scene_is_overridden(const struct scene *scene, size_t relay);
/* A person has seen the active alert of that code. */
void scene_acknowledge(struct scene *scene, enum alert_code code);
/* r1 or r2 is read now. */
void scene_read(struct scene *scene, size_t relay);
/* It is read every 30 s, `count` times, and shows `power_w` through it; b1 is half full meanwhile.
 */
void scene_show_power(struct scene *scene, size_t relay, double power_w, int count);
/* Someone else switches it, and it is read. */
void scene_switch(struct scene *scene, size_t relay, bool is_on);

bool scene_charges(const struct scene *scene);
/* Two good readings of 20 % and 20 °C, the usual beginning, and asserts that it charges by them. */
void scene_charge(struct scene *scene);
bool scene_discharges(const struct scene *scene);
const struct battery_state *scene_battery(const struct scene *scene);
enum reason_code scene_reason(const struct scene *scene);
/* Writes b1's decision as a person reads it. */
void scene_words(const struct scene *scene, struct text *out);
/* The active alert of that code about anything, or NULL. */
const struct alert *scene_alert(const struct scene *scene, enum alert_code code);
