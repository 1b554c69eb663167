/*
 * Taking members out of a JSON object one by one, for messages with few and
 * fixed members. Each function returns REFUSAL_NONE also where the member is
 * missing; `*is_there` tells. Outputs are written only where it is there.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/result.h"
#include "model/ident.h"
#include "wire/json_message.h"

/* An integer of at least `min` and at most `max`. */
enum refusal json_member_integer(int64_t *out, bool *is_there, const json_t *object,
				 const char *name, int64_t min, int64_t max,
				 struct refusal_detail *detail) MUST_CHECK;

/* A number between `min` and `max`, both allowed. */
enum refusal json_member_number(double *out, bool *is_there, const json_t *object, const char *name,
				double min, double max, struct refusal_detail *detail) MUST_CHECK;

/* One of `count` words: its index. */
enum refusal json_member_word(int *out, bool *is_there, const json_t *object, const char *name,
			      const char *const *words, int count,
			      struct refusal_detail *detail) MUST_CHECK;

/* A name, or a whole number taken as one. */
enum refusal json_member_ident(struct ident *out, bool *is_there, const json_t *object,
			       const char *name, struct refusal_detail *detail) MUST_CHECK;

/* Refuses an object that has a member besides the `count` `names`. */
enum refusal json_members_known(json_t *object, const char *const *names, int count,
				struct refusal_detail *detail) MUST_CHECK;
