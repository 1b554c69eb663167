/*
 * An entity that Home Assistant was told of, as a source of ours (wire/source.h): taken by
 * source_take(), commanded by source_command.h, like any other device.
 *
 * Only what a person named is bound. An entity's class and unit must say what it is to be;
 * a battery of a gadget and a temperature without a unit are not guessed at.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/result.h"
#include "model/reading.h"
#include "wire/ha_discovery.h"
#include "wire/source.h"

/* Refers to itself: it stays where it was made, until ha_binding_deinit(). */
struct ha_binding {
	struct ha_entity entity;
	struct source source;
	struct source_row row;
	struct source_map *state;                /* on, off; owned, may be NULL */
	struct source_map *up[HA_AVAILABLE_MAX]; /* up, down; likewise */
};

/*
 * Whether `entity` may stand for `field`: REFUSAL_NONE; what was wrong with its announcement;
 * REFUSAL_NO_READBACK where it has no topic of its state; REFUSAL_NOT_USABLE where its platform,
 * class or unit says something else, or nothing where more than one unit is usual; or
 * where it is a gadget's own (entity_category) and was not named itself (`is_named`).
 */
enum refusal ha_entity_suits(const struct ha_entity *entity, enum source_field field,
			     bool is_named) MUST_CHECK;

/*
 * Makes `out`, which holds nothing yet, a source of the one `field`, of which values hold for
 * `stale_after_ms` at most. Returns 0, -EINVAL where ha_entity_suits() says no, or -ENOMEM;
 * writes `out` only on 0.
 */
int ha_binding_make(struct ha_binding *out, const struct ha_entity *entity, enum source_field field,
		    bool is_named, int64_t stale_after_ms) MUST_CHECK;
void ha_binding_deinit(struct ha_binding *binding); /* NULL is fine */
