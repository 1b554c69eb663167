/* Whether the parts of a configuration fit together. Internal to wire/config*.c. */
#pragma once

#include "wire/config_read.h"

/* Fills in what follows from other values, then notes what contradicts what. */
void config_check(struct config_reader *reader);

/* The part of it that is about `notify`. */
void config_check_notify(struct config_reader *reader);

/* Likewise `home_assistant`. */
void config_check_home(struct config_reader *reader);

/* Likewise `prices`. */
void config_check_prices(struct config_reader *reader);
