/* The configuration that `amphora setup` writes, from what was answered. Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "model/house.h"

#define SETUP_SOURCES_MAX 4
#define SETUP_RELAYS_MAX 2
#define SETUP_SOURCE_TEXT_MAX 1536
#define SETUP_TEXT_MAX (16 * 1024) /* enough for any answers */

struct setup_relay {
	char id[IDENT_MAX + 1];
	enum relay_role role;
	char source[IDENT_MAX + 1]; /* empty: it has a `uri` */
	char uri[PATH_TEXT_MAX];
	bool is_leaseless; /* with the owner's word */
};

struct setup_answers {
	char zone[64];
	struct broker_config broker;
	char directory[PATH_TEXT_MAX]; /* of journal and socket; empty: where the system keeps them */
	size_t source_count;
	char sources[SETUP_SOURCES_MAX][SETUP_SOURCE_TEXT_MAX]; /* entries of `sources` */
	char battery[IDENT_MAX + 1];
	char battery_source[IDENT_MAX + 1]; /* empty: one of our own sensors */
	enum chemistry chemistry;
	double capacity_kwh, power_kw, reserve_pct;
	size_t relay_count;
	struct setup_relay relays[SETUP_RELAYS_MAX];
};

/* Writes the file; `day` says when, for its first line. */
void setup_write(struct text *out, const struct setup_answers *answers, const char *day);

/* Adds the entry `source` once, however many use it; false where there is no room. */
bool setup_add_source(struct setup_answers *answers, const char *source);
