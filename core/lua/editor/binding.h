/* The binding as data, for editors and linters. */
#ifndef LUA_BINDING_H
#define LUA_BINDING_H

#include "lua/check/check.h"

/* table: "" for globals, "sori", "sori.text", "Policy" for what sori.policy returns. */
typedef void binding_each(void *ctx, const char *table, const char *name, bool function);
/* Calls `each` for every global and what is in them (policy: for the methods of a policy), in the
 * order of names. */
void binding_walk(bool policy, binding_each *each, void *ctx);

#endif
