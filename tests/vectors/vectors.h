/*
 * Test vectors: what goes in, how it is configured, what must come out. A
 * dialect's file puts the product's own code to work on one; it decodes nothing
 * itself.
 *
 * To add a dialect: a file with a vector_run, and its row in vector_dialects.c.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/time.h"

#define VECTOR_PAYLOAD_MAX (256 * 1024)

struct vector {
	const json_t *json; /* the whole of it */
	const json_t *in;
	const json_t *config; /* may be NULL */
	const char *dir;      /* "decode" where it says none */
};

/* What the product made of it: an object as in `expect`, or a reason as in `expect_error`. */
struct vector_result {
	json_t *got;         /* begins as an empty object */
	const char *error;   /* NULL: none */
	const char *skipped; /* NULL: it counts; else what it waits for */
	char words[1024];    /* for people, beside an error; may be empty */

	/*
	 * Whether `value` at `topic`, or at `path` in what comes there, is what confirms a command;
	 * NULL: confirm is compared as it stands.
	 */
	bool (*confirms)(void *user, const json_t *confirm);
	void *user;
	void (*done)(void *user); /* frees `user`; may be NULL */
};

typedef void vector_run(const struct vector *vector, struct vector_result *result);

struct vector_dialect {
	const char *name;
	vector_run *run;
};

/* Ends with a row without a name. */
extern const struct vector_dialect vector_dialects[];

/* --- what dialects share: vector_parts.c --- */

/* The bytes of `payload`, `payload_hex` or `payload_gen` of `message`, for free(). */
uint8_t *vector_payload(const json_t *message, size_t *length);

/* The member `now` as ISO 8601. Returns whether there is one. */
bool vector_now(const json_t *in, struct wall_time *out);

/* Sets got.missing[field] to `reason`. */
void vector_missing(struct vector_result *result, const char *field, const char *reason);

struct source_news;

/* Sets in `result->got` what a message told. */
void vector_keep_news(const struct source_news *news, struct vector_result *result);

/* --- the dialects --- */

vector_run vector_run_source; /* vector_source.c: mappings and profiles over MQTT */
vector_run vector_run_sensor; /* vector_sensor.c: Amphora's own sensor message */
vector_run vector_run_sysfs;  /* vector_sysfs.c */
vector_run vector_run_home;   /* vector_home.c: Home Assistant */
vector_run vector_run_coap;   /* vector_coap.c: CoAP nodes of other makes */
vector_run vector_run_relay;  /* vector_relay.c: Amphora's own relay */
vector_run vector_run_registration; /* likewise: a node registers with us */
vector_run vector_run_later;  /* what waits for buses */

/* --- vector_compare.c --- */

/* Whether `result` is what `vector` expects; writes into `why` where not. */
bool vector_agrees(const struct vector *vector, const struct vector_result *result, char *why,
		   size_t size);
