/*
 * What the journal needs to know for its upkeep, and what it says of its size:
 * a person hears of a journal or a disk that fills up while there is time.
 */
#include "daemon/daemon.h"

#include <stdio.h>

#include "base/zone.h"

#define UPKEEP_MS (5 * MS_PER_MINUTE) /* by our clock */
#define UPKEEP_REAL_MIN_MS 1000
#define DELETE_AFTER_MS MS_PER_HOUR /* of a trusted clock that did not jump */
#define NEARLY_FULL_PERCENT 90
#define NOT_FULL_PERCENT 85 /* the alarm ends below it */
#define DISK_LOW_BYTES (200 * INT64_C(1000000))
#define DISK_GOOD_BYTES (300 * INT64_C(1000000))
#define BYTES_PER_MB INT64_C(1000000)

void upkeep_options(const struct daemon *daemon, struct journal_options *options)
{
	uint64_t real_ms = clock_real_ms(&daemon->clock, UPKEEP_MS);

	options->keep = daemon->house.store.keep;
	options->offset_s = zone_offset_s;
	options->upkeep_ms = real_ms < UPKEEP_REAL_MIN_MS ? UPKEEP_REAL_MIN_MS : (uint32_t)real_ms;
}

/* Whether the clock has been believable for so long that no jump of it makes young rows old. */
static bool may_delete(struct daemon *daemon, struct now now)
{
	if (!now.wall_is_trusted) {
		daemon->is_trusted_since_known = false;
		return false;
	}
	if (!daemon->is_trusted_since_known)
		daemon->trusted_since = now.mono;
	daemon->is_trusted_since_known = true;
	return mono_since(now.mono, daemon->trusted_since) >= DELETE_AFTER_MS;
}

static void tell(struct daemon *daemon)
{
	struct now now = daemon_now(daemon);
	struct journal_circumstances circumstances = {
	    .now = now.wall,
	    .may_delete = may_delete(daemon, now),
	    .has_server = daemon->server != NULL,
	};

	if (daemon->server != NULL) {
		struct server_progress progress = server_read_status(daemon->server);

		circumstances.reading_row = progress.reading_row;
		circumstances.relay_row = progress.relay_row;
		circumstances.decision_row = progress.decision_row;
		circumstances.meter_row = progress.meter_row;
	}
	journal_tell(daemon->journal, &circumstances);
}

static bool is_nearly_full(const struct journal_size *size, bool was)
{
	int percent = was ? NOT_FULL_PERCENT : NEARLY_FULL_PERCENT;
	int64_t disk_low = was ? DISK_GOOD_BYTES : DISK_LOW_BYTES;

	return size->used_bytes >= size->max_bytes / 100 * percent ||
	       (size->disk_free_bytes >= 0 && size->disk_free_bytes < disk_low);
}

static void warn(struct daemon *daemon, const struct journal_size *size)
{
	bool was = daemon->status.journal.is_nearly_full;
	bool is = is_nearly_full(size, was);
	char detail[ALERT_DETAIL_MAX];

	daemon->status.journal.is_nearly_full = is;
	if (is == was)
		return;
	(void)snprintf(detail, sizeof detail, "%lld of %lld MB, %lld MB free on the disk",
		       (long long)(size->used_bytes / BYTES_PER_MB),
		       (long long)(size->max_bytes / BYTES_PER_MB),
		       (long long)(size->disk_free_bytes / BYTES_PER_MB));
	daemon_condition(daemon, ALERT_STORE_NEARLY_FULL, is, detail);
}

void upkeep_second(struct daemon *daemon)
{
	struct journal_size size;

	tell(daemon);
	notes_relays_on(daemon);
	size = journal_read_size(daemon->journal);
	if (!size.is_known)
		return;
	daemon->status.journal.used_bytes = size.used_bytes;
	daemon->status.journal.max_bytes = size.max_bytes;
	daemon->status.journal.rolled_up = size.rolled_up;
	warn(daemon, &size);
}
