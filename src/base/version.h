/* The version that every program shows; the same as in meson.build. */
#pragma once

#define AMPHORA_VERSION "0.1.0"
