/*
 * Relay drivers without hardware: a contact in memory, and one that is a file.
 * What a GPIO line needs is in relay_driver_gpiod.c; when to switch is the
 * server's to say.
 */
#include "node/relay_driver.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct contact {
	bool is_on;
};

struct file_contact {
	char *path;
};

static int contact_set(void *user, bool is_on);
static int contact_get(void *user);
static int file_set(void *user, bool is_on);
static int file_get(void *user);
static void file_close(void *user);

int relay_driver_simulated(struct relay_driver *out)
{
	struct contact *contact = calloc(1, sizeof(*contact));

	if (!contact)
		return -ENOMEM;
	*out = (struct relay_driver){
	    .user = contact,
	    .is_simulated = true,
	    .set = contact_set,
	    .get = contact_get,
	    .close = free,
	};
	return 0;
}

int relay_driver_file(struct relay_driver *out, const char *path, struct text *error)
{
	struct file_contact *contact = calloc(1, sizeof(*contact));
	int result = -ENOMEM;

	if (contact)
		contact->path = strdup(path);
	if (contact && contact->path)
		result = file_set(contact, false);
	if (result < 0) {
		text_add(error, "cannot write the relay's file %s: %s", path, strerror(-result));
		file_close(contact);
		return result;
	}
	*out = (struct relay_driver){
	    .user = contact,
	    .set = file_set,
	    .get = file_get,
	    .close = file_close,
	};
	return 0;
}

static int contact_set(void *user, bool is_on)
{
	struct contact *contact = user;

	contact->is_on = is_on;
	return 0;
}

static int contact_get(void *user)
{
	struct contact *contact = user;

	return contact->is_on;
}

static int file_set(void *user, bool is_on)
{
	struct file_contact *contact = user;
	int fd = open(contact->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	ssize_t written;
	int failure;

	if (fd < 0)
		return -errno;
	written = write(fd, is_on ? "1\n" : "0\n", 2);
	failure = written < 0 ? errno : EIO;
	if (close(fd) < 0 && written == 2)
		return -errno;
	return written == 2 ? 0 : -failure;
}

/* What else than 0 or 1 stands there (a brightness, say) is on, unless it is empty. */
static int file_get(void *user)
{
	struct file_contact *contact = user;
	int fd = open(contact->path, O_RDONLY | O_CLOEXEC);
	char first = 0;
	ssize_t got;

	if (fd < 0)
		return -errno;
	got = read(fd, &first, 1);
	close(fd);
	if (got != 1)
		return -EIO;
	return first != '0';
}

static void file_close(void *user)
{
	struct file_contact *contact = user;

	if (contact)
		free(contact->path);
	free(contact);
}
