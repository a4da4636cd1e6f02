/* A token that the platform rotates, as its file in secrets/ has it: one line of JSON. Read anew
 * for each use, so that what a person writes there counts at once; rewritten whole or not at all.
 */
#ifndef NET_TOKEN_H
#define NET_TOKEN_H

#include "net/secret.h"

#include <jansson.h>

struct token {
    json_t *file;
    const char *access, *refresh, *client_id, *client_secret; /* NULL where absent */
    int64_t expires_at;                                       /* ms since 1970; 0 not known */
    int64_t since; /* when it was given out, as far as known: the file's own word or its age */
};

/* Reads secrets/CONNECTION.SLOT of that enum sori_slot_kind. Says what is wrong, never a value. */
bool token_read(const char *folder, struct sori_str connection, struct sori_str slot, int64_t kind,
                struct token *t, struct err *err);
/* The same, where only the client is asked for: a first token is on its way. */
bool token_client(const char *folder, struct sori_str connection, struct sori_str slot,
                  struct token *t, struct err *err);
/* Takes the members of a token endpoint's answer over; appends the file's new line, without its
 * end, in a buffer that never moved. Nothing is written: a new token may be used when that line is
 * on disk. `renews` as in net/renewal.h, or NULL. */
bool token_line(struct token *t, const json_t *answer, const char *renews, int64_t now,
                struct buf *line, struct err *err);
void token_free(struct token *t);

#endif
