/* The meters of a house: which there are. Signs and units are quantity.h's. */
#pragma once

enum meter_kind { METER_GRID, METER_PV, METER_LOAD, METER_COUNT };
