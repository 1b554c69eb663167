/*
 * The presets and where their numbers come from. Where data sheets differ the
 * narrower figure is taken: a preset has to be right for every battery of its
 * kind, and whoever knows his better has `custom`.
 */
#include "model/chemistry.h"

#include <stddef.h>

#define PCT(value) ((value)*100)
#define CELSIUS(value) ((value)*1000)

static const struct chemistry_preset presets[CHEMISTRY_COUNT] = {
    [CHEMISTRY_LFP] =
	{
	    .name = "lfp",
	    .widest = {PCT(0), PCT(100), CELSIUS(0), CELSIUS(50), CELSIUS(-20), CELSIUS(55)},
	    .usual = {PCT(10), PCT(95), CELSIUS(5), CELSIUS(45), CELSIUS(-20), CELSIUS(50)},
	    .source = "Victron Lithium Battery Smart manual, technical data: charge +5..+50 °C, "
		      "discharge -20..+50 °C; no LFP cell is charged below 0 °C (lithium plating)",
	},
    [CHEMISTRY_NMC] =
	{
	    .name = "nmc",
	    .widest = {PCT(0), PCT(100), CELSIUS(0), CELSIUS(45), CELSIUS(-20), CELSIUS(60)},
	    .usual = {PCT(10), PCT(90), CELSIUS(5), CELSIUS(45), CELSIUS(-10), CELSIUS(55)},
	    .source = "Samsung SDI INR18650-30Q specification 1.0, 3.11: charge 0..50 °C with "
		      "release < 45 °C, discharge -20..75 °C with release < 60 °C",
	},
    [CHEMISTRY_LEAD_ACID] =
	{
	    .name = "lead-acid",
	    .widest = {PCT(20), PCT(100), CELSIUS(0), CELSIUS(40), CELSIUS(-15), CELSIUS(50)},
	    .usual = {PCT(50), PCT(100), CELSIUS(0), CELSIUS(40), CELSIUS(-15), CELSIUS(50)},
	    .source = "Yuasa NP data sheets: charge 0..40 °C, discharge -15..50 °C; below half "
		      "charge cycle life falls steeply (Victron, Energy Unlimited, ch. 2)",
	},
    [CHEMISTRY_CUSTOM] =
	{
	    .name = "custom",
	    .widest = {PCT(0), PCT(100), CELSIUS(-60), CELSIUS(100), CELSIUS(-60), CELSIUS(100)},
	    .usual = {PCT(10), PCT(95), CELSIUS(5), CELSIUS(45), CELSIUS(0), CELSIUS(50)},
	    .source = "the owner's own data sheet; starts narrow",
	},
};

const struct chemistry_preset *chemistry_preset(enum chemistry chemistry)
{
	return chemistry == CHEMISTRY_NONE ? NULL : &presets[chemistry];
}
