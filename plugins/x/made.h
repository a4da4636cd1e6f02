/* Finding again what we said: the lists of our own posts and messages, compared with a text. */
#ifndef X_MADE_H
#define X_MADE_H

#include "x/text.h"
#include "x/x.h"

/* The parts of a text in the order in which they stand in a thread, with what X has of them. */
struct x_thread {
    const struct sori_str *parts;
    size_t count;
    struct sori_str root; /* what the first part answers; empty: nothing */
    struct sori_str *ids; /* of `count`: where a part is there already */
    size_t found;         /* how many in a row, from the first */
    bool twice;           /* some part could be one of two */
};
/* Reads all our posts since `from` and fills in what is there. OK only where the list was complete.
 */
enum sori_act_status x_find_thread(struct x *x, struct x_thread *t, int64_t from);
/* Our message to `user` of that text since `from`; `*count` how many there are. */
enum sori_act_status x_find_message(struct x *x, struct sori_str user, struct sori_str text,
                                    int64_t from, struct sori_str *id, size_t *count);
/* When to begin to look for what an action made. */
int64_t x_look_from(struct x *x, const struct sori_action *action);

#endif
