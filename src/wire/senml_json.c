/* SenML as JSON, see senml_message.h: an array of objects, field by field. */
#include <string.h>

#include "wire/json_message.h"
#include "wire/senml_message.h"
#include "wire/senml_record.h"

/* Every number is a real here: see JSON_NUMBERS_AS_REAL. */
static struct senml_field field_of(const json_t *json)
{
	struct senml_field field = {.type = SENML_IS_OTHER};

	if (json_is_real(json)) {
		field.type = SENML_IS_NUMBER;
		field.number = json_real_value(json);
	} else if (json_is_string(json)) {
		field.type = SENML_IS_TEXT;
		field.text = json_string_value(json);
		field.length = json_string_length(json);
	} else if (json_is_boolean(json)) {
		field.type = SENML_IS_BOOL;
		field.number = json_is_true(json);
	} else if (json_is_null(json)) {
		field.type = SENML_IS_NULL;
	}
	return field;
}

static enum refusal read_record(struct named_values *out, struct senml_base *base, json_t *json)
{
	struct senml_record record = {0};
	enum refusal why = REFUSAL_NONE;
	const char *key;
	json_t *member;

	if (!json_is_object(json))
		return REFUSAL_WRONG_TYPE;
	json_object_foreach(json, key, member)
	{
		struct senml_field field = field_of(member);
		enum senml_label label = senml_label_find(key, strlen(key));

		why = label == SENML_UNKNOWN ? senml_take_unknown(key, strlen(key))
					     : senml_take(&record, base, label, &field);
		if (why != REFUSAL_NONE)
			return why;
	}
	return senml_resolve(out, &record, base);
}

enum refusal senml_json_read(struct named_values *out, const void *payload, size_t len)
{
	struct named_values values = {0};
	struct senml_base base = {0};
	json_t *pack;
	enum refusal why = len > SENML_MESSAGE_MAX
			       ? REFUSAL_TOO_LARGE
			       : json_message_load_any(&pack, payload, len, JSON_NUMBERS_AS_REAL);

	if (why != REFUSAL_NONE)
		return why;
	if (!json_is_array(pack))
		why = REFUSAL_WRONG_TYPE;
	for (size_t i = 0; i < json_array_size(pack) && why == REFUSAL_NONE; i++)
		why = read_record(&values, &base, json_array_get(pack, i));
	json_decref(pack);
	if (why == REFUSAL_NONE)
		*out = values;
	return why;
}
