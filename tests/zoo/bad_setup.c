/* Wants to set up whatever it likes. */
#include "sori/plugin.h"
static const char *const wide[] = {"POST https://*.example.com/2/rules", NULL};
#define ZOO_MORE .setups = wide
#include "zoo.h"
