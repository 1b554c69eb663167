/*
 * What the journal keeps, one kind of record a table. The journal copies a
 * record when it is appended; texts in it are borrowed for that call.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "model/admission.h"
#include "model/alert.h"
#include "model/audit.h"
#include "model/decision.h"
#include "model/event.h"
#include "model/meter_minute.h"
#include "model/planned.h"
#include "model/price.h"
#include "model/reading.h"
#include "model/relay.h"
#include "model/relay_admission.h"

#define RECORD_ASKED_MAX 192
#define RECORD_NOTE_NAME_MAX 80
#define RECORD_NOTE_MAX 192

enum record_kind {
	RECORD_READING,  /* -> reading, seen as battery_data */
	RECORD_IMPORTED, /* likewise; a reading of the past that a person brought back */
	RECORD_RELAY,    /* -> rele_data */
	RECORD_REFUSED,  /* a message that was refused, for replay */
	RECORD_DECISION,
	RECORD_ALERT,
	RECORD_SETTING, /* a parameter set or unset at run time */
	RECORD_KEPT_BATTERY,
	RECORD_KEPT_RELAY,
	RECORD_EPOCH,
	RECORD_SESSION, /* with the broker: ids of messages stored before it mean nothing more */
	RECORD_TRACE,   /* what the core was given (wire/trace_code) */
	RECORD_AUDIT,   /* what somebody asked for */
	RECORD_METER,   /* -> meter, seen as meter_data; `wall` counts for nothing */
	RECORD_METER_IMPORTED, /* likewise, of the past */
	RECORD_PLAN,           /* a day ahead as it was planned */
	RECORD_PRICE, /* what energy costs in a slot that has begun; `wall` counts for nothing */
	RECORD_ADMISSION, /* a sensor that a person lets in, or forgets */
	RECORD_ASKED,     /* an Idempotency-Key with which something was done */
	RECORD_NOTE,      /* what the next start is to know, by its name: the newest counts */
};

#define REFUSED_PAYLOAD_MAX 256

/* Whether a trace can be followed from a row on. */
enum trace_begin { TRACE_GOES_ON, TRACE_BEGINS_WITH_START, TRACE_BEGINS_WITH_COPY };

struct record {
	enum record_kind kind;
	struct wall_time wall; /* when it arrived or happened, by our clock */
	struct mono_time mono;
	bool wall_is_trusted;
	union {
		struct {
			struct reading reading;
			enum quality quality;
			bool acts;          /* whether control could use it: not retained, not backlog */
			uint16_t message_id; /* MQTT packet id, 0 for QoS 0 and CoAP */
			uint64_t payload_hash;
			uint32_t copies; /* imported: so many of its node, time and sequence there
					    are to be */
		} reading;
		struct {
			struct ident relay, battery;
			enum relay_role role;
			struct relay_status status;
			enum relay_phase phase;
			bool wished_on;
		} relay;
		struct {
			enum refusal refusal;
			char topic[128];     /* cut to fit */
			size_t payload_length; /* of the whole message */
			size_t kept_length;
			uint8_t payload[REFUSED_PAYLOAD_MAX]; /* its beginning */
			uint16_t message_id;
			uint64_t payload_hash;
		} refused;
		struct {
			struct ident battery;
			struct decision decision;
		} decision;
		struct alert alert;
		struct audit audit;
		struct {
			struct ident battery; /* empty: the house */
			enum parameter_id parameter;
			bool is_set;
			struct parameter_value value;
		} setting;
		struct {
			struct ident battery;
			struct kept_battery kept;
		} kept_battery;
		struct {
			struct ident relay;
			struct kept_relay kept;
		} kept_relay;
		struct {
			struct ident meter;
			struct meter_minute minute;
			uint32_t copies; /* imported: so many of its name and minute are to be there */
		} meter;
		const struct planned *plan;
		struct {
			struct price_slot slot;
			char currency[PRICE_CURRENCY_MAX];
		} price;
		uint32_t epoch;
		struct {
			uint32_t place; /* of so many: it takes that of an older one */
			char text[RECORD_ASKED_MAX]; /* adapt/api_once has written it */
		} asked;
		struct {
			char name[RECORD_NOTE_NAME_MAX]; /* what it is of, such as "energy grid" */
			char text[RECORD_NOTE_MAX];      /* who has written it reads it */
		} note;
		struct {
			struct admission admission;
			struct relay_admission relay;
			bool is_relay; /* then `relay` counts */
			bool is_forgotten;
		} admission;
		struct {
			const uint8_t *data; /* whole entries */
			size_t length;
			uint32_t entries;
			enum trace_begin begin;
		} trace;
	};
};
