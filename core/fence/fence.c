#include "fence/parts.h"

#include "base/hash.h"

#include <stdio.h>
#include <string.h>

/* A worker's memory files are outside of RLIMIT_AS: their number times their size is what bounds
 * them. It holds its standard three, wire and blackbox; a payload comes and goes at a time, and
 * loading opens a file or two. Payloads of its own are batches and single items, far below. */
enum { MIB = 1 << 20, WORKER_FILE = 64 * MIB, WORKER_FILES = 9, PATHS_MAX = 24 };

/* What dlopen needs to find. */
static const char *const libraries[] = {"/lib",           "/lib64",           "/usr/lib",
                                        "/usr/local/lib", "/etc/ld.so.cache", NULL};
/* What libcurl, the resolver, SQLite and OpenSSL look for. */
static const char *const surroundings[] = {"/lib",
                                           "/lib64",
                                           "/usr/lib",
                                           "/usr/local/lib",
                                           "/etc/ld.so.cache",
                                           "/dev/urandom",
                                           "/dev/null",
                                           "/etc/localtime",
                                           "/usr/share/zoneinfo",
                                           "/proc/self",
                                           "/sys/devices/system/cpu",
                                           "/etc/ssl",
                                           "/usr/share/ca-certificates",
                                           "/usr/local/share/ca-certificates",
                                           "/etc/resolv.conf",
                                           "/run/systemd/resolve",
                                           "/run/resolvconf",
                                           "/etc/hosts",
                                           "/etc/host.conf",
                                           "/etc/nsswitch.conf",
                                           "/etc/gai.conf",
                                           "/etc/services",
                                           "/etc/protocols",
                                           NULL};

/* One fence a process: what it is, for people, and stage 1's list, which the trap handler reads. */
static struct {
    char text[64];
    const char *allowed[PATHS_MAX];
} fence = {.text = "none"};

const char *fence_text(void) { return fence.text; }

static void describe(int landlock) {
    if (landlock)
        snprintf(fence.text, sizeof fence.text, "landlock %d, seccomp", landlock);
    else
        snprintf(fence.text, sizeof fence.text, "no landlock, seccomp");
}

static const char *const *load_list(const char *plugin, const char *model) {
    size_t n = 0;
    for (; libraries[n]; n++) fence.allowed[n] = libraries[n];
    if (plugin) fence.allowed[n++] = plugin;
    if (model) fence.allowed[n++] = model;
#ifdef SORI_SANITIZED
    fence.allowed[n++] = "/proc/self";
#endif
    fence.allowed[n] = NULL;
    return fence.allowed;
}

bool fence_worker_load(const char *plugin, const char *model, size_t memory, struct err *err) {
    struct limits limits = {
        .memory = memory ? memory : 512 * (size_t)MIB, .file = WORKER_FILE, .files = WORKER_FILES};
    const char *const *allowed = load_list(plugin, model);
    /* A path that is missing is for dlopen to complain about, in better words. */
    struct landlock_paths paths = {.optional = allowed};
    struct hash_key key = hash_random_key();
    uint64_t cookie = key.k0 | 1;
    if (!limits_apply(&limits, err) || !trap_install(allowed, cookie, err)) return false;
    int landlock = landlock_apply(&paths, err);
    if (landlock < 0 || !seccomp_apply(SET_WORKER | SET_LOADING, cookie, err)) return false;
    describe(landlock);
    return true;
}

bool fence_worker_run(struct err *err) {
    trap_close_files();
    return seccomp_apply(SET_WORKER, 0, err);
}

static bool raise_fence(const struct landlock_paths *paths, const struct limits *limits,
                        unsigned sets, struct err *err) {
    if (!limits_apply(limits, err) || !trap_install(NULL, 0, err)) return false;
    int landlock = landlock_apply(paths, err);
    if (landlock < 0 || !seccomp_apply(sets | SET_FILES | SET_THREADS, 0, err)) return false;
    describe(landlock);
    return true;
}

bool fence_net(const char *secrets, bool rewrites, const char *const *roots, struct err *err) {
    const char *write[64], *read[] = {rewrites ? NULL : secrets, NULL};
    size_t n = 0;
    if (secrets && rewrites) write[n++] = secrets;
    for (; roots && *roots; roots++) {
        if (n + 1 == sizeof write / sizeof *write)
            return err_set(err, "fence: more than %zu folders for folder: URLs", n);
        write[n++] = *roots;
    }
    write[n] = NULL;
    struct landlock_paths paths = {
        .read = read, .write = write, .optional = surroundings, .connect = true};
    return raise_fence(&paths, &(struct limits){.files = 1024}, SET_CONNECT, err);
}

bool fence_gate(const char *spool, const char *secrets, struct err *err) {
    const char *write[] = {spool, NULL}, *read[] = {secrets, NULL};
    struct landlock_paths paths = {.read = read, .write = write, .optional = surroundings};
    return raise_fence(&paths, &(struct limits){.files = 1024}, SET_ACCEPT, err);
}

bool fence_reader(const char *data, struct err *err) {
    const char *write[] = {data, NULL};
    struct landlock_paths paths = {.write = write, .optional = surroundings};
    return raise_fence(&paths, &(struct limits){.files = 256}, SET_ACCEPT, err);
}
