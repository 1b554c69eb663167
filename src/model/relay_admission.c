/* What the admission of a relay says as a text, and which relay comes of it. */
#include "model/relay_admission.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char KIND[] = "relay ";
static const char SCHEME[] = "coap://";
static const char *const LEASES[] = {"unleased", "leased"};

bool relay_admission_is(const char *text)
{
	return strncmp(text, KIND, sizeof KIND - 1) == 0;
}

void relay_admission_format(const struct relay_admission *admission, struct text *out)
{
	text_add(out, "%s%s %s %s %s", KIND, relay_role_name(admission->role),
		 admission->battery.text, LEASES[admission->has_lease], admission->uri);
}

/* Takes the word at `*at` and the space behind it; writes it cut where it is too long. */
static bool take_word(char out[IDENT_MAX + 2], const char **at)
{
	const char *end = strchr(*at, ' ');

	if (end == NULL)
		return false;
	(void)snprintf(out, IDENT_MAX + 2, "%.*s", (int)(end - *at), *at);
	*at = end + 1;
	return true;
}

static bool find_role(enum relay_role *out, const char *name)
{
	*out = strcmp(name, relay_role_name(RELAY_SOURCE)) == 0 ? RELAY_SOURCE : RELAY_LOAD;
	return strcmp(name, relay_role_name(*out)) == 0;
}

int relay_admission_parse(struct relay_admission *out, const char *node, const char *text)
{
	struct relay_admission admission = {0};
	const char *at = text + sizeof KIND - 1;
	char role[IDENT_MAX + 2], battery[IDENT_MAX + 2], lease[IDENT_MAX + 2];

	if (!relay_admission_is(text) || !take_word(role, &at) || !take_word(battery, &at) ||
	    !take_word(lease, &at) || ident_parse(&admission.node, node, strlen(node)) != 0 ||
	    ident_parse(&admission.battery, battery, strlen(battery)) != 0 ||
	    !find_role(&admission.role, role) || strlen(at) >= sizeof admission.uri)
		return -EINVAL;
	admission.has_lease = strcmp(lease, LEASES[true]) == 0;
	if (!admission.has_lease && strcmp(lease, LEASES[false]) != 0)
		return -EINVAL;
	strcpy(admission.uri, at);
	*out = admission;
	return 0;
}

void relay_admission_relay(const struct relay_admission *admission, const struct house *house,
			   struct relay_config *out)
{
	*out = (struct relay_config){
	    .id = admission->node,
	    .battery = (size_t)house_find_battery(house, admission->battery.text),
	    .role = admission->role,
	    .has_lease = admission->has_lease,
	    .is_admitted = true,
	};
	strcpy(out->uri, admission->uri);
}

static bool is_in_the_open(const char *uri)
{
	const char *host = uri + sizeof SCHEME - 1;
	const char *path;

	if (strncmp(uri, SCHEME, sizeof SCHEME - 1) != 0)
		return false;
	path = strchr(host, '/');
	return path != NULL && path > host && path[1] != '\0' &&
	       uri[strcspn(uri, " \t\r\n%?#@\"'\\")] == '\0';
}

static int check_address(const char *uri, const struct house *house, struct text *error)
{
	if (!is_in_the_open(uri)) {
		text_add(error,
			 "\"%s\" is no coap://host[:port]/path: a relay with a key belongs into "
			 "the configuration",
			 uri);
		return -EINVAL;
	}
	for (size_t i = 0; i < house->relay_count; i++) {
		if (strcmp(house->relays[i].uri, uri) != 0)
			continue;
		text_add(error, "%s is relay %s of this house already", uri,
			 house->relays[i].id.text);
		return -EEXIST;
	}
	return 0;
}

int relay_admission_check(const struct relay_admission *admission, const struct house *house,
			  struct text *error)
{
	const char *name = admission->node.text;

	if (house_find_battery(house, name) >= 0 ||
	    house_find_sensor(house, &admission->node) >= 0 || house_find_relay(house, name) >= 0) {
		text_add(error, "\"%s\" belongs to this house already", name);
		return -EEXIST;
	}
	if (house_find_battery(house, admission->battery.text) < 0) {
		text_add(error, "there is no battery \"%s\" that it could belong to",
			 admission->battery.text);
		return -ENOENT;
	}
	if (house->relay_count == RELAYS_MAX) {
		text_add(error, "there are %d relays, and no more can be", RELAYS_MAX);
		return -ENOBUFS;
	}
	return admission->uri[0] != '\0' ? check_address(admission->uri, house, error) : 0;
}
