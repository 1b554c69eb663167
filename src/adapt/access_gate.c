/*
 * The gate before every request: from where it comes, whom it is for, who it is from,
 * and whether that is enough. What it cannot tell for sure counts as the lesser.
 *
 * Host is held against the names that we know, or a page from elsewhere could let
 * its own name mean this machine (DNS rebinding). Origin and Sec-Fetch-Site are held
 * against Host before anything is changed, or such a page could use the browser's session.
 */
#include <string.h>
#include <strings.h>

#include "adapt/access_internal.h"
#include "base/log.h"
#include "wire/http_words.h"
#include "wire/plain_channel.h"

#define HTTP_PORT 80
#define HTTPS_PORT 443
#define COOKIE_SECURE "__Host-amphora"
#define COOKIE_PLAIN "amphora"

/* What the gate has found out about a request. */
struct visit {
	struct access *access;
	struct http_request *request;
	struct http_reply *refusal;
	struct authority host;
	bool is_scheme_known; /* behind a proxy that says nothing, it is not */
	bool has_session;     /* a browser's, that it sends by itself */
};

const char *access_cookie(bool is_secure)
{
	return is_secure ? COOKIE_SECURE : COOKIE_PLAIN;
}

static bool refuse(struct visit *visit, int status, const char *type, const char *detail)
{
	http_problem_of(visit->refusal, status, type, detail);
	return false;
}

/* ---- from where ---- */

static bool is_proxy(const void *user, const char *address)
{
	const struct web_config *config = user;

	for (size_t i = 0; i < config->proxy_count; i++)
		if (strcmp(config->proxies[i].text, address) == 0)
			return true;
	return false;
}

/* Behind a proxy the address is whom the proxy saw; nobody else's word for it is taken. */
static bool know_proxied(struct visit *visit)
{
	struct http_request *request = visit->request;
	const char *list = http_header(request, "X-Forwarded-For");
	const char *scheme = http_header(request, "X-Forwarded-Proto");

	request->transport = HTTP_PROXY;
	request->is_secure = scheme && strcasecmp(scheme, "https") == 0;
	visit->is_scheme_known = scheme != NULL;
	if (list &&
	    forwarded_for(request->caller.address, list, is_proxy, visit->access->config) != 0)
		return refuse(visit, 400, NULL, "X-Forwarded-For is no list of numeric addresses");
	return true;
}

/* A proxy that nobody named would make all the world look like this machine. */
static bool is_forwarded(const struct http_request *request)
{
	return http_header(request, "X-Forwarded-For") || http_header(request, "Forwarded") ||
	       http_header(request, "X-Real-IP");
}

static bool know_place(struct visit *visit)
{
	struct http_request *request = visit->request;
	bool is_local = host_is_loopback(request->caller.address);

	if (is_proxy(visit->access->config, request->caller.address))
		return know_proxied(visit);
	visit->is_scheme_known = true;
	request->is_secure = request->transport == HTTP_TLS;
	if (is_local && is_forwarded(request))
		return refuse(visit, 403, "proxy-not-named",
			      "this came through a proxy whose address web.proxy does not name");
	if (is_local && request->transport == HTTP_INSECURE)
		request->transport = HTTP_LOOPBACK;
	if (!is_local && request->transport == HTTP_INSECURE && !visit->access->config->is_insecure)
		return refuse(visit, 403, "not-encrypted",
			      "from beyond this machine only TLS or a proxy that is named may be "
			      "used");
	return true;
}

/* ---- for whom ---- */

static bool is_known_host(const struct visit *visit, const char *host)
{
	const struct web_config *config = visit->access->config;
	char local[ADDRESS_TEXT_MAX];

	if (strcmp(host, "localhost") == 0 || strcmp(host, "127.0.0.1") == 0 ||
	    strcmp(host, "::1") == 0 || strcmp(host, config->listen.address) == 0)
		return true;
	for (size_t i = 0; i < config->host_count; i++)
		if (strcasecmp(config->hosts[i].text, host) == 0)
			return true;
	/* The address that was connected to is nobody's name. */
	return http_local_address(visit->request, local) == 0 && strcmp(local, host) == 0;
}

static bool know_host(struct visit *visit)
{
	const struct http_request *request = visit->request;
	bool is_proxied = request->transport == HTTP_PROXY;
	const char *host = is_proxied ? http_header(request, "X-Forwarded-Host") : NULL;

	if (!host)
		host = http_header(request, "Host");
	if (!host || authority_parse(&visit->host, host) != 0)
		return refuse(visit, 421, "host-not-allowed", "Host is missing or is no host");
	if (is_proxied || is_known_host(visit, visit->host.host))
		return true;
	return refuse(visit, 421, "host-not-allowed",
		      "this is not served under that name: web.hosts names those that are");
}

/* ---- from whom ---- */

static bool know_token(struct visit *visit, const char *header)
{
	struct http_request *request = visit->request;
	const struct access_book *book = &visit->access->book;
	uint8_t digest[ACCESS_DIGEST_BYTES];
	char secret[SECRET_TEXT_MAX];

	if (bearer_find(secret, sizeof(secret), header) > 0) {
		secret_digest(digest, secret);
		for (size_t i = 0; i < book->token_count; i++) {
			if (!secret_digest_equal(book->tokens[i].digest, digest))
				continue;
			request->caller.kind = HTTP_CALLER_TOKEN;
			request->caller.name = book->tokens[i].name;
			request->role = book->tokens[i].role;
			request->pass = secret_pass(digest);
			return true;
		}
	}
	http_problem_of(visit->refusal, 401, "login-needed", "this token is not known");
	http_reply_header(visit->refusal, "WWW-Authenticate", "Bearer error=\"invalid_token\"");
	return false;
}

/* A session that is over is none: what is open to all stays open. */
static void know_session(struct visit *visit, const char *cookies)
{
	struct access *access = visit->access;
	struct http_request *request = visit->request;
	const struct access_session *session = NULL;
	char secret[SECRET_TEXT_MAX];

	if (cookie_find(secret, sizeof(secret), cookies, access_cookie(request->is_secure)) == 0)
		return;
	session = session_find(&access->sessions, secret, access_now_ms(access));
	explicit_bzero(secret, sizeof(secret));
	if (!session)
		return;
	visit->has_session = true;
	if (session_is_seen_anew(&access->sessions))
		access_keep_sessions(access);
	request->caller.kind = session->user.text[0] ? HTTP_CALLER_USER : HTTP_CALLER_CODE;
	request->caller.name = session->user;
	request->role = session->role;
	request->pass = secret_pass(session->digest);
}

static bool know_caller(struct visit *visit)
{
	struct http_request *request = visit->request;
	const char *authorization = http_header(request, "Authorization");
	const char *cookies = http_header(request, "Cookie");

	request->role = request->transport == HTTP_LOOPBACK ? ROLE_VIEW : ROLE_NONE;
	if (authorization)
		return know_token(visit, authorization);
	if (cookies)
		know_session(visit, cookies);
	return true;
}

/* ---- whether that is enough ---- */

static bool is_enough(struct visit *visit, enum role needed)
{
	const struct http_request *request = visit->request;

	if (request->role >= needed)
		return true;
	if (request->caller.kind != HTTP_CALLER_NOBODY)
		return refuse(visit, 403, "role-too-low",
			      "this needs the role control; you have view");
	http_problem_of(visit->refusal, 401, "login-needed",
			needed == ROLE_CONTROL ? "log in to change anything"
					       : "log in to read from here");
	http_reply_header(visit->refusal, "WWW-Authenticate", "Bearer");
	return false;
}

static bool is_our_origin(const struct visit *visit, const char *text)
{
	const struct authority *host = &visit->host;
	bool is_secure = visit->request->is_secure;
	struct origin origin;
	uint16_t port;

	if (origin_parse(&origin, text) != 0 || strcmp(origin.authority.host, host->host) != 0)
		return false;
	/* Where a proxy says nothing of the scheme, any is as good; so is the port without one. */
	if (!visit->is_scheme_known)
		is_secure = origin.is_https;
	port = host->port ? host->port : is_secure ? HTTPS_PORT : HTTP_PORT;
	if (visit->request->transport == HTTP_PROXY && host->port == 0)
		port = origin.authority.port;
	return origin.is_https == is_secure && origin.authority.port == port;
}

/* Whether our own page asks, or a program that no page can make ask. */
static bool is_from_our_page(struct visit *visit)
{
	const struct http_request *request = visit->request;
	const char *origin = http_header(request, "Origin");
	const char *site = http_header(request, "Sec-Fetch-Site");
	bool is_ours = !visit->has_session;

	if (request->method == HTTP_GET || request->caller.kind == HTTP_CALLER_TOKEN)
		return true;
	if (site && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0)
		is_ours = false;
	else if (origin)
		is_ours = is_our_origin(visit, origin);
	else if (site)
		is_ours = true;
	return is_ours || refuse(visit, 403, "origin",
				 "this change comes from a page that is not ours (Origin)");
}

/* Whether it is this caller's turn: see access_rate.h for who is paced, and why. */
static bool is_in_pace(struct visit *visit)
{
	const struct http_request *request = visit->request;
	enum rate_kind kind = request->method == HTTP_GET ? RATE_READ : RATE_CHANGE;
	uint64_t key = request->pass;
	unsigned wait_s;

	if (kind == RATE_READ && request->transport != HTTP_PROXY &&
	    host_is_loopback(request->caller.address))
		return true;
	if (key == 0)
		key = rate_key_of_address(request->caller.address);
	wait_s = rate_take(&visit->access->rate, key, kind, access_now_ms(visit->access));
	if (wait_s == 0)
		return true;
	http_problem_of(visit->refusal, 429, "too-many-requests",
			"too many requests; wait a little");
	http_reply_header(visit->refusal, "Retry-After", "%u", wait_s);
	return false;
}

static bool admit(void *user, struct http_request *request, enum role needed,
		  struct http_reply *refusal)
{
	struct visit visit = {.access = user, .request = request, .refusal = refusal};

	if (request->transport == HTTP_UNIX) {
		request->caller.kind = HTTP_CALLER_UNIX;
		request->role = ROLE_CONTROL;
		return true;
	}
	return know_place(&visit) && know_host(&visit) && know_caller(&visit) &&
	       is_in_pace(&visit) && is_from_our_page(&visit) && is_enough(&visit, needed);
}

static bool is_valid(void *user, uint64_t pass)
{
	struct access *access = user;

	for (size_t i = 0; i < access->book.token_count; i++)
		if (secret_pass(access->book.tokens[i].digest) == pass)
			return true;
	return session_holds(&access->sessions, pass, access_now_ms(access));
}

static bool is_our_proxy(void *user, const char *address)
{
	return is_proxy(((const struct access *)user)->config, address);
}

struct access_refusals access_refusals(const struct access *access)
{
	return (struct access_refusals){.reads = access->rate.refused[RATE_READ],
					.changes = access->rate.refused[RATE_CHANGE]};
}

struct http_gate access_gate(struct access *access)
{
	return (struct http_gate){
	    .user = access, .admit = admit, .is_valid = is_valid, .is_proxy = is_our_proxy};
}
