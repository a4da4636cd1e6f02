/* A real decision as a test: its facts without the persons in them, and what was decided. */
#ifndef LUA_CASE_SAVE_H
#define LUA_CASE_SAVE_H

#include "lua/mask/mask.h"
#include "lua/policy.h"

/* The same facts, masked. */
void case_mask(struct mask *m, struct sori_str facts, struct buf *out);
/* The facts with a small id in place of the interaction's, if one is found with which the policy
 * decides the same to the letter; else as they are. */
void case_small_id(struct policy *p, struct sori_str facts, struct buf *out);
/* Do two decisions do the same, whatever words their texts have? */
bool case_same(struct sori_str a, struct sori_str b);
/* Appends `care:case "NAME" { given = …, expect = … }` as Lua. Cells that `p` does not declare are
 * left out and named in `left`. */
void case_write(const struct policy *p, struct sori_str facts, struct sori_str decision,
                const char *name, struct buf *lua, struct buf *left);

#endif
