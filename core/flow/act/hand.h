/* Between control.c (the words by which people act) and hand.c (those that act on a channel). */
#ifndef FLOW_HAND_H
#define FLOW_HAND_H

#include "flow/flow.h"

/* What a command is about. */
struct subject {
    struct row_interaction it; /* strings are not kept */
    int64_t id, rev;
    struct contact *contact;
    struct conn *conn;
};

/* The command in the journal, and the case touched by it; the entry's seq. */
int64_t hand_record(struct command *cmd, struct subject *s, const char *word, struct sori_str text);

/* May that verb say these words there? Tells the person where not. */
bool hand_text_is_good(struct command *cmd, const struct subject *s, int verb,
                       struct sori_str text);

void hand_reply(struct command *cmd, struct subject *s); /* --private: privately */
void hand_like(struct command *cmd, struct subject *s);
void hand_unlike(struct command *cmd, struct subject *s);
void hand_hide(struct command *cmd, struct subject *s);
void hand_unhide(struct command *cmd, struct subject *s);
void hand_delete(struct command *cmd, struct subject *s);
void hand_edit(struct command *cmd, struct subject *s); /* our own reply to it */

#endif
