/*
 * Relays that a person lets in while we run, and forgets again: behind those of the configuration,
 * with the journal as their only home (model/relay_admission).
 *
 * A relay begins open: it is let in only while it says that it is, and is unread then for the core,
 * with its dwell before it. It is forgotten only once it is open, or a person has seen that it is:
 * nothing that is on may rest on a relay of which nobody knows any more.
 *
 * What stands at an index of a relay moves here and nowhere else. The hub's slots do not: what is
 * under way to one relay is never another's.
 */
#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "core/step.h"
#include "daemon/admissions.h"
#include "daemon/home_assistant.h"
#include "daemon/relay_strangers.h"
#include "daemon/trial.h"
#include "wire/plain_channel.h"

#define FRESH_MS 40000 /* real: how long ago a stranger may have said that it is open */
#define SENTENCE_MAX 192

size_t admissions_free_slot(const struct daemon *daemon)
{
	for (size_t slot = daemon->configured_relays; slot < RELAYS_MAX; slot++) {
		bool is_taken =
		    daemon->relay_strangers.is_reading && daemon->relay_strangers.slot == slot;

		for (size_t i = 0; i < daemon->house.relay_count && !is_taken; i++)
			is_taken = daemon->relay_slots[i] == slot;
		if (!is_taken)
			return slot;
	}
	return RELAYS_MAX;
}

int admissions_relay_of_slot(const struct daemon *daemon, size_t slot)
{
	for (size_t i = 0; i < daemon->house.relay_count; i++)
		if (daemon->relay_slots[i] == slot)
			return (int)i;
	return -1;
}

static bool write_relay(struct daemon *daemon, const struct relay_admission *admission,
			bool is_forgotten)
{
	struct record record = daemon_new_record(daemon, RECORD_ADMISSION);

	record.admission.relay = *admission;
	record.admission.is_relay = true;
	record.admission.is_forgotten = is_forgotten;
	return daemon_record(daemon, &record);
}

static struct relay_admission admission_of(const struct daemon *daemon,
					   const struct relay_config *relay)
{
	struct relay_admission out = {.node = relay->id,
				      .battery = daemon->house.batteries[relay->battery].id,
				      .role = relay->role,
				      .has_lease = relay->has_lease};

	strcpy(out.uri, relay->uri);
	return out;
}

void relay_admissions_restore(struct daemon *daemon, const char *node, const char *text)
{
	struct relay_admission admission;
	char words[SENTENCE_MAX + PATH_TEXT_MAX];
	struct text error = text_in(words, sizeof words);

	if (relay_admission_parse(&admission, node, text) != 0) {
		log_warning("the journal says that relay %s was let in as \"%s\", which is not "
			    "understood: it is a stranger again",
			    node, text);
	} else if (relay_admission_check(&admission, &daemon->house, &error) != 0) {
		log_info("relay %s was let in before, and what the configuration says holds now: "
			 "%s",
			 node, words);
		write_relay(daemon, &admission, true);
	} else {
		relay_admission_relay(&admission, &daemon->house,
				      &daemon->house.relays[daemon->house.relay_count++]);
	}
}

void relay_admissions_write_all(struct daemon *daemon)
{
	for (size_t i = daemon->configured_relays; i < daemon->house.relay_count; i++) {
		struct relay_admission admission = admission_of(daemon, &daemon->house.relays[i]);

		write_relay(daemon, &admission, false);
	}
}

/* ---- letting in ---- */

/* The stranger that is meant, open just now; NULL with a sentence and `*result`. */
static struct unknown_relay *find_open(struct daemon *daemon,
				       const struct relay_admission *admission, int *result,
				       struct text *error)
{
	const char *name = admission->node.text;
	struct unknown_relay *relay =
	    relay_strangers_find(daemon, &admission->node, admission->uri);

	*result = -ENOENT;
	if (relay == NULL) {
		text_add(error,
			 "no relay called \"%s\" has registered or was found%s, or more than one "
			 "was: say its address",
			 name, admission->uri[0] != '\0' ? " at that address" : "");
		return NULL;
	}
	*result = -ERANGE;
	if (!relay->is_read ||
	    clock_real_ms(&daemon->clock, mono_since(clock_mono(&daemon->clock), relay->heard_at)) >
		FRESH_MS)
		text_add(error,
			 "relay %s has not said how it stands%s%s: it must be heard to be open",
			 name, relay->trouble[0] != '\0' ? ": " : "", relay->trouble);
	else if (relay->is_on)
		text_add(error,
			 "relay %s is on: whoever holds it on is to let go, then it can be let in",
			 name);
	else
		return relay;
	return NULL;
}

static int open_relay(struct daemon *daemon, const struct relay_admission *admission,
		      struct text *error)
{
	size_t slot = admissions_free_slot(daemon), index = daemon->house.relay_count;
	int result;

	if (daemon->house.demo.house_socket[0] != '\0' && !uri_is_loopback(admission->uri)) {
		text_add(error, "a demo commands relays on this machine only");
		return -EINVAL;
	}
	result =
	    slot == RELAYS_MAX ? -ENOBUFS : coap_hub_set_relay(daemon->hub, slot, admission->uri);
	if (result != 0) {
		text_add(error, "%s: %s", admission->uri, strerror(-result));
		return result;
	}
	if (!write_relay(daemon, admission, false)) {
		coap_hub_unset_relay(daemon->hub, slot);
		return admissions_not_stored(error);
	}
	relay_admission_relay(admission, &daemon->house, &daemon->house.relays[index]);
	daemon->relay_slots[index] = slot;
	return 0;
}

int relay_admissions_admit(struct daemon *daemon, const struct relay_admission *asked,
			   struct text *error)
{
	struct relay_admission admission = *asked;
	struct unknown_relay *stranger = relay_strangers_find(daemon, &asked->node, asked->uri);
	int result;

	if (stranger != NULL)
		strcpy(admission.uri, stranger->uri);
	result = relay_admission_check(&admission, &daemon->house, error);
	if (result != 0)
		return result;
	stranger = find_open(daemon, asked, &result, error);
	if (stranger == NULL)
		return result;
	result = open_relay(daemon, &admission, error);
	if (result != 0)
		return result;
	core_admit_relay(&daemon->site, daemon->house.relay_count++, daemon_now(daemon));
	relay_strangers_leave(daemon, stranger);
	trace_copy(&daemon->trace, &daemon->site, daemon_now(daemon));
	home_rehoused(daemon, NULL, BATTERIES_MAX);
	if (!uri_is_loopback(admission.uri))
		log_warning("relay %s: what is said over %s is not encrypted", admission.node.text,
			    admission.uri);
	log_info("relay %s was let in: the %s of %s%s", admission.node.text,
		 relay_role_name(admission.role), admission.battery.text,
		 admission.has_lease ? "" : ", which nothing opens when we are gone");
	api_event_relay(daemon->api, &admission.node, true, 0);
	return 0;
}

/* ---- forgetting ---- */

/* What the journal keeps of its switching and of a person's word on it is of no use any more. */
static void forget_kept(struct daemon *daemon, const struct ident *relay)
{
	struct record record = daemon_new_record(daemon, RECORD_KEPT_RELAY);

	record.kept_relay.relay = *relay;
	daemon_record(daemon, &record);
}

static int check_open(struct daemon *daemon, size_t index, bool is_seen_open, struct text *error)
{
	const char *name = daemon->house.relays[index].id.text;
	struct opening opening =
	    core_opening(&daemon->site, &daemon->house, daemon_now(daemon), index);

	if (opening.by == OPENER_NONE || (is_seen_open && opening.by == OPENER_PERSON))
		return 0;
	text_add(error, "relay %s is not known to be open: ", name);
	if (opening.by == OPENER_LEASE)
		text_add(error, "hold it off, or wait %lld s for its lease to end",
			 (long long)(opening.within_ms / MS_PER_SECOND + 1));
	else
		text_add(error, "hold it off; where it cannot be reached, look at it, and say that "
				"it was seen open");
	return -ERANGE;
}

/* A trial knows its relay by index. */
static int check_trial(const struct daemon *daemon, struct text *error)
{
	for (size_t i = 0; i < daemon->house.relay_count; i++) {
		struct api_trial trial;

		trial_tell(daemon, i, &trial);
		if (!trial.is_running)
			continue;
		text_add(error, "relay %s is being tried: wait until that is over",
			 daemon->house.relays[i].id.text);
		return -ERANGE;
	}
	return 0;
}

int relay_admissions_forget(struct daemon *daemon, size_t index, bool is_seen_open,
			    struct text *error)
{
	struct relay_config *relays = daemon->house.relays;
	struct relay_admission admission = admission_of(daemon, &relays[index]);
	size_t count = daemon->house.relay_count;
	char *announced;
	int result = check_open(daemon, index, is_seen_open, error);

	if (result == 0)
		result = check_trial(daemon, error);
	if (result != 0)
		return result;
	if (!write_relay(daemon, &admission, true))
		return admissions_not_stored(error);
	trial_close(daemon);
	forget_kept(daemon, &admission.node);
	admissions_end_alerts(daemon, &admission.node);
	announced = home_announced(daemon);
	coap_hub_unset_relay(daemon->hub, daemon->relay_slots[index]);
	core_forget_relay(&daemon->site, index, count);
	memmove(&relays[index], &relays[index + 1], (count - index - 1) * sizeof *relays);
	memmove(&daemon->relay_slots[index], &daemon->relay_slots[index + 1],
		(count - index - 1) * sizeof *daemon->relay_slots);
	daemon->house.relay_count--;
	home_rehoused(daemon, announced, BATTERIES_MAX);
	trace_copy(&daemon->trace, &daemon->site, daemon_now(daemon));
	log_info("relay %s is forgotten, and a stranger again", admission.node.text);
	api_event_relay(daemon->api, &admission.node, false, index);
	return 0;
}
