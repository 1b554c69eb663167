/* Ports for the house's relays that nobody else uses, nor is given by the kernel. */
#pragma once

#include <stdint.h>

#define FREE_PORT_FIRST 20000
#define FREE_PORT_LAST 31999 /* the kernel gives out higher ones: from 32768 on as Linux is set */

/*
 * The next UDP port of the loopback after `*last` on which nobody is bound, `*last` then; begins
 * anew behind the last. Where `*last` is none of them it begins where no other process of this
 * moment does. Returns 0 where none is free.
 */
uint16_t free_port_next(uint16_t *last);
