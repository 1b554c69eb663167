/* `read`: each field's row, or rows, of which the first that has a value counts. */
#include <math.h>
#include <string.h>

#include "wire/source_read_parts.h"
#include "base/text.h"

#define WRAP_BITS_MAX 32
#define INDEX_MAX 63

static const char *const yes_no[] = {"false", "true", NULL};

/* A row while it is read. */
struct row_draft {
	struct source_row row;
	bool is_dropped; /* `when` or `unless` says so */
};

static void read_topic(struct source_reader *reader, const yaml_node_t *node,
		       const struct config_place *place, void *target)
{
	((struct row_draft *)target)->row.topic = source_topic(reader, node, place);
}

static void read_resource(struct source_reader *reader, const yaml_node_t *node,
			  const struct config_place *place, void *target)
{
	((struct row_draft *)target)->row.topic = source_coap_path(reader, node, place);
}

static void read_name(struct source_reader *reader, const yaml_node_t *node,
		      const struct config_place *place, void *target)
{
	((struct row_draft *)target)->row.name =
	    source_text(reader, node, place, "the value's name in SenML, base name included");
}

static void read_path(struct source_reader *reader, const yaml_node_t *node,
		      const struct config_place *place, void *target)
{
	((struct row_draft *)target)->row.path = source_pointer(reader, node, place);
}

static void read_scale(struct source_reader *reader, const yaml_node_t *node,
		       const struct config_place *place, void *target)
{
	double *scale = &((struct row_draft *)target)->row.scale;

	if (source_read_number(reader, node, place, -1e9, 1e9, scale) && *scale == 0)
		source_not_allowed(reader, node, place, "a number other than 0");
}

static void read_offset(struct source_reader *reader, const yaml_node_t *node,
			const struct config_place *place, void *target)
{
	(void)source_read_number(reader, node, place, -1e9, 1e9,
				 &((struct row_draft *)target)->row.offset);
}

/* The units that fit `field`, for the words of an error. */
static void list_units(enum source_field field, struct text *out)
{
	const char *comma = "one of ";

	for (int unit = SOURCE_UNIT_OURS + 1; unit < SOURCE_UNIT_COUNT; unit++) {
		if (source_unit_dimension((enum source_unit)unit) !=
		    source_field_info(field)->dimension)
			continue;
		text_add(out, "%s%s", comma, source_unit_name((enum source_unit)unit));
		comma = ", ";
	}
	if (comma[0] == 'o')
		text_add(out, "%s has no unit", source_field_info(field)->name);
}

static void read_unit(struct source_reader *reader, const yaml_node_t *node,
		      const struct config_place *place, void *target)
{
	struct source_row *row = &((struct row_draft *)target)->row;
	char allowed[128];
	struct text words = text_in(allowed, sizeof allowed);
	const char *name;

	list_units(row->field, &words);
	name = source_text(reader, node, place, allowed);
	if (name == NULL)
		return;
	if (source_unit_find(&row->unit, name) != 0 ||
	    source_unit_dimension(row->unit) != source_field_info(row->field)->dimension)
		source_not_allowed(reader, node, place, allowed);
}

static void read_unit_at(struct source_reader *reader, const yaml_node_t *node,
			 const struct config_place *place, void *target)
{
	((struct row_draft *)target)->row.unit_at = source_pointer(reader, node, place);
}

static void read_invert(struct source_reader *reader, const yaml_node_t *node,
			const struct config_place *place, void *target)
{
	((struct row_draft *)target)->row.is_inverted =
	    source_word(reader, node, place, yes_no) == 1;
}

static void read_sum(struct source_reader *reader, const yaml_node_t *node,
		     const struct config_place *place, void *target)
{
	((struct row_draft *)target)->row.is_sum = source_word(reader, node, place, yes_no) == 1;
}

static void read_suffix(struct source_reader *reader, const yaml_node_t *node,
			const struct config_place *place, void *target)
{
	((struct row_draft *)target)->row.suffix =
	    source_text(reader, node, place, "the text after the number");
}

/* What a word of a map may become, for `field`. */
static bool is_word_for(enum source_field field, const char *word)
{
	double number;

	switch (source_field_info(field)->kind) {
	case SOURCE_IS_STATE:
		return strcmp(word, "on") == 0 || strcmp(word, "off") == 0;
	case SOURCE_IS_FLAG:
		return strcmp(word, "true") == 0 || strcmp(word, "false") == 0;
	case SOURCE_IS_WORD:
		return word[0] != '\0' && strlen(word) < SOURCE_KEY_NAME_MAX;
	case SOURCE_IS_NUMBER:
	case SOURCE_IS_WHOLE:
	default:
		return number_parse(&number, word, strlen(word)) == 0;
	}
}

static const char *words_for(enum source_field field)
{
	switch (source_field_info(field)->kind) {
	case SOURCE_IS_STATE:
		return "on or off";
	case SOURCE_IS_FLAG:
		return "true or false";
	case SOURCE_IS_WORD:
		return "a word of at most 31 bytes";
	case SOURCE_IS_NUMBER:
	case SOURCE_IS_WHOLE:
	default:
		return "a number";
	}
}

static void read_map(struct source_reader *reader, const yaml_node_t *node,
		     const struct config_place *place, void *target)
{
	struct source_row *row = &((struct row_draft *)target)->row;
	const char *pairs[SOURCE_WORDS_MAX][2];
	size_t count;

	if (node->type != YAML_MAPPING_NODE || config_pair_count(node) == 0 ||
	    config_pair_count(node) > SOURCE_WORDS_MAX) {
		source_not_allowed(reader, node, place, "a mapping of 1 to 16 words to ours");
		return;
	}
	count = config_pair_count(node);
	for (size_t i = 0; i < count; i++) {
		const yaml_node_t *value = config_pair_value(reader->document, node, i);
		const char *from = config_pair_key(reader->document, node, i);
		struct config_place at = config_place_key(place, from != NULL ? from : "?");

		pairs[i][0] = from != NULL ? source_pool_text(reader->pool, from) : NULL;
		pairs[i][1] = source_text(reader, value, &at, words_for(row->field));
		if (pairs[i][0] == NULL || pairs[i][1] == NULL)
			return;
		if (!is_word_for(row->field, pairs[i][1])) {
			source_not_allowed(reader, value, &at, words_for(row->field));
			return;
		}
	}
	row->map = source_keep_map(reader, (const char *const(*)[2])pairs, count);
}

static void read_is(struct source_reader *reader, const yaml_node_t *node,
		    const struct config_place *place, void *target)
{
	struct source_row *row = &((struct row_draft *)target)->row;

	row->word = source_text(reader, node, place, words_for(row->field));
	if (row->word != NULL && source_field_info(row->field)->kind != SOURCE_IS_WORD)
		source_error(reader, node, place, "is for fault, origin, event and refused only");
}

static void read_split(struct source_reader *reader, const yaml_node_t *node,
		       const struct config_place *place, void *target)
{
	const char *text = source_text(reader, node, place, "one character");

	if (text != NULL && strlen(text) != 1)
		source_not_allowed(reader, node, place, "one character");
	else if (text != NULL)
		((struct row_draft *)target)->row.split = text[0];
}

static void read_index(struct source_reader *reader, const yaml_node_t *node,
		       const struct config_place *place, void *target)
{
	double index = 0;

	if (source_read_number(reader, node, place, 0, INDEX_MAX, &index))
		((struct row_draft *)target)->row.index = (uint8_t)index;
}

static void read_wrap(struct source_reader *reader, const yaml_node_t *node,
		      const struct config_place *place, void *target)
{
	double bits = 0;

	if (source_read_number(reader, node, place, 2, WRAP_BITS_MAX, &bits))
		((struct row_draft *)target)->row.wrap = (uint8_t)bits;
}

static void read_match(struct source_reader *reader, const yaml_node_t *node,
		       const struct config_place *place, void *target)
{
	static const char allowed[] = "a mapping of 1 or 2 JSON Pointers to what stands there";
	struct source_row *row = &((struct row_draft *)target)->row;

	if (node->type != YAML_MAPPING_NODE || config_pair_count(node) == 0 ||
	    config_pair_count(node) > SOURCE_MATCHES_MAX) {
		source_not_allowed(reader, node, place, allowed);
		return;
	}
	for (size_t i = 0; i < config_pair_count(node); i++) {
		const yaml_node_t *pointer =
		    config_node(reader->document, node->data.mapping.pairs.start[i].key);

		row->matches[i].path = source_pointer(reader, pointer, place);
		row->matches[i].is = source_text(
		    reader, config_pair_value(reader->document, node, i), place, allowed);
	}
	row->match_count = config_pair_count(node);
}

static void read_when(struct source_reader *reader, const yaml_node_t *node,
		      const struct config_place *place, void *target)
{
	((struct row_draft *)target)->is_dropped |= !source_keys_agree(reader, node, place);
}

static void read_unless(struct source_reader *reader, const yaml_node_t *node,
			const struct config_place *place, void *target)
{
	((struct row_draft *)target)->is_dropped |= source_keys_agree(reader, node, place);
}

#define VALUE_KEYS                                                                              \
	{"scale", read_scale}, {"offset", read_offset}, {"unit", read_unit},                    \
	    {"unit_at", read_unit_at}, {"invert", read_invert}, {"sum", read_sum},              \
	    {"suffix", read_suffix}, {"map", read_map}, {"is", read_is}, {"split", read_split}, \
	    {"index", read_index}, {"wrap", read_wrap}, {"match", read_match},                  \
	    {"when", read_when},                                                                \
	{                                                                                       \
		"unless", read_unless                                                           \
	}

static const struct source_key mqtt_keys[] = {
    {"topic", read_topic}, {"path", read_path}, VALUE_KEYS};

/* With CoAP `path` is what is asked, as in a uri. */
static const struct source_key coap_keys[] = {
    {"path", read_resource}, {"pointer", read_path}, {"name", read_name}, VALUE_KEYS};

/* What only all keys of a row together can tell. */
static bool is_complete(struct source_reader *reader, const yaml_node_t *node,
			const struct config_place *place, const struct source_row *row)
{
	bool is_word = source_field_info(row->field)->kind == SOURCE_IS_WORD;

	if (row->topic == NULL)
		source_error(reader, node, place, "%s is missing",
			     reader->draft->source.is_coap ? "path" : "topic");
	else if (is_word && row->map == NULL && row->word == NULL && row->field != SOURCE_REFUSED)
		source_error(reader, node, place, "needs map, or is");
	else
		return true;
	return false;
}

static void read_row(struct source_reader *reader, const yaml_node_t *node,
		     const struct config_place *place, void *target)
{
	struct source_draft *draft = reader->draft;
	struct row_draft made = {.row = {.field = *(enum source_field *)target, .scale = 1}};
	bool is_coap = draft->source.is_coap;
	size_t errors = reader->errors->count;

	reader->is_left_out = false;
	if (is_coap)
		source_read_mapping(reader, node, place, coap_keys, ARRAY_LENGTH(coap_keys), NULL,
				    &made);
	else
		source_read_mapping(reader, node, place, mqtt_keys, ARRAY_LENGTH(mqtt_keys), NULL,
				    &made);
	if (reader->is_left_out || made.is_dropped || reader->errors->count > errors ||
	    !is_complete(reader, node, place, &made.row))
		return;
	if (draft->row_count == SOURCE_ROWS_MAX) {
		source_error(reader, node, place, "is one too many: at most %d are allowed",
			     SOURCE_ROWS_MAX);
		return;
	}
	draft->rows[draft->row_count++] = made.row;
}

/* A field of the source's own takes the place of the profile's. */
static void drop_rows(struct source_draft *draft, enum source_field field)
{
	size_t kept = 0;

	for (size_t i = 0; i < draft->row_count; i++) {
		if (draft->rows[i].field != field)
			draft->rows[kept++] = draft->rows[i];
	}
	draft->row_count = kept;
}

static void note_no_field(struct source_reader *reader, const yaml_node_t *node,
			  const struct config_place *place)
{
	char words[CONFIG_ERROR_MAX - 128];
	struct text list = text_in(words, sizeof words);

	for (int i = 0; i < SOURCE_FIELD_COUNT; i++)
		text_add(&list, "%s%s", i > 0 ? ", " : "",
			 source_field_info((enum source_field)i)->name);
	source_error(reader, node, place, "no such value; there are %s", words);
}

void source_read_rows(struct source_reader *reader, const yaml_node_t *node,
		      const struct config_place *place, void *target)
{
	(void)target;
	if (node->type != YAML_MAPPING_NODE) {
		source_not_allowed(reader, node, place, "a mapping of values, such as soc_pct");
		return;
	}
	for (size_t i = 0; i < config_pair_count(node); i++) {
		const char *name = config_pair_key(reader->document, node, i);
		const yaml_node_t *key =
		    config_node(reader->document, node->data.mapping.pairs.start[i].key);
		struct config_place at = config_place_key(place, name != NULL ? name : "?");
		enum source_field field;

		if (name == NULL || source_field_find(&field, name) != 0) {
			note_no_field(reader, key, &at);
			continue;
		}
		drop_rows(reader->draft, field);
		source_read_each(reader, config_pair_value(reader->document, node, i), &at,
				 read_row, &field);
	}
	reader->is_left_out = false;
}
