/* Types for editors: what meta.c and meta_site.c share. `p` may be NULL: no site is known. */
#ifndef LUA_META_H
#define LUA_META_H

#include "lua/editor/binding.h"

/* Aliases: sori.Reply, sori.Label, sori.Level, sori.CellName, sori.Department. */
void site_meta(const struct policy *p, struct buf *out);
/* A field for each cell; type: "? integer". */
void site_cells(const struct policy *p, const char *type, struct buf *out);

#endif
