/* Walks a loaded file by the table of keys. Internal to wire/config*.c. */
#pragma once

#include "wire/config_file.h"
#include "wire/config_table.h"
#include "wire/source_read.h"

struct config_reader {
	yaml_document_t *document;
	struct config_errors *errors;
	struct house *house;
	struct sources *sources;          /* what `sources` says; those that are wrong are left out */
	bool sources_are_wrong;           /* some were */
	const struct source_shelf *shelf; /* where their profiles are */
	bool is_without_memory;
	int battery_lines[BATTERIES_MAX], relay_lines[RELAYS_MAX]; /* where each begins */
	int outlet_lines[OUTLETS_MAX], take_lines[HOME_TAKES_MAX];
	int broker_line, coap_line, web_line, server_line, settings_line, home_line;
	int buy_line, sell_line, pv_line; /* where each price and the forecast begins */
};

/* Reads the whole document into `reader->house` and notes every error. */
void config_read(struct config_reader *reader);
