#include "adapt/config_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "wire/profile_paths.h"

#define PATH_ROOM (2 * PATH_TEXT_MAX + 2)
#define NAME_ROOM 32
#define WORDS_MAX 1024

struct own_profile {
	char name[NAME_ROOM], path[PATH_ROOM];
	char *text;
	size_t length;
};

/* All that were read, and where an error of them is told. */
struct own_profiles {
	const char *config;
	struct text *errors;
	bool has_failed;
	int line; /* of the entry that is being read */
	size_t index, count;
	struct own_profile list[OWN_PROFILES_MAX];
};

static void note(struct own_profiles *own, const char *path, const char *words)
{
	own->has_failed = true;
	text_add(own->errors, "%s:%d: profiles[%zu]: %s: %s\n", own->config, own->line, own->index,
		 path, words);
}

/* ---- the shelf ---- */

static const struct own_profile *find_own(const struct own_profiles *own, const char *name)
{
	for (size_t i = 0; i < own->count; i++)
		if (strcmp(own->list[i].name, name) == 0)
			return &own->list[i];
	return NULL;
}

static const char *find(void *user, const char *name, size_t *length)
{
	const struct own_profile *profile = find_own(user, name);

	if (!profile)
		return source_shelf_built_in.find(NULL, name, length);
	*length = profile->length;
	return profile->text;
}

static void list(void *user, struct text *out)
{
	const struct own_profiles *own = user;

	for (size_t i = 0; i < own->count; i++)
		text_add(out, "%s, ", own->list[i].name);
	source_shelf_built_in.list(NULL, out);
}

static const char *place(void *user, const char *name)
{
	const struct own_profile *profile = find_own(user, name);

	return profile ? profile->path : NULL;
}

/* ---- files ---- */

/* The text of `path`; NULL after it has noted why. */
static char *read_file(struct own_profiles *own, const char *path, size_t *length)
{
	FILE *file = fopen(path, "re");
	char *text = file ? malloc(OWN_PROFILE_BYTES_MAX + 1) : NULL;
	bool is_bad;

	if (!text) {
		note(own, path, strerror(file ? ENOMEM : errno));
		if (file)
			fclose(file);
		return NULL;
	}
	*length = fread(text, 1, OWN_PROFILE_BYTES_MAX + 1, file);
	is_bad = ferror(file);
	fclose(file);
	if (!is_bad && *length <= OWN_PROFILE_BYTES_MAX)
		return text;
	note(own, path, is_bad ? "cannot be read" : "is larger than 64 KiB");
	free(text);
	return NULL;
}

/* NAME of …/NAME.yaml, where it may be a profile's; false after it has noted why not. */
static bool name_of(struct own_profiles *own, const char *path, char out[NAME_ROOM])
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	size_t length = strlen(name);

	if (length < 6 || strcmp(name + length - 5, ".yaml") != 0 || length - 5 >= NAME_ROOM) {
		note(own, path, "a profile's file is called NAME.yaml, NAME of at most 31 signs");
		return false;
	}
	snprintf(out, NAME_ROOM, "%.*s", (int)length - 5, name);
	if (!profile_name_is_free(out))
		note(own, path,
		     "this name is built in, or not of small letters, digits and hyphens: give it "
		     "another");
	else if (find_own(own, out))
		note(own, path, "there are two of that name");
	else if (own->count == OWN_PROFILES_MAX)
		note(own, path, "at most 64 profiles of one's own");
	else
		return true;
	return false;
}

static void take_file(struct own_profiles *own, const char *path)
{
	struct own_profile *profile = &own->list[own->count];
	char words[WORDS_MAX] = "";
	struct text error = text_in(words, sizeof(words));

	if (!name_of(own, path, profile->name))
		return;
	profile->text = read_file(own, path, &profile->length);
	if (!profile->text)
		return;
	snprintf(profile->path, sizeof(profile->path), "%s", path);
	own->count++; /* it is freed with the others, whatever it is */
	if (profile_check(profile->text, profile->length, &error) != 0)
		note(own, path, words[0] ? words : "no memory to read it");
}

static int is_profile(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

	return entry->d_name[0] != '.' && length > 5 &&
	       strcmp(entry->d_name + length - 5, ".yaml") == 0;
}

static void take_directory(struct own_profiles *own, const char *path)
{
	struct dirent **entries;
	int count = scandir(path, &entries, is_profile, alphasort);
	char inner[PATH_ROOM];

	if (count < 0) {
		note(own, path, strerror(errno));
		return;
	}
	for (int i = 0; i < count; i++) {
		if (snprintf(inner, sizeof(inner), "%s/%s", path, entries[i]->d_name) <
		    (int)sizeof(inner))
			take_file(own, inner);
		free(entries[i]);
	}
	free(entries);
}

static void take_entry(struct own_profiles *own, const char *entry)
{
	const char *slash = strrchr(own->config, '/');
	char path[PATH_ROOM];
	struct stat about;

	snprintf(path, sizeof(path), "%.*s%s",
		 entry[0] == '/' || !slash ? 0 : (int)(slash - own->config) + 1, own->config,
		 entry);
	if (stat(path, &about) != 0)
		note(own, path, strerror(errno));
	else if (S_ISDIR(about.st_mode))
		take_directory(own, path);
	else
		take_file(own, path);
}

int config_files_parse(struct house *out, struct sources *sources, const char *path,
		       const void *bytes, size_t len, struct text *errors)
{
	struct profile_paths *paths = malloc(sizeof(*paths));
	struct own_profiles *own = calloc(1, sizeof(*own));
	const struct source_shelf shelf = {own, find, list, place};
	int result = paths && own ? 0 : -ENOMEM;

	if (result == 0) {
		own->config = path;
		own->errors = errors;
		profile_paths_find(paths, bytes, len);
		for (own->index = 0; own->index < paths->count; own->index++) {
			own->line = paths->entries[own->index].line;
			take_entry(own, paths->entries[own->index].text);
		}
		result = own->has_failed
			     ? -EINVAL
			     : config_parse_with_shelf(out, sources, path, bytes, len, &shelf, errors);
	}
	for (size_t i = 0; own && i < own->count; i++)
		free(own->list[i].text);
	free(own);
	free(paths);
	return result;
}
