/* What the doctor's files share. Nobody else includes it. */
#pragma once

#include "adapt/doctor.h"
#include "base/text.h"

#define WORDS_MAX 512

/* One examination: to whom it goes, and what was said of the part that is looked at. */
struct examination {
	const struct doctor_look *look;
	doctor_tell *tell;
	void *user;
	const char *check, *subject;
	bool is_well;
};

/* A part is looked at: what is said from here on is said of it. */
void doctor_begin(struct examination *examination, const char *check, const char *subject);
void doctor_say(struct examination *examination, enum doctor_verdict verdict, const char *words,
		const char *advice);

/* The part's good word, unless something was found. */
void doctor_end(struct examination *examination, const char *words);

/* Whether the daemon has run for less than `ms`: what is not there yet may be about to come. */
bool doctor_is_early(const struct examination *examination, int64_t ms);

/* --- doctor_nodes.c --- */

void doctor_examine_battery(struct examination *examination, size_t index);
void doctor_examine_command(struct examination *examination, size_t index);
void doctor_examine_relay(struct examination *examination, size_t index);
void doctor_examine_strangers(struct examination *examination);
