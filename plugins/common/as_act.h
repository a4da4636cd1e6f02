/* How a call that was part of an action ended, in the words of an action. */
#ifndef COMMON_AS_ACT_H
#define COMMON_AS_ACT_H

#include "sori/status.h"

/* OK and AGAIN are no answer to an action: whoever asks for theirs has a fault. */
static inline enum sori_act_status as_act(enum sori_status s) {
    switch (s) {
    case SORI_RETRY: return SORI_ACT_RETRY;
    case SORI_RATE: return SORI_ACT_RATE;
    case SORI_AUTH: return SORI_ACT_AUTH;
    case SORI_PERMANENT: return SORI_ACT_PERMANENT;
    case SORI_GONE: return SORI_ACT_GONE;
    case SORI_CANCELLED: return SORI_ACT_CANCELLED;
    case SORI_CONFIG: return SORI_ACT_CONFIG;
    case SORI_OK:
    case SORI_AGAIN:
    case SORI_BUG: break;
    }
    return SORI_ACT_BUG;
}

#endif
