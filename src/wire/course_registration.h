/*
 * How nodes of course projects announce themselves to a collector: in whatever form
 * their authors chose. Known are
 *
 *     {"name":"temp1","sensor_types":["temperature"]}
 *     {"device":"lamp","resources":["/act"]}
 *     {"Resource":"lamp","Room":"kitchen","Type":"actuator"}
 *     temp1                    one plain word
 *                              and nothing at all
 *
 * POSTed to /registration or another path. None of it proves anything: who such a
 * node is, is the address that it sends from, and the name is for people.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/result.h"
#include "model/ident.h"
#include "wire/json_message.h"

#define COURSE_REGISTRATION_MAX 512 /* bytes */

/* Whether nodes of this kind register at `path`, which has no slash in front. */
bool course_registration_is_path(const char *path, size_t len);

/* The paths, NULL after the last; static. */
extern const char *const course_registration_paths[];

/*
 * Reads what was POSTed into the name that the node goes by; an empty one where it has none.
 * A name that is no ident (model/ident.h) has `-` for what can not stand in one. Returns
 * REFUSAL_NONE, or REFUSAL_TOO_LARGE, _NOT_JSON, _BAD_UTF8, _WRONG_TYPE and the others of
 * json_message_load(). Writes `name` only on REFUSAL_NONE.
 */
enum refusal course_registration_read(struct ident *name, const void *payload,
				      size_t len) MUST_CHECK;
