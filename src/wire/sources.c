/*
 * The list of sources: each named once, from its profile and its own keys, with
 * its rows in the order of their topics.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "wire/source_command.h"
#include "wire/source_read_parts.h"

#define STALE_PRESET_MS (60 * (int64_t)MS_PER_SECOND)

/* All that reading a list needs. */
struct work {
	struct sources *out;
	struct source_reader reader;
	const struct source_shelf *shelf;
	struct source_draft draft;
	struct source_profile *profile; /* of the source that is being read; NULL: none */
	size_t profile_count;
	struct source_profile profiles[SOURCE_PROFILES_MAX];
};

int sources_find(const struct sources *sources, const char *id)
{
	for (size_t i = 0; i < sources->count; i++) {
		if (strcmp(sources->entries[i].id.text, id) == 0)
			return (int)i;
	}
	return -1;
}

void sources_deinit(struct sources *sources)
{
	free(sources->entries);
	free(sources->lines);
	source_pool_free(sources->pool);
	*sources = (struct sources){0};
}

void sources_free(struct sources *sources)
{
	if (sources != NULL)
		sources_deinit(sources);
	free(sources);
}

/* ---- profiles ---- */

/* Loads a profile that was not used yet; what is no YAML is noted at the source. */
static struct source_profile *load_profile(struct work *work, const yaml_node_t *node,
					   const struct config_place *place, const char *name)
{
	struct source_profile *profile = &work->profiles[work->profile_count];
	size_t length = 0;
	const char *text = work->shelf->find(work->shelf->user, name, &length);
	char words[CONFIG_ERROR_MAX / 2];
	struct text list = text_in(words, sizeof words), copy;
	struct config_errors *errors;
	int result;

	if (text == NULL || work->profile_count == SOURCE_PROFILES_MAX) {
		work->shelf->list(work->shelf->user, &list);
		source_error(&work->reader, node, place, "no profile \"%.31s\"; there are %s", name,
			     words);
		return NULL;
	}
	errors = calloc(1, sizeof *errors);
	result =
	    errors != NULL ? config_file_load(&profile->document, text, length, errors) : -ENOMEM;
	if (result == -EINVAL)
		source_error(&work->reader, node, place, "profile %s, line %d: %s", name,
			     errors->kept[0].line, errors->kept[0].text);
	free(errors);
	work->reader.is_without_memory |= result == -ENOMEM;
	if (result != 0)
		return NULL;
	copy = text_in(profile->name, sizeof profile->name);
	text_add(&copy, "%s", name);
	profile->place = work->shelf->place ? work->shelf->place(work->shelf->user, name) : NULL;
	if (profile->place == NULL)
		profile->place = profile->name;
	work->profile_count++;
	return profile;
}

static struct source_profile *profile_named(struct work *work, const yaml_node_t *node,
					    const struct config_place *place, const char *name)
{
	for (size_t i = 0; i < work->profile_count; i++) {
		if (strcmp(work->profiles[i].name, name) == 0)
			return &work->profiles[i];
	}
	return load_profile(work, node, place, name);
}

/* ---- one source ---- */

static struct work *work_of(struct source_reader *reader)
{
	return (struct work *)((char *)reader - offsetof(struct work, reader));
}

static bool is_other_key(struct source_reader *reader, const char *name)
{
	struct work *work = work_of(reader);

	if (strcmp(name, "id") == 0 || strcmp(name, "profile") == 0 || strcmp(name, "lease") == 0)
		return true;
	return work->profile != NULL && source_profile_has_key(work->profile, name);
}

static const yaml_node_t *value_of(struct work *work, const yaml_node_t *node, const char *name)
{
	int pair = config_find_pair(work->reader.document, node, name);

	return pair >= 0 ? config_pair_value(work->reader.document, node, (size_t)pair) : NULL;
}

static void take_id(struct work *work, const yaml_node_t *node, const struct config_place *place)
{
	struct config_place at = config_place_key(place, "id");
	const yaml_node_t *id = value_of(work, node, "id");
	const char *text = id != NULL ? config_scalar(id) : NULL;
	int earlier;

	if (id == NULL) {
		source_error(&work->reader, node, &at,
			     "is missing: a name of at most 63 letters, "
			     "digits and . _ - :");
		return;
	}
	if (text == NULL || ident_parse(&work->draft.source.id, text, strlen(text)) != 0) {
		source_not_allowed(&work->reader, id, &at,
				   "a name of at most 63 letters, digits and . _ - :, a letter or "
				   "digit first");
		return;
	}
	earlier = sources_find(work->out, text);
	if (earlier >= 0)
		source_error(&work->reader, id, &at,
			     "\"%s\" is taken on line %d: each needs its own", text,
			     work->out->lines[earlier]);
}

/* The owner's words on the lease: the profile's key of that name, or one of ours. */
static const char *lease_word(struct work *work, const yaml_node_t *node,
			      const struct config_place *place)
{
	static const char *const words[] = {"device", "refresh", "none", NULL};
	const yaml_node_t *lease = value_of(work, node, "lease");
	struct config_place at = config_place_key(place, "lease");
	int word;

	if (lease == NULL)
		return NULL;
	if (work->profile != NULL && source_profile_has_key(work->profile, "lease"))
		return config_scalar(lease);
	word = source_word(&work->reader, lease, &at, words);
	return word >= 0 ? words[word] : NULL;
}

static void take_profile(struct work *work, const yaml_node_t *node,
			 const struct config_place *place, struct source_keys *keys)
{
	struct config_place at = config_place_key(place, "profile");
	const yaml_node_t *named = value_of(work, node, "profile");
	const char *name = named != NULL ? config_scalar(named) : NULL;

	work->profile = NULL;
	if (named == NULL)
		return;
	if (name == NULL)
		source_not_allowed(&work->reader, named, &at, "the name of a profile");
	else
		work->profile = profile_named(work, named, &at, name);
	if (work->profile == NULL)
		return;
	work->draft.source.profile = source_pool_text(work->out->pool, name);
	source_read_profile(&work->reader, work->profile, node, place, keys);
}

/* ---- its rows ---- */

/* Those of one topic together, otherwise as they stand: of several places the first counts. */
static void group_rows(struct source_draft *draft)
{
	for (size_t i = 1; i < draft->row_count; i++) {
		struct source_row row = draft->rows[i];
		size_t to = i;

		while (to > 0 && strcmp(draft->rows[to - 1].topic, row.topic) > 0) {
			draft->rows[to] = draft->rows[to - 1];
			to--;
		}
		draft->rows[to] = row;
	}
}

static void list_fields(struct source *source, const struct source_draft *draft)
{
	for (size_t i = 0; i < draft->row_count; i++) {
		if (source_slot(source, draft->rows[i].field) < 0)
			source->fields[source->field_count++] = (uint8_t)draft->rows[i].field;
	}
}

/* The place of what was sent is no place of what is: each command would confirm itself. */
static void check_readback(struct work *work, const yaml_node_t *node, const struct config_place *place)
{
	const struct source_draft *draft = &work->draft;
	const struct source_write *write = &draft->source.write;

	for (size_t i = 0; !draft->source.is_coap && i < draft->row_count; i++) {
		const char *topic = draft->rows[i].topic;

		if (strcmp(topic, write->on.topic) == 0 || strcmp(topic, write->off.topic) == 0) {
			source_error(&work->reader, node, place,
				     "reads \"%s\", where its commands go: what is sent is not what is",
				     topic);
			return;
		}
	}
}

static void finish(struct work *work, const yaml_node_t *node, const struct config_place *place,
		   const char *lease)
{
	struct source_draft *draft = &work->draft;
	struct source *source = &draft->source;

	source_finish_lease(draft, lease);
	if (source->write.lease == SOURCE_LEASE_NONE && source->write.on.payload != NULL &&
	    source->write.on_without_lease == NULL &&
	    source_payload_has_lease(source->write.on.payload))
		source_error(&work->reader, node, place,
			     "lease: none needs a payload_without_lease of write.on");
	if ((source->write.on.topic == NULL) != (source->write.off.topic == NULL)) {
		source_error(&work->reader, node, place, "write needs both on and off");
		return;
	}
	if (source->write.on.topic != NULL) {
		list_fields(source, draft);
		if (source_slot(source, SOURCE_STATE) < 0 && !source->write.is_blind)
			source_error(&work->reader, node, place,
				     "write needs read.state: what is sent is not what is; "
				     "confirm: none says that it can not be read");
		source->field_count = 0;
		check_readback(work, node, place);
	}
	if (draft->row_count == 0 && source->write.on.topic == NULL)
		source_error(&work->reader, node, place,
			     "reads nothing: it needs read, or a profile and its keys");
	group_rows(draft);
	list_fields(source, draft);
	source->row_count = draft->row_count;
	source->rows = source_pool_copy(work->out->pool, draft->rows,
					draft->row_count * sizeof(draft->rows[0]));
	work->reader.is_without_memory |= source->rows == NULL;
}

static void read_source(struct work *work, const yaml_node_t *node,
			const struct config_place *place)
{
	size_t errors = work->reader.errors->count;
	struct source_keys keys = {0};
	const char *lease;

	memset(&work->draft, 0, sizeof work->draft);
	work->draft.source.stale_after_ms = STALE_PRESET_MS;
	work->reader.draft = &work->draft;
	if (node->type != YAML_MAPPING_NODE) {
		source_not_allowed(&work->reader, node, place, "a mapping (name: value)");
		return;
	}
	take_id(work, node, place);
	take_profile(work, node, place, &keys);
	if (work->reader.errors->count > errors && work->profile == NULL &&
	    value_of(work, node, "profile") != NULL)
		return; /* its keys cannot be judged */
	source_read_common(&work->reader, node, place, is_other_key);
	lease = lease_word(work, node, place);
	if (work->reader.errors->count > errors)
		return;
	finish(work, node, place, lease);
	if (work->reader.errors->count > errors)
		return;
	work->out->lines[work->out->count] = config_line(node);
	work->out->entries[work->out->count++] = work->draft.source;
}

/* ---- the list ---- */

static int read_list(struct work *work, const yaml_node_t *node, const struct config_place *place)
{
	size_t count;

	if (config_is_nothing(node))
		return 0;
	if (node->type != YAML_SEQUENCE_NODE) {
		source_not_allowed(&work->reader, node, place, "a list of mappings");
		return 0;
	}
	count = (size_t)(node->data.sequence.items.top - node->data.sequence.items.start);
	if (count > SOURCES_MAX) {
		source_error(&work->reader, node, place,
			     "%zu entries are too many: at most %d are allowed", count,
			     SOURCES_MAX);
		return 0;
	}
	work->out->entries = calloc(count > 0 ? count : 1, sizeof *work->out->entries);
	work->out->lines = calloc(count > 0 ? count : 1, sizeof *work->out->lines);
	if (work->out->entries == NULL || work->out->lines == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < count && !work->reader.is_without_memory; i++) {
		struct config_place at = config_place_entry(place, i);

		read_source(work,
			    config_node(work->reader.document, node->data.sequence.items.start[i]),
			    &at);
	}
	return work->reader.is_without_memory ? -ENOMEM : 0;
}

int sources_read(struct sources *out, yaml_document_t *document, const yaml_node_t *node,
		 const struct config_place *place, const struct source_shelf *shelf,
		 struct config_errors *errors)
{
	struct work *work = calloc(1, sizeof *work);
	int result;

	*out = (struct sources){.pool = source_pool_new()};
	if (work == NULL || out->pool == NULL) {
		free(work);
		return -ENOMEM;
	}
	work->out = out;
	work->shelf = shelf;
	work->reader =
	    (struct source_reader){.document = document, .errors = errors, .pool = out->pool};
	result = read_list(work, node, place);
	for (size_t i = 0; i < work->profile_count; i++)
		yaml_document_delete(&work->profiles[i].document);
	free(work);
	return result;
}

static int parse_document(struct sources *out, yaml_document_t *document,
			  const struct source_shelf *shelf, struct config_errors *errors)
{
	const yaml_node_t *root = yaml_document_get_root_node(document);
	const struct config_place place = {"sources"};
	int pair = root != NULL && root->type == YAML_MAPPING_NODE
		       ? config_find_pair(document, root, "sources")
		       : -1;

	if (pair < 0) {
		config_error(errors, 1, "sources", "is missing");
		return 0;
	}
	return sources_read(out, document, config_pair_value(document, root, (size_t)pair), &place,
			    shelf, errors);
}

int sources_parse(struct sources **out, const char *file_name, const void *bytes, size_t len,
		  const struct source_shelf *shelf, struct text *errors)
{
	struct sources *sources = calloc(1, sizeof *sources);
	struct config_errors *found = calloc(1, sizeof *found);
	yaml_document_t document;
	int result = sources != NULL && found != NULL ? 0 : -ENOMEM;

	if (result == 0)
		result = config_file_load(&document, bytes, len, found);
	if (result == 0) {
		result = parse_document(sources, &document, shelf, found);
		yaml_document_delete(&document);
	}
	if (result == 0 && found->count > 0)
		result = -EINVAL;
	if (found != NULL)
		config_errors_write(found, file_name, errors);
	free(found);
	if (result == 0)
		*out = sources;
	else
		sources_free(sources);
	return result;
}
