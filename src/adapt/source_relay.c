#include "adapt/source_relay.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "wire/source_command.h"

void source_relay_init(struct source_relay *relay, size_t index, const struct ident *id,
		       const struct source *source, const struct source_relay_handlers *handlers,
		       struct mono_time now)
{
	*relay = (struct source_relay){
	    .index = index, .id = *id, .source = source, .handlers = handlers, .next_read_at = now};
	source_state_init(&relay->state, relay->slots, source);
}

/* ---- reports ---- */

static struct relay_status status_of(const struct source_relay *relay, struct mono_time now)
{
	struct relay_status status = {.node = relay->id, .is_on = relay->is_on, .clock_factor = 1};
	int64_t left_ms = relay->lease_ms - mono_since(now, relay->lease_from);

	if (relay->is_on && relay->lease_ms > 0 && left_ms > 0)
		status.lease_left_ms = left_ms;
	return status;
}

static void report(struct source_relay *relay, enum relay_answer answer, uint64_t tag,
		   struct mono_time now)
{
	struct relay_status status = status_of(relay, now);

	relay->handlers->on_status(relay->handlers->user, relay->index, answer, &status, tag);
}

/* That the device took the command, once. */
static void report_taken(struct source_relay *relay, struct mono_time now)
{
	if (!relay->was_taken)
		report(relay, ANSWER_TAKEN, relay->tag, now);
	relay->was_taken = true;
}

static void report_readback(struct source_relay *relay, struct mono_time now)
{
	relay->is_read = false;
	relay->next_read_at = mono_add(now, SOURCE_RELAY_READ_MS);
	report(relay, ANSWER_READBACK, 0, now);
}

/* The command has come to its end, and how it stands is known. */
static void conclude(struct source_relay *relay, struct mono_time now)
{
	relay->is_commanded = false;
	report_taken(relay, now);
	report_readback(relay, now);
}

static void fail(struct source_relay *relay, bool is_refused, const char *detail)
{
	const struct source_relay_handlers *handlers = relay->handlers;
	bool is_command = relay->is_commanded && !relay->was_taken;

	relay->is_commanded = relay->is_read = false;
	handlers->on_failed(handlers->user, relay->index, is_command, is_command ? relay->tag : 0,
			    is_refused, detail);
}

/* Later: who commands must have ended before. */
static void fail_soon(struct source_relay *relay, bool is_refused, const char *detail)
{
	relay->failure_is_pending = true;
	relay->is_refused = is_refused;
	snprintf(relay->detail, sizeof relay->detail, "%s", detail);
}

/* ---- commands ---- */

static enum source_command_answer compose(struct source_relay *relay, struct source_command *out,
					  const struct relay_command *command)
{
	uint64_t number = ++relay->requests;

	if (!command->is_on)
		return source_command_off(out, relay->source, number);
	return source_command_on(out, relay->source, command->has_lease ? command->lease_ms : 0,
				 number);
}

static void describe(struct text *out, const struct source_relay *relay,
		     enum source_command_answer answer, int64_t lease_ms)
{
	text_add(out, "%s", source_command_answer_name(answer));
	if (answer == SOURCE_COMMAND_LEASE_UNSUPPORTED && relay->source->write.lease_setting_ms > 0)
		text_add(out, ": its timer is set to %" PRId64 " s, and the lease is %" PRId64 " s",
			 relay->source->write.lease_setting_ms / MS_PER_SECOND,
			 lease_ms / MS_PER_SECOND);
}

/* Whether ON would leave it closed for longer than was asked, by what it said of its timer. */
static bool is_unleased(struct source_relay *relay, const struct relay_command *command,
			struct mono_time now)
{
	if (relay->timer_is_wrong && mono_since(now, relay->refused_at) >= SOURCE_RELAY_WRONG_MS)
		relay->timer_is_wrong = false;
	return relay->timer_is_wrong && command->is_on && command->has_lease;
}

static void describe_timer(struct text *out, const struct source_relay *relay)
{
	if (relay->told_ms == 0)
		text_add(out, "it has no timer");
	else
		text_add(out, "its timer is %" PRId64 " s", relay->told_ms / MS_PER_SECOND);
	text_add(out, " and %" PRId64 " s were set: see its rules and firmware",
		 relay->set_ms / MS_PER_SECOND);
}

static void begin(struct source_relay *relay, const struct relay_command *command, uint64_t tag,
		  struct mono_time now)
{
	relay->is_commanded = true;
	relay->wanted_on = command->is_on;
	relay->was_taken = relay->was_heard = relay->was_asked = relay->is_unsent = false;
	relay->tag = tag;
	relay->commanded_at = now;
	relay->is_read = false; /* what its answer says may be older than the command */
	relay->failure_is_pending = relay->readback_is_pending = false;
}

void source_relay_command(struct source_relay *relay, const struct relay_command *command,
			  uint64_t tag, struct mono_time now)
{
	struct source_command out;
	enum source_command_answer answer = compose(relay, &out, command);
	char detail[SOURCE_RELAY_DETAIL_MAX];
	struct text words = text_in(detail, sizeof detail);

	begin(relay, command, tag, now);
	if (answer == SOURCE_COMMAND_GOOD && is_unleased(relay, command, now)) {
		describe_timer(&words, relay);
		fail_soon(relay, true, detail);
		return;
	}
	if (answer != SOURCE_COMMAND_GOOD) {
		describe(&words, relay, answer, command->lease_ms);
		fail_soon(relay, true, detail);
		return;
	}
	if (relay->handlers->publish(relay->handlers->user, out.topic, out.payload) != 0) {
		/* Its lease would end later than was meant: ON is not kept. */
		relay->is_unsent = !command->is_on;
		if (command->is_on)
			fail_soon(relay, false, "the broker is away");
		return;
	}
	if (command->is_on) {
		relay->lease_before_ms = relay->is_on ? relay->lease_ms : out.lease_ms;
		relay->lease_ms = out.lease_ms;
		relay->lease_from = now;
		relay->timer_is_told = false;
	} else {
		relay->lease_ms = 0;
	}
}

/* Returns whether the device can be asked and was. */
static bool ask(struct source_relay *relay, struct mono_time now)
{
	struct source_command out;

	if (source_command_read(&out, relay->source, ++relay->requests) != SOURCE_COMMAND_GOOD ||
	    relay->handlers->publish(relay->handlers->user, out.topic, out.payload) != 0)
		return false;
	relay->read_at = now;
	return true;
}

static bool can_be_asked(const struct source_relay *relay)
{
	return relay->source->write.read.topic != NULL;
}

void source_relay_read(struct source_relay *relay, struct mono_time now)
{
	relay->next_read_at = mono_add(now, SOURCE_RELAY_READ_MS);
	if (relay->is_commanded)
		return; /* which is asked for anyway */
	relay->is_read = true;
	relay->read_at = now; /* while the broker is away it is asked when that is back */
	if (ask(relay, now) || can_be_asked(relay))
		return;
	/* One that only tells changes stands as it said last. */
	if (relay->is_known)
		relay->readback_is_pending = true;
	else
		fail_soon(relay, false, "it has not said yet how it stands");
}

/* ---- what the device says ---- */

/* Whether it may still be what came of an ON that we took back at once: refuse_timer(). */
static bool is_being_opened(const struct source_relay *relay, struct mono_time now)
{
	return relay->timer_is_wrong && mono_since(now, relay->refused_at) < SOURCE_RELAY_DEADLINE_MS;
}

/*
 * Whether it has yet to say which timer runs. One that is set on the device goes with no command, and
 * is told only when it is asked: until then, or for as long as a command may take, ON is not confirmed.
 */
static bool owes_timer(const struct source_relay *relay)
{
	return relay->wanted_on && relay->lease_ms > 0 && !relay->timer_is_told &&
	       relay->source->write.lease_setting_ms > 0 && can_be_asked(relay) &&
	       source_slot(relay->source, SOURCE_LEASE_SET) >= 0;
}

static void take_state(struct source_relay *relay, bool is_on, struct mono_time now)
{
	relay->is_known = true;
	relay->is_on = is_on;
	if (is_on && !relay->is_commanded && is_being_opened(relay, now))
		relay->next_read_at = mono_add(relay->refused_at, SOURCE_RELAY_DEADLINE_MS);
	else if (!relay->is_commanded)
		report_readback(relay, now);
	else if (is_on == relay->wanted_on && !owes_timer(relay))
		conclude(relay, now);
	else
		relay->was_heard = true; /* perhaps it was on its way already */
	if (relay->is_commanded && is_on == relay->wanted_on && !relay->was_asked)
		relay->was_asked = ask(relay, now);
}

/* Opens it, and says why: nothing else would when we are gone. */
static void refuse_timer(struct source_relay *relay, int64_t told_ms, struct mono_time now)
{
	char detail[SOURCE_RELAY_DETAIL_MAX];
	struct text words = text_in(detail, sizeof detail);
	struct source_command off;

	relay->told_ms = told_ms;
	relay->set_ms = relay->lease_ms;
	relay->timer_is_wrong = true;
	relay->refused_at = now;
	describe_timer(&words, relay);
	if (source_command_off(&off, relay->source, ++relay->requests) == SOURCE_COMMAND_GOOD)
		(void)!relay->handlers->publish(relay->handlers->user, off.topic, off.payload);
	relay->was_taken = false; /* so that it is the command that failed */
	if (relay->is_commanded)
		fail(relay, true, detail);
}

/* Of a timer that we set, and set to something. */
static void take_timer(struct source_relay *relay, double told_s, struct mono_time now)
{
	int64_t told_ms = (int64_t)(told_s * MS_PER_SECOND);
	int64_t longest_ms = relay->lease_before_ms > relay->lease_ms ? relay->lease_before_ms
								      : relay->lease_ms;

	if (relay->lease_ms == 0 || !(relay->is_commanded ? relay->wanted_on : relay->is_on))
		return;
	if (told_ms == 0 || told_ms > longest_ms + SOURCE_RELAY_TIMER_SLACK_MS) {
		refuse_timer(relay, told_ms, now);
		return;
	}
	relay->timer_is_told = true;
	relay->timer_is_wrong = false;
	if (told_ms + SOURCE_RELAY_TIMER_SLACK_MS < relay->lease_ms)
		relay->lease_ms = told_ms;
}

/* Whether the device answered our last request by its number. */
static bool is_answer(const struct source_relay *relay, const struct source_news *news)
{
	return (news->got & SOURCE_BIT(SOURCE_ACKED)) != 0 &&
	       news->value[SOURCE_ACKED] == (double)relay->requests;
}

static void take_presence(struct source_relay *relay, enum source_presence presence,
			  struct mono_time now)
{
	if (presence == SOURCE_UP) {
		relay->next_read_at = now;
		return;
	}
	relay->is_known = false;
	fail(relay, false, "the device is gone, as its will or its gateway says");
}

void source_relay_take(struct source_relay *relay, const struct source_message *message,
		       const struct source_now *now)
{
	struct source_news news;

	source_take(&news, relay->source, &relay->state, message, now);
	if (news.available != SOURCE_UNTOLD)
		take_presence(relay, news.available, now->mono);
	if (message->is_retained)
		return; /* the last known, which proves nothing */
	if (news.why == REFUSAL_REFUSED && relay->is_commanded)
		fail(relay, true, "the device did not take the command");
	if ((news.got & SOURCE_BIT(SOURCE_LEASE_SET)) != 0)
		take_timer(relay, news.value[SOURCE_LEASE_SET], now->mono);
	if ((news.got & SOURCE_BIT(SOURCE_STATE)) != 0)
		take_state(relay, news.value[SOURCE_STATE] != 0, now->mono);
	if (relay->is_commanded && is_answer(relay, &news)) {
		report_taken(relay, now->mono);
		relay->was_asked = ask(relay, now->mono);
	}
}

static void send_kept(struct source_relay *relay)
{
	struct source_command out;

	if (!relay->is_commanded || !relay->is_unsent)
		return;
	if (source_command_off(&out, relay->source, ++relay->requests) == SOURCE_COMMAND_GOOD &&
	    relay->handlers->publish(relay->handlers->user, out.topic, out.payload) == 0)
		relay->is_unsent = false;
}

void source_relay_up(struct source_relay *relay, bool is_up, struct mono_time now)
{
	relay->is_known = false;
	relay->next_read_at = now;
	if (is_up) {
		relay->is_read = false; /* it is asked anew */
		send_kept(relay);
	} else if (relay->is_commanded) {
		fail(relay, false, "the broker is away");
	}
}

/* ---- time ---- */

static void turn_command(struct source_relay *relay, struct mono_time now)
{
	int64_t since_ms = mono_since(now, relay->commanded_at);

	if (!relay->was_asked && since_ms >= SOURCE_RELAY_ASK_MS) {
		relay->was_asked = true;
		(void)ask(relay, now);
	}
	if (!can_be_asked(relay) && since_ms >= SOURCE_RELAY_UNCHANGED_MS && relay->is_known &&
	    relay->is_on == relay->wanted_on)
		conclude(relay, now);
	else if (since_ms >= SOURCE_RELAY_DEADLINE_MS && relay->was_heard && relay->is_known)
		conclude(relay, now); /* it says otherwise, or nothing of its timer */
	else if (since_ms >= SOURCE_RELAY_DEADLINE_MS)
		fail(relay, false, "no state came after the command");
}

void source_relay_turn(struct source_relay *relay, struct mono_time now)
{
	if (relay->failure_is_pending) {
		relay->failure_is_pending = false;
		fail(relay, relay->is_refused, relay->detail);
	} else if (relay->readback_is_pending) {
		relay->readback_is_pending = false;
		report_readback(relay, now);
	} else if (relay->is_commanded) {
		turn_command(relay, now);
	} else if (relay->is_read && mono_since(now, relay->read_at) >= SOURCE_RELAY_DEADLINE_MS) {
		fail(relay, false, "it does not answer how it stands");
	} else if (!relay->is_read && mono_since(now, relay->next_read_at) >= 0) {
		source_relay_read(relay, now);
	}
}

static int64_t left(struct mono_time from, int64_t ms, struct mono_time now)
{
	int64_t left_ms = ms - mono_since(now, from);

	return left_ms > 1 ? left_ms : 1;
}

int64_t source_relay_due_ms(const struct source_relay *relay, struct mono_time now)
{
	if (relay->failure_is_pending || relay->readback_is_pending)
		return 1;
	if (relay->is_commanded && !relay->was_asked)
		return left(relay->commanded_at, SOURCE_RELAY_ASK_MS, now);
	if (relay->is_commanded && !can_be_asked(relay) && relay->is_known &&
	    relay->is_on == relay->wanted_on)
		return left(relay->commanded_at, SOURCE_RELAY_UNCHANGED_MS, now);
	if (relay->is_commanded)
		return left(relay->commanded_at, SOURCE_RELAY_DEADLINE_MS, now);
	if (relay->is_read)
		return left(relay->read_at, SOURCE_RELAY_DEADLINE_MS, now);
	return left(relay->next_read_at, 0, now);
}
