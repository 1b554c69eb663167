/*
 * Alerts leave the house: what each outlet has yet to tell (model/outlet), in
 * which words (wire/letter), carried by the courier or by the connection for
 * commands. Looked at once a second, so that it is never in control's way.
 *
 * Each outlet has two ways: one for its letters, one for tests, which wait for
 * nothing.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "adapt/password.h"
#include "adapt/signature.h"
#include "base/log.h"
#include "daemon/outlets_parts.h"
#include "wire/letter.h"

#define HEADER_MAX (PATH_TEXT_MAX + 32)

/* What a start looks at afresh is told to be over when it has not begun again by then. */
#define LOOKED_AT_ANEW_MS (2 * MS_PER_MINUTE)

/* How long the broker may take to acknowledge a letter. */
#define BROKER_ANSWERS_MS 10000

_Static_assert(2 * OUTLETS_MAX <= COURIER_WAYS_MAX, "a way for each letter and test");

/* ---- what became of a letter ---- */

static void note_result(struct daemon *daemon, size_t index, const struct way *way,
			bool has_arrived, const char *detail)
{
	struct outlet_status *status = &daemon->status.outlets[index];
	const char *name = daemon->house.outlets[index].name.text;
	bool was_well = !status->was_tried || status->has_arrived;
	struct text words = text_in(status->detail, sizeof status->detail);

	status->was_tried = true;
	status->at = clock_wall(&daemon->clock);
	status->has_arrived = has_arrived;
	status->alert = way->alert;
	if (!has_arrived)
		text_add(&words, "%s", detail);
	if (!has_arrived && was_well)
		log_warning("outlet %s: an alert did not arrive, and is tried again: %s", name,
			    detail);
	else if (has_arrived && !was_well)
		log_info("outlet %s: alerts arrive again", name);
}

static void count_waiting(struct daemon *daemon, size_t index)
{
	const struct outlet *outlet = &daemon->outlets->outlet[index];

	daemon->status.outlets[index].waiting = outlet_waiting(outlet);
	daemon->status.outlets[index].lost = outlet->lost;
	daemon->outlets->file.is_changed = true;
}

/* Begins or ends the alert about it. What it has to tell of itself waits with the rest. */
static void tell_failing(struct daemon *daemon, size_t index, bool is_failing, const char *detail)
{
	const struct outlet *outlet = &daemon->outlets->outlet[index];
	struct event event = {.kind = EVENT_CONDITION,
			      .condition = {.code = ALERT_OUTLET_FAILING,
					    .is_active = is_failing,
					    .subject = daemon->house.outlets[index].name,
					    .value = outlet->misses}};
	struct text words = text_in(event.condition.detail, sizeof event.condition.detail);

	text_add(&words, "%s", detail);
	daemon_step(daemon, &event);
}

static void end_way(struct daemon *daemon, size_t index, struct way *way, bool has_arrived,
		    const char *detail)
{
	struct outlets *outlets = daemon->outlets;
	struct outlet *outlet = &outlets->outlet[index];
	bool was_failing = outlet_is_failing(outlet);

	way->is_busy = false;
	note_result(daemon, index, way, has_arrived, detail);
	if (way == &outlets->ways[index].letter)
		outlet_done(outlet, has_arrived, (int64_t)uv_now(daemon->loop));
	else if (has_arrived)
		outlet_is_well(outlet);
	else
		outlet_missed(outlet);
	if (outlet_is_failing(outlet) != was_failing)
		tell_failing(daemon, index, !was_failing, detail);
	count_waiting(daemon, index);
}

static void on_courier(void *user, size_t way, bool has_arrived, const char *detail)
{
	struct daemon *daemon = user;
	struct way_pair *pair = &daemon->outlets->ways[way / 2];

	end_way(daemon, way / 2, way % 2 == 0 ? &pair->letter : &pair->test, has_arrived, detail);
}

static bool is_answered(const struct way *way, int id)
{
	return way->is_busy && way->is_with_broker && way->id == id;
}

void outlets_answered(struct daemon *daemon, int id, bool is_taken, const char *reason)
{
	struct outlets *outlets = daemon->outlets;

	for (size_t i = 0; outlets != NULL && i < daemon->house.outlet_count; i++) {
		struct way_pair *pair = &outlets->ways[i];

		if (is_answered(&pair->letter, id))
			end_way(daemon, i, &pair->letter, is_taken, reason);
		if (is_answered(&pair->test, id))
			end_way(daemon, i, &pair->test, is_taken, reason);
	}
}

/* ---- sending ---- */

static int publish(struct daemon *daemon, size_t index, const struct letter *letter,
		   struct way *way, const char **trouble)
{
	char room[LETTER_TEXT_MAX];
	struct text body = text_in(room, sizeof room);
	int result;

	letter_json(letter, daemon->house.collector.text, &body);
	result = mqtt_control_publish(daemon->control, daemon->house.outlets[index].topic, room,
				      body.length, 1, false);
	if (result == -ENOTCONN)
		*trouble = "the broker cannot be reached";
	way->is_with_broker = true;
	way->id = mqtt_control_last_id(daemon->control);
	return result;
}

static int send_mail(struct daemon *daemon, size_t index, const struct letter *letter, size_t way,
		     struct courier_order *order)
{
	const struct outlet_config *config = &daemon->house.outlets[index];
	char room[LETTER_TEXT_MAX];
	struct text body = text_in(room, sizeof room);

	letter_mail(letter, config, daemon->house.collector.text, clock_wall(&daemon->clock),
		    &body);
	order->from = config->from;
	order->to = config->to;
	order->body = room;
	order->length = body.length;
	return courier_send(daemon->outlets->courier, way, order);
}

/* Signs all of the body, where there is a secret for it. */
static void sign(const char *secret, const struct text *body, char header[HEADER_MAX])
{
	struct text text = text_in(header, HEADER_MAX);
	char hex[SIGNATURE_TEXT_MAX];

	if (secret[0] == '\0')
		return;
	signature_write(hex, secret, body->data, body->length);
	text_add(&text, "X-Amphora-Signature: sha256=%s", hex);
}

static int send_webhook(struct daemon *daemon, size_t index, const struct letter *letter,
			size_t way, struct courier_order *order)
{
	char room[LETTER_TEXT_MAX], signature[HEADER_MAX] = "";
	struct text body = text_in(room, sizeof room);

	letter_json(letter, daemon->house.collector.text, &body);
	sign(daemon->outlets->secrets[index], &body, signature);
	order->headers[0] = "Content-Type: application/json";
	order->headers[1] = signature;
	order->body = room;
	order->length = body.length;
	return courier_send(daemon->outlets->courier, way, order);
}

static int send_ntfy(struct daemon *daemon, size_t index, const struct letter *letter, size_t way,
		     struct courier_order *order)
{
	const struct outlet_config *config = &daemon->house.outlets[index];
	char room[LETTER_TEXT_MAX], headers[4][HEADER_MAX];
	struct text body = text_in(room, sizeof room), header = text_in(headers[0], HEADER_MAX);

	text_add(&header, "Title: ");
	letter_title(letter, daemon->house.collector.text, &header);
	header = text_in(headers[1], HEADER_MAX);
	text_add(&header, "Priority: %d", letter_priority(letter));
	header = text_in(headers[2], HEADER_MAX);
	text_add(&header, "Tags: %s", letter_tag(letter));
	header = text_in(headers[3], HEADER_MAX);
	text_add(&header, "Click: %s", config->page);
	order->headers[0] = "Content-Type: text/plain; charset=utf-8";
	for (int i = 0; i < (config->page[0] != '\0' ? 4 : 3); i++)
		order->headers[1 + i] = headers[i];
	letter_words(letter, &body);
	order->body = room;
	order->length = body.length;
	return courier_send(daemon->outlets->courier, way, order);
}

static int carry(struct daemon *daemon, size_t index, const struct letter *letter, size_t way)
{
	const struct outlet_config *config = &daemon->house.outlets[index];
	struct courier_order order = {
	    .url = config->url,
	    .tls_is_required = config->tls == OUTLET_TLS_REQUIRED,
	    .tls_ca = config->tls_ca,
	    .user = config->user,
	    .password = daemon->outlets->passwords[index],
	};

	switch (config->kind) {
	case OUTLET_EMAIL:
		return send_mail(daemon, index, letter, way, &order);
	case OUTLET_NTFY:
		return send_ntfy(daemon, index, letter, way, &order);
	case OUTLET_WEBHOOK:
	case OUTLET_MQTT:
		break;
	}
	return send_webhook(daemon, index, letter, way, &order);
}

static void send_letter(struct daemon *daemon, size_t index, const struct letter *letter)
{
	struct way_pair *pair = &daemon->outlets->ways[index];
	bool is_test = letter->kind == LETTER_TRIAL;
	struct way *way = is_test ? &pair->test : &pair->letter;
	const char *trouble = "out of memory";
	int result;

	*way =
	    (struct way){.is_busy = true, .alert = letter->alert.id, .since = uv_now(daemon->loop)};
	if (daemon->house.outlets[index].kind == OUTLET_MQTT)
		result = publish(daemon, index, letter, way, &trouble);
	else
		result = carry(daemon, index, letter, 2 * index + is_test);
	if (result != 0)
		end_way(daemon, index, way, false, trouble);
}

int outlets_test(struct daemon *daemon, struct text *error)
{
	struct letter letter = {.kind = LETTER_TRIAL};

	if (daemon->outlets == NULL) {
		text_add(error, "alerts go nowhere: no outlet is configured (notify in the file)");
		return -ENOENT;
	}
	letter.alert.raised = clock_wall(&daemon->clock);
	for (size_t i = 0; i < daemon->house.outlet_count && !daemon->outlets->is_tested; i++)
		send_letter(daemon, i, &letter);
	daemon->outlets->is_tested = true;
	return 0;
}

/* ---- what comes of alerts, and of time ---- */

/* What is over may still be acknowledged, which is noted too. */
static bool is_news(struct outlets *outlets, size_t index, const struct alert *alert)
{
	struct known_alert *known = &outlets->known[index];
	bool is_known = known->id == alert->id && known->count == alert->count &&
			known->is_active == alert->is_active;

	*known = (struct known_alert){alert->id, alert->count, alert->is_active};
	return !is_known;
}

void outlets_follow(struct daemon *daemon, size_t index)
{
	const struct alert *alert = &daemon->site.alerts[index];
	int64_t now_ms = (int64_t)uv_now(daemon->loop);
	/* While restoring, this is the end of a run that stopped looking, not of the trouble. */
	int64_t wait_ms = daemon->is_restoring ? LOOKED_AT_ANEW_MS : 0;

	if (daemon->outlets == NULL || !is_news(daemon->outlets, index, alert))
		return;
	/* Nobody was told that it began. */
	if (daemon->is_restoring && alert->id > daemon->outlets->file.seen)
		return;
	for (size_t i = 0; i < daemon->house.outlet_count; i++) {
		struct outlet *outlet = &daemon->outlets->outlet[i];

		if (!alert->is_active)
			outlet_ends(outlet, alert, wait_ms, now_ms);
		else if (!alert->is_acknowledged)
			outlet_begins(outlet, alert, now_ms);
		count_waiting(daemon, i);
	}
}

static void give_up_late(struct daemon *daemon, size_t index, struct way *way)
{
	if (way->is_busy && way->is_with_broker &&
	    uv_now(daemon->loop) - way->since >= BROKER_ANSWERS_MS)
		end_way(daemon, index, way, false, "the broker has not acknowledged it");
}

void outlets_second(struct daemon *daemon)
{
	struct outlets *outlets = daemon->outlets;
	bool is_testing = false;

	for (size_t i = 0; outlets != NULL && i < daemon->house.outlet_count; i++) {
		struct outlet *outlet = &outlets->outlet[i];
		const struct letter *letter;

		give_up_late(daemon, i, &outlets->ways[i].letter);
		give_up_late(daemon, i, &outlets->ways[i].test);
		letter = outlet_take(outlet, (int64_t)uv_now(daemon->loop));
		if (letter != NULL) {
			outlets->file.is_changed = true;
			send_letter(daemon, i, letter);
		}
		is_testing = is_testing || outlets->ways[i].test.is_busy;
	}
	if (outlets != NULL && outlets->is_tested && !is_testing) {
		outlets->is_tested = false;
		api_outlets_tested(daemon->api);
	}
	if (outlets != NULL)
		outlets_keep(outlets);
}

void outlets_restored(struct daemon *daemon)
{
	if (daemon->outlets == NULL)
		return;
	daemon->outlets->file.is_ours = true;
	for (size_t i = 0; i < ALERTS_MAX; i++) {
		const struct alert *alert = &daemon->site.alerts[i];

		if (alert->id > daemon->outlets->file.seen && alert->is_active)
			outlets_follow(daemon, i);
	}
}

/* ---- opening ---- */

static int open_one(struct daemon *daemon, size_t index, struct text *error)
{
	const struct outlet_config *config = &daemon->house.outlets[index];
	struct outlets *outlets = daemon->outlets;
	int result = password_read(outlets->passwords[index], PASSWORD_TEXT_MAX,
				   config->password_file, error);

	if (result == 0)
		result = password_read(outlets->secrets[index], PASSWORD_TEXT_MAX,
				       config->secret_file, error);
	if (result == 0)
		result = courier_check_ca(config->tls_ca, error);
	outlets->outlet[index].minimum = config->minimum;
	if (result == 0 && config->kind != OUTLET_MQTT && outlets->courier == NULL)
		result = courier_new(&outlets->courier, daemon->loop, on_courier, daemon);
	return result;
}

int outlets_open(struct daemon *daemon, struct text *error)
{
	int result = 0;

	if (daemon->house.outlet_count == 0)
		return 0;
	daemon->outlets = calloc(1, sizeof *daemon->outlets);
	if (daemon->outlets == NULL)
		return -ENOMEM;
	daemon->outlets->daemon = daemon;
	for (size_t i = 0; result == 0 && i < daemon->house.outlet_count; i++)
		result = open_one(daemon, i, error);
	outlets_recall(daemon->outlets);
	for (size_t i = 0; i < daemon->house.outlet_count; i++)
		count_waiting(daemon, i);
	return result;
}

void outlets_close(struct daemon *daemon)
{
	if (daemon->outlets == NULL)
		return;
	courier_free(daemon->outlets->courier);
	explicit_bzero(daemon->outlets->passwords, sizeof daemon->outlets->passwords);
	explicit_bzero(daemon->outlets->secrets, sizeof daemon->outlets->secrets);
	outlets_keep_and_free(daemon->outlets);
	daemon->outlets = NULL;
}
