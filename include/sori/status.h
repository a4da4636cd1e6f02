/* sori/status.h: how a call ended. The scheduler is driven by these words, so choose with care;
 * say why in words through host->fail before returning anything but OK or AGAIN. */
#ifndef SORI_STATUS_H
#define SORI_STATUS_H

/* Results of create, poll, decode, health, train and score. */
enum sori_status {
    SORI_OK = 0,        /* done; items, cursor and state are committed together              */
    SORI_AGAIN = 1,     /* there is more, or the sink said STOP: call again; at once where
                         * something new was brought, else after a moment                     */
    SORI_RETRY = 2,     /* temporary (5xx, DNS, timeout): tried again with growing waits     */
    SORI_RATE = 3,      /* the platform said slow down: report it through host->rate first   */
    SORI_AUTH = 4,      /* credential expired or revoked: the connection is shown as broken  */
    SORI_PERMANENT = 5, /* this will never work as asked                                     */
    SORI_GONE = 6,      /* what was asked about no longer exists                             */
    SORI_CANCELLED = 7, /* host->cancelled became true: no penalty                           */
    SORI_CONFIG = 8,    /* these options cannot work: shown as broken, tried again slowly    */
    SORI_BUG = 9        /* the plugin found itself inconsistent: restarted and counted       */
};

/* Results of act and reconcile: the same, and two that only a send can have. */
enum sori_act_status {
    SORI_ACT_OK = 0,     /* act: it was done. reconcile: it had been done                  */
    SORI_ACT_ABSENT = 1, /* reconcile only: the complete list was read, it is not there    */
    SORI_ACT_RETRY = 2,  /* nothing left this machine, or the platform refused for now     */
    SORI_ACT_RATE = 3,
    SORI_ACT_AUTH = 4,
    SORI_ACT_PERMANENT = 5, /* refused for good; the platform's words go to host->fail        */
    SORI_ACT_GONE = 6,      /* the target was deleted                                         */
    SORI_ACT_CANCELLED = 7,
    SORI_ACT_CONFIG = 8,
    SORI_ACT_BUG = 9,
    SORI_ACT_DUPLICATE = 10,      /* the platform says that it had already been done          */
    SORI_ACT_UNKNOWN_OUTCOME = 11 /* it may have been done. Never sent again blindly          */
};

#endif
