/* What batteries and relays say of sources, held against these. Internal to wire/config*.c. */
#pragma once

#include "wire/config_read.h"

void config_check_sources(struct config_reader *reader);
