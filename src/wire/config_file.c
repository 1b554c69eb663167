/*
 * Bytes to YAML nodes, within bounds, and errors to lines of text.
 *
 * A first pass over the parser's events refuses what could grow or hide
 * something: aliases, tags, depth, several documents. Only then is the document
 * built. Which keys there are is not known here.
 */
#include "wire/config_file.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct text config_error_begin(struct config_errors *errors, int line, const char *path)
{
	size_t at = errors->count++;
	struct config_error *error = at < CONFIG_ERRORS_MAX ? &errors->kept[at] : &errors->surplus;
	struct text text = text_in(error->text, sizeof error->text);

	error->line = line;
	if (path[0] != '\0')
		text_add(&text, "%s: ", path);
	return text;
}

void config_error(struct config_errors *errors, int line, const char *path, const char *format, ...)
{
	struct text text = config_error_begin(errors, line, path);
	char words[CONFIG_ERROR_MAX];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(words, sizeof words, format, arguments);
	va_end(arguments);
	text_add(&text, "%s", words);
}

static int compare_lines(const void *a, const void *b)
{
	const struct config_error *first = a, *second = b;

	if (first->line != second->line)
		return first->line < second->line ? -1 : 1;
	return strcmp(first->text, second->text);
}

void config_errors_write(struct config_errors *errors, const char *file_name, struct text *out)
{
	size_t kept = errors->count < CONFIG_ERRORS_MAX ? errors->count : CONFIG_ERRORS_MAX;

	qsort(errors->kept, kept, sizeof errors->kept[0], compare_lines);
	for (size_t i = 0; i < kept; i++)
		text_add(out, "%s:%d: %s\n", file_name, errors->kept[i].line, errors->kept[i].text);
	if (errors->count > kept)
		text_add(out, "%s: and %zu more\n", file_name, errors->count - kept);
}

/* What the first pass counts. */
struct survey {
	int depth;
	size_t nodes, documents;
};

static const char *anchor_or_tag_of(const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_ALIAS_EVENT:
		return "aliases (*) are not allowed";
	case YAML_SCALAR_EVENT:
		return event->data.scalar.anchor != NULL ? "anchors (&) are not allowed"
		       : event->data.scalar.tag != NULL  ? "tags (!) are not allowed"
							 : NULL;
	case YAML_SEQUENCE_START_EVENT:
		return event->data.sequence_start.anchor != NULL ? "anchors (&) are not allowed"
		       : event->data.sequence_start.tag != NULL  ? "tags (!) are not allowed"
								 : NULL;
	case YAML_MAPPING_START_EVENT:
		return event->data.mapping_start.anchor != NULL ? "anchors (&) are not allowed"
		       : event->data.mapping_start.tag != NULL  ? "tags (!) are not allowed"
								: NULL;
	default:
		return NULL;
	}
}

static void count_event(struct survey *survey, const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_DOCUMENT_START_EVENT:
		survey->documents++;
		break;
	case YAML_SEQUENCE_START_EVENT:
	case YAML_MAPPING_START_EVENT:
		survey->nodes++;
		survey->depth++;
		break;
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		survey->depth--;
		break;
	case YAML_SCALAR_EVENT:
		survey->nodes++;
		break;
	default:
		break;
	}
}

/* Takes one event in; returns what is wrong with it, or NULL. */
static const char *survey_event(struct survey *survey, const yaml_event_t *event)
{
	count_event(survey, event);
	if (survey->depth > CONFIG_DEPTH_MAX)
		return "is nested too deep: at most 16 levels are allowed";
	if (survey->nodes > CONFIG_NODES_MAX)
		return "holds too much: at most 150000 values are allowed";
	if (survey->documents > 1)
		return "a second document (---) is not allowed";
	return anchor_or_tag_of(event);
}

/* A parser that fails before a token is read knows the byte, not the line. */
static int failed_line(const yaml_parser_t *parser, const void *bytes, size_t len)
{
	const char *text = bytes;
	size_t end = parser->problem_offset < len ? parser->problem_offset : len;
	int line = 1;

	if (parser->error != YAML_READER_ERROR)
		return (int)parser->problem_mark.line + 1;
	for (size_t i = 0; i < end; i++)
		line += text[i] == '\n';
	return line;
}

static int note_failure(const yaml_parser_t *parser, const void *bytes, size_t len,
			struct config_errors *errors)
{
	if (parser->error == YAML_MEMORY_ERROR)
		return -ENOMEM;
	config_error(errors, failed_line(parser, bytes, len), "", "is not YAML: %s",
		     parser->problem != NULL ? parser->problem : "unreadable");
	return -EINVAL;
}

static int survey_events(yaml_parser_t *parser, const void *bytes, size_t len,
			 struct config_errors *errors)
{
	struct survey survey = {0};
	bool is_at_end = false;

	while (!is_at_end) {
		yaml_event_t event;
		const char *wrong;

		if (!yaml_parser_parse(parser, &event))
			return note_failure(parser, bytes, len, errors);
		wrong = survey_event(&survey, &event);
		if (wrong != NULL)
			config_error(errors, (int)event.start_mark.line + 1, "", "%s", wrong);
		is_at_end = event.type == YAML_STREAM_END_EVENT;
		yaml_event_delete(&event);
		if (wrong != NULL)
			return -EINVAL;
	}
	return 0;
}

static int with_parser(const void *bytes, size_t len, struct config_errors *errors,
		       yaml_document_t *out)
{
	yaml_parser_t parser;
	int result = 0;

	if (!yaml_parser_initialize(&parser))
		return -ENOMEM;
	yaml_parser_set_input_string(&parser, bytes, len);
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	if (out == NULL)
		result = survey_events(&parser, bytes, len, errors);
	else if (!yaml_parser_load(&parser, out))
		result = note_failure(&parser, bytes, len, errors);
	yaml_parser_delete(&parser);
	return result;
}

int config_file_load(yaml_document_t *out, const void *bytes, size_t len,
		     struct config_errors *errors)
{
	int result;

	if (len > CONFIG_BYTES_MAX) {
		config_error(errors, 1, "", "is too large: %zu bytes, at most %d are allowed", len,
			     CONFIG_BYTES_MAX);
		return -EINVAL;
	}
	result = with_parser(bytes, len, errors, NULL);
	return result != 0 ? result : with_parser(bytes, len, errors, out);
}

bool config_is_nothing(const yaml_node_t *node)
{
	const char *text = config_scalar(node);

	return text != NULL && node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
	       (text[0] == '\0' || strcmp(text, "~") == 0 || strcmp(text, "null") == 0);
}

const char *config_scalar(const yaml_node_t *node)
{
	const char *text = (const char *)node->data.scalar.value;

	if (node->type != YAML_SCALAR_NODE || strlen(text) != node->data.scalar.length)
		return NULL;
	return text;
}
