/*
 * Files with secret keys, see key_file.h. A key that others may read, or that
 * another user may replace, is refused: it would only look like a secret.
 */
#include "adapt/key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* All that is more than 0600. */
#define TOO_OPEN (S_IXUSR | S_IRWXG | S_IRWXO)

static int check_status(const struct stat *status, const char *path, struct text *error)
{
	if (!S_ISREG(status->st_mode)) {
		text_add(error, "key file %s: this is not a regular file", path);
		return -EINVAL;
	}
	if (status->st_uid != 0 && status->st_uid != geteuid()) {
		text_add(error,
			 "key file %s: it belongs to another user, who may change it: "
			 "chown root %s, or to the user who runs this program",
			 path, path);
		return -EPERM;
	}
	if ((status->st_mode & TOO_OPEN) != 0) {
		text_add(error,
			 "key file %s: its mode is %04o, and others may use it: chmod 600 %s", path,
			 (unsigned)(status->st_mode & 07777), path);
		return -EPERM;
	}
	return 0;
}

int key_file_open(const char *path, struct text *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat status;
	int result;

	if (fd < 0 || fstat(fd, &status) != 0) {
		result = -errno;
		text_add(error, "key file %s: %s", path, strerror(-result));
	} else {
		result = check_status(&status, path, error);
	}
	if (result == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return result;
}

/* Reads up to `size` bytes. Returns how many, or a negative errno. */
static ssize_t read_some(int fd, uint8_t *out, size_t size)
{
	size_t used = 0;

	while (used < size) {
		ssize_t got = read(fd, out + used, size - used);

		if (got < 0 && errno != EINTR)
			return -errno;
		if (got == 0)
			break;
		used += got > 0 ? (size_t)got : 0;
	}
	return (ssize_t)used;
}

static size_t line_length(const uint8_t *bytes, size_t length)
{
	const uint8_t *end = memchr(bytes, '\n', length);

	if (end != NULL)
		length = (size_t)(end - bytes);
	return length > 0 && bytes[length - 1] == '\r' ? length - 1 : length;
}

int shared_key_read(struct shared_key *out, const char *path, const char *identity,
		    struct text *error)
{
	uint8_t bytes[SHARED_KEY_BYTES_MAX + 2]; /* with the end of its line */
	int fd = key_file_open(path, error);
	ssize_t got;
	size_t length = 0;

	if (fd < 0)
		return fd;
	got = read_some(fd, bytes, sizeof bytes);
	close(fd);
	if (got >= 0)
		length = line_length(bytes, (size_t)got);
	if (got < 0) {
		text_add(error, "key file %s: %s", path, strerror((int)-got));
	} else if (length < SHARED_KEY_BYTES_MIN || length > SHARED_KEY_BYTES_MAX) {
		text_add(error,
			 "key file %s: its first line must have %d to %d bytes: "
			 "openssl rand -hex 32 makes one",
			 path, SHARED_KEY_BYTES_MIN, SHARED_KEY_BYTES_MAX);
		got = -EINVAL;
	} else {
		*out = (struct shared_key){.length = length};
		snprintf(out->identity, sizeof out->identity, "%s", identity);
		memcpy(out->secret, bytes, length);
	}
	explicit_bzero(bytes, sizeof bytes);
	return got < 0 ? (int)got : 0;
}
