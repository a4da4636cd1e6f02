/* Whether what lies in a slot can be what the plugin's descriptor says it is. */
#ifndef CLI_CHECK_SLOT_H
#define CLI_CHECK_SLOT_H

#include "base/buf.h"
#include "base/err.h"

/* `path` holds a slot of that enum sori_slot_kind. Says what is wrong with it, and never what is in
 * it. */
bool check_slot(const char *path, int64_t kind, struct err *err);

#endif
