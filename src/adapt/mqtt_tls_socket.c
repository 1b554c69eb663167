/*
 * OpenSSL writes to sockets with write(), which ends the program by a signal where the
 * broker has gone; so its own way to a socket is taken with another way to write.
 */
#include "adapt/mqtt_tls_socket.h"

#include <errno.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

static BIO_METHOD *quiet_socket;

static int write_quietly(BIO *bio, const char *bytes, int length)
{
	int fd = -1, sent;

	BIO_get_fd(bio, &fd);
	sent = (int)send(fd, bytes, (size_t)length, MSG_NOSIGNAL);
	BIO_clear_retry_flags(bio);
	if (sent <= 0 && BIO_sock_should_retry(sent))
		BIO_set_retry_write(bio);
	return sent;
}

static void make_quiet_socket(void)
{
	const BIO_METHOD *plain = BIO_s_socket();

	quiet_socket =
	    BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK | BIO_TYPE_DESCRIPTOR,
			 "socket without signals");
	if (quiet_socket == NULL)
		return;
	BIO_meth_set_write(quiet_socket, write_quietly);
	BIO_meth_set_read(quiet_socket, BIO_meth_get_read(plain));
	BIO_meth_set_puts(quiet_socket, BIO_meth_get_puts(plain));
	BIO_meth_set_ctrl(quiet_socket, BIO_meth_get_ctrl(plain));
	BIO_meth_set_create(quiet_socket, BIO_meth_get_create(plain));
	BIO_meth_set_destroy(quiet_socket, BIO_meth_get_destroy(plain));
}

static int attach(SSL *session, int fd)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	BIO *bio;

	pthread_once(&once, make_quiet_socket);
	bio = quiet_socket != NULL ? BIO_new(quiet_socket) : NULL;
	if (bio == NULL)
		return -ENOMEM;
	BIO_set_fd(bio, fd, BIO_NOCLOSE);
	SSL_set_bio(session, bio, bio);
	return 0;
}

int mqtt_tls_shake(SSL *session, int fd)
{
	int result = attach(session, fd);

	if (result != 0)
		return result;
	SSL_set_mode(session, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	ERR_clear_error();
	result = SSL_connect(session);
	if (result != 1) {
		int error = SSL_get_error(session, result);

		result = error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE
			     ? -ETIMEDOUT
			     : -ECONNRESET;
	} else {
		result = 0;
	}
	ERR_clear_error(); /* of this thread */
	return result;
}

/* What a call of TLS that moved nothing means. */
static ssize_t stopped(struct mqtt_socket *socket, int result)
{
	int error = SSL_get_error(socket->session, result);

	ERR_clear_error();
	socket->wants_writing = error == SSL_ERROR_WANT_WRITE;
	return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? 0 : -ECONNRESET;
}

static ssize_t failed(ssize_t result)
{
	if (result == 0)
		return -ECONNRESET;
	return errno == EAGAIN || errno == EINTR ? 0 : -errno;
}

ssize_t mqtt_socket_read(struct mqtt_socket *from, void *bytes, size_t size)
{
	if (from->session != NULL) {
		size_t taken = 0;
		int result;

		ERR_clear_error();
		result = SSL_read_ex(from->session, bytes, size, &taken);
		return result == 1 ? (ssize_t)taken : stopped(from, result);
	}
	ssize_t taken = recv(from->fd, bytes, size, 0);

	return taken > 0 ? taken : failed(taken);
}

bool mqtt_socket_has_ended(const struct mqtt_socket *socket)
{
	struct pollfd look = {.fd = socket->fd, .events = POLLRDHUP};

	return poll(&look, 1, 0) > 0;
}

ssize_t mqtt_socket_write(struct mqtt_socket *to, const void *bytes, size_t length)
{
	if (to->session != NULL) {
		size_t taken = 0;
		int result;

		ERR_clear_error();
		result = SSL_write_ex(to->session, bytes, length, &taken);
		if (result != 1)
			return stopped(to, result);
		to->wants_writing = false;
		return (ssize_t)taken;
	}
	ssize_t taken = send(to->fd, bytes, length, MSG_NOSIGNAL);

	return taken > 0 ? taken : failed(taken);
}

void mqtt_socket_close(struct mqtt_socket *socket)
{
	if (socket->session != NULL) {
		ERR_clear_error();
		SSL_shutdown(socket->session);
		ERR_clear_error();
		SSL_free(socket->session);
	}
	close(socket->fd);
}
