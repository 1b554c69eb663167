#include "adapt/detect_json.h"

#include "wire/source_field.h"

static json_t *values_json(const struct detect_device *device)
{
	json_t *out = json_object();

	for (int field = 0; field < SOURCE_FIELD_COUNT; field++) {
		const struct source_field_info *info = source_field_info((enum source_field)field);

		if (!(device->got & SOURCE_BIT(field)) || info->kind == SOURCE_IS_WORD)
			continue;
		json_object_set_new(out, info->name,
				    info->kind == SOURCE_IS_STATE || info->kind == SOURCE_IS_FLAG
					? json_boolean(device->value[field] != 0)
					: json_real(device->value[field]));
	}
	return out;
}

static void add_device(void *user, const struct detect_device *device)
{
	json_t *opens = device->kind == DETECT_RELAY ? json_boolean(device->opens_by_itself)
						     : json_null();

	json_array_append_new(
	    user, json_pack("{s:s, s:s, s:s, s:s, s:o, s:b, s:o, s:s, s:s}", "kind",
			    detect_kind_name(device->kind), "profile", device->profile, "id",
			    device->id, "topic", device->topic, "values", values_json(device),
			    "only_retained", device->is_only_retained, "opens_by_itself", opens,
			    "source", device->source, "config", device->lines));
}

json_t *detect_json(struct detect *detect)
{
	json_t *devices = json_array();

	if (detect_report(detect, add_device, devices) != 0) {
		json_decref(devices);
		return NULL;
	}
	return json_pack("{s:I, s:I, s:o}", "topics", (json_int_t)detect_topic_count(detect),
			 "left_out", (json_int_t)detect_left_out(detect), "devices", devices);
}
