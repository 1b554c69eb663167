/* The keys that a source and a profile share, each to its place in the draft. */
#include <math.h>
#include <string.h>

#include "wire/source_read_parts.h"
#include "base/text.h"
#include "base/time.h"
#include "model/house.h"

#define STALE_MAX_S 86400.0

static void read_uri(struct source_reader *reader, const yaml_node_t *node,
		     const struct config_place *place, void *target)
{
	static const char allowed[] = "coap://host[:port] or coaps://host[:port], without a path";
	struct source *source = &reader->draft->source;
	size_t scheme;

	(void)target;
	source->is_coap = true;
	source->uri = source_text(reader, node, place, allowed);
	if (source->uri == NULL)
		return;
	scheme = strncmp(source->uri, "coaps://", 8) == 0 ? 8 : 7;
	if ((scheme == 7 && strncmp(source->uri, "coap://", 7) != 0) || source->uri[scheme] == '\0' ||
	    strchr(source->uri + scheme, '/') != NULL)
		source_not_allowed(reader, node, place, allowed);
}

static void read_key_file(struct source_reader *reader, const yaml_node_t *node,
			  const struct config_place *place, void *target)
{
	(void)target;
	reader->draft->source.key_file = source_text(reader, node, place, "a file's path");
}

static void read_identity(struct source_reader *reader, const yaml_node_t *node,
			  const struct config_place *place, void *target)
{
	static const char allowed[] = "a text of at most 63 bytes";
	const char *identity = source_text(reader, node, place, allowed);

	(void)target;
	if (identity != NULL && strlen(identity) >= IDENTITY_TEXT_MAX)
		source_not_allowed(reader, node, place, allowed);
	reader->draft->source.identity = identity;
}

static void read_transport(struct source_reader *reader, const yaml_node_t *node,
			   const struct config_place *place, void *target)
{
	static const char *const words[] = {"mqtt", "coap", NULL};

	(void)target;
	reader->draft->source.is_coap = source_word(reader, node, place, words) == 1;
}

static void read_stale_after(struct source_reader *reader, const yaml_node_t *node,
			     const struct config_place *place, void *target)
{
	double seconds = 0;

	(void)target;
	if (source_read_number(reader, node, place, 1, STALE_MAX_S, &seconds))
		reader->draft->source.stale_after_ms = llround(seconds * MS_PER_SECOND);
}

static void read_retained(struct source_reader *reader, const yaml_node_t *node,
			  const struct config_place *place, void *target)
{
	static const char *const words[] = {"drop", "if-timed", NULL};

	(void)target;
	reader->draft->source.takes_timed_retained = source_word(reader, node, place, words) == 1;
}

static void read_numbers(struct source_reader *reader, const yaml_node_t *node,
			 const struct config_place *place, void *target)
{
	static const char *const words[] = {"lenient", "strict", NULL};

	(void)target;
	reader->draft->source.is_strict = source_word(reader, node, place, words) == 1;
}

static void read_fields(struct source_reader *reader, const yaml_node_t *node,
			const struct config_place *place, void *target)
{
	static const char *const words[] = {"all", "some", NULL};

	(void)target;
	reader->draft->source.is_partial = source_word(reader, node, place, words) == 1;
}

static void read_empty(struct source_reader *reader, const yaml_node_t *node,
		       const struct config_place *place, void *target)
{
	static const char *const words[] = {"nothing", "gone", NULL};

	(void)target;
	reader->draft->source.is_gone_if_empty = source_word(reader, node, place, words) == 1;
}

static void read_null(struct source_reader *reader, const yaml_node_t *node,
		      const struct config_place *place, void *target)
{
	struct source *source = &reader->draft->source;
	double number = 0;

	(void)target;
	if (!source_read_number(reader, node, place, -1e300, 1e300, &number))
		return;
	if (source->null_count == SOURCE_NULLS_MAX)
		source_error(reader, node, place, "is one too many: at most %d are allowed",
			     SOURCE_NULLS_MAX);
	else
		source->nulls[source->null_count++] = number;
}

static void read_nulls(struct source_reader *reader, const yaml_node_t *node,
		       const struct config_place *place, void *target)
{
	reader->draft->source.null_count = 0; /* the source's own replace the profile's */
	source_read_each(reader, node, place, read_null, target);
}

static void read_hook_topic(struct source_reader *reader, const yaml_node_t *node,
			    const struct config_place *place, void *target)
{
	((struct source *)target)->hook_topic = source_topic(reader, node, place);
}

static void read_hook_name(struct source_reader *reader, const yaml_node_t *node,
			   const struct config_place *place, void *target)
{
	static const char *const words[] = {"venus-keepalive", NULL};

	if (source_word(reader, node, place, words) == 0)
		((struct source *)target)->hook = SOURCE_HOOK_VENUS;
}

static void read_hook(struct source_reader *reader, const yaml_node_t *node,
		      const struct config_place *place, void *target)
{
	static const struct source_key keys[] = {{"name", read_hook_name},
						 {"topic", read_hook_topic}};

	(void)target;
	source_read_mapping(reader, node, place, keys, ARRAY_LENGTH(keys), NULL,
			    &reader->draft->source);
}

/* The transport comes first: the rows depend on it. */
static const struct source_key common_keys[] = {
    {"transport", read_transport},
    {"uri", read_uri},
    {"key_file", read_key_file},
    {"identity", read_identity},
    {"stale_after", read_stale_after},
    {"retained", read_retained},
    {"numbers", read_numbers},
    {"fields", read_fields},
    {"empty", read_empty},
    {"null_values", read_nulls},
    {"available", source_read_available},
    {"time", source_read_time},
    {"hook", read_hook},
    {"read", source_read_rows},
    {"write", source_read_write},
};

void source_read_common(struct source_reader *reader, const yaml_node_t *node,
			const struct config_place *place,
			bool (*is_other)(struct source_reader *, const char *))
{
	source_read_mapping(reader, node, place, common_keys, ARRAY_LENGTH(common_keys), is_other,
			    NULL);
}
