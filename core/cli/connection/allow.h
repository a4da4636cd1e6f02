/* A person allows the application at the platform's page, and brings the code back: the slot's
 * first token, or a new one for one that was lost. Net redeems the code; no token comes by here. */
#ifndef CLI_AUTHORISE_H
#define CLI_AUTHORISE_H

#include "cli/connection/connection.h"

struct authorising {
    struct connecting *x;   /* its workspace, name, plugin, stage and terminal */
    struct sori_str slot;   /* its record of the descriptor; it has `authorize` */
    struct sori_str record; /* CONN_… */
    bool part;              /* the options are not all there yet */
    /* The application as it was before, asked for where NULL; `secret` NULL or "": a public one. */
    const char *client_id, *client_secret, *redirect;
};

enum authorised {
    AUTHORISED,         /* the slot's whole file is in the stage */
    AUTHORISE_LEFT_OUT, /* it was given up; nothing is in the stage */
    AUTHORISE_STOPPED   /* the person wants to stop */
};
enum authorised authorise(const struct authorising *a);

#endif
