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
    /* In percent of the limit "spool": no more is taken for the plugin; it is taken again. */
    ASIDE_FULL = 75,
    ASIDE_FREE = 50,
    /* Tasks of a connection; handed out to one poll; counted anew at most so often. */
    TASKS_MOST = 10000,
    TASKS_AT_ONCE = 16,
    TASKS_COUNT_MS = 1000,
    TASKS_LOOK_MS = 10000, /* polls ask the disk so often where there were none */
    /* A task goes when what its polls cost it comes to so much: one that left it undone, one that
     * died with it in hand. */
    TASK_TRIES = 1000,
    TASK_LEFT = 1,
    TASK_DEATH = 200,
    /* Faults: for so long; so many; and so many of the last hour. */
    FAULT_DAYS = 90,
    FAULTS_MOST = 10000,
    FAULT_FRESH_MS = 3600000,
    FAULTS_FRESH_MOST = 100000,
    /* Generations: refused ones; those that decided nothing; days and bytes of all others, where
     * both must be exceeded; and so many of the last keep their plugins and models. */
    GENERATIONS_REFUSED = 50,
    GENERATIONS_IDLE = 200,
    GENERATION_DAYS = 400,
    GENERATION_BYTES = 256 << 20,
    GENERATION_PARTS = 10,
    SWEEP_MS = 600000,
    RETAIN_MS = 60000,
    RETAIN_SOON_MS = 500,
};

#endif
