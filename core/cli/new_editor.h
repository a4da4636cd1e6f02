#ifndef CLI_NEW_EDITOR_H
#define CLI_NEW_EDITOR_H

#include "base/err.h"

/* Puts .types/sori.meta.lua and .luarc.json into the folder of a policy. */
bool new_editor(const char *dir, struct err *err);
/* Puts .luarc.json and .luacheckrc into the folder that has the policy's as "policy": editors and
 * luacheck are mostly opened there. */
bool new_editor_above(const char *dir, struct err *err);

#endif
