/* A dialogue at a terminal: questions, and answers that may be hidden. Ctrl-C and a closed terminal
 * are answers too, so that whoever asks can leave everything as it was. */
#ifndef CLI_TERMINAL_H
#define CLI_TERMINAL_H

#include "base/buf.h"

#include <signal.h>

struct terminal {
    int signals;   /* readable once the person wants to stop; -1 where it could not be made */
    sigset_t were; /* what was blocked before */
    bool color, stopped;
};

void terminal_open(struct terminal *t);
void terminal_close(struct terminal *t);

/* Did the person stop, or ask to, since it was opened? */
bool terminal_is_stopped(struct terminal *t);

/* Shows `prompt` and reads a line, without its end; `hidden`: it is not shown while it is typed.
 * False when the person stopped. `line` is overwritten, and grows no more than once, so that what
 * is hidden can be wiped. */
bool terminal_ask(struct terminal *t, const char *prompt, bool hidden, struct buf *line);
/* One of the words, by its first letter; an empty line is the first of them. -1 stopped. */
int terminal_choose(struct terminal *t, const char *const *words);

#endif
