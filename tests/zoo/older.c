/* Built before setups, guides and kinds of slots existed: shorter tables, and nothing is read
 * beyond their ends. */
#include "sori/plugin.h"

#include <stddef.h>

struct old_slot {
    const char *name, *help;
    uint64_t required;
};
static const struct old_slot old_slots[] = {{"first", "one", 1}, {"second", "two", 1}};
#define ZOO_MORE                                                                                   \
    .struct_size = offsetof(struct sori_plugin, setups), .slots = (const void *)old_slots,         \
    .slot_count = 2, .slot_stride = sizeof *old_slots, .setups = (const void *)1,                  \
    .guide = (const void *)1, .guide_count = 7
#pragma GCC diagnostic ignored "-Woverride-init"
#include "zoo.h"
