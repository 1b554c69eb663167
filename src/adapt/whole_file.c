/* See whole_file.h. */
#include "adapt/whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int write_durably(const char *place, const char *bytes, size_t length)
{
	int fd = open(place, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	int rc = 0;

	if (fd < 0)
		return -errno;
	while (rc == 0 && length > 0) {
		ssize_t written = write(fd, bytes, length);

		if (written < 0 && errno != EINTR)
			rc = -errno;
		if (written > 0) {
			bytes += written;
			length -= (size_t)written;
		}
	}
	if (rc == 0 && (fchmod(fd, 0600) < 0 || fsync(fd) < 0))
		rc = -errno;
	close(fd);
	return rc;
}

/* Makes a new name in the directory of `path` durable. */
static int sync_directory(const char *path)
{
	char directory[WHOLE_FILE_PATH_MAX];
	const char *slash = strrchr(path, '/');
	int fd, rc;

	snprintf(directory, sizeof directory, "%.*s", slash ? (int)(slash - path) + 1 : 1,
		 slash ? path : ".");
	fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	rc = fsync(fd) < 0 ? -errno : 0;
	close(fd);
	return rc;
}

int whole_file_write(const char *path, const char *bytes, size_t length)
{
	char place[WHOLE_FILE_PATH_MAX];
	int rc;

	snprintf(place, sizeof place, "%s.new", path);
	rc = write_durably(place, bytes, length);
	if (rc == 0 && rename(place, path) < 0)
		rc = -errno;
	return rc == 0 ? sync_directory(path) : rc;
}
