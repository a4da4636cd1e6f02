#include "fence/parts.h"

#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

static bool limit(__rlimit_resource_t what, const char *name, rlim_t value, struct err *err) {
    struct rlimit now;
    if (getrlimit(what, &now) == 0 && now.rlim_max != RLIM_INFINITY && now.rlim_max < value)
        value = now.rlim_max;
    if (setrlimit(what, &(struct rlimit){value, value}) == 0) return true;
    return err_set(err, "cannot limit %s to %llu: %s", name, (unsigned long long)value,
                   strerror(errno));
}

bool limits_apply(const struct limits *l, struct err *err) {
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return err_set(err, "cannot give up new privileges: %s", strerror(errno));
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
        return err_set(err, "cannot hide from debuggers: %s", strerror(errno));
#ifndef SORI_SANITIZED
    if (l->memory && !limit(RLIMIT_AS, "memory", l->memory, err)) return false;
#endif
    if (l->files && !limit(RLIMIT_NOFILE, "open files", l->files, err)) return false;
    if (l->file && !limit(RLIMIT_FSIZE, "the size of files", l->file, err)) return false;
    return limit(RLIMIT_CORE, "core dumps", 0, err);
}
