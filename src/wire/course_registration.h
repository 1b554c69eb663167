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

/* Where nodes of this kind usually register: without the first slash, NULL after the last; static. */
extern const char *const course_registration_paths[];

/* Who may register: by the name that it says or by its address. */
struct course_admission {
	bool pairing_is_open;
	size_t allowed_count;
	const struct ident *allowed;
	const char *const *paths; /* without the first slash, NULL after the last; NULL: the usual */
};

/* What it is answered. */
enum course_answer {
	COURSE_CREATED,     /* 2.01 */
	COURSE_BAD_REQUEST, /* 4.00: what it says can not be read */
	COURSE_FORBIDDEN,   /* 4.03 */
	COURSE_NOT_FOUND,   /* 4.04: nobody registers there */
};

/* The answer's code as it is written: 2.01 is 201. */
int course_answer_code(enum course_answer answer);

/*
 * Judges `payload`, POSTed to `path` (without the first slash) from the numeric address `from`. With
 * COURSE_CREATED `name` is as course_registration_read() has it; otherwise `why` is the reason of
 * COURSE_BAD_REQUEST.
 */
enum course_answer course_registration_judge(struct ident *name, enum refusal *why,
					     const struct course_admission *admission,
					     const char *path, const char *from,
					     const void *payload, size_t len) MUST_CHECK;

/*
 * Reads what was POSTed into the name that the node goes by; an empty one where it has none.
 * A name that is no ident (model/ident.h) has `-` for what can not stand in one. Returns
 * REFUSAL_NONE, or REFUSAL_TOO_LARGE, _NOT_JSON, _BAD_UTF8, _WRONG_TYPE and the others of
 * json_message_load(). Writes `name` only on REFUSAL_NONE.
 */
enum refusal course_registration_read(struct ident *name, const void *payload,
				      size_t len) MUST_CHECK;
