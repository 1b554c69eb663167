/*
 * GET /metrics: what is live and what is counted, for Prometheus, in its base units.
 *
 * How long it is depends on what is configured and never on what strangers send: nodes that
 * nobody configured are not named. What is not known has no sample, as it is null elsewhere.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "adapt/api_metrics.h"
#include "adapt/http_feed.h"

#define FIXED_LINES 160 /* of what does not depend on batteries and relays */

/* ---- meters, alerts, outlets ---- */

static void add_meters(const struct metrics_view *view)
{
	static const char *const NAMES[METER_COUNT] = {"grid", "pv", "load"};
	static const char power[] = "amphora_meter_power_watts",
			  age[] = "amphora_meter_age_seconds";
	const struct meter_status *meters = view->status->meters;

	metrics_family(view->out, power, METRICS_GAUGE,
		       "Power; of the grid positive while importing.");
	for (int i = 0; i < METER_COUNT; i++)
		metrics_sample(
		    view->out, power, &(struct metrics_label){"meter", NAMES[i]}, 1,
		    metrics_known(meters[i].is_heard && meters[i].quality != QUALITY_MISSING,
				  meters[i].power_w));
	metrics_family(view->out, age, METRICS_GAUGE, "Since it was heard.");
	for (int i = 0; i < METER_COUNT; i++)
		metrics_sample(
		    view->out, age, &(struct metrics_label){"meter", NAMES[i]}, 1,
		    metrics_known(meters[i].is_heard,
				  metrics_seconds(mono_since(view->now.mono, meters[i].heard_at))));
}

static void add_alerts(const struct metrics_view *view)
{
	static const char name[] = "amphora_alerts_active";
	int counts[ALERT_ALARM + 1] = {0};

	for (size_t i = 0; i < ALERTS_MAX; i++) {
		const struct alert *alert = &view->site->alerts[i];

		if (alert->id != 0 && alert->is_active)
			counts[alert_level(alert->code)]++;
	}
	metrics_family(view->out, name, METRICS_GAUGE, "Alerts that are not over.");
	for (int level = ALERT_NOTICE; level <= ALERT_ALARM; level++)
		metrics_sample(
		    view->out, name,
		    &(struct metrics_label){"level", alert_level_name((enum alert_level)level)}, 1,
		    counts[level]);
}

static void add_outlets(const struct metrics_view *view)
{
	static const char waiting[] = "amphora_outlet_letters_waiting",
			  lost[] = "amphora_outlet_letters_lost_total";

	metrics_family(view->out, waiting, METRICS_GAUGE,
		       "Alerts that have not arrived there yet.");
	for (size_t i = 0; i < view->house->outlet_count; i++)
		metrics_sample(view->out, waiting,
			       &(struct metrics_label){"outlet", view->house->outlets[i].name.text},
			       1, (double)view->status->outlets[i].waiting);
	metrics_family(view->out, lost, METRICS_COUNTER, "Alerts that were given up.");
	for (size_t i = 0; i < view->house->outlet_count; i++)
		metrics_sample(view->out, lost,
			       &(struct metrics_label){"outlet", view->house->outlets[i].name.text},
			       1, (double)view->status->outlets[i].lost);
}

/* ---- what is stored ---- */

static void add_readings(const struct metrics_view *view)
{
	static const char refused[] = "amphora_readings_refused_total";
	const struct daemon_status *status = view->status;
	uint64_t received = status->accepted + status->duplicates;

	for (int i = REFUSAL_NONE + 1; i < REFUSAL_COUNT; i++)
		received += status->refused[i];
	metrics_single(view->out, "amphora_readings_received_total", METRICS_COUNTER,
		       (double)received,
		       "Messages of sensors and meters that were looked at, since the start.");
	metrics_single(view->out, "amphora_readings_accepted_total", METRICS_COUNTER,
		       (double)status->accepted, "Readings that were taken.");
	metrics_single(view->out, "amphora_readings_duplicate_total", METRICS_COUNTER,
		       (double)status->duplicates, "Readings that were stored already.");
	metrics_family(view->out, refused, METRICS_COUNTER, "Messages that were refused.");
	for (int i = REFUSAL_NONE + 1; i < REFUSAL_COUNT; i++)
		metrics_sample(view->out, refused,
			       &(struct metrics_label){"reason", refusal_name((enum refusal)i)}, 1,
			       (double)status->refused[i]);
}

static void add_journal(const struct metrics_view *view)
{
	const struct journal_status *journal = &view->status->journal;
	struct text *out = view->out;

	metrics_single(out, "amphora_journal_up", METRICS_GAUGE, journal->is_ok,
		       "Whether it can be written.");
	metrics_single(out, "amphora_journal_readings_total", METRICS_COUNTER,
		       (double)journal->rows,
		       "Readings that were given to it, since it was begun.");
	metrics_single(out, "amphora_journal_commits_total", METRICS_COUNTER,
		       (double)journal->commits,
		       "Transactions that became durable, since the start.");
	metrics_single(
	    out, "amphora_journal_last_commit_age_seconds", METRICS_GAUGE,
	    metrics_known(journal->commits > 0,
			  metrics_seconds(mono_since(view->now.mono, journal->committed_at))),
	    "Since the last one, by the daemon's clock.");
	metrics_single(out, "amphora_journal_records_waiting", METRICS_GAUGE,
		       (double)journal->waiting, "Records that are gathered for the next one.");
	metrics_single(out, "amphora_journal_records_dropped_total", METRICS_COUNTER,
		       (double)journal->dropped, "Records for which a failed disk left no room.");
	metrics_single(out, "amphora_journal_written_bytes_total", METRICS_COUNTER,
		       (double)journal->written_bytes, "Into the file and its log.");
	metrics_single(out, "amphora_journal_used_bytes", METRICS_GAUGE,
		       metrics_known(journal->max_bytes > 0, (double)journal->used_bytes),
		       "In use in it.");
	metrics_single(out, "amphora_journal_max_bytes", METRICS_GAUGE,
		       metrics_known(journal->max_bytes > 0, (double)journal->max_bytes),
		       "The most that it may be.");
}

static void add_server(const struct metrics_view *view)
{
	const struct server_status *server = &view->status->server;

	if (!server->is_configured)
		return;
	metrics_single(view->out, "amphora_server_connected", METRICS_GAUGE, server->is_connected,
		       "Whether the database server takes rows.");
	metrics_single(view->out, "amphora_server_rows_waiting", METRICS_GAUGE,
		       (double)server->unsent_rows, "Rows that it does not have yet.");
	metrics_single(view->out, "amphora_server_rows_refused_total", METRICS_COUNTER,
		       (double)server->refused_rows, "Rows that it did not take.");
}

/* ---- the daemon ---- */

static void add_broker(const struct metrics_view *view)
{
	const struct broker_status *broker = &view->status->broker;

	if (!broker->is_configured)
		return;
	metrics_single(view->out, "amphora_broker_connected", METRICS_GAUGE, broker->is_connected,
		       "Whether the MQTT broker is.");
	metrics_single(view->out, "amphora_broker_connects_total", METRICS_COUNTER,
		       (double)broker->connects, "Connections that came to be, since the start.");
}

static void add_clients(const struct metrics_view *view)
{
	static const char name[] = "amphora_http_connections";
	static const char refused[] = "amphora_http_requests_refused_total";
	struct http_clients clients = http_count_clients(view->api->http);
	struct access_refusals too_many = access_refusals(view->api->access);

	metrics_family(view->out, name, METRICS_GAUGE, "Open connections of the API.");
	metrics_sample(view->out, name, &(struct metrics_label){"listener", "unix"}, 1,
		       (double)clients.on_socket);
	metrics_sample(view->out, name, &(struct metrics_label){"listener", "tcp"}, 1,
		       (double)clients.on_tcp);
	metrics_single(view->out, "amphora_http_streams", METRICS_GAUGE,
		       (double)http_feed_readers(view->api->stream.feed),
		       "Who reads the live events.");
	metrics_family(view->out, refused, METRICS_COUNTER,
		       "Requests that came faster than their caller may ask.");
	metrics_sample(view->out, refused, &(struct metrics_label){"kind", "read"}, 1,
		       (double)too_many.reads);
	metrics_sample(view->out, refused, &(struct metrics_label){"kind", "change"}, 1,
		       (double)too_many.changes);
}

/* From /proc, which is no disk; NaN where it is not there. */
static double resident_bytes(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	long total, resident;
	bool is_read;

	if (!file)
		return NAN;
	is_read = fscanf(file, "%ld %ld", &total, &resident) == 2;
	fclose(file);
	return is_read ? (double)resident * (double)sysconf(_SC_PAGESIZE) : NAN;
}

static double cpu_seconds(void)
{
	struct rusage usage;

	if (getrusage(RUSAGE_SELF, &usage) < 0)
		return NAN;
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void add_daemon(const struct metrics_view *view)
{
	static const char build[] = "amphora_build_info";
	const struct daemon_status *status = view->status;

	metrics_family(view->out, build, METRICS_GAUGE, "1, with the version of the daemon.");
	metrics_sample(view->out, build, &(struct metrics_label){"version", status->version}, 1, 1);
	metrics_single(view->out, "amphora_uptime_seconds", METRICS_GAUGE,
		       metrics_seconds(mono_since(view->now.mono, status->started)),
		       "Since the start, by the daemon's clock.");
	metrics_single(view->out, "amphora_clock_trusted", METRICS_GAUGE, view->now.wall_is_trusted,
		       "Whether its time of day can be believed.");
	metrics_single(view->out, "amphora_clock_factor", METRICS_GAUGE,
		       view->api->host.clock->factor,
		       "How many times as fast as the world its clock runs.");
	metrics_single(view->out, "process_resident_memory_bytes", METRICS_GAUGE, resident_bytes(),
		       "Memory of the process.");
	metrics_single(view->out, "process_cpu_seconds_total", METRICS_COUNTER, cpu_seconds(),
		       "Processor time of all its threads.");
}

static size_t most_bytes(const struct house *house)
{
	size_t lines = FIXED_LINES + house->battery_count * METRICS_BATTERY_LINES +
		       house->relay_count * METRICS_RELAY_LINES + house->outlet_count * 2;

	return lines * METRICS_LINE_MAX;
}

void api_get_metrics(void *user, const struct http_request *request, struct http_reply *reply)
{
	const struct api *api = user;
	size_t size = most_bytes(api->host.house);
	char *data = malloc(size);
	struct text out;
	struct metrics_view view = {
	    api, api->host.house, api->host.site, api->host.status, api->host.now(api->host.user),
	    &out};

	(void)request;
	if (!data) {
		http_problem(reply, 500, "out of memory");
		return;
	}
	out = text_in(data, size);
	add_daemon(&view);
	add_broker(&view);
	add_readings(&view);
	api_metrics_batteries(&view);
	api_metrics_relays(&view);
	add_meters(&view);
	add_alerts(&view);
	add_outlets(&view);
	add_journal(&view);
	add_server(&view);
	add_clients(&view);
	if (out.is_cut) {
		free(data);
		http_problem(reply, 500, "longer than there was room for");
		return;
	}
	*reply = (struct http_reply){
	    .status = 200, .content_type = METRICS_TYPE, .body = data, .body_length = out.length};
}
