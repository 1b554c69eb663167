/* Feeds any bytes to what reads the answers of the page's first run. */
#include "adapt/setup_body.h"

#include <stdlib.h>
#include <string.h>

#include "wire/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever is answered, the file is one that the daemon can read. */
static void write_and_read(const struct setup_wish *wish)
{
	static char content[SETUP_TEXT_MAX], words[CONFIG_ERRORS_TEXT_MAX];
	static struct house house;
	struct text text = text_in(content, sizeof(content)), error = text_in(words, sizeof(words));
	struct setup_answers answers = wish->answers;

	memcpy(answers.broker.host, wish->broker.host, sizeof(answers.broker.host));
	memcpy(answers.broker.user, wish->broker.user, sizeof(answers.broker.user));
	answers.broker.port = wish->broker.port;
	setup_write(&text, &answers, "2026-11-30", NULL);
	if (text.is_cut || (config_parse(&house, "setup", content, text.length, &error) != 0 &&
			    strstr(words, "is not YAML")))
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char FOUND[] =
	    "[{\"kind\":\"battery\",\"id\":\"b1\",\"source\":\"\"},"
	    "{\"kind\":\"relay\",\"id\":\"p\",\"source\":\"- {id: p, profile: tasmota, topic: \\\"p\\\"}\\n\","
	    "\"opens_by_itself\":true}]";
	char words[512], pointer[SETUP_POINTER_MAX];
	struct text error = text_in(words, sizeof(words));
	struct setup_wish *wish = malloc(sizeof(*wish));
	json_t *found = json_loads(FOUND, 0, NULL);
	struct setup_broker broker;
	bool is_there;

	if (setup_broker_parse(&broker, &is_there, (const char *)data, size, pointer, &error) == 0 &&
	    is_there && (!broker.host[0] || !broker.port))
		__builtin_trap();
	if (setup_wish_parse(wish, (const char *)data, size, found, pointer, &error) == 0)
		write_and_read(wish);
	json_decref(found);
	free(wish);
	return 0;
}
