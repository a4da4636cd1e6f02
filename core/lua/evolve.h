/* Cells as they would have become had a policy been live all along: a closed back-test. Cells of a
 * contact are those that were recorded until the policy writes another thing than was written then;
 * from there on they are its own. Case cells begin anew where the record knows no open case. */
#ifndef LUA_EVOLVE_H
#define LUA_EVOLVE_H

#include "base/record.h"

struct evolve;
struct evolve *evolve_new(void);
void evolve_free(struct evolve *e);
/* The facts with the contact's cells: `facts` itself where they are as recorded, else in `room`. */
struct sori_str evolve_facts(struct evolve *e, int64_t contact, struct sori_str facts,
                             struct buf *room);
/* What the policy has `decided` of these facts (as recorded), and what was decided then. */
void evolve_decided(struct evolve *e, int64_t contact, struct sori_str facts, struct sori_str then,
                    struct sori_str decided);
/* Contacts whose cells are not as recorded any more. */
size_t evolve_count(const struct evolve *e);

#endif
