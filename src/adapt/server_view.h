/*
 * Views that answer the usual questions, for people and their tools: plain names,
 * units in them, times in UTC. They hold no data, so each migration makes them
 * anew; docs/database.md says what they mean.
 */
#pragma once

#include "adapt/server_link.h"

/* Makes all views, or makes them anew. Returns 0, or -EIO with the server's words in `error`. */
int server_view_make(struct server_link *link, struct text *error) MUST_CHECK;
