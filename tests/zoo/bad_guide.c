/* Leads people to an option that it does not have. */
#include "sori/plugin.h"
static const struct sori_step lost[] = {{.kind = SORI_STEP_OPTION, .name = "page"}};
#define ZOO_MORE .guide = lost, .guide_count = 1, .guide_stride = sizeof *lost
#include "zoo.h"
