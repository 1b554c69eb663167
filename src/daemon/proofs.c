/*
 * A trial proves a relay as it was reached then: by its address, or by the topic on which its
 * device takes ON. Another device under its name was not tried.
 */
#include "daemon/proofs.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/devices_parts.h"

static const char note_of[] = "trial ";

/* How the relay is reached, as a number. */
static uint64_t way_of(const struct daemon *daemon, size_t relay)
{
	const struct relay_config *config = &daemon->house.relays[relay];
	char words[2 * PATH_TEXT_MAX];
	struct text text = text_in(words, sizeof words);
	int number = daemon->devices != NULL && config->source.text[0] != '\0'
			 ? sources_find(daemon->devices->sources, config->source.text)
			 : -1;

	text_add(&text, "%s %s", config->uri, config->source.text);
	if (number >= 0) {
		const struct source *source = &daemon->devices->sources->entries[number];

		text_add(&text, " %s %s", source->uri != NULL ? source->uri : "",
			 source->write.on.topic != NULL ? source->write.on.topic : "");
	}
	return hash_bytes(words, text.length);
}

/* Its place; that of the first free one where it has none. NULL: all are taken. */
static struct relay_proof *place_of(struct daemon *daemon, const char *relay)
{
	struct relay_proof *proofs = daemon->status.proofs;

	for (size_t i = 0; i < RELAYS_MAX; i++)
		if (strcmp(proofs[i].relay.text, relay) == 0 || proofs[i].relay.text[0] == '\0')
			return &proofs[i];
	return NULL;
}

static void write_note(struct daemon *daemon, const struct relay_proof *proof)
{
	struct record record = daemon_new_record(daemon, RECORD_NOTE);

	snprintf(record.note.name, sizeof record.note.name, "%s%s", note_of, proof->relay.text);
	snprintf(record.note.text, sizeof record.note.text, "%" PRId64 " %" PRIu64 " %d %s",
		 proof->at.ms, proof->way, proof->is_passed, proof->result);
	daemon_record(daemon, &record);
}

void proofs_note(struct daemon *daemon, size_t relay, const char *result, bool is_passed)
{
	struct relay_proof *proof = place_of(daemon, daemon->house.relays[relay].id.text);

	if (proof == NULL)
		return;
	*proof = (struct relay_proof){.relay = daemon->house.relays[relay].id,
				      .at = daemon_now(daemon).wall,
				      .is_passed = is_passed,
				      .way = way_of(daemon, relay)};
	snprintf(proof->result, sizeof proof->result, "%s", result);
	write_note(daemon, proof);
}

bool proofs_recall(struct daemon *daemon, const char *name, const char *text)
{
	struct relay_proof proof = {0}, *place;
	const char *relay = name + strlen(note_of);
	int is_passed;

	if (strncmp(name, note_of, strlen(note_of)) != 0)
		return false;
	place = place_of(daemon, relay);
	if (place == NULL || ident_parse(&proof.relay, relay, strlen(relay)) != 0 ||
	    sscanf(text, "%" SCNd64 " %" SCNu64 " %d %15s", &proof.at.ms, &proof.way, &is_passed,
		   proof.result) != 4)
		return true;
	proof.is_passed = is_passed != 0;
	*place = proof;
	return true;
}

int proofs_open(struct daemon *daemon, struct text *error)
{
	struct relay_proof *proofs = daemon->status.proofs;
	size_t kept = 0;

	(void)error;
	for (size_t i = 0; i < RELAYS_MAX && proofs[i].relay.text[0] != '\0'; i++) {
		int relay = house_find_relay(&daemon->house, proofs[i].relay.text);

		if (relay >= 0 && way_of(daemon, (size_t)relay) == proofs[i].way)
			proofs[kept++] = proofs[i];
	}
	memset(&proofs[kept], 0, (RELAYS_MAX - kept) * sizeof proofs[0]);
	return 0;
}

void proofs_write_all(struct daemon *daemon)
{
	const struct relay_proof *proofs = daemon->status.proofs;

	for (size_t i = 0; i < RELAYS_MAX && proofs[i].relay.text[0] != '\0'; i++)
		write_note(daemon, &proofs[i]);
}
