/*
 * A host for tests of the API: one battery with two relays, and functions that
 * only take notes of what they were asked.
 */
#pragma once

#include <uv.h>

#include "adapt/api.h"

struct fixture {
	char directory[64], path[96], journal[96];
	uv_loop_t loop;
	struct api *api;
	struct house house;
	struct site site;
	struct clock clock;
	struct daemon_status status;
	struct parameter_layer run;
	struct now now;
	/* what the host was asked */
	int sets, overrides, acknowledged, refused, stores, shutdowns;
	size_t imports, import_room; /* taken; and how many are, 0: all */
	struct record imported[8];
	struct audit audits[40]; /* the first of them */
	size_t audit_count;
	struct hindrance next_refusal; /* of the next override */
	int next_result;
	int admissions;
	struct admission admitted; /* the last */
	struct relay_admission admitted_relay;
	char looked_at[PATH_TEXT_MAX];
	char forgotten[IDENT_MAX + 1];
	bool was_seen_open;
	size_t asked_place;
	char asked[RECORD_ASKED_MAX]; /* of the last Idempotency-Key */
	uint64_t asked_ms; /* the loop's time of the last change */
	uint64_t commit;   /* that holds what was asked; 0: it is stored already */
	struct override_wish last_wish;
};

/* The host that `fixture` stands for. */
struct api_host fixture_host(struct fixture *fixture);

/* For cmocka: an API on a socket of its own, in a loop of its own; and its end. */
int fixture_set_up(void **state);
int fixture_tear_down(void **state);
