/*
 * The page's first run: answers become the configuration, checked as `--check-config` checks, in
 * the place of the one before, which stays beside it. Then the daemon starts again with it.
 */
#include "daemon/first_run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "adapt/config_files.h"
#include "adapt/setup_body.h"
#include "adapt/whole_file.h"
#include "base/log.h"
#include "base/zone.h"
#include "daemon/check.h"
#include "daemon/files.h"
#include "wire/config.h"

#define NAMES_MAX 100 /* tried for a file that must not be there yet */
#define PATH_ROOM (PATH_TEXT_MAX + 32)

static void directory_of(const struct daemon *daemon, char out[PATH_TEXT_MAX])
{
	const char *slash = strrchr(daemon->config, '/');

	snprintf(out, PATH_TEXT_MAX, "%.*s", slash ? (int)(slash - daemon->config) : 0,
		 daemon->config);
}

void first_run_place(const struct daemon *daemon, struct api_setup_place *out)
{
	char directory[PATH_TEXT_MAX];
	struct text why = text_in(out->why, sizeof out->why);

	snprintf(out->file, sizeof out->file, "%s", daemon->config);
	out->is_there = access(daemon->config, F_OK) == 0;
	out->has_house = daemon->configured_batteries > 0 || daemon->house.relay_count > 0;
	directory_of(daemon, directory);
	if (faccessat(AT_FDCWD, directory, W_OK | X_OK, AT_EACCESS) != 0)
		text_add(&why, "%s: %s, for the user who runs amphorad; `amphora setup` writes one "
			       "in a terminal",
			 directory, strerror(errno));
}

/* --- the text --------------------------------------------------------------- */

/* What is on the way from the answers to the file. */
struct draft {
	char *old; /* the file that is replaced; NULL: there is none */
	char *text;
	size_t size;
	struct text content;
	char password_file[PATH_ROOM]; /* that was written for it; empty: none */
	char words[CONFIG_ERRORS_TEXT_MAX];
};

static int read_old(const struct daemon *daemon, struct draft *draft, struct text *error)
{
	size_t length = 0;
	int result;

	if (access(daemon->config, F_OK) != 0)
		return 0;
	draft->old = malloc(CONFIG_BYTES_MAX + 1);
	if (draft->old == NULL)
		return -ENOMEM;
	result = files_read(daemon->config, draft->old, CONFIG_BYTES_MAX, &length, error);
	draft->old[result == 0 ? length : 0] = '\0';
	return result;
}

/* Where the system keeps them needs no words in the file. */
static void take_places(const struct daemon *daemon, struct setup_answers *answers)
{
	static struct house usual;

	house_init(&usual);
	if (strcmp(usual.store.path, daemon->house.store.path) != 0)
		memcpy(answers->journal, daemon->house.store.path, sizeof answers->journal);
	if (strcmp(usual.api.socket, daemon->house.api.socket) != 0)
		memcpy(answers->socket, daemon->house.api.socket, sizeof answers->socket);
}

/* The first of DIRECTORY/NAME, DIRECTORY/NAME-2, … that is not there. */
static int find_name(char out[PATH_ROOM], const char *path)
{
	for (int i = 1; i <= NAMES_MAX; i++) {
		struct text name = text_in(out, PATH_ROOM);

		text_add(&name, "%s", path);
		if (i > 1)
			text_add(&name, "-%d", i);
		if (!name.is_cut && access(out, F_OK) != 0 && errno == ENOENT)
			return 0;
	}
	return -EEXIST;
}

/* The broker as it was answered; the one that is used now keeps its password where none was said. */
static int take_broker(const struct daemon *daemon, struct setup_wish *wish, struct draft *draft,
		       struct text *error)
{
	const struct broker_config *now = &daemon->house.broker;
	struct broker_config *broker = &wish->answers.broker;
	const struct setup_broker *said = &wish->broker;
	char path[PATH_ROOM], directory[PATH_TEXT_MAX];
	int result;

	wish->answers.broker_is_kept = !said->has_password && strcmp(said->host, now->host) == 0 &&
				       said->port == now->port && strcmp(said->user, now->user) == 0;
	if (wish->answers.broker_is_kept) {
		*broker = *now;
		return 0;
	}
	*broker = (struct broker_config){.port = said->port};
	memcpy(broker->host, said->host, sizeof broker->host);
	memcpy(broker->user, said->user, sizeof broker->user);
	if (!said->has_password)
		return 0;
	directory_of(daemon, directory);
	snprintf(path, sizeof path, "%s/mqtt-password", directory);
	result = find_name(draft->password_file, path);
	if (result == 0 && strlen(draft->password_file) >= sizeof broker->password_file)
		result = -ENAMETOOLONG;
	if (result == 0 && !wish->is_preview)
		result = whole_file_write(draft->password_file, said->password,
					  strlen(said->password));
	if (result != 0) {
		text_add(error, "the broker's password: %s: %s", path, strerror(-result));
		draft->password_file[0] = '\0';
		return result;
	}
	snprintf(broker->password_file, sizeof broker->password_file, "%.*s",
		 (int)sizeof broker->password_file - 1, draft->password_file);
	return 0;
}

static int write_text(const struct daemon *daemon, struct setup_wish *wish, struct draft *draft)
{
	char day[16];
	time_t now = time(NULL);
	struct tm local;

	draft->size = SETUP_TEXT_MAX + (draft->old != NULL ? strlen(draft->old) : 0);
	draft->text = malloc(draft->size);
	if (draft->text == NULL)
		return -ENOMEM;
	localtime_r(&now, &local);
	strftime(day, sizeof day, "%Y-%m-%d", &local);
	take_places(daemon, &wish->answers);
	draft->content = text_in(draft->text, draft->size);
	setup_write(&draft->content, &wish->answers, day, draft->old);
	return draft->content.is_cut ? -EFBIG : 0;
}

/* As --check-config does; a preview has no password file yet and is only read. */
static int check_text(struct daemon *daemon, const struct setup_wish *wish, struct draft *draft,
		      struct text *error)
{
	struct house *house = malloc(sizeof *house);
	struct text words = text_in(draft->words, sizeof draft->words);
	struct sources sources;
	int result = house == NULL ? -ENOMEM : 0;

	if (result == 0)
		result = config_files_parse(house, &sources, daemon->config, draft->text,
						   draft->content.length, &words);
	if (result == 0) {
		sources_deinit(&sources);
		if (!wish->is_preview && !check_is_startable(house, &words))
			result = -EINVAL;
		/* The check has taken the zone; until the new start ours holds. */
		(void)!zone_take(daemon->house.zone, &words);
	}
	free(house);
	if (result == -EINVAL) {
		text_add(error, "it would not start: %s", draft->words);
		result = -ERANGE;
	}
	return result;
}

/* --- the file --------------------------------------------------------------- */

/* The old one has another name as well before the new one takes its place. */
static int keep_old(const struct daemon *daemon, char kept[PATH_ROOM], struct text *error)
{
	char path[PATH_ROOM], day[32];
	time_t now = time(NULL);
	struct tm local;
	int result;

	localtime_r(&now, &local);
	strftime(day, sizeof day, "before-%Y-%m-%d", &local);
	snprintf(path, sizeof path, "%.*s.%s", PATH_TEXT_MAX - 1, daemon->config, day);
	result = find_name(kept, path);
	if (result == 0 && link(daemon->config, kept) != 0)
		result = -errno;
	if (result != 0) {
		text_add(error, "the old configuration cannot be kept as %s: %s", path,
			 strerror(-result));
		kept[0] = '\0';
	}
	return result;
}

static int write_file(const struct daemon *daemon, const struct draft *draft,
		      struct api_setup_done *done, struct text *error)
{
	int result = draft->old != NULL ? keep_old(daemon, done->kept, error) : 0;

	if (result != 0)
		return result;
	result = whole_file_write(daemon->config, draft->text, draft->content.length);
	if (result == 0)
		return 0;
	text_add(error, "%s: %s", daemon->config, strerror(-result));
	if (done->kept[0] != '\0')
		(void)!unlink(done->kept);
	return result;
}

/* What was set while it ran would stand above the file, which says monitor. */
static int forget_logic(struct daemon *daemon, struct text *error)
{
	int result = settings_set(daemon, "", PARAMETER_LOGIC, NULL, false, error);

	for (size_t i = 0; i < daemon->house.battery_count && result == 0; i++)
		result = settings_set(daemon, daemon->house.batteries[i].id.text, PARAMETER_LOGIC,
				      NULL, false, error);
	return result;
}

static int take(struct daemon *daemon, struct setup_wish *wish, struct draft *draft,
		struct api_setup_done *done, struct text *error)
{
	int result = read_old(daemon, draft, error);

	if (result == 0)
		result = take_broker(daemon, wish, draft, error);
	if (result == 0)
		result = write_text(daemon, wish, draft);
	if (result == 0)
		result = check_text(daemon, wish, draft, error);
	if (result == 0 && !wish->is_preview)
		result = forget_logic(daemon, error);
	if (result == 0 && !wish->is_preview)
		result = write_file(daemon, draft, done, error);
	if (result != 0 && draft->password_file[0] != '\0' && !wish->is_preview)
		(void)!unlink(draft->password_file);
	return result;
}

int first_run_take(struct daemon *daemon, struct setup_wish *wish, struct api_setup_done *done,
		   struct text *error)
{
	struct draft *draft = calloc(1, sizeof *draft);
	struct api_setup_place place;
	int result = draft == NULL ? -ENOMEM : 0;

	*done = (struct api_setup_done){0};
	first_run_place(daemon, &place);
	if (result == 0 && place.why[0] != '\0') {
		text_add(error, "%s", place.why);
		result = -EACCES;
	} else if (result == 0 && place.has_house && !wish->may_replace && !wish->is_preview) {
		text_add(error, "%s has batteries already: \"replace\" says that another takes its "
				"place; it is kept beside it",
			 daemon->config);
		result = -EEXIST;
	}
	if (result == 0)
		result = take(daemon, wish, draft, done, error);
	if (result == 0) {
		done->text = draft->text;
		draft->text = NULL;
	}
	if (draft != NULL) {
		free(draft->text);
		free(draft->old);
	}
	free(draft);
	return result;
}
