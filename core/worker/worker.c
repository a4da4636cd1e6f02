/* The life of a worker: fence, load, hello, create, close the fence, serve. */
#include "worker/worker.h"

#include "base/log.h"
#include "fence/fence.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

enum { MIB = 1 << 20, POLICY_MEMORY = 256 * MIB, MODEL_MEMORY = 1024 * MIB };

static const char *const kinds[] = {[WORK_CONNECTOR] = "connector",
                                    [WORK_CLASSIFIER] = "classifier",
                                    [WORK_POLICY] = "policy",
                                    [WORK_CONF] = "conf",
                                    [WORK_SCAN] = "scan"};

static bool needs_plugin(const struct worker *w) {
    return w->kind != WORK_POLICY && w->kind != WORK_CONF;
}

static bool read_args(struct worker *w, int argc, char **argv) {
    static const struct option options[] = {{"kind", required_argument, NULL, 'k'},
                                            {"plugin", required_argument, NULL, 'p'},
                                            {"model", required_argument, NULL, 'm'},
                                            {"memory", required_argument, NULL, 's'},
                                            {NULL, 0, NULL, 0}};
    bool kind = false;
    for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (c == 'p') w->plugin_path = optarg;
        if (c == 'm') w->model_path = optarg;
        if (c == 's') w->memory = (size_t)strtoull(optarg, NULL, 10);
        if (c == '?') return false;
        for (size_t i = 0; c == 'k' && i < sizeof kinds / sizeof *kinds; i++)
            if (strcmp(optarg, kinds[i]) == 0) {
                w->kind = (enum worker_kind)i;
                kind = true;
            }
    }
    return kind && (!needs_plugin(w) || (w->plugin_path && w->plugin_path[0] == '/'));
}

static size_t memory_of(const struct worker *w) {
    if (w->memory) return w->memory;
    if (w->kind == WORK_POLICY || w->kind == WORK_CONF) return POLICY_MEMORY;
    return w->kind == WORK_CLASSIFIER ? MODEL_MEMORY : 0;
}

/* The sentence goes into the blackbox, where the core finds it. */
_Noreturn static void refuse(struct worker *w, const struct err *err) {
    blackbox_end(w->box, END_REFUSED, err->text);
    if (!w->box) log_line(LOG_ERROR, "worker", "%s", err->text);
    _exit(WORKER_REFUSED);
}

static void say_hello(struct worker *w) {
    struct buf b = {0};
    rec_str(&b, HELLO_BUILD, str_c(wire_build_id()));
    rec_str(&b, HELLO_FENCE, str_c(fence_text()));
    if (w->plugin.desc) {
        size_t mark = rec_begin(&b, HELLO_PLUGIN);
        plugin_describe(w->plugin.desc, &b);
        rec_end(&b, mark);
    }
    call_send(w, W_HELLO, 0, buf_view(&b));
    buf_free(&b);
}

void worker_close_fence(struct worker *w) {
    struct err err;
    if (!fence_worker_run(&err)) refuse(w, &err);
}

/* What libraries would look for later is looked for now. */
static void settle_libraries(const struct worker *w) {
    setenv("TZ", "UTC", 1);
    tzset();
    if (w->kind == WORK_CONNECTOR) charset_preload();
}

static void serve(struct worker *w) {
    while (call_next(w)) {
        switch (w->kind) {
        case WORK_CONNECTOR: connector_serve(w); break;
        case WORK_CLASSIFIER: classifier_serve(w); break;
        case WORK_POLICY: policy_serve(w); break;
        case WORK_CONF: conf_serve(w); break;
        case WORK_SCAN: call_done(w, SORI_PERMANENT); break;
        }
    }
}

/* The plugin's last word; what it breaks there breaks this process alone. */
static void bury_instance(struct worker *w) {
    if (!w->self) return;
    if (w->kind == WORK_CONNECTOR) w->plugin.connector->destroy(w->self);
    if (w->kind == WORK_CLASSIFIER) w->plugin.classifier->destroy(w->self);
}

int worker_main(int argc, char **argv) {
    struct worker *w = mem_get(sizeof *w);
    w->pending_tail = &w->pending;
    if (!read_args(w, argc, argv)) {
        fprintf(stderr, "sori-worker is started by sorid and sori, never by hand:\n"
                        "  sori-worker --kind connector|classifier|policy|conf|scan "
                        "[--plugin /PATH.so] [--model /PATH] [--memory BYTES]\n");
        return 2;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_NAME, kinds[w->kind]);
    signal(SIGPIPE, SIG_IGN);
    wire_open(&w->wire, WIRE_FD);
    w->box = blackbox_map(BLACKBOX_FD);
    crash_install(w->box);
    host_open(w);
    settle_libraries(w);
    struct err err;
    if (!fence_worker_load(w->plugin_path, w->model_path, memory_of(w), &err)) refuse(w, &err);
    if (needs_plugin(w) && !plugin_load(w, &err)) refuse(w, &err);
    say_hello(w);
    /* Configurations and policies come over the wire: nothing is left to open. */
    if (!needs_plugin(w)) worker_close_fence(w);
    if (w->kind != WORK_SCAN) serve(w);
    bury_instance(w);
    /* No atexit: a sanitizer's leak check would start a process of its own. */
    _exit(0);
}
