/*
 * Makes the Unix socket for the API.
 *
 * It decides whether a socket file that is already there belongs to a daemon
 * that lives (then it stays, and we do not start) or was left by one that was
 * killed. Serving on the socket is http.c's affair.
 */
#include "adapt/http_listen.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define LISTEN_BACKLOG 16

static int stream_socket(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	return fd < 0 ? -errno : fd;
}

/* Whether somebody listens there. A full backlog (EAGAIN) is somebody, too. */
static bool is_answered(const struct sockaddr_un *address)
{
	int fd = stream_socket();
	int rc;

	if (fd < 0)
		return true;
	rc = connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0 ? 0 : errno;
	close(fd);
	return rc != ECONNREFUSED && rc != ENOENT;
}

static int clear_stale(const struct sockaddr_un *address, struct text *error)
{
	struct stat found;

	if (lstat(address->sun_path, &found) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(found.st_mode)) {
		text_add(error, "%s is there already and is not a socket", address->sun_path);
		return -EEXIST;
	}
	if (is_answered(address)) {
		text_add(error, "another amphorad is running: it answers on %s", address->sun_path);
		return -EADDRINUSE;
	}
	return unlink(address->sun_path) < 0 && errno != ENOENT ? -errno : 0;
}

static int bind_and_listen(int fd, const struct sockaddr_un *address)
{
	int rc;

	/* Linux makes the file with the socket's own mode, so it is never open to all. */
	if (fchmod(fd, 0660) < 0 ||
	    bind(fd, (const struct sockaddr *)address, sizeof(*address)) < 0)
		return -errno;
	if (chmod(address->sun_path, 0660) == 0 && listen(fd, LISTEN_BACKLOG) == 0)
		return 0;
	rc = -errno;
	unlink(address->sun_path);
	return rc;
}

int http_listen(const char *path, struct text *error)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = -1;
	int rc;

	if (strlen(path) >= sizeof(address.sun_path)) {
		text_add(error, "%s is too long for a socket: %zu bytes at most", path,
			 sizeof(address.sun_path) - 1);
		return -ENAMETOOLONG;
	}
	strcpy(address.sun_path, path);
	rc = clear_stale(&address, error);
	if (rc == 0) {
		fd = stream_socket();
		rc = fd < 0 ? fd : bind_and_listen(fd, &address);
	}
	if (rc == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	if (error->length == 0)
		text_add(error, "cannot listen on %s: %s", path, strerror(-rc));
	return rc;
}
