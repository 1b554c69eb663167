/*
 * `amphora relay trial`: asks a person, then has the daemon try the relay, which remembers what
 * came of it; where none runs, it tries it by adapt/relay_trial.h in a loop of its own.
 */
#include "cli/relay_trial.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "cli/client.h"
#include "cli/house.h"
#include "cli/show.h"
#include "cli/setup_ask.h"
#include "wire/source_read.h"

#define ASK_EVERY_US 300000
#define DEFAULT_CONFIG "/etc/amphora/amphora.yaml"

struct outcome {
	uv_loop_t *loop;
	enum relay_trial_result result;
	char words[RELAY_TRIAL_WORDS_MAX];
};

static void on_done(void *user, enum relay_trial_result result, const char *words)
{
	struct outcome *outcome = user;

	outcome->result = result;
	snprintf(outcome->words, sizeof outcome->words, "%s", words);
	uv_stop(outcome->loop);
}

static int exit_of(enum relay_trial_result result)
{
	switch (result) {
	case TRIAL_OPENS:
	case TRIAL_FOLLOWS:
	case TRIAL_BLIND:
		return EXIT_OK;
	case TRIAL_WAS_ON:
	case TRIAL_REFUSED:
		return EXIT_REFUSED;
	case TRIAL_NOT_CONFIRMED:
	case TRIAL_SILENT:
		return EXIT_NOT_CONFIRMED;
	default:
		return EXIT_FAILED;
	}
}

static int run(const struct relay_trial_options *options, const char *id,
	       enum relay_trial_result *came)
{
	struct outcome outcome = {0};
	struct relay_trial_events events = {&outcome, on_done};
	char room[RELAY_TRIAL_WORDS_MAX] = "";
	struct text error = text_in(room, sizeof room);
	struct relay_trial *trial;
	uv_loop_t loop;
	int result;

	uv_loop_init(&loop);
	outcome.loop = &loop;
	result = relay_trial_new(&trial, &loop, options, &events, &error);
	if (result == 0) {
		uv_run(&loop, UV_RUN_DEFAULT);
		relay_trial_free(trial);
		fprintf(relay_trial_is_passed(outcome.result) ? stdout : stderr, "%s: %s\n", id,
			outcome.words);
	} else {
		complain("%s: %s", id, room);
	}
	uv_run(&loop, UV_RUN_DEFAULT);
	uv_loop_close(&loop);
	if (result != 0)
		return EXIT_FAILED;
	*came = outcome.result;
	return exit_of(outcome.result);
}

/* ---- where the daemon runs, it tries the relay, and knows then what came of it ---- */

static enum relay_trial_result result_of_words(const char *result)
{
	for (int i = 0; i < TRIAL_RESULT_COUNT; i++)
		if (strcmp(result, relay_trial_result_name((enum relay_trial_result)i)) == 0)
			return (enum relay_trial_result)i;
	return TRIAL_RESULT_COUNT;
}

/* Why it has not begun yet, once. */
static void tell_wait(const char *id, const json_t *told, bool *is_told)
{
	const char *words = member_text(told, "words");

	if (words[0] && !*is_told)
		printf("%s: %s\n  It begins by itself when it may, within a minute and a half.\n", id,
		       words);
	fflush(stdout);
	*is_told = *is_told || words[0];
}

static int await(struct cli *cli, const char *path, const char *id,
		 enum relay_trial_result *came)
{
	bool is_told = false;
	json_t *told;
	int rc;

	for (;;) {
		rc = client_get(cli, path, &told);
		if (rc != EXIT_OK)
			return rc;
		if (strcmp(member_text(told, "state"), "running") != 0)
			break;
		tell_wait(id, told, &is_told);
		json_decref(told);
		usleep(ASK_EVERY_US);
	}
	*came = result_of_words(member_text(told, "result"));
	rc = exit_of(*came);
	fprintf(rc == EXIT_OK ? stdout : stderr, "%s: %s\n", id, member_text(told, "words"));
	json_decref(told);
	return rc;
}

static int run_there(struct cli *cli, const char *id, enum relay_trial_result *came)
{
	char room[CLIENT_PATH_MAX];
	struct text path = text_in(room, sizeof room);
	json_t *told;
	int rc;

	text_add(&path, "relays/");
	client_segment(&path, id);
	text_add(&path, "/trial");
	rc = client_call(cli, "POST", room, NULL, &told);
	if (rc != EXIT_OK)
		return rc;
	json_decref(told);
	return await(cli, room, id, came);
}

/* Whether a daemon answers at the place that the configuration names. */
static bool is_daemon_there(struct cli *cli, const struct house *house)
{
	if (house->api.socket[0] != '\0')
		cli->socket = house->api.socket;
	return client_is_answered(cli);
}

static int may_try(const struct relay_config *relay, bool is_agreed)
{
	char question[200];

	snprintf(question, sizeof question,
		 "This closes %s for %s, whatever is behind it. Go on?", relay->id.text,
		 relay->has_lease ? "some seconds" : "a second or two");
	if (!is_agreed && ask_yes(&is_agreed, question, false) != 0)
		return -EPIPE;
	return is_agreed ? 0 : -ECANCELED;
}

/* Where it is: the relay's own address, or that of its source; NULL where the file has none. */
static const char *address_of(const struct relay_config *relay, const struct source *source)
{
	if (source)
		return source->is_coap ? source->uri : "";
	return relay->uri[0] != '\0' ? relay->uri : NULL;
}

static int try_relay(struct cli *cli, const struct house *house, const struct sources *sources,
		     const char *id, bool is_agreed, enum relay_trial_result *came)
{
	int index = house_find_relay(house, id), number;
	struct relay_trial_options options = {.house = house, .clock_factor = 1};

	if (index < 0) {
		complain("no relay %s is configured", id);
		return EXIT_NOT_FOUND;
	}
	number = sources_find(sources, house->relays[index].source.text);
	options.relay = (size_t)index;
	options.source = number >= 0 ? &sources->entries[number] : NULL;
	options.uri = address_of(&house->relays[index], options.source);
	if (!options.uri) {
		complain("relay %s has no address in the configuration: only such are tried", id);
		return EXIT_REFUSED;
	}
	if (may_try(&house->relays[index], is_agreed) != 0)
		return EXIT_REFUSED;
	return is_daemon_there(cli, house) ? run_there(cli, id, came) : run(&options, id, came);
}

/* With the house and its devices read from `config`. */
static int try_of_file(struct cli *cli, const char *config, const char *id, bool is_agreed,
		       enum relay_trial_result *came)
{
	struct house *house = malloc(sizeof(*house));
	const char *socket = cli->socket;
	struct sources sources;
	int rc;

	if (house == NULL || house_read_with_sources(house, &sources, config) != 0) {
		free(house);
		return EXIT_FAILED;
	}
	rc = try_relay(cli, house, &sources, id, is_agreed, came);
	sources_deinit(&sources);
	cli->socket = socket; /* it may have been the file's, which goes with the house */
	free(house);
	return rc;
}

int relay_trial(struct cli *cli, int argc, char **argv)
{
	const char *config = DEFAULT_CONFIG;
	bool is_agreed = take_flag(&argc, argv, "--yes");
	enum relay_trial_result came = TRIAL_RESULT_COUNT;

	if (take_option(&argc, argv, "--config", &config) < 0 || !words_fit(argc, argv, 2, 2))
		return usage(cli);
	return try_of_file(cli, config, argv[2], is_agreed, &came);
}

enum relay_trial_result relay_trial_ask(struct cli *cli, const char *config, const char *id)
{
	enum relay_trial_result came = TRIAL_RESULT_COUNT;

	(void)!try_of_file(cli, config, id, false, &came);
	return came;
}
