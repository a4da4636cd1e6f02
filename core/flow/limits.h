/* What the flow keeps at most, said in one place. */
#ifndef FLOW_LIMITS_H
#define FLOW_LIMITS_H

enum {
    /* Deliveries between the spool and their decoders. */
    WINDOW = 512,
    WINDOW_BYTES = 8 << 20,
    /* The first of them has waited so long, though there was room: its plugin's are set aside. */
    HELD_MS = 10000,
    ASIDE_SEGMENT = 8 << 20,
    ASIDE_QUEUE = 128,
    ASIDE_QUEUE_BYTES = 2 << 20,
    ASIDE_SYNC_MS = 100,
    ASIDE_TELL_MS = 60000,
};

#endif
