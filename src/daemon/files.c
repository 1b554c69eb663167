/* Reading small files whole, and the default places. */
#include "daemon/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

int files_read_password(const char *path, char *out, size_t size, struct text *error)
{
	struct stat status;
	size_t len;
	int result;

	if (stat(path, &status) == 0 && (status.st_mode & (S_IRWXO | S_IWGRP)) != 0) {
		text_add(error, "%s: others may read it: chmod 600 (or 640) %s", path, path);
		return -EPERM;
	}
	result = files_read(path, out, size, &len, error);
	if (result != 0)
		return result;
	out[len < size ? len : size - 1] = '\0';
	out[strcspn(out, "\r\n")] = '\0';
	if (out[0] == '\0') {
		text_add(error, "%s: holds no password", path);
		return -EINVAL;
	}
	return 0;
}

void files_make_directory_of(const char *path)
{
	char directory[PATH_TEXT_MAX];
	const char *slash = strrchr(path, '/');

	if (slash == NULL || slash == path)
		return;
	snprintf(directory, sizeof directory, "%.*s", (int)(slash - path), path);
	(void)mkdir(directory, 0750);
}

static void place(char out[PATH_TEXT_MAX], const char *directory, const char *below,
		  const char *name)
{
	snprintf(out, PATH_TEXT_MAX, "%.180s%s/%s", directory, below, name);
	files_make_directory_of(out);
}

void files_default_places(struct house *house)
{
	const char *state = getenv("STATE_DIRECTORY"), *run = getenv("RUNTIME_DIRECTORY");
	const char *home = getenv("HOME"), *xdg_run = getenv("XDG_RUNTIME_DIR");
	bool is_root = geteuid() == 0;

	if (state != NULL)
		place(house->store.path, state, "", "journal.db");
	else if (is_root || home == NULL)
		files_make_directory_of(house->store.path);
	else
		place(house->store.path, home, "/.local/state/amphora", "journal.db");
	if (run != NULL)
		place(house->api_socket, run, "", "amphora.sock");
	else if (is_root || xdg_run == NULL)
		files_make_directory_of(house->api_socket);
	else
		place(house->api_socket, xdg_run, "/amphora", "amphora.sock");
}
