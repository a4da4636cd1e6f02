/* A token that is refreshed nowhere. */
#include "sori/plugin.h"
static const struct sori_slot nowhere[] = {{.name = "token", .kind = SORI_SLOT_OAUTH2}};
#define ZOO_MORE .slots = nowhere, .slot_count = 1, .slot_stride = sizeof *nowhere
#include "zoo.h"
