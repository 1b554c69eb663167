/* What api_body.c and setup_body.c share. Nobody else includes it. */
#pragma once

#include <jansson.h>
#include <stddef.h>

#include "base/result.h"
#include "base/text.h"

/* An object from `length` bytes; 0 with a new reference, or -EINVAL with a sentence. */
int body_read_object(json_t **out, const char *body, size_t length, struct text *error) MUST_CHECK;

/* Refuses an object that has a member besides `allowed`, whose last is NULL. */
int body_check_members(json_t *object, const char *const allowed[], struct text *error) MUST_CHECK;
