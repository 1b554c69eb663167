/* Reading small files whole, and the default places. */
#include "daemon/files.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

#define NO_OWNER ((uid_t)-1) /* it stays */

static int read_all(int fd, char *out, size_t size, size_t *len)
{
	size_t used = 0;

	for (;;) {
		ssize_t got = read(fd, out + used, size - used);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		used += (size_t)got;
		if (used == size)
			return -EFBIG;
	}
	*len = used;
	return 0;
}

int files_read(const char *path, void *out, size_t size, size_t *len, struct text *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int result;

	if (fd < 0) {
		result = -errno;
		text_add(error, "%s: %s", path, strerror(-result));
		return result;
	}
	result = read_all(fd, out, size, len);
	close(fd);
	if (result == -EFBIG)
		text_add(error, "%s: larger than %zu bytes", path, size);
	else if (result != 0)
		text_add(error, "%s: %s", path, strerror(-result));
	return result;
}

void files_make_directory_of(const char *path, gid_t group)
{
	char directory[PATH_TEXT_MAX];

	for (const char *slash = strchr(path + 1, '/'); slash != NULL;
	     slash = strchr(slash + 1, '/')) {
		snprintf(directory, sizeof directory, "%.*s", (int)(slash - path), path);
		if (mkdir(directory, 0750) != 0)
			continue;
		log_info("made the directory %s, which was not there", directory);
		if (group != NO_GROUP && chown(directory, NO_OWNER, group) != 0)
			log_warning("%s cannot be given to its group: %s", directory,
				    strerror(errno));
	}
}

int files_find_group(gid_t *out, const char *name, struct text *error)
{
	const struct group *group;

	*out = NO_GROUP;
	if (name[0] == '\0')
		return 0;
	group = getgrnam(name); /* before there are threads */
	if (group == NULL) {
		text_add(error, "api.group: there is no group %s: addgroup --system %s makes it",
			 name, name);
		return -ENOENT;
	}
	*out = group->gr_gid;
	return 0;
}

int files_give_to_group(const char *path, gid_t group, struct text *error)
{
	int result;

	if (group == NO_GROUP || chown(path, NO_OWNER, group) == 0)
		return 0;
	result = -errno;
	text_add(error,
		 "api.group: %s cannot be given to the group (%s): only root, or a member of the "
		 "group, can",
		 path, strerror(-result));
	return result;
}

bool files_directory_is_there(const char *path)
{
	char directory[PATH_TEXT_MAX];
	const char *slash = strrchr(path, '/');
	struct stat status;

	if (slash == NULL || slash == path)
		return true;
	snprintf(directory, sizeof directory, "%.*s", (int)(slash - path), path);
	return stat(directory, &status) == 0 && S_ISDIR(status.st_mode);
}

static void place(char out[PATH_TEXT_MAX], const char *directory, const char *below,
		  const char *name)
{
	snprintf(out, PATH_TEXT_MAX, "%.180s%s/%s", directory, below, name);
}

void files_default_places(struct house *house)
{
	const char *state = getenv("STATE_DIRECTORY"), *run = getenv("RUNTIME_DIRECTORY");
	const char *home = getenv("HOME"), *xdg_run = getenv("XDG_RUNTIME_DIR");
	bool is_root = geteuid() == 0;

	if (state != NULL)
		place(house->store.path, state, "", "journal.db");
	else if (!is_root && home != NULL)
		place(house->store.path, home, "/.local/state/amphora", "journal.db");
	if (run != NULL)
		place(house->api.socket, run, "", "amphora.sock");
	else if (!is_root && xdg_run != NULL)
		place(house->api.socket, xdg_run, "/amphora", "amphora.sock");
}
