/*
 * Records as rows: which value of a record goes into which column.
 *
 * The order of the values is that of the statements in journal_schema.c. A NaN
 * is absent: NULL.
 */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "adapt/journal.h"
#include "adapt/journal_batch.h"
#include "adapt/journal_packer.h"
#include "adapt/known_readings.h"
#include "adapt/redelivery.h"
#include "wire/plan_code.h"

#define CELLS_TEXT_MAX (CELLS_MAX * 6)
#define WISHES_TEXT_MAX 1024
#define VALUE_TEXT_MAX 512

static const char *on_off(bool is_on)
{
	return is_on ? "on" : "off";
}

/* ts_ms, mono_ms: the monotonic time only where it is all there is. */
static void pack_times(struct packer *to, const struct record *record)
{
	packer_integer(to, record->wall.ms);
	packer_integer_if(to, !record->wall_is_trusted, record->mono.ms);
}

/* message_id, payload_hash: only what can be delivered again has them. */
static void pack_message(struct packer *to, uint16_t id, uint64_t hash)
{
	packer_integer_if(to, id != 0, id);
	packer_integer_if(to, id != 0, (int32_t)redelivery_fold(hash));
}

static void pack_cells(struct packer *to, const struct reading *reading)
{
	char data[CELLS_TEXT_MAX + 1];
	struct text text = text_in(data, sizeof(data));

	if (reading->cell_count == 0) {
		packer_null(to);
		return;
	}
	for (size_t i = 0; i < reading->cell_count && i < CELLS_MAX; i++)
		text_add(&text, "%s%u", i > 0 ? "," : "", (unsigned)reading->cell_mv[i]);
	packer_text(to, data);
}

static int64_t reading_marks(const struct record *record)
{
	int64_t lacks = QUALITY_GOOD - (int64_t)record->reading.quality;
	int64_t mono = record->wall_is_trusted ? 0 : record->mono.ms + 1;
	int64_t flags = packer_flags(record) | (record->reading.acts ? 0 : JOURNAL_FLAG_PASSIVE);

	return flags | lacks << JOURNAL_MARK_QUALITY | mono << JOURNAL_MARK_MONO;
}

/* node to sequence */
static void pack_values(struct packer *to, const struct record *record)
{
	const struct reading *reading = &record->reading.reading;
	const struct reading_received *received = &reading->received;

	packer_bytes(to, VALUE_NODE, reading->node.text, strlen(reading->node.text));
	packer_integer(to, record->wall.ms);
	packer_integer(to, reading_marks(record));
	packer_value(to, received->soc_pct, JOURNAL_SCALE);
	packer_value(to, received->temp_c, JOURNAL_SCALE);
	packer_value(to, received->power_w, JOURNAL_SCALE);
	packer_value(to, received->temp_max_c, JOURNAL_SCALE);
	packer_value(to, received->voltage_v, JOURNAL_SCALE_ELECTRIC);
	packer_value(to, received->current_a, JOURNAL_SCALE_ELECTRIC);
	packer_value(to, received->soh_pct, JOURNAL_SCALE);
	packer_value(to, received->interval_s, JOURNAL_SCALE);
	pack_cells(to, reading);
	packer_integer_if(to, reading->has_time, record->wall.ms - reading->measured.ms);
	packer_integer_if(to, reading->has_sequence, reading->sequence);
}

/* Its message, unless a time of its own tells it from all others. */
static void pack_reading(struct packer *to, const struct record *record)
{
	uint64_t id = record->reading.message_id;

	packer_begin(to, STATEMENT_READING);
	pack_values(to, record);
	packer_integer_if(to, id != 0 && !reading_is_timed(&record->reading.reading),
			(int64_t)(id << 32 | redelivery_fold(record->reading.payload_hash)));
	packer_end(to);
}

/* Nobody acts on it, and no broker delivers it again. */
static void pack_imported(struct packer *to, const struct record *record)
{
	struct record passive = *record;

	passive.reading.acts = false;
	passive.mono.ms = -1; /* of another machine */
	packer_begin(to, STATEMENT_IMPORTED);
	pack_values(to, &passive);
	packer_integer(to, record->reading.copies);
	packer_end(to);
}

static void pack_relay(struct packer *to, const struct record *record)
{
	const struct relay_status *status = &record->relay.status;

	packer_begin(to, STATEMENT_RELAY);
	pack_times(to, record);
	packer_integer(to, packer_flags(record));
	packer_text(to, record->relay.relay.text);
	packer_text(to, record->relay.battery.text);
	packer_text(to, relay_role_name(record->relay.role));
	packer_text(to, on_off(status->is_on));
	packer_text(to, relay_phase_name(record->relay.phase));
	packer_text(to, on_off(record->relay.wished_on));
	packer_real(to, (double)status->lease_left_ms / MS_PER_SECOND);
	packer_integer_if(to, status->has_switches, status->switches);
	packer_integer_if(to, status->has_number, (int64_t)status->number);
	packer_integer_if(to, status->has_boot, (int64_t)status->boot);
	packer_real(to, status->has_power ? (double)status->power_mw / 1000 : NAN);
	packer_end(to);
}

static void pack_refused(struct packer *to, const struct record *record)
{
	packer_begin(to, STATEMENT_REFUSED);
	pack_times(to, record);
	packer_integer(to, packer_flags(record));
	packer_text(to, refusal_name(record->refused.refusal));
	packer_text(to, record->refused.topic);
	packer_integer(to, (int64_t)record->refused.payload_length);
	packer_bytes(to, VALUE_BLOB, record->refused.payload, record->refused.kept_length);
	pack_message(to, record->refused.message_id, record->refused.payload_hash);
	packer_end(to);
}

/* [{"decider":"threshold","intent":"charge","reason":"charge-below","value":…,"limit":…},…] */
static void wishes_format(const struct decision *decision, struct text *out)
{
	bool is_first = true;

	text_add(out, "[");
	for (int i = 0; i < DECIDER_COUNT; i++) {
		const struct wish *wish = &decision->wishes[i];

		if (!wish->is_given)
			continue;
		text_add(out,
			 "%s{\"decider\":\"%s\",\"intent\":\"%s\",\"reason\":\"%s\","
			 "\"value\":%lld,\"limit\":%lld}",
			 is_first ? "" : ",", decider_name((enum decider)i),
			 intent_name(wish->intent), reason_name(wish->reason.code),
			 (long long)wish->reason.value, (long long)wish->reason.limit);
		is_first = false;
	}
	text_add(out, "]");
}

static void pack_decision(struct packer *to, const struct record *record)
{
	const struct decision *decision = &record->decision.decision;
	char wishes[WISHES_TEXT_MAX];
	struct text text = text_in(wishes, sizeof(wishes));

	wishes_format(decision, &text);
	packer_begin(to, STATEMENT_DECISION);
	packer_integer(to, record->wall.ms);
	packer_integer(to, record->mono.ms);
	packer_integer(to, packer_flags(record));
	packer_integer(to, decision->id);
	packer_text(to, record->decision.battery.text);
	packer_text(to, intent_name(decision->intent));
	packer_text(to, decider_name(decision->winner));
	packer_text(to, reason_name(decision->reason.code));
	packer_integer(to, decision->reason.value);
	packer_integer(to, decision->reason.limit);
	packer_text(to, intent_name(decision->wanted));
	packer_text(to, wishes);
	packer_text(to, quality_name(decision->quality));
	packer_integer(to, decision->age_ms);
	packer_real(to, decision->soc_bp / 100.0);
	packer_real(to, decision->temp_min_mc / 1000.0);
	packer_real(to, decision->temp_max_mc / 1000.0);
	packer_text(to, reason_name(decision->flip.code));
	packer_integer(to, decision->flip.limit);
	packer_end(to);
}

static void pack_alert(struct packer *to, const struct record *record)
{
	const struct alert *alert = &record->alert;

	packer_begin(to, STATEMENT_ALERT);
	packer_integer(to, record->wall.ms);
	packer_integer(to, alert->id);
	packer_text(to, alert_name(alert->code));
	packer_text(to, alert->subject.text);
	packer_integer(to, alert->value);
	packer_integer(to, alert->limit);
	packer_text(to, alert->detail);
	packer_integer(to, alert->is_active);
	packer_integer(to, alert->is_acknowledged);
	packer_integer(to, alert->count);
	packer_integer(to, alert->raised.ms);
	packer_integer(to, alert->cleared.ms);
	packer_end(to);
}

/* What holds now, and a line in the log of changes. */
static void pack_setting(struct packer *to, const struct record *record)
{
	const char *battery = record->setting.battery.text;
	const char *name = parameter_get(record->setting.parameter)->name;
	bool is_set = record->setting.is_set;
	char value[VALUE_TEXT_MAX];
	struct text text = text_in(value, sizeof(value));

	if (is_set)
		parameter_format(record->setting.parameter, &record->setting.value, &text);
	packer_begin(to, is_set ? STATEMENT_SETTING_SET : STATEMENT_SETTING_UNSET);
	packer_text(to, battery);
	packer_text(to, name);
	if (is_set) {
		packer_text(to, value);
		packer_integer(to, record->wall.ms);
	}
	packer_end(to);
	packer_begin(to, STATEMENT_SETTING_LOG);
	packer_integer(to, record->wall.ms);
	packer_text(to, battery);
	packer_text(to, name);
	if (is_set)
		packer_text(to, value);
	else
		packer_null(to);
	packer_end(to);
}

static void pack_kept_battery(struct packer *to, const struct record *record)
{
	const struct kept_battery *kept = &record->kept_battery.kept;

	packer_begin(to, STATEMENT_KEPT_BATTERY);
	packer_text(to, record->kept_battery.battery.text);
	packer_integer(to, kept->day);
	packer_integer(to, kept->trips_today);
	packer_integer(to, kept->is_locked_out);
	packer_end(to);
}

static void pack_kept_relay(struct packer *to, const struct record *record)
{
	const struct kept_relay *kept = &record->kept_relay.kept;

	packer_begin(to, STATEMENT_KEPT_RELAY);
	packer_text(to, record->kept_relay.relay.text);
	packer_integer(to, kept->day);
	packer_integer(to, kept->switches_today);
	packer_integer_if(to, kept->has_switches, kept->switches);
	packer_integer_if(to, kept->override.is_active, kept->override.id);
	packer_text(to, on_off(kept->override.is_on));
	packer_integer(to, kept->override.ends_wall.ms);
	packer_integer(to, kept->is_ours);
	packer_end(to);
}

static void pack_epoch(struct packer *to, const struct record *record)
{
	packer_begin(to, STATEMENT_EPOCH);
	packer_integer(to, record->epoch);
	packer_end(to);
}

static void pack_admission(struct packer *to, const struct record *record)
{
	bool is_relay = record->admission.is_relay;
	char value[RELAY_ADMISSION_TEXT_MAX];
	struct text text = text_in(value, sizeof(value));

	if (is_relay)
		relay_admission_format(&record->admission.relay, &text);
	else
		admission_format(&record->admission.admission, &text);
	packer_begin(to, record->admission.is_forgotten ? STATEMENT_FORGET : STATEMENT_ADMIT);
	packer_text(to, is_relay ? record->admission.relay.node.text
				 : record->admission.admission.node.text);
	if (!record->admission.is_forgotten)
		packer_text(to, value);
	packer_end(to);
}

static void pack_asked(struct packer *to, const struct record *record)
{
	packer_begin(to, STATEMENT_ASKED);
	packer_integer(to, record->asked.place);
	packer_text(to, record->asked.text);
	packer_end(to);
}

static void pack_note(struct packer *to, const struct record *record)
{
	packer_begin(to, STATEMENT_NOTE);
	packer_text(to, record->note.name);
	packer_text(to, record->note.text);
	packer_end(to);
}

/* Where the rows of the broker's present session begin. */
static void pack_session(struct packer *to, const struct record *record)
{
	(void)record;
	packer_begin(to, STATEMENT_SESSION_READINGS);
	packer_end(to);
	packer_begin(to, STATEMENT_SESSION_REFUSED);
	packer_end(to);
}

static void pack_trace(struct packer *to, const struct record *record)
{
	packer_begin(to, STATEMENT_TRACE);
	packer_integer(to, record->wall.ms);
	packer_integer(to, record->trace.begin);
	packer_integer(to, record->trace.entries);
	packer_bytes(to, VALUE_BLOB, record->trace.data, record->trace.length);
	packer_end(to);
}

static void pack_audit(struct packer *to, const struct record *record)
{
	const struct audit *audit = &record->audit;

	packer_begin(to, STATEMENT_AUDIT);
	pack_times(to, record);
	packer_integer(to, packer_flags(record));
	packer_text(to, audit->who);
	packer_text(to, audit->name.text);
	packer_integer_if(to, audit->uid >= 0, audit->uid);
	packer_text(to, audit->transport);
	packer_text(to, audit->address);
	packer_text(to, audit->method);
	packer_text(to, audit->path);
	packer_text(to, audit->what);
	packer_integer(to, audit->status);
	packer_integer_if(to, audit->command > 0, audit->command);
	packer_integer(to, audit->count);
	packer_end(to);
}

static void pack_plan(struct packer *to, const struct record *record)
{
	uint8_t data[PLAN_CODE_MAX];

	packer_begin(to, STATEMENT_PLAN);
	pack_times(to, record);
	packer_integer(to, packer_flags(record));
	packer_text(to, record->plan->battery.text);
	packer_integer(to, record->plan->number);
	packer_bytes(to, VALUE_BLOB, data, plan_encode(data, sizeof(data), record->plan));
	packer_end(to);
}

static void pack_price(struct packer *to, const struct record *record)
{
	const struct price_slot *slot = &record->price.slot;

	packer_begin(to, STATEMENT_PRICE);
	packer_integer(to, slot->from_s * MS_PER_SECOND);
	packer_integer(to, slot->length_s);
	packer_real(to, slot->buy);
	packer_real(to, slot->sell);
	packer_integer(to, slot->mark == PRICE_ASSUMED);
	packer_text(to, record->price.currency);
	packer_end(to);
}

/* How a kind of record is written, and how much of the batch is kept from it. */
static const struct {
	void (*pack)(struct packer *to, const struct record *record);
	bool is_bulk;
	size_t kept_free;
} kinds[] = {
    [RECORD_READING] = {pack_reading, true, JOURNAL_SHARE_TRACE + JOURNAL_SHARE_STATE},
    [RECORD_IMPORTED] = {pack_imported, true, JOURNAL_SHARE_TRACE + JOURNAL_SHARE_STATE},
    [RECORD_REFUSED] = {pack_refused, true, JOURNAL_SHARE_TRACE + JOURNAL_SHARE_STATE},
    [RECORD_RELAY] = {pack_relay, false, JOURNAL_SHARE_TRACE + JOURNAL_SHARE_STATE},
    [RECORD_DECISION] = {pack_decision, false, JOURNAL_SHARE_TRACE + JOURNAL_SHARE_STATE},
    [RECORD_ALERT] = {pack_alert, false, JOURNAL_SHARE_TRACE + JOURNAL_SHARE_STATE},
    [RECORD_SETTING] = {pack_setting, false, 0},
    [RECORD_KEPT_BATTERY] = {pack_kept_battery, false, 0},
    [RECORD_KEPT_RELAY] = {pack_kept_relay, false, 0},
    [RECORD_EPOCH] = {pack_epoch, false, 0},
    [RECORD_ADMISSION] = {pack_admission, false, 0},
    [RECORD_ASKED] = {pack_asked, false, 0},
    [RECORD_NOTE] = {pack_note, false, 0},
    [RECORD_SESSION] = {pack_session, false, 0},
    [RECORD_AUDIT] = {pack_audit, false, JOURNAL_SHARE_TRACE + JOURNAL_SHARE_STATE},
    [RECORD_METER] = {pack_meter, false, JOURNAL_SHARE_TRACE + JOURNAL_SHARE_STATE},
    [RECORD_METER_IMPORTED] = {pack_meter_imported, true,
			       JOURNAL_SHARE_TRACE + JOURNAL_SHARE_STATE},
    [RECORD_PLAN] = {pack_plan, false, JOURNAL_SHARE_TRACE + JOURNAL_SHARE_STATE},
    [RECORD_PRICE] = {pack_price, false, JOURNAL_SHARE_TRACE + JOURNAL_SHARE_STATE},
    [RECORD_TRACE] = {pack_trace, false, JOURNAL_SHARE_STATE},
};

int journal_batch_add(struct journal_batch *batch, const struct record *record)
{
	size_t limit = JOURNAL_BATCH_BYTES - kinds[record->kind].kept_free;
	bool is_bulk = kinds[record->kind].is_bulk;
	struct packer packer = {.at = batch->data + batch->used, .end = batch->data + limit};

	if (batch->used >= limit || (is_bulk && batch->bulk >= JOURNAL_BATCH_ROWS_MAX))
		return -ENOBUFS;
	kinds[record->kind].pack(&packer, record);
	if (packer.is_full)
		return -ENOBUFS;
	batch->used = (size_t)(packer.at - batch->data);
	batch->records++;
	batch->bulk += is_bulk;
	batch->has_relays = batch->has_relays || record->kind == RECORD_RELAY;
	return 0;
}
