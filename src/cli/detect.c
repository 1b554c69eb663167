/*
 * `amphora detect`: who is on a broker, and the lines of configuration for each. It
 * needs no daemon and changes nothing.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapt/detect_session.h"
#include "cli/broker_option.h"
#include "cli/cli.h"
#include "cli/detect_run.h"
#include "cli/house.h"
#include "cli/show.h"

#define SECONDS_DEFAULT 15
#define SENTENCE_MAX 512

static int copy_text(char *out, size_t size, const char *option, const char *value)
{
	if (!value)
		return 0;
	if (strlen(value) >= size) {
		complain("%s is too long", option);
		return -EINVAL;
	}
	memcpy(out, value, strlen(value) + 1);
	return 0;
}

static int take_seconds(uint32_t *out, const char *text)
{
	char *end;
	long number = strtol(text, &end, 10);

	if (*end || end == text || number < 1 || number > DETECT_SECONDS_MAX) {
		complain("--seconds must be 1..%d", DETECT_SECONDS_MAX);
		return -EINVAL;
	}
	*out = (uint32_t)number;
	return 0;
}

/* The daemon's own broker, where its configuration is named. */
static int take_config(struct broker_config *broker, const char *path)
{
	struct house *house = malloc(sizeof(*house));
	int result = house ? house_read(house, path) : -ENOMEM;

	if (result == 0)
		*broker = house->broker;
	free(house);
	return result;
}

static int read_options(struct detect_wish *wish, int argc, char **argv)
{
	const char *broker = NULL, *user = NULL, *file = NULL, *seconds = NULL, *config = NULL;

	wish->only_listens = take_flag(&argc, argv, "--listen-only");
	if (take_option(&argc, argv, "--broker", &broker) < 0 ||
	    take_option(&argc, argv, "--user", &user) < 0 ||
	    take_option(&argc, argv, "--password-file", &file) < 0 ||
	    take_option(&argc, argv, "--seconds", &seconds) < 0 ||
	    take_option(&argc, argv, "--config", &config) < 0 || !words_fit(argc, argv, 0, 0))
		return EXIT_USAGE;
	if (config && take_config(&wish->broker, config) != 0)
		return EXIT_FAILED;
	if (broker && !broker_option_read(&wish->broker, broker)) {
		complain("--broker must be HOST or HOST:PORT");
		return EXIT_USAGE;
	}
	if ((seconds && take_seconds(&wish->seconds, seconds) < 0) ||
	    copy_text(wish->broker.user, sizeof(wish->broker.user), "--user", user) < 0 ||
	    copy_text(wish->broker.password_file, sizeof(wish->broker.password_file),
		      "--password-file", file) < 0)
		return EXIT_USAGE;
	return EXIT_OK;
}

static void show_device(const struct cli *cli, const json_t *device)
{
	char buffer[SENTENCE_MAX];
	struct text words = text_in(buffer, sizeof(buffer));

	detect_words(&words, device);
	printf("%s%s%s: %s\n", colour_begin(cli, COLOUR_BOLD), member_text(device, "id"),
	       colour_end(cli), buffer);
	if (member_is_true(device, "only_retained"))
		printf("  only the broker remembers it: it may be gone\n");
	if (json_is_false(json_object_get(device, "opens_by_itself")))
		printf("  it does not open by itself when we are gone: see lease in docs/devices.md\n");
	printf("%s\n", member_text(device, "config"));
}

static void show(const struct cli *cli, const struct detect_wish *wish, const json_t *found)
{
	const json_t *devices = json_object_get(found, "devices");
	size_t count = json_array_size(devices), i;
	json_t *device;

	if (cli->format == FORMAT_JSON) {
		json_show(stdout, found);
		return;
	}
	json_array_foreach(devices, i, device) show_device(cli, device);
	fprintf(stderr, "%zu device%s among %.0f topics in %u s%s\n", count, count == 1 ? "" : "s",
		member_number(found, "topics"), (unsigned)wish->seconds,
		count > 0 ? "; nothing is bound before it is in the configuration"
			  : "; is this the broker that your devices use?");
}

int command_detect(struct cli *cli, int argc, char **argv)
{
	struct detect_wish wish = {.seconds = SECONDS_DEFAULT,
				   .broker = {.host = "127.0.0.1", .port = MQTT_PORT},
				   .shows_progress =
				       cli->is_terminal && cli->format == FORMAT_PEOPLE};
	char sentence[SENTENCE_MAX] = "";
	struct text error = text_in(sentence, sizeof(sentence));
	json_t *found;
	int rc = read_options(&wish, argc, argv);

	if (rc == EXIT_USAGE)
		return usage(cli);
	if (rc != EXIT_OK)
		return rc;
	if (detect_run(&wish, &found, &error) != 0) {
		complain("%s", sentence);
		return EXIT_UNREACHABLE;
	}
	show(cli, &wish, found);
	json_decref(found);
	return EXIT_OK;
}
