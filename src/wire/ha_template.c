/*
 * The subset of Jinja:
 *
 *   expression  operand [ ('*' | '/') constant ]  |  constant '*' operand
 *   operand     ( path | '(' expression ')' ) filter*
 *   constant    number filter*
 *   path        value | value_json ( '.' name | '.' digits | '[' digits ']' | "['name']" )*
 *   filter      '|' ( float | int | round ) [ '(' arguments ')' ]
 *
 * A filter binds closer than `*`: `x * 0.1 | round(1)` rounds 0.1.
 */
#include "wire/ha_template.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/text.h"

#define NESTING_MAX 4
#define NAME_MAX_BYTES 64
#define SCALE_MAX 1e9

struct parser {
	const char *at;
	int nesting;
	struct ha_template template;
	bool has_operand, has_factor;
};

struct ha_template ha_template_none(void)
{
	return (struct ha_template){.scale = 1};
}

bool ha_template_is_place(const struct ha_template *template)
{
	return template->scale == 1 && template->before.rounding == SOURCE_EXACT &&
	       template->after.rounding == SOURCE_EXACT;
}

/* ---- words ---- */

static void skip_blanks(struct parser *parser)
{
	while (*parser->at == ' ' || *parser->at == '\t' || *parser->at == '\n' ||
	       *parser->at == '\r')
		parser->at++;
}

static bool take(struct parser *parser, char c)
{
	skip_blanks(parser);
	if (*parser->at != c)
		return false;
	parser->at++;
	return true;
}

static bool is_name_char(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* A name, the empty one where none stands here. */
static size_t name_length(const char *at)
{
	size_t length = 0;

	if (isdigit((unsigned char)*at))
		return 0;
	while (is_name_char(at[length]))
		length++;
	return length;
}

static bool take_word(struct parser *parser, const char *word)
{
	size_t length;

	skip_blanks(parser);
	length = name_length(parser->at);
	if (length != strlen(word) || memcmp(parser->at, word, length) != 0)
		return false;
	parser->at += length;
	return true;
}

/* Digits with a point, without a sign: a sign or an exponent is not of the subset. */
static bool take_number(struct parser *parser, double *out)
{
	size_t length = 0;

	skip_blanks(parser);
	while (isdigit((unsigned char)parser->at[length]) || parser->at[length] == '.')
		length++;
	if (length == 0 || !isdigit((unsigned char)parser->at[0]) ||
	    is_name_char(parser->at[length]) || number_parse(out, parser->at, length) != 0)
		return false;
	parser->at += length;
	return true;
}

/* ---- filters ---- */

/* One after another: what rounds what is rounded to as few decimals changes nothing. */
static int add_step(struct source_step *step, struct source_step next)
{
	bool is_whole =
	    step->rounding == SOURCE_CUT || (step->rounding == SOURCE_ROUND && step->decimals == 0);

	if (step->rounding == SOURCE_EXACT)
		*step = next;
	else if (!is_whole && (next.rounding == SOURCE_CUT || next.decimals < step->decimals))
		return -EINVAL;
	return 0;
}

/* A default: a number, a sign before it, or none. */
static bool take_default(struct parser *parser)
{
	double ignored;

	if (take_word(parser, "default") && !take(parser, '='))
		return false;
	if (take_word(parser, "none") || take_word(parser, "None"))
		return true;
	(void)take(parser, '-');
	return take_number(parser, &ignored);
}

/* Nothing, or one default. */
static int take_default_arguments(struct parser *parser)
{
	if (!take(parser, '(') || take(parser, ')'))
		return 0;
	return take_default(parser) && take(parser, ')') ? 0 : -EINVAL;
}

static int take_decimals(struct parser *parser, int *decimals)
{
	double number = 0;

	*decimals = 0;
	if (!take(parser, '(') || take(parser, ')'))
		return 0;
	if (take_word(parser, "precision") && !take(parser, '='))
		return -EINVAL;
	if (!take_number(parser, &number) || number != trunc(number) ||
	    number > SOURCE_DECIMALS_MAX)
		return -EINVAL;
	*decimals = (int)number;
	if (take(parser, ',') &&
	    !(take_word(parser, "default") && take(parser, '=') && take_default(parser)))
		return -EINVAL;
	return take(parser, ')') ? 0 : -EINVAL;
}

static int take_filters(struct parser *parser, struct source_step *step)
{
	int result = 0;

	while (result == 0 && take(parser, '|')) {
		struct source_step next = {SOURCE_EXACT, 0};

		if (take_word(parser, "float")) {
			result = take_default_arguments(parser);
		} else if (take_word(parser, "int")) {
			next.rounding = SOURCE_CUT;
			result = take_default_arguments(parser);
		} else if (take_word(parser, "round")) {
			next.rounding = SOURCE_ROUND;
			result = take_decimals(parser, &next.decimals);
		} else {
			return -EINVAL;
		}
		if (result == 0 && next.rounding != SOURCE_EXACT)
			result = add_step(step, next);
	}
	return result;
}

/* ---- the path ---- */

static void add_token(struct text *path, const char *token, size_t length)
{
	text_add(path, "/");
	for (size_t i = 0; i < length; i++) {
		if (token[i] == '~')
			text_add(path, "~0");
		else if (token[i] == '/')
			text_add(path, "~1");
		else
			text_add(path, "%c", token[i]);
	}
}

static int take_digits(struct parser *parser, struct text *path)
{
	size_t length = strspn(parser->at, "0123456789");

	if (length == 0 || length > 4 || is_name_char(parser->at[length]))
		return -EINVAL;
	add_token(path, parser->at, length);
	parser->at += length;
	return 0;
}

/* `'name'` or `"name"`, without escapes. */
static int take_quoted(struct parser *parser, struct text *path)
{
	char quote = *parser->at;
	size_t length;

	if (quote != '\'' && quote != '"')
		return -EINVAL;
	length = strcspn(++parser->at, quote == '"' ? "\"\\" : "'\\");
	if (parser->at[length] != quote || length == 0 || length > NAME_MAX_BYTES)
		return -EINVAL;
	add_token(path, parser->at, length);
	parser->at += length + 1;
	return 0;
}

static int take_subscript(struct parser *parser, struct text *path)
{
	int result;

	skip_blanks(parser);
	result = isdigit((unsigned char)*parser->at) ? take_digits(parser, path)
						     : take_quoted(parser, path);
	return result == 0 && take(parser, ']') ? 0 : -EINVAL;
}

static int take_member(struct parser *parser, struct text *path)
{
	size_t length = name_length(parser->at);

	if (length == 0)
		return take_digits(parser, path);
	/* A dictionary's own methods, as `.items()`, are no place. */
	if (length > NAME_MAX_BYTES || parser->at[length] == '(')
		return -EINVAL;
	add_token(path, parser->at, length);
	parser->at += length;
	return 0;
}

static int take_path(struct parser *parser)
{
	struct text path = text_in(parser->template.path, sizeof parser->template.path);
	int result = 0;

	if (parser->has_operand)
		return -EINVAL;
	parser->has_operand = true;
	if (take_word(parser, "value"))
		return 0;
	if (!take_word(parser, "value_json"))
		return -EINVAL;
	while (result == 0 && (*parser->at == '.' || *parser->at == '['))
		result = *parser->at++ == '.' ? take_member(parser, &path)
					      : take_subscript(parser, &path);
	parser->template.has_path = path.length > 0;
	return path.is_cut ? -EINVAL : result;
}

/* ---- expressions ---- */

static int take_expression(struct parser *parser);

/* Rounding comes before the factor or after it, by whether that was read already. */
static int take_operand(struct parser *parser)
{
	int result;

	if (take(parser, '(')) {
		if (++parser->nesting > NESTING_MAX)
			return -EINVAL;
		result = take_expression(parser);
		if (result != 0 || !take(parser, ')'))
			return -EINVAL;
	} else {
		result = take_path(parser);
	}
	if (result != 0)
		return result;
	return take_filters(parser, parser->has_factor ? &parser->template.after
						       : &parser->template.before);
}

static double rounded(double number, struct source_step step)
{
	double factor = pow(10, step.decimals);

	if (step.rounding == SOURCE_CUT)
		return trunc(number);
	return step.rounding == SOURCE_ROUND ? rint(number * factor) / factor : number;
}

static int take_constant(struct parser *parser, double *number)
{
	struct source_step step = {SOURCE_EXACT, 0};

	if (!take_number(parser, number) || take_filters(parser, &step) != 0)
		return -EINVAL;
	*number = rounded(*number, step);
	return 0;
}

static int set_factor(struct parser *parser, double factor)
{
	if (parser->has_factor || !(factor > 1 / SCALE_MAX && factor < SCALE_MAX))
		return -EINVAL;
	parser->has_factor = true;
	parser->template.scale = factor;
	return 0;
}

static int take_expression(struct parser *parser)
{
	double number;
	bool is_quotient;
	int result;

	skip_blanks(parser);
	if (isdigit((unsigned char)*parser->at)) {
		if (take_constant(parser, &number) != 0 || !take(parser, '*') ||
		    take_operand(parser) != 0)
			return -EINVAL;
		return set_factor(parser, number);
	}
	result = take_operand(parser);
	if (result != 0)
		return result;
	is_quotient = take(parser, '/');
	if (!is_quotient && !take(parser, '*'))
		return 0;
	if (take_constant(parser, &number) != 0 || number == 0)
		return -EINVAL;
	return set_factor(parser, is_quotient ? 1 / number : number);
}

int ha_template_parse(struct ha_template *out, const char *text)
{
	struct parser parser = {.at = text, .template = {.scale = 1}};

	if (!take(&parser, '{') || *parser.at++ != '{')
		return -EINVAL;
	if (take_expression(&parser) != 0 || !take(&parser, '}') || *parser.at++ != '}')
		return -EINVAL;
	skip_blanks(&parser);
	if (*parser.at != '\0' || !parser.has_operand)
		return -EINVAL;
	*out = parser.template;
	return 0;
}
