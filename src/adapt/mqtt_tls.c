/*
 * TLS to a broker, see mqtt_tls.h. libmosquitto too drives the handshake with a context
 * that we make: its own would tell no more of a failure than that there was one.
 *
 * What a handshake found lives as long as the context, which the client holds too:
 * an attempt that nobody waits for any more may still write there.
 */
#include "adapt/mqtt_tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <mosquitto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adapt/key_file.h"

#define DATE_MAX 32

/* What one handshake found. */
struct finding {
	bool has_certificate; /* the broker has shown one */
	bool is_done;
	int verify_error;    /* X509_V_ERR_…, 0 for none */
	int alert;           /* SSL_AD_… that ended it, -1 for none */
	char date[DATE_MAX]; /* until or from when the certificate is valid, where that is it */
};

struct mqtt_tls {
	SSL_CTX *context;
	struct finding *finding; /* the context's */
	struct tls_config config;
	char host[PATH_TEXT_MAX];
};

/* --- what a handshake tells ------------------------------------------------ */

static void free_finding(void *parent, void *finding, CRYPTO_EX_DATA *data, int index, long number,
			 void *pointer)
{
	(void)parent;
	(void)data;
	(void)index;
	(void)number;
	(void)pointer;
	free(finding);
}

/* The place of the finding in a context; taken once, on the loop, before any thread is. */
static int finding_index(void)
{
	static int index = -1;

	if (index < 0)
		index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, free_finding);
	return index;
}

static struct finding *finding_of(const SSL *ssl)
{
	return SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), finding_index());
}

static void note_date(struct finding *finding, const ASN1_TIME *time)
{
	struct text date = text_in(finding->date, sizeof finding->date);
	struct tm utc;

	if (ASN1_TIME_to_tm(time, &utc) == 1)
		text_add(&date, "%04d-%02d-%02d %02d:%02d UTC", utc.tm_year + 1900, utc.tm_mon + 1,
			 utc.tm_mday, utc.tm_hour, utc.tm_min);
}

static int on_verify(int is_fine, X509_STORE_CTX *store)
{
	const SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
	const X509 *certificate = X509_STORE_CTX_get_current_cert(store);
	struct finding *finding = finding_of(ssl);
	int error = X509_STORE_CTX_get_error(store);

	finding->has_certificate = true;
	if (is_fine || finding->verify_error != 0)
		return is_fine;
	finding->verify_error = error;
	if (certificate != NULL && error == X509_V_ERR_CERT_HAS_EXPIRED)
		note_date(finding, X509_get0_notAfter(certificate));
	else if (certificate != NULL && error == X509_V_ERR_CERT_NOT_YET_VALID)
		note_date(finding, X509_get0_notBefore(certificate));
	return 0;
}

static void on_info(const SSL *ssl, int where, int value)
{
	struct finding *finding = finding_of(ssl);

	if (where & SSL_CB_HANDSHAKE_DONE)
		finding->is_done = true;
	if ((where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT && value >> 8 == SSL3_AL_FATAL)
		finding->alert = value & 0xff;
}

/* --- the files --------------------------------------------------------------- */

static int complain(struct text *error, const char *what, const char *path, const char *words)
{
	text_add(error, "%s %s: %s", what, path, words);
	return -EINVAL;
}

/* Whether it can be opened; OpenSSL's words for that are none. */
static int check_readable(const char *what, const char *path, struct text *error)
{
	int result;

	if (access(path, R_OK) == 0)
		return 0;
	result = -errno;
	text_add(error, "%s %s: %s", what, path, strerror(-result));
	return result;
}

static int take_authority(SSL_CTX *context, const struct tls_config *config, struct text *error)
{
	int result = 0;

	if (config->ca[0] == '\0')
		return SSL_CTX_set_default_verify_paths(context) == 1 ? 0 : -EIO;
	result = check_readable("tls_ca", config->ca, error);
	if (result == 0 && SSL_CTX_load_verify_locations(context, config->ca, NULL) != 1)
		result = complain(error, "tls_ca", config->ca,
				  "there is no certificate in it (PEM is expected)");
	return result;
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

static int take_key(SSL_CTX *context, const struct tls_config *config, struct text *error)
{
	int fd = key_file_open(config->key, error), result = 0;
	EVP_PKEY *key;
	BIO *file;

	if (fd < 0)
		return fd;
	file = BIO_new_fd(fd, BIO_CLOSE);
	key = file != NULL ? PEM_read_bio_PrivateKey(file, NULL, no_passphrase, NULL) : NULL;
	BIO_free(file);
	if (key == NULL)
		result = complain(error, "tls_key", config->key,
				  "there is no private key in it (PEM without a passphrase is "
				  "expected)");
	else if (SSL_CTX_use_PrivateKey(context, key) != 1)
		result = complain(error, "tls_key", config->key,
				  "it does not belong to tls_certificate");
	EVP_PKEY_free(key);
	return result;
}

static int take_identity(SSL_CTX *context, const struct tls_config *config, struct text *error)
{
	int result;

	if (config->certificate[0] == '\0')
		return 0;
	result = check_readable("tls_certificate", config->certificate, error);
	if (result == 0 && SSL_CTX_use_certificate_chain_file(context, config->certificate) != 1)
		result = complain(error, "tls_certificate", config->certificate,
				  "there is no certificate in it (PEM is expected)");
	return result == 0 ? take_key(context, config, error) : result;
}

static bool is_address(const char *host)
{
	uint8_t address[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1;
}

/* The name or address that the broker's certificate must be for. */
static int expect_host(SSL_CTX *context, const char *host)
{
	X509_VERIFY_PARAM *param = SSL_CTX_get0_param(context);

	X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	if (is_address(host))
		return X509_VERIFY_PARAM_set1_ip_asc(param, host) == 1 ? 0 : -EINVAL;
	return X509_VERIFY_PARAM_set1_host(param, host, strlen(host)) == 1 ? 0 : -EINVAL;
}

/* --- for the link -------------------------------------------------------------- */

static int fill_context(struct mqtt_tls *tls, struct text *error)
{
	int result;

	tls->finding = calloc(1, sizeof *tls->finding);
	if (tls->finding == NULL ||
	    SSL_CTX_set_ex_data(tls->context, finding_index(), tls->finding) != 1) {
		free(tls->finding);
		return -ENOMEM;
	}
	SSL_CTX_set_min_proto_version(tls->context, TLS1_2_VERSION);
	SSL_CTX_set_verify(tls->context, SSL_VERIFY_PEER, on_verify);
	SSL_CTX_set_info_callback(tls->context, on_info);
	result = expect_host(tls->context, tls->host);
	if (result == 0)
		result = take_authority(tls->context, &tls->config, error);
	if (result == 0)
		result = take_identity(tls->context, &tls->config, error);
	ERR_clear_error();
	return result;
}

int mqtt_tls_new(struct mqtt_tls **out, const struct tls_config *config, const char *host,
		 struct text *error)
{
	struct mqtt_tls *tls = calloc(1, sizeof *tls);
	struct text name;
	int result;

	if (tls == NULL)
		return -ENOMEM;
	name = text_in(tls->host, sizeof tls->host);
	text_add(&name, "%s", host);
	tls->config = *config;
	tls->context = SSL_CTX_new(TLS_client_method());
	result = tls->context != NULL ? fill_context(tls, error) : -ENOMEM;
	if (result != 0) {
		mqtt_tls_free(tls);
		return result;
	}
	mqtt_tls_begin(tls);
	*out = tls;
	return 0;
}

int mqtt_tls_check(const struct tls_config *config, const char *host, struct text *error)
{
	struct mqtt_tls *tls = NULL;
	int result = config->is_required ? mqtt_tls_new(&tls, config, host, error) : 0;

	mqtt_tls_free(tls);
	return result;
}

void mqtt_tls_free(struct mqtt_tls *tls)
{
	if (tls == NULL)
		return;
	SSL_CTX_free(tls->context);
	free(tls);
}

int mqtt_tls_use(struct mqtt_tls *tls, struct mosquitto *client)
{
	if (mosquitto_int_option(client, MOSQ_OPT_SSL_CTX_WITH_DEFAULTS, 0) != MOSQ_ERR_SUCCESS ||
	    mosquitto_void_option(client, MOSQ_OPT_SSL_CTX, tls->context) != MOSQ_ERR_SUCCESS)
		return -ENOTSUP;
	return 0;
}

int mqtt_tls_session(const struct mqtt_tls *tls, SSL **out)
{
	SSL *session = SSL_new(tls->context);

	if (session == NULL)
		return -ENOMEM;
	if (!is_address(tls->host) && SSL_set_tlsext_host_name(session, tls->host) != 1) {
		SSL_free(session);
		return -ENOMEM;
	}
	*out = session;
	return 0;
}

void mqtt_tls_begin(struct mqtt_tls *tls)
{
	*tls->finding = (struct finding){.alert = -1};
}

bool mqtt_tls_holds_input(struct mosquitto *client)
{
	const SSL *ssl = mosquitto_ssl_get(client);

	return ssl != NULL && SSL_pending(ssl) > 0;
}

/* --- words ------------------------------------------------------------------------ */

static void explain_certificate(const struct mqtt_tls *tls, struct text *out)
{
	const struct finding *finding = tls->finding;

	switch (finding->verify_error) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
		text_add(out,
			 "the broker's certificate has expired (%s): renew it, or set this "
			 "machine's clock right",
			 finding->date);
		break;
	case X509_V_ERR_CERT_NOT_YET_VALID:
		text_add(out,
			 "the broker's certificate is not valid yet (from %s): set this machine's "
			 "clock right",
			 finding->date);
		break;
	case X509_V_ERR_HOSTNAME_MISMATCH:
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		text_add(out,
			 "the broker's certificate is not for %s: use the name that is in it, or "
			 "issue one for this name",
			 tls->host);
		break;
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_CERT_SIGNATURE_FAILURE:
		text_add(out, "the broker's certificate is not signed by a CA in %s",
			 tls->config.ca[0] != '\0' ? tls->config.ca : "the system's list");
		break;
	default:
		text_add(out, "the broker's certificate is refused: %s",
			 X509_verify_cert_error_string(finding->verify_error));
		break;
	}
}

/* Before TLS 1.3 a broker says no more than "handshake failure" where a certificate is missing. */
static void explain_alert(const struct mqtt_tls *tls, struct text *out)
{
	const struct finding *finding = tls->finding;
	bool has_own = tls->config.certificate[0] != '\0';

	if (!has_own && (finding->alert == SSL_AD_CERTIFICATE_REQUIRED ||
			 (finding->alert == SSL_AD_HANDSHAKE_FAILURE && finding->has_certificate)))
		text_add(out,
			 "the broker wants a client certificate: configure tls_certificate and "
			 "tls_key");
	else if (has_own && finding->alert == SSL_AD_UNKNOWN_CA)
		text_add(out, "the broker does not know the CA of our certificate %s",
			 tls->config.certificate);
	else if (has_own && finding->alert == SSL_AD_CERTIFICATE_EXPIRED)
		text_add(out, "our certificate %s has expired", tls->config.certificate);
	else
		text_add(out, "the broker refuses the TLS connection: %s",
			 SSL_alert_desc_string_long(finding->alert));
}

/*
 * With TLS 1.3 a broker refuses our certificate after the handshake, and when it closes the
 * connection at once, its word for that may be lost.
 */
static void explain_end(const struct mqtt_tls *tls, struct text *out)
{
	const char *certificate = tls->config.certificate;

	if (certificate[0] != '\0')
		text_add(out,
			 "the broker ended the connection after the TLS handshake: see whether it "
			 "accepts our certificate %s",
			 certificate);
	else
		text_add(out, "the broker ended the connection after the TLS handshake: it may "
			      "want a client certificate (tls_certificate and tls_key)");
}

bool mqtt_tls_explain(const struct mqtt_tls *tls, struct text *out, bool was_greeted, uint16_t port)
{
	const struct finding *finding = tls->finding;

	if (finding->verify_error != 0)
		explain_certificate(tls, out);
	else if (finding->alert >= 0)
		explain_alert(tls, out);
	else if (!finding->is_done && !finding->has_certificate)
		text_add(out, "what answers on %s port %u does not speak TLS: check the port",
			 tls->host, port);
	else if (finding->is_done && !was_greeted)
		explain_end(tls, out);
	else
		return false;
	return true;
}
