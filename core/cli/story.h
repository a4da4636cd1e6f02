/* Telling one interaction to a person: what `show` and `why` have in common. */
#ifndef CLI_STORY_H
#define CLI_STORY_H

#include "cli/cli.h"

/* Asks `query` ("show", "why") for the id in argv and gives the answer; exit code. `told` and `row`
 * (NULL where there is none) are the caller's to free, and `workspace`, its path; `json` says
 * whether
 * --json was given. */
int story_ask(const char *query, const struct cli_help *help, int argc, char **argv,
              struct cli_told *told, json_t **row, bool *json, struct buf *workspace);

void story_head(struct buf *b, bool color, const json_t *row); /* who said what, where, when */
/* What a waiting reply did not pass, a line each: of an action or a row of the inbox. */
void story_checks(struct buf *b, const json_t *row);
void story_actions(struct buf *b, bool color, const json_t *row); /* the life of every action */
void story_history(struct buf *b, bool color, const json_t *row); /* every journal entry */
/* "\nTitle\n", bold. */
void story_title(struct buf *b, bool color, const char *title);
/* "  name      value\n"; nothing where the value is empty. Harmless to a terminal. */
void story_line(struct buf *b, const char *name, struct sori_str value);

#endif
