/* A token that the platform rotates, as its file in secrets/ has it: one line of JSON. Read anew
 * for each use, so that what a person writes there counts at once; rewritten whole or not at all.
 *
 * Between the platform's answer with a new pair and the rename that makes it durable lies the time
 * of one write and two syncs. A crash of the machine in it loses a refresh token that was already
 * used up: then the refusal of the old one says so, and a person authorises again. Nothing shortens
 * this further: the platform has no second phase. */
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
/* Takes the members of a token endpoint's answer over and writes the file: durable when it returns
 * true, and only then may the new token be used. */
bool token_renew(const char *folder, struct sori_str connection, struct sori_str slot,
                 struct token *t, const json_t *answer, int64_t now, struct err *err);
void token_free(struct token *t);

#endif
