/*
 * `amphora setup`: from nothing to a daemon that watches. It asks for the broker, shows
 * who is heard there, asks which of them is the battery and which its switches, writes
 * a configuration with comments, and tries it. Nothing is written before all is
 * answered, and nothing is switched before the person agrees.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "adapt/detect_session.h"
#include "adapt/whole_file.h"
#include "base/zone.h"
#include "cli/broker_option.h"
#include "cli/detect_run.h"
#include "cli/setup_ask.h"
#include "cli/setup_parts.h"
#include "cli/setup_try.h"
#include "cli/show.h"
#include "model/chemistry.h"

#define SECONDS_DEFAULT 12
#define SYSTEM_DIRECTORY "/etc/amphora"

/* --- the broker ----------------------------------------------------------------- */

static int ask_broker(struct setup *setup)
{
	struct broker_config *broker = &setup->answers.broker;
	char place[PATH_TEXT_MAX + 8] = "", otherwise[PATH_TEXT_MAX + 8];
	int result;

	do {
		snprintf(otherwise, sizeof(otherwise), "%s:%d", broker->host, (int)broker->port);
		result = ask_text(place, sizeof(place), "Where is the MQTT broker?", otherwise);
		if (result != 0)
			return result;
		if (broker_option_read(broker, place))
			break;
		printf("  HOST or HOST:PORT, please\n");
	} while (true);
	result = ask_text(broker->user, sizeof(broker->user), "Our user there (empty: none):", "");
	if (result == 0 && broker->user[0])
		result = ask_hidden(setup->password, sizeof(setup->password),
				    "Its password (is not shown; empty: none):");
	else
		setup->password[0] = '\0';
	return result;
}

bool setup_listen(struct setup *setup)
{
	struct detect_wish wish = {.seconds = setup->seconds,
				   .shows_progress = setup->cli->is_terminal,
				   .broker = setup->answers.broker,
				   .password = setup->password[0] ? setup->password : NULL};
	char sentence[2 * SETUP_WORDS_MAX] = "";
	struct text error = text_in(sentence, sizeof(sentence));
	json_t *answer;

	if (!wish.shows_progress) /* which says so itself */
		printf("Listening for %u s to what your devices say …\n", (unsigned)setup->seconds);
	fflush(stdout);
	if (detect_run(&wish, &answer, &error) != 0) {
		printf("  %s\n", sentence);
		return false;
	}
	json_decref(setup->found);
	setup->found = json_incref(json_object_get(answer, "devices"));
	json_decref(answer);
	return true;
}

/* Until the broker was listened to. */
static int listen_there(struct setup *setup)
{
	int result;

	do
		result = ask_broker(setup);
	while (result == 0 && !setup_listen(setup));
	return result;
}

/* --- the battery ------------------------------------------------------------------ */

static int take_battery(struct setup *setup, const json_t *device)
{
	const char *id = member_text(device, "id");

	if (setup_take_battery(&setup->answers, id, member_text(device, "source")))
		return 0;
	complain("the lines of %s are too long", id);
	return -E2BIG;
}

static int ask_battery(struct setup *setup)
{
	struct setup_choice *choice = malloc(sizeof(*choice));
	size_t which = 0;
	int result = choice ? 0 : -ENOMEM;

	while (result == 0 && which == 0) {
		setup_list(choice, setup, "battery");
		if (choice->count > 0) {
			printf("\nWhich of these is the battery?\n");
			result = ask_which(&which, "Number:", choice->lines, choice->count,
					   "none of them: listen again", 1);
		} else {
			printf("\nNobody told a state of charge. Is the sensor on, and does it use this "
			       "broker?\n");
		}
		if (result == 0 && which == 0)
			result = listen_there(setup);
	}
	if (result == 0)
		result = take_battery(setup, choice->devices[which - 1]);
	free(choice);
	return result;
}

/* What else a label calls it. */
static const char *chemistry_words(enum chemistry chemistry)
{
	switch (chemistry) {
	case CHEMISTRY_LFP:
		return ": lithium iron phosphate, LiFePO4";
	case CHEMISTRY_NMC:
		return ": lithium-ion with nickel and cobalt";
	default:
		return "";
	}
}

static int ask_chemistry(struct setup_answers *answers)
{
	const char *lines[CHEMISTRY_COUNT];
	char words[CHEMISTRY_COUNT][48];
	size_t count = 0, which;
	int result;

	for (int i = CHEMISTRY_NONE + 1; i < CHEMISTRY_COUNT; i++) {
		if (i == CHEMISTRY_CUSTOM)
			continue;
		snprintf(words[count], sizeof(words[count]), "%s%s",
			 chemistry_preset((enum chemistry)i)->name, chemistry_words((enum chemistry)i));
		lines[count] = words[count];
		count++;
	}
	printf("\nWhat is it made of? Its data sheet or a label says so.\n");
	result = ask_which(&which, "Number:", lines, count, NULL, 1);
	answers->chemistry = (enum chemistry)(CHEMISTRY_NONE + which);
	return result;
}

static void say_limits(enum chemistry chemistry)
{
	const struct envelope *usual = &chemistry_preset(chemistry)->usual;

	printf("Its limits are then: charged up to %g %% and between %g and %g °C,\n"
	       "discharged down to %g %% and between %g and %g °C.\n`amphora set` narrows them later.\n",
	       usual->ceiling_bp / 100.0, usual->charge_min_mc / 1000.0, usual->charge_max_mc / 1000.0,
	       usual->reserve_bp / 100.0, usual->discharge_min_mc / 1000.0,
	       usual->discharge_max_mc / 1000.0);
}

static int ask_amounts(struct setup_answers *answers)
{
	double reserve = chemistry_preset(answers->chemistry)->usual.reserve_bp / 100.0;
	int result = ask_number(&answers->capacity_kwh, "How much does it hold, in kWh?",
				SETUP_CAPACITY_MIN_KWH, SETUP_CAPACITY_MAX_KWH, 0);

	if (result == 0)
		result = ask_number(&answers->power_kw,
				    "With how much is it charged or discharged at most, in kW?",
				    SETUP_POWER_MIN_KW, SETUP_POWER_MAX_KW, 0);
	if (result == 0)
		say_limits(answers->chemistry);
	if (result == 0)
		result = ask_number(&answers->reserve_pct,
				    "How much is to stay in it for an outage, in %?", reserve,
				    SETUP_RESERVE_MAX_PCT,
				    reserve > SETUP_RESERVE_PCT ? reserve : SETUP_RESERVE_PCT);
	return result;
}

/* --- the house, and the file ---------------------------------------------------------- */

static int ask_zone(struct setup_answers *answers)
{
	char sentence[SETUP_WORDS_MAX] = "", otherwise[64] = "";
	struct text error = text_in(sentence, sizeof(sentence));
	FILE *file = fopen("/etc/timezone", "re");
	int result;

	if (file) {
		if (fgets(otherwise, sizeof(otherwise), file))
			otherwise[strcspn(otherwise, "\n")] = '\0';
		fclose(file);
	}
	printf("\n");
	do {
		result = ask_text(answers->zone, sizeof(answers->zone),
				  "The house's time zone, such as Europe/Rome:",
				  otherwise[0] && !strchr(otherwise, ' ') ? otherwise : "UTC");
		error = text_in(sentence, sizeof(sentence));
		if (result != 0 || zone_take(answers->zone, &error) == 0)
			return result;
		printf("  %s\n", sentence);
	} while (true);
}

static int ask_all(struct setup *setup)
{
	struct setup_answers *answers = &setup->answers;
	int result = listen_there(setup);

	if (result == 0)
		result = ask_battery(setup);
	if (result == 0)
		result = ask_chemistry(answers);
	if (result == 0)
		result = ask_amounts(answers);
	if (result == 0)
		result = setup_ask_relay(setup, RELAY_SOURCE,
				   "Which switch lets the source (panels, grid) charge it?");
	if (result == 0)
		result = setup_ask_relay(setup, RELAY_LOAD, "Which switch lets it feed the house?");
	if (result == 0)
		result = ask_zone(answers);
	return result;
}

/* Journal and socket lie beside the file. */
static bool take_places(struct setup *setup)
{
	struct setup_answers *answers = &setup->answers;
	struct text journal = text_in(answers->journal, sizeof(answers->journal));
	struct text socket = text_in(answers->socket, sizeof(answers->socket));

	text_add(&journal, "%s/journal.db", setup->output);
	text_add(&socket, "%s/amphora.sock", setup->output);
	return !journal.is_cut && !socket.is_cut;
}

/* Where the file goes is known from the start, so that no answer is in vain. */
static int take_output(struct setup *setup, const char *output)
{
	char directory[PATH_MAX], whole[PATH_MAX];
	bool is_system = !output && geteuid() == 0 && access(SYSTEM_DIRECTORY, W_OK) == 0;

	snprintf(whole, sizeof(whole), "%s",
		 output ? output : is_system ? SYSTEM_DIRECTORY "/amphora.yaml" : "amphora.yaml");
	snprintf(directory, sizeof(directory), "%s", whole);
	if (!realpath(dirname(directory), setup->output)) {
		complain("%s: %s", whole, strerror(errno));
		return EXIT_FAILED;
	}
	if (strcmp(setup->output, SYSTEM_DIRECTORY) != 0 && !take_places(setup)) {
		complain("%s is too long a path", setup->output);
		return EXIT_FAILED;
	}
	strncat(setup->output, "/", sizeof(setup->output) - strlen(setup->output) - 1);
	strncat(setup->output, basename(whole), sizeof(setup->output) - strlen(setup->output) - 1);
	if (access(setup->output, F_OK) == 0) {
		complain("%s is there already, and stays as it is: edit it, or name another file with "
			 "--output",
			 setup->output);
		return EXIT_FAILED;
	}
	return EXIT_OK;
}

/* Beside the configuration, for its owner alone. */
static int write_password(struct setup *setup)
{
	struct broker_config *broker = &setup->answers.broker;
	struct text path = text_in(broker->password_file, sizeof(broker->password_file));
	int result;

	if (!setup->password[0]) {
		broker->password_file[0] = '\0';
		return EXIT_OK;
	}
	text_add(&path, "%s.mqtt-password", setup->output);
	result = path.is_cut ? -ENAMETOOLONG
			     : whole_file_write(broker->password_file, setup->password,
						strlen(setup->password));
	explicit_bzero(setup->password, sizeof(setup->password));
	if (result != 0)
		complain("the broker's password: %s: %s", broker->password_file, strerror(-result));
	return result == 0 ? EXIT_OK : EXIT_FAILED;
}

int setup_write_file(const struct setup *setup, bool is_new)
{
	char *content = malloc(SETUP_TEXT_MAX), day[16] = "";
	time_t now = time(NULL);
	struct tm local;
	struct text text;
	int fd = -1;
	bool is_written = false;

	localtime_r(&now, &local);
	strftime(day, sizeof(day), "%Y-%m-%d", &local);
	if (content) {
		text = text_in(content, SETUP_TEXT_MAX);
		setup_write(&text, &setup->answers, day, NULL);
		fd = open(setup->output, O_WRONLY | O_CREAT | O_CLOEXEC | (is_new ? O_EXCL : O_TRUNC),
			  0640);
		is_written = fd >= 0 && write(fd, content, text.length) == (ssize_t)text.length;
	}
	if (fd >= 0)
		is_written = close(fd) == 0 && is_written;
	if (!is_written)
		complain("%s: %s", setup->output, strerror(errno));
	free(content);
	return is_written ? EXIT_OK : EXIT_FAILED;
}

static int run(struct setup *setup)
{
	bool is_started = true;
	int rc, result;

	printf("This asks for broker, battery and switches, then writes\n  %s\nand tries it. "
	       "Nothing is written before the last answer, and nothing\n"
	       "is switched before you agree. Ctrl-C ends it.\n\n",
	       setup->output);
	result = ask_all(setup);
	if (result == -EPIPE)
		complain("the answers ended; nothing was written");
	if (result != 0)
		return EXIT_FAILED;
	rc = write_password(setup);
	if (rc == EXIT_OK)
		rc = setup_write_file(setup, true);
	if (rc != EXIT_OK)
		return rc;
	printf("\n%s is written.\n", setup->output);
	fflush(stdout);
	if (!setup_check(setup->output))
		return EXIT_FAILED;
	if (ask_yes(&is_started, "Start it now and try each part?", true) != 0 || !is_started) {
		printf("  amphorad --config %s\n", setup->output);
		return EXIT_OK;
	}
	return setup_prove(setup);
}

int command_setup(struct cli *cli, int argc, char **argv)
{
	struct setup *setup = calloc(1, sizeof(*setup));
	const char *output = NULL, *broker = NULL, *seconds = NULL;
	double number = SECONDS_DEFAULT;
	int rc;

	if (!setup)
		return EXIT_FAILED;
	setup->cli = cli;
	setup->answers.broker = (struct broker_config){.host = "127.0.0.1", .port = MQTT_PORT};
	if (take_option(&argc, argv, "--output", &output) < 0 ||
	    take_option(&argc, argv, "--broker", &broker) < 0 ||
	    take_option(&argc, argv, "--seconds", &seconds) < 0 || !words_fit(argc, argv, 0, 0) ||
	    (broker && !broker_option_read(&setup->answers.broker, broker)) ||
	    (seconds && (number_parse(&number, seconds, strlen(seconds)) != 0 || number < 1 ||
			 number > DETECT_SECONDS_MAX)))
		rc = usage(cli);
	else
		rc = take_output(setup, output);
	setup->seconds = (uint32_t)number;
	if (rc == EXIT_OK)
		rc = run(setup);
	json_decref(setup->found);
	free(setup);
	return rc;
}
