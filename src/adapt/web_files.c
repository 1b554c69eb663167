/*
 * Reads certificate and key for browsers, and says what is wrong with them: the
 * library that uses them says no more than that it does not want them.
 */
#include "adapt/web_files.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adapt/key_file.h"

static int complain(struct text *error, const char *what, const char *path, const char *words)
{
	text_add(error, "%s %s: %s", what, path, words);
	return -EINVAL;
}

/* Reads all of `fd`, which is closed, into `*out`. */
static int read_all(int fd, char **out, const char *what, const char *path, struct text *error)
{
	char *bytes = calloc(1, WEB_FILE_MAX);
	size_t used = 0;
	ssize_t got = bytes ? 1 : -1;

	while (bytes && used < WEB_FILE_MAX - 1 && got > 0) {
		got = read(fd, bytes + used, WEB_FILE_MAX - 1 - used);
		if (got > 0)
			used += (size_t)got;
	}
	close(fd);
	if (got == 0) {
		*out = bytes;
		return 0;
	}
	if (bytes)
		explicit_bzero(bytes, WEB_FILE_MAX);
	free(bytes);
	return complain(error, what, path, got < 0 ? "it cannot be read" : "it is too large");
}

static int read_certificate(struct web_files *out, const char *path, struct text *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return complain(error, "web.certificate", path, strerror(errno));
	return read_all(fd, &out->certificate, "web.certificate", path, error);
}

static int read_key(struct web_files *out, const char *path, struct text *error)
{
	int fd = key_file_open(path, error);

	return fd < 0 ? fd : read_all(fd, &out->key, "web.key", path, error);
}

/* Nobody is there to type a passphrase. */
static int no_passphrase(char *out, int size, int is_written, void *user)
{
	(void)out;
	(void)size;
	(void)is_written;
	(void)user;
	return -1;
}

static int check(const struct web_files *files, const struct web_config *config, struct text *error)
{
	BIO *certificate_text = BIO_new_mem_buf(files->certificate, -1);
	BIO *key_text = BIO_new_mem_buf(files->key, -1);
	X509 *certificate = PEM_read_bio_X509(certificate_text, NULL, no_passphrase, NULL);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(key_text, NULL, no_passphrase, NULL);
	int rc = 0;

	if (!certificate)
		rc = complain(error, "web.certificate", config->certificate,
			      "there is no certificate in it (PEM is expected)");
	else if (!key)
		rc = complain(error, "web.key", config->key,
			      "there is no private key in it (PEM without a passphrase is "
			      "expected)");
	else if (X509_check_private_key(certificate, key) != 1)
		rc = complain(error, "web.key", config->key,
			      "it does not belong to web.certificate");
	EVP_PKEY_free(key);
	X509_free(certificate);
	BIO_free(key_text);
	BIO_free(certificate_text);
	ERR_clear_error();
	return rc;
}

int web_files_read(struct web_files *out, const struct web_config *config, struct text *error)
{
	struct web_files files = {0};
	int rc;

	*out = files;
	if (config->certificate[0] == '\0')
		return 0;
	rc = read_certificate(&files, config->certificate, error);
	if (rc == 0)
		rc = read_key(&files, config->key, error);
	if (rc == 0)
		rc = check(&files, config, error);
	if (rc == 0)
		*out = files;
	else
		web_files_free(&files);
	return rc;
}

void web_files_free(struct web_files *files)
{
	if (files->key)
		explicit_bzero(files->key, strlen(files->key));
	free(files->key);
	free(files->certificate);
	*files = (struct web_files){0};
}
