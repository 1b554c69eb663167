/* What the trial and its ways to the relay share. Nobody else includes it. */
#pragma once

#include "adapt/coap_hub.h"
#include "adapt/mqtt.h"
#include "adapt/relay_trial.h"
#include "adapt/source_relay.h"

enum trial_step {
	TRIAL_FINDS, /* how it stands, which has to be off */
	TRIAL_CLOSES,
	TRIAL_WAITS, /* nothing is sent but the question how it stands */
	TRIAL_HOLDS, /* closed, without a lease */
	TRIAL_OPENS_TOLD,
	TRIAL_CLEANS, /* told to open, and what came of the trial is known */
	TRIAL_IS_OVER,
};

struct relay_trial {
	uv_timer_t timer;
	uv_loop_t *loop;
	struct relay_trial_events events;
	const struct house *house;
	size_t index;
	const struct source *source;
	int clock_factor;
	bool has_lease, is_blind;

	enum trial_step step;
	uint64_t since, asked_at; /* the loop's time of the step's beginning, and of the last question */
	bool is_up;               /* the way to the relay is there */
	bool may_be_closed;
	int64_t lease_ms; /* that it was told, or says that it has */
	enum relay_trial_result result;
	char words[RELAY_TRIAL_WORDS_MAX];

	/* by CoAP */
	struct coap_hub *hub;

	/* by MQTT */
	struct mqtt_link *link;
	struct mqtt_topics topics;
	struct source_relay_handlers handlers;
	struct source_relay relay;
};

/* --- relay_trial_way.c --- */

int trial_way_open(struct relay_trial *trial, const char *uri, struct text *error) MUST_CHECK;
void trial_way_close(struct relay_trial *trial);
void trial_way_command(struct relay_trial *trial, const struct relay_command *command);
void trial_way_read(struct relay_trial *trial);
void trial_way_turn(struct relay_trial *trial);

/* How long it stays closed by itself, in its own ms. */
int64_t trial_way_lease_ms(const struct relay_trial *trial);

/* --- relay_trial.c, called by the way --- */

void trial_stands(struct relay_trial *trial, bool is_on);
void trial_taken_blind(struct relay_trial *trial);
void trial_failed(struct relay_trial *trial, bool is_refused, const char *detail);
void trial_way_lost(struct relay_trial *trial, const char *words);
