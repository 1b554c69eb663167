/* Whether the device is there, when it measured, and how it is commanded. */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "wire/source_command.h"
#include "wire/source_read_parts.h"

#define LEASE_MAX_S (365.0 * 86400)
#define OFFSET_MAX_S (14 * 3600)

/* ---- available ---- */

/* The words for one of up and down. */
struct words_draft {
	const char *pairs[SOURCE_WORDS_MAX][2];
	size_t count;
	const char *meaning;
	struct source_available available;
	bool is_dropped;
};

static void read_available_topic(struct source_reader *reader, const yaml_node_t *node,
				 const struct config_place *place, void *target)
{
	((struct words_draft *)target)->available.topic = source_topic(reader, node, place);
}

static void read_available_path(struct source_reader *reader, const yaml_node_t *node,
				const struct config_place *place, void *target)
{
	((struct words_draft *)target)->available.path = source_pointer(reader, node, place);
}

static void read_available_word(struct source_reader *reader, const yaml_node_t *node,
				const struct config_place *place, void *target)
{
	struct words_draft *draft = target;
	const char *word = source_text(reader, node, place, "a word, or a list of words");

	if (word == NULL)
		return;
	if (draft->count == SOURCE_WORDS_MAX) {
		source_error(reader, node, place, "is one word too many: at most %d are allowed",
			     SOURCE_WORDS_MAX);
		return;
	}
	draft->pairs[draft->count][0] = word;
	draft->pairs[draft->count++][1] = draft->meaning;
}

static void read_up(struct source_reader *reader, const yaml_node_t *node,
		    const struct config_place *place, void *target)
{
	((struct words_draft *)target)->meaning = "up";
	source_read_each(reader, node, place, read_available_word, target);
}

static void read_down(struct source_reader *reader, const yaml_node_t *node,
		      const struct config_place *place, void *target)
{
	((struct words_draft *)target)->meaning = "down";
	source_read_each(reader, node, place, read_available_word, target);
}

static void read_available_when(struct source_reader *reader, const yaml_node_t *node,
				const struct config_place *place, void *target)
{
	((struct words_draft *)target)->is_dropped |= !source_keys_agree(reader, node, place);
}

static const struct source_key available_keys[] = {{"topic", read_available_topic},
						   {"path", read_available_path},
						   {"up", read_up},
						   {"down", read_down},
						   {"when", read_available_when}};

static void read_available(struct source_reader *reader, const yaml_node_t *node,
			   const struct config_place *place, void *target)
{
	struct source *source = &reader->draft->source;
	struct words_draft draft = {0};
	size_t errors = reader->errors->count;

	(void)target;
	reader->is_left_out = false;
	source_read_mapping(reader, node, place, available_keys, ARRAY_LENGTH(available_keys), NULL,
			    &draft);
	if (reader->is_left_out || draft.is_dropped || reader->errors->count > errors)
		return;
	if (draft.available.topic == NULL || draft.count == 0) {
		source_error(reader, node, place, "needs topic, and up or down");
		return;
	}
	if (source->available_count == SOURCE_AVAILABLE_MAX) {
		source_error(reader, node, place, "is one too many: at most %d are allowed",
			     SOURCE_AVAILABLE_MAX);
		return;
	}
	draft.available.words =
	    source_keep_map(reader, (const char *const(*)[2])draft.pairs, draft.count);
	source->available[source->available_count++] = draft.available;
}

void source_read_available(struct source_reader *reader, const yaml_node_t *node,
			   const struct config_place *place, void *target)
{
	reader->draft->source.available_count = 0; /* the source's own replace the profile's */
	source_read_each(reader, node, place, read_available, target);
	reader->is_left_out = false;
}

/* ---- time ---- */

static void read_time_topic(struct source_reader *reader, const yaml_node_t *node,
			    const struct config_place *place, void *target)
{
	((struct source_time *)target)->topic = source_topic(reader, node, place);
}

static void read_time_path(struct source_reader *reader, const yaml_node_t *node,
			   const struct config_place *place, void *target)
{
	((struct source_time *)target)->path = source_pointer(reader, node, place);
}

static void read_time_format(struct source_reader *reader, const yaml_node_t *node,
			     const struct config_place *place, void *target)
{
	static const char *const words[] = {"auto", "s", "ms", "iso", "age", NULL};
	int word = source_word(reader, node, place, words);

	if (word >= 0)
		((struct source_time *)target)->format = (enum source_time_format)word;
}

/* +02:00, -0530, Z */
static bool parse_offset(int32_t *out, const char *text)
{
	struct wall_time at;
	char stamp[WALL_TEXT_MAX + 16];
	struct text words = text_in(stamp, sizeof stamp);

	text_add(&words, "2000-01-02T00:00:00%s", text);
	if (words.is_cut || wall_parse(&at, stamp, words.length) != 0)
		return false;
	/* 2000-01-02T00:00:00Z is 946771200. */
	*out = (int32_t)(INT64_C(946771200) - at.ms / MS_PER_SECOND);
	return *out >= -OFFSET_MAX_S && *out <= OFFSET_MAX_S;
}

static void read_time_tz(struct source_reader *reader, const yaml_node_t *node,
			 const struct config_place *place, void *target)
{
	static const char allowed[] = "an offset from UTC such as \"+02:00\", or Z";
	struct source_time *time = target;
	const char *text = source_text(reader, node, place, allowed);

	if (text == NULL)
		return;
	time->has_offset = parse_offset(&time->offset_s, text);
	if (!time->has_offset)
		source_not_allowed(reader, node, place, allowed);
}

static const struct source_key time_keys[] = {{"topic", read_time_topic},
					      {"path", read_time_path},
					      {"format", read_time_format},
					      {"tz", read_time_tz}};

void source_read_time(struct source_reader *reader, const yaml_node_t *node,
		      const struct config_place *place, void *target)
{
	struct source_time time = {.is_set = true};

	(void)target;
	reader->is_left_out = false;
	source_read_mapping(reader, node, place, time_keys, ARRAY_LENGTH(time_keys), NULL, &time);
	/* A zone that is left open leaves times without one unread, and nothing else. */
	reader->is_left_out = false;
	if (time.topic == NULL && time.path == NULL)
		source_error(reader, node, place, "needs path, or a topic of its own");
	else
		reader->draft->source.time = time;
}

/* ---- write ---- */

/* A message to be sent, while it is read. */
struct out_draft {
	struct source_message_out out;
	const char *unleased_payload;
	bool is_dropped;
};

static void read_out_topic(struct source_reader *reader, const yaml_node_t *node,
			   const struct config_place *place, void *target)
{
	((struct out_draft *)target)->out.topic = source_topic(reader, node, place);
}

static const char *payload_of(struct source_reader *reader, const yaml_node_t *node,
			      const struct config_place *place)
{
	const char *payload = source_text(reader, node, place, "a text of at most 511 bytes");

	if (payload != NULL && source_payload_unknown(payload) != NULL)
		source_not_allowed(reader, node, place, "after $ comes lease, pulsetime or number");
	return payload;
}

static void read_out_payload(struct source_reader *reader, const yaml_node_t *node,
			     const struct config_place *place, void *target)
{
	((struct out_draft *)target)->out.payload = payload_of(reader, node, place);
}

static void read_unleased(struct source_reader *reader, const yaml_node_t *node,
			  const struct config_place *place, void *target)
{
	((struct out_draft *)target)->unleased_payload = payload_of(reader, node, place);
}

static void read_out_when(struct source_reader *reader, const yaml_node_t *node,
			  const struct config_place *place, void *target)
{
	((struct out_draft *)target)->is_dropped |= !source_keys_agree(reader, node, place);
}

static void read_out_unless(struct source_reader *reader, const yaml_node_t *node,
			    const struct config_place *place, void *target)
{
	((struct out_draft *)target)->is_dropped |= source_keys_agree(reader, node, place);
}

static const struct source_key out_keys[] = {{"topic", read_out_topic},
					     {"payload", read_out_payload},
					     {"payload_without_lease", read_unleased},
					     {"when", read_out_when},
					     {"unless", read_out_unless}};

static void read_one_out(struct source_reader *reader, const yaml_node_t *node,
			 const struct config_place *place, void *target)
{
	struct out_draft draft = {0};
	size_t errors = reader->errors->count;

	reader->is_left_out = false;
	source_read_mapping(reader, node, place, out_keys, ARRAY_LENGTH(out_keys), NULL, &draft);
	if (reader->errors->count == errors && !reader->is_left_out && !draft.is_dropped) {
		if (draft.out.topic == NULL || draft.out.payload == NULL)
			source_error(reader, node, place, "needs topic and payload");
		else
			*(struct source_message_out *)target = draft.out;
		if (target == &reader->draft->source.write.on)
			reader->draft->unleased_payload = draft.unleased_payload;
	}
	reader->is_left_out = false;
}

static void read_out(struct source_reader *reader, const yaml_node_t *node,
		     const struct config_place *place, struct source_message_out *out)
{
	source_read_each(reader, node, place,
			 reader->draft->source.is_coap ? source_read_coap_out : read_one_out, out);
}

static void read_on(struct source_reader *reader, const yaml_node_t *node,
		    const struct config_place *place, void *target)
{
	read_out(reader, node, place, &((struct source_write *)target)->on);
}

static void read_off(struct source_reader *reader, const yaml_node_t *node,
		     const struct config_place *place, void *target)
{
	read_out(reader, node, place, &((struct source_write *)target)->off);
}

static void read_ask(struct source_reader *reader, const yaml_node_t *node,
		     const struct config_place *place, void *target)
{
	read_out(reader, node, place, &((struct source_write *)target)->read);
}

/* Its own answer to a command never confirms it: only `read.state` does, or nothing can. */
static void read_confirm(struct source_reader *reader, const yaml_node_t *node,
			 const struct config_place *place, void *target)
{
	static const char *const words[] = {"state", "none", NULL};

	((struct source_write *)target)->is_blind = source_word(reader, node, place, words) == 1;
}

static void read_lease_by(struct source_reader *reader, const yaml_node_t *node,
			  const struct config_place *place, void *target)
{
	static const char *const words[] = {"device", "refresh", "none", NULL};
	static const enum source_lease leases[] = {SOURCE_LEASE_DEVICE, SOURCE_LEASE_REFRESH,
						   SOURCE_LEASE_NONE};
	int word = source_word(reader, node, place, words);

	if (word < 0)
		return;
	((struct source_write *)target)->lease = leases[word];
	/* That nothing opens the device is for the owner to accept, not for a profile. */
	if (leases[word] == SOURCE_LEASE_NONE && reader->profile != NULL)
		((struct source_write *)target)->lease = SOURCE_LEASE_UNSUPPORTED;
}

static void read_lease_max(struct source_reader *reader, const yaml_node_t *node,
			   const struct config_place *place, void *target)
{
	double seconds = 0;

	if (source_read_number(reader, node, place, 1, LEASE_MAX_S, &seconds))
		((struct source_write *)target)->lease_max_ms = (int64_t)(seconds * MS_PER_SECOND);
}

static void read_lease_setting(struct source_reader *reader, const yaml_node_t *node,
			       const struct config_place *place, void *target)
{
	double seconds = 0;

	if (source_read_number(reader, node, place, 0, LEASE_MAX_S, &seconds))
		((struct source_write *)target)->lease_setting_ms =
		    (int64_t)ceil(seconds * MS_PER_SECOND);
}

static void read_lease_needs(struct source_reader *reader, const yaml_node_t *node,
			     const struct config_place *place, void *target)
{
	if (!source_keys_agree(reader, node, place))
		((struct source_write *)target)->lease = SOURCE_LEASE_UNSUPPORTED;
}

static void read_lease_as_asked(struct source_reader *reader, const yaml_node_t *node,
				const struct config_place *place, void *target)
{
	static const char *const words[] = {"false", "true", NULL};

	((struct source_write *)target)->lease_is_as_asked =
	    source_word(reader, node, place, words) == 1;
}

/* `needs` comes last: it takes back what `by` gave. */
static const struct source_key lease_keys[] = {{"by", read_lease_by},
					       {"max", read_lease_max},
					       {"setting", read_lease_setting},
					       {"as_asked", read_lease_as_asked},
					       {"needs", read_lease_needs}};

static void read_lease(struct source_reader *reader, const yaml_node_t *node,
		       const struct config_place *place, void *target)
{
	if (node->type == YAML_MAPPING_NODE)
		source_read_mapping(reader, node, place, lease_keys, ARRAY_LENGTH(lease_keys), NULL,
				    target);
	else
		read_lease_by(reader, node, place, target);
	reader->is_left_out = false;
}

static const struct source_key write_keys[] = {{"on", read_on},
					       {"off", read_off},
					       {"read", read_ask},
					       {"confirm", read_confirm},
					       {"lease", read_lease}};

void source_read_write(struct source_reader *reader, const yaml_node_t *node,
		       const struct config_place *place, void *target)
{
	struct source_write *write = &reader->draft->source.write;
	size_t errors = reader->errors->count;

	(void)target;
	source_read_mapping(reader, node, place, write_keys, ARRAY_LENGTH(write_keys), NULL, write);
	if (reader->profile != NULL || reader->errors->count > errors)
		return;
	if ((write->on.topic == NULL) != (write->off.topic == NULL) ||
	    (write->on.payload == NULL && write->lease == SOURCE_LEASE_DEVICE &&
	     write->lease_setting_ms == 0))
		source_error(reader, node, place, "needs both on and off");
	else if (write->lease == SOURCE_LEASE_DEVICE && write->lease_setting_ms == 0 &&
		 !source_payload_has_lease(write->on.payload))
		source_error(reader, node, place,
			     "lease: device needs $lease in the payload of on, or "
			     "lease: {by: device, setting: SECONDS} as it is set on the device");
}

void source_finish_lease(struct source_draft *draft, const char *word)
{
	struct source_write *write = &draft->source.write;

	if (word != NULL && strcmp(word, "none") == 0)
		write->lease = SOURCE_LEASE_NONE;
	else if (word != NULL && strcmp(word, "refresh") == 0)
		write->lease = SOURCE_LEASE_REFRESH;
	write->on_without_lease = draft->unleased_payload;
}
