/*
 * Reading a password file: the broker's, the database's, a sensor's. What is
 * wrong with it is said with its name; its content never is.
 */
#include "adapt/password.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Who besides the owner and the group's readers may do anything with it. */
#define OTHERS (S_IRWXO | S_IWGRP)

/* Reads the first line. Returns its length without the end, `size` where it does not fit. */
static ssize_t read_line(int fd, char *out, size_t size)
{
	size_t used = 0;

	while (used < size) {
		ssize_t got = read(fd, out + used, size - used);
		const char *end;

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		end = memchr(out + used, '\n', (size_t)got);
		if (end != NULL)
			return end - out;
		used += (size_t)got;
	}
	return (ssize_t)used;
}

static int take_line(int fd, char *out, size_t size, const char *path, struct text *error)
{
	ssize_t length = read_line(fd, out, size);

	if (length < 0) {
		text_add(error, "password file %s: %s", path, strerror((int)-length));
		return (int)length;
	}
	if ((size_t)length == size) {
		text_add(error, "password file %s: its first line has more than %zu bytes", path,
			 size - 1);
		return -EFBIG;
	}
	if (length > 0 && out[length - 1] == '\r')
		length--;
	out[length] = '\0';
	if (out[0] == '\0') {
		text_add(error, "password file %s: its first line holds no password", path);
		return -EINVAL;
	}
	return 0;
}

static int check_kind(int fd, const char *path, struct text *error)
{
	struct stat status;

	if (fstat(fd, &status) != 0)
		return -errno;
	if (S_ISDIR(status.st_mode)) {
		text_add(error, "password file %s: this is a directory, not a file", path);
		return -EISDIR;
	}
	if ((status.st_mode & OTHERS) != 0) {
		text_add(error,
			 "password file %s: others may read or change it: chmod 600 (or 640) %s",
			 path, path);
		return -EPERM;
	}
	return 0;
}

int password_read(char *out, size_t size, const char *path, struct text *error)
{
	int fd, result;

	if (path[0] == '\0') {
		out[0] = '\0';
		return 0;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		result = -errno;
		text_add(error, "password file %s: %s", path, strerror(-result));
		return result;
	}
	result = check_kind(fd, path, error);
	if (result == 0)
		result = take_line(fd, out, size, path, error);
	close(fd);
	if (result != 0)
		explicit_bzero(out, size);
	return result;
}
