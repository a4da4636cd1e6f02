/* A person would be led to a page, and nobody knows for what. */
#include "sori/plugin.h"
static const struct sori_slot half[] = {{.name = "token",
                                         .kind = SORI_SLOT_OAUTH2,
                                         .refresh = "https://api.example.com/token",
                                         .authorize = "https://example.com/authorize"}};
#define ZOO_MORE .slots = half, .slot_count = 1, .slot_stride = sizeof *half
#include "zoo.h"
