/* Types for editors: what meta.c and meta_site.c share. `p` may be NULL: no site is known. */
#ifndef LUA_META_H
#define LUA_META_H

#include "lua/editor/binding.h"

/* What may be wanted of a number. */
#define SITE_NUMBER "sori.Amount|sori.Amount[]|sori.Range"

/* Aliases: sori.Reply, sori.Level, sori.CellName, sori.Department, …; classes of labels. */
void site_meta(const struct policy *p, struct buf *out);
/* A field for each cell; type: "? integer". */
void site_cells(const struct policy *p, const char *type, struct buf *out);
/* "---@field NAME". */
void field_name(struct sori_str name, struct buf *out);
/* What functions are given of a fact: "sori.fact.kind", "integer". */
void fact_type(const struct fact_info *info, struct buf *out);
/* "---@field kind? TYPE what it is"; empties `type`. */
void fact_field(const struct fact_info *info, struct buf *type, struct buf *out);
/* sori.Case, with what is given and what is expected. */
void case_meta(const struct policy *p, struct buf *out);

#endif
