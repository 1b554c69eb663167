/* What a source says of CoAP resources: where values are asked, and how commands are worded. */
#include <string.h>

#include "base/text.h"
#include "wire/coap_target.h"
#include "wire/source_command.h"
#include "wire/source_read_parts.h"

static const char path_words[] =
    "a path such as /sensors/temperature, with at most 8 parts and perhaps ?query";

const char *source_coap_path(struct source_reader *reader, const yaml_node_t *node,
			     const struct config_place *place)
{
	const char *text = source_text(reader, node, place, path_words);
	struct coap_target target;

	if (text == NULL)
		return NULL;
	if (coap_target_parse(&target, text) != 0 || target.method != COAP_METHOD_PRESET) {
		source_not_allowed(reader, node, place, path_words);
		return NULL;
	}
	if (coap_target_is_own_supply(&target)) {
		source_error(reader, node, place,
			     "not-usable: it is the supply voltage of the node itself, which says "
			     "nothing of a home battery");
		return NULL;
	}
	return text;
}

/* A command while it is read. */
struct coap_out_draft {
	const char *method, *path, *query, *payload;
	bool is_dropped; /* `when` or `unless` says so */
};

static void read_path(struct source_reader *reader, const yaml_node_t *node,
		      const struct config_place *place, void *target)
{
	((struct coap_out_draft *)target)->path = source_coap_path(reader, node, place);
}

static void read_method(struct source_reader *reader, const yaml_node_t *node,
			const struct config_place *place, void *target)
{
	static const char *const words[] = {"PUT", "POST", NULL};
	int word = source_word(reader, node, place, words);

	((struct coap_out_draft *)target)->method = word == 1 ? "POST" : "PUT";
}

static void read_query(struct source_reader *reader, const yaml_node_t *node,
		       const struct config_place *place, void *target)
{
	((struct coap_out_draft *)target)->query =
	    source_text(reader, node, place, "what comes after the ?, such as mode=1");
}

static void read_payload(struct source_reader *reader, const yaml_node_t *node,
			 const struct config_place *place, void *target)
{
	const char *payload = source_text(reader, node, place, "a text of at most 511 bytes");

	if (payload != NULL && source_payload_unknown(payload) != NULL)
		source_not_allowed(reader, node, place, "after $ comes lease, pulsetime or number");
	else
		((struct coap_out_draft *)target)->payload = payload;
}

static void read_when(struct source_reader *reader, const yaml_node_t *node,
		      const struct config_place *place, void *target)
{
	((struct coap_out_draft *)target)->is_dropped |= !source_keys_agree(reader, node, place);
}

static void read_unless(struct source_reader *reader, const yaml_node_t *node,
			const struct config_place *place, void *target)
{
	((struct coap_out_draft *)target)->is_dropped |= source_keys_agree(reader, node, place);
}

static const struct source_key out_keys[] = {{"method", read_method}, {"path", read_path},
					     {"query", read_query},   {"payload", read_payload},
					     {"when", read_when},     {"unless", read_unless}};

/* `PUT /act?mode=1`, kept by the pool. */
static const char *compose(struct source_reader *reader, const yaml_node_t *node,
			   const struct config_place *place, const struct coap_out_draft *draft)
{
	char words[SOURCE_TOPIC_MAX];
	struct text text = text_in(words, sizeof words);
	struct coap_target target;

	text_add(&text, "%s %s", draft->method != NULL ? draft->method : "PUT", draft->path);
	if (draft->query != NULL)
		text_add(&text, "%c%s", strchr(draft->path, '?') != NULL ? '&' : '?', draft->query);
	if (text.is_cut || coap_target_parse(&target, words) != 0) {
		source_error(reader, node, place, "path and query are too long, or no plain text");
		return NULL;
	}
	if (coap_target_toggles(&target) ||
	    (draft->payload != NULL && strcasestr(draft->payload, "toggle") != NULL)) {
		source_error(reader, node, place,
			     "toggle-refused: after a repeated or lost command nobody knows how it "
			     "stands; a command that says on or off is needed");
		return NULL;
	}
	return source_pool_text(reader->pool, words);
}

void source_read_coap_out(struct source_reader *reader, const yaml_node_t *node,
			  const struct config_place *place, void *target)
{
	struct coap_out_draft draft = {0};
	size_t errors = reader->errors->count;
	const char *topic;

	reader->is_left_out = false;
	source_read_mapping(reader, node, place, out_keys, ARRAY_LENGTH(out_keys), NULL, &draft);
	if (reader->errors->count > errors || reader->is_left_out || draft.is_dropped) {
		reader->is_left_out = false;
		return;
	}
	if (draft.path == NULL || (draft.query == NULL && draft.payload == NULL)) {
		source_error(reader, node, place, "needs path, and payload or query");
		return;
	}
	topic = compose(reader, node, place, &draft);
	if (topic == NULL)
		return;
	*(struct source_message_out *)target =
	    (struct source_message_out){topic, draft.payload != NULL ? draft.payload : ""};
}
