/*
 * Items are read one by one where they lie; then they are put into order, and
 * what they do not say themselves, how long they last, follows from the others.
 */
#include "wire/feed_message.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "wire/feed_parts.h"
#include "wire/json_message.h"

#define SLOT_MAX_S 3600     /* of what must be guessed; the last of a list */
#define ODD_SMALL_PART 2500 /* values that all are below this part of the most are odd */
#define ODD_COUNT_MIN 12    /* of so many at least */

/* ---- items ---- */

static void take_item(struct feed_reader *reader, const struct json_glance *from,
		      const struct json_glance *to, const struct json_glance *value)
{
	struct feed_item item = {0};
	struct feed_news *out = reader->out;

	item.has_from = feed_read_time(&item.from_s, from, reader->offset_at);
	item.has_to = feed_read_time(&item.to_s, to, reader->offset_at);
	if (!(item.has_from || item.has_to) || !feed_read_number(&item.value, value)) {
		out->left_out++;
		return;
	}
	if (reader->count == FEED_ITEMS_MAX) {
		reader->is_full = true;
		return;
	}
	/* Room for items is that of slots: they become slots in place. */
	reader->items[reader->count++] = item;
}

static const struct json_glance nothing;

static struct json_glance find_in(const struct json_glance *item, const char *pointer)
{
	return json_glance_find(item->at, item->length, pointer);
}

/* Of a list: {"start": …, "price": …} or [time, value]; a time that is not told of is nothing. */
static void take_list(struct feed_reader *reader, const struct json_glance *list)
{
	const struct feed_config *config = reader->config;
	struct json_glance item = {0};

	while (json_glance_next(list, &item)) {
		struct json_glance from =
		    config->from[0] != '\0' ? find_in(&item, config->from) : nothing;
		struct json_glance to =
		    config->to[0] != '\0' ? find_in(&item, config->to) : nothing;
		struct json_glance value = find_in(&item, config->value);

		take_item(reader, &from, &to, &value);
	}
}

/* Of an object whose members are named by their time, which is `from` unless `to` is "/". */
static void take_members(struct feed_reader *reader, const struct json_glance *object)
{
	const struct feed_config *config = reader->config;
	struct json_glance name = {0}, member = {0};
	bool is_end = strcmp(config->to, "/") == 0;

	while (json_glance_next_member(object, &name, &member)) {
		struct json_glance value = find_in(&member, config->value);

		take_item(reader, is_end ? &nothing : &name, is_end ? &name : &nothing, &value);
	}
}

/* Two lists beside each other. */
static void take_columns(struct feed_reader *reader, const struct json_glance *times,
			 const struct json_glance *values)
{
	struct json_glance time = {0}, value = {0};
	bool is_end = reader->config->from[0] == '\0';

	while (json_glance_next(times, &time) && json_glance_next(values, &value))
		take_item(reader, is_end ? &nothing : &time, is_end ? &time : &nothing, &value);
}

/* ---- where items are ---- */

static int take_group(struct feed_reader *reader, const struct json_glance *group,
		      const char *pointer, struct text *words)
{
	if (group->kind == GLANCE_LIST) {
		take_list(reader, group);
	} else if (group->kind == GLANCE_OBJECT) {
		take_members(reader, group);
	} else if (group->kind != GLANCE_NULL) {
		text_add(words, "there is no list at \"%s\"", pointer);
		return -EINVAL;
	}
	return 0; /* null: tomorrow's, before they are there */
}

/* `items` may name several lists, blanks between; one that is not there yet is no error. */
static int take_groups(struct feed_reader *reader, const struct json_glance *root,
		       struct text *words)
{
	const char *at = reader->config->items;
	int result = 0, found = 0;

	while (result == 0 && *at != '\0') {
		char pointer[FEED_PLACE_MAX];
		size_t length = strcspn(at, " ");
		struct json_glance group;

		memcpy(pointer, at, length);
		pointer[length] = '\0';
		at += length + strspn(at + length, " ");
		group = find_in(root, pointer);
		if (group.kind == GLANCE_NOTHING && (found > 0 || *at != '\0'))
			continue;
		found++;
		result = take_group(reader, &group, pointer, words);
	}
	return result;
}

static int take_all(struct feed_reader *reader, const struct json_glance *root, struct text *words)
{
	const struct feed_config *config = reader->config;
	const char *time = config->from[0] != '\0' ? config->from : config->to;
	struct json_glance times, values;

	if (config->items[0] != '\0')
		return take_groups(reader, root, words);
	if (root->kind == GLANCE_LIST) {
		take_list(reader, root);
		return 0;
	}
	times = find_in(root, time);
	values = find_in(root, config->value);
	if (times.kind == GLANCE_LIST && values.kind == GLANCE_LIST) {
		take_columns(reader, &times, &values);
		return 0;
	}
	text_add(words, "there is no list: neither the whole is one nor what stands at \"%s\"",
		 time);
	return -EINVAL;
}

/* ---- items to slots ---- */

static int by_time(const void *a, const void *b)
{
	const struct feed_item *first = a, *second = b;
	int64_t one = first->has_from ? first->from_s : first->to_s;
	int64_t other = second->has_from ? second->from_s : second->to_s;

	if (one != other)
		return one < other ? -1 : 1;
	return first->number < second->number ? -1 : 1; /* qsort() need not be stable */
}

/* How long an item lasts that ends where it says: since the one before, or as configured. */
static int64_t begin_of(const struct feed_reader *reader, size_t index)
{
	const struct feed_item *item = &reader->items[index];
	int64_t length = reader->config->length_s;

	if (item->has_from)
		return item->from_s;
	if (length == 0 && index > 0)
		length = item->to_s - reader->items[index - 1].to_s;
	return item->to_s - (length > 0 && length < SLOT_MAX_S ? length : SLOT_MAX_S);
}

/* Until its end, the next one's beginning, or as long as the one before. */
static int64_t end_of(const struct feed_reader *reader, size_t index)
{
	const struct feed_item *item = &reader->items[index], *next = item + 1;
	int64_t length = reader->config->length_s;

	if (item->has_to)
		return item->to_s;
	if (length > 0)
		return item->from_s + length;
	while (next < reader->items + reader->count && next->from_s == item->from_s)
		next++;
	if (next < reader->items + reader->count)
		return next->from_s;
	/* An end that is named in the configuration and not told is open. */
	if (reader->config->to[0] != '\0')
		return item->from_s + 2 * (int64_t)FEED_KEPT_S;
	length = index > 0 ? item->from_s - item[-1].from_s : 0;
	return item->from_s + (length > 0 && length < SLOT_MAX_S ? length : SLOT_MAX_S);
}

static double value_of(const struct feed_config *config, double raw, int64_t length_s)
{
	double scale = config->scale != 0 ? config->scale : 1;
	double factor = config->factor != 0 ? config->factor : 1;
	double value = raw * factor * scale + config->add;

	return config->amount == FEED_IS_ENERGY ? value * 3600 / (double)length_s : value;
}

static void make_slots(struct feed_reader *reader)
{
	struct feed_news *out = reader->out;

	for (size_t i = 0; i < reader->count; i++) {
		struct feed_slot *last = out->count > 0 ? &out->slots[out->count - 1] : NULL;
		int64_t from_s = begin_of(reader, i), length_s = end_of(reader, i) - from_s;
		double value;

		if (length_s <= 0) {
			out->left_out++;
			continue;
		}
		if (length_s > 2 * (int64_t)FEED_KEPT_S)
			length_s = 2 * (int64_t)FEED_KEPT_S;
		value = value_of(reader->config, reader->items[i].value, length_s);
		if (last != NULL && from_s < last->from_s + last->length_s) {
			if (from_s <= last->from_s) { /* the first counts */
				out->overlaps += value != last->value;
				continue;
			}
			out->overlaps++;
			last->length_s = (int32_t)(from_s - last->from_s);
		}
		out->slots[out->count++] = (struct feed_slot){from_s, (int32_t)length_s, value};
	}
}

/* ---- whether it can be ---- */

static int refuse_value(const struct feed_config *config, const struct feed_slot *slot,
			struct text *words)
{
	char at[WALL_TEXT_MAX];

	text_add(words, "%g", slot->value);
	if (slot->from_s != 0)
		text_add(words, " at %s",
			 wall_format(at, (struct wall_time){slot->from_s * MS_PER_SECOND}, 0));
	text_add(words, " is beyond %g: is the unit right?", config->max);
	return -EINVAL;
}

static int judge(const struct feed_config *config, const struct feed_news *news, struct text *words)
{
	double most = 0;

	for (size_t i = 0; i < news->count; i++) {
		double value = fabs(news->slots[i].value);

		if (!(value <= config->max))
			return refuse_value(config, &news->slots[i], words);
		most = value > most ? value : most;
	}
	if (news->left_out > 0)
		text_add(words, "%zu of %zu entries have no value or time that can be read; ",
			 news->left_out, news->left_out + news->count);
	if (news->overlaps > 0)
		text_add(words, "%zu entries overlap others, of which the first counts; ",
			 news->overlaps);
	if (config->add == 0 && news->count >= ODD_COUNT_MIN && most > 0 &&
	    most < config->max / ODD_SMALL_PART)
		text_add(words, "no value is above %g: is the unit right?; ", most);
	if (words->length > 2)
		words->data[words->length -= 2] = '\0';
	return 0;
}

static int read_present(struct feed_reader *reader, const struct json_glance *root,
			struct text *words)
{
	const struct feed_config *config = reader->config;
	struct json_glance value = find_in(root, config->at);
	double raw;

	if (!feed_read_number(&raw, &value)) {
		text_add(words, "there is no number at \"%s\"", config->at);
		return -EINVAL;
	}
	reader->out->is_present = true;
	reader->out->count = 1;
	reader->out->slots[0] = (struct feed_slot){
	    0, config->length_s > 0 ? config->length_s : SLOT_MAX_S, value_of(config, raw, 3600)};
	return 0;
}

static int read_slots(struct feed_reader *reader, const struct json_glance *root,
		      struct text *words)
{
	int result = take_all(reader, root, words);

	if (result != 0)
		return result;
	if (reader->is_full) {
		text_add(words, "has more than %d entries", FEED_ITEMS_MAX);
		return -EINVAL;
	}
	for (size_t i = 0; i < reader->count; i++)
		reader->items[i].number = i;
	qsort(reader->items, reader->count, sizeof(reader->items[0]), by_time);
	make_slots(reader);
	if (reader->out->count > 0)
		return 0;
	text_add(words, "has no entry that can be read, of %zu", reader->out->left_out);
	return -EINVAL;
}

int feed_message_read(struct feed_news *out, const struct feed_config *config,
		      feed_offset_at *offset_at, const void *payload, size_t length,
		      struct text *words)
{
	static const char *const kinds[] = {
	    [REFUSAL_EMPTY] = "is empty", [REFUSAL_TOO_LARGE] = "is larger than 64 KiB"};
	enum refusal why = json_glance_check(payload, length);
	struct feed_reader reader = {.out = out, .config = config, .offset_at = offset_at};
	struct json_glance root;
	int result;

	if (why != REFUSAL_NONE) {
		bool has_words = (size_t)why < ARRAY_LENGTH(kinds) && kinds[why] != NULL;

		text_add(words, "%s", has_words ? kinds[why] : "is no JSON that can be read");
		return -EINVAL;
	}
	out->count = out->left_out = out->overlaps = 0;
	out->is_present = false;
	root = json_glance_find(payload, length, "");
	result = config->value[0] == '\0' && config->items[0] == '\0'
		     ? read_present(&reader, &root, words)
		     : read_slots(&reader, &root, words);
	return result == 0 ? judge(config, out, words) : result;
}
