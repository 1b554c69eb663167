#include "wire/detect_home.h"

#include <string.h>

#include "base/text.h"

#define PROFILE "home-assistant"

struct look {
	const struct ha_book *book;
	void (*tell)(void *user, const struct detect_device *device);
	void *user;
	const struct ha_seen *soc; /* that is looked at */
	const struct ha_seen *temp, *power;
};

/* The first of the same device that may be `field`. */
static void match(const struct ha_seen **out, const struct look *look, const struct ha_seen *seen,
		  enum source_field field)
{
	if (*out == NULL && seen->suits[field] && seen->device[0] != '\0' &&
	    strcmp(seen->device, look->soc->device) == 0)
		*out = seen;
}

static void see(void *user, const struct ha_seen *seen)
{
	struct look *look = user;

	match(&look->temp, look, seen, SOURCE_TEMP);
	match(&look->power, look, seen, SOURCE_POWER);
}

/* What we announce ourselves is no battery of another. */
static bool is_ours(const struct ha_seen *seen)
{
	return strncmp(seen->device, "Amphora", strlen("Amphora")) == 0;
}

/* Its ids go into YAML between quotes: what could end them is no id that we propose. */
static bool is_plain(const char *id)
{
	return id[0] != '\0' && strpbrk(id, "\"\\\n\r\t") == NULL;
}

static void propose(const struct look *look)
{
	char lines[DETECT_LINES_MAX];
	struct text text = text_in(lines, sizeof lines);
	struct detect_device device = {.kind = DETECT_OTHER,
				       .profile = PROFILE,
				       .id = look->soc->unique_id,
				       .topic = look->soc->device,
				       .is_only_retained = false,
				       .source = "",
				       .lines = lines};
	static const double none[SOURCE_FIELD_COUNT];

	device.value = none;
	text_add(
	    &text,
	    "# announced to Home Assistant by \"%s\"; it is yours to say whether this is a home "
	    "battery\nhome_assistant:\n  take:\n  - {battery: b1, soc: \"%s\", temp: \"%s\"",
	    look->soc->device, look->soc->unique_id, look->temp->unique_id);
	text_add(&text, "}\n");
	/* Its sign is for a person to look at. */
	if (look->power != NULL && is_plain(look->power->unique_id))
		text_add(&text, "  # power: \"%s\" too, with positive: charge or discharge\n",
			 look->power->unique_id);
	if (!text.is_cut)
		look->tell(look->user, &device);
}

static void find(void *user, const struct ha_seen *seen)
{
	struct look look = *(const struct look *)user;

	if (!seen->suits[SOURCE_SOC] || is_ours(seen) || !is_plain(seen->unique_id) ||
	    !is_plain(seen->device))
		return;
	look.soc = seen;
	ha_book_list(look.book, see, &look);
	if (look.temp != NULL && is_plain(look.temp->unique_id))
		propose(&look);
}

void detect_home_report(const struct ha_book *book,
			void (*tell)(void *user, const struct detect_device *device), void *user)
{
	struct look look = {.book = book, .tell = tell, .user = user};

	if (book != NULL)
		ha_book_list(book, find, &look);
}
