/* Landlock by its system calls: the headers of Debian 12 are older than its newer parts. */
#include "fence/parts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

struct ruleset {
    uint64_t fs, net, scoped;
};

enum {
    READS = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
    WRITES = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE |
             LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_DIR |
             LANDLOCK_ACCESS_FS_REMOVE_DIR
};
static const uint64_t refer = 1u << 13, truncate_right = 1u << 14, ioctl_dev = 1u << 15;
static const uint64_t net_bind = 1, net_connect = 2;

static uint64_t all_fs(long version) {
    uint64_t all = (1u << 13) - 1;
    if (version >= 2) all |= refer;
    if (version >= 3) all |= truncate_right;
    if (version >= 5) all |= ioctl_dev;
    return all;
}

/* Rights of folders cannot be given on a file. */
static uint64_t of_file(uint64_t rights) {
    return rights & (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE |
                     LANDLOCK_ACCESS_FS_EXECUTE | truncate_right);
}

static bool allow(int set, const char *path, uint64_t rights, bool must, struct err *err) {
    int fd = open(path, O_PATH | O_CLOEXEC);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0) {
        int saved = errno;
        if (fd >= 0) close(fd);
        return must ? err_set(err, "fence: cannot allow %s: %s", path, strerror(saved)) : true;
    }
    struct landlock_path_beneath_attr rule = {
        .allowed_access = S_ISDIR(st.st_mode) ? rights : of_file(rights), .parent_fd = fd};
    long r = syscall(SYS_landlock_add_rule, set, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    int saved = errno;
    close(fd);
    return r == 0 ? true : err_set(err, "fence: cannot allow %s: %s", path, strerror(saved));
}

static bool allow_all(int set, const char *const *paths, uint64_t rights, bool must,
                      struct err *err) {
    for (; paths && *paths; paths++)
        if (!allow(set, *paths, rights, must, err)) return false;
    return true;
}

int landlock_apply(const struct landlock_paths *paths, struct err *err) {
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (version <= 0) return 0;
    struct ruleset attr = {.fs = all_fs(version)};
    if (version >= 4) attr.net = paths->connect ? net_bind : net_bind | net_connect;
    if (version >= 6) attr.scoped = 3; /* abstract sockets, signals */
    size_t size = version >= 6 ? 24 : version >= 4 ? 16 : 8;
    int set = (int)syscall(SYS_landlock_create_ruleset, &attr, size, 0);
    if (set < 0) {
        err_set(err, "fence: landlock: %s", strerror(errno));
        return -1;
    }
    uint64_t writes = READS | WRITES | (version >= 3 ? truncate_right : 0);
    if (version >= 2) writes |= refer;
    bool ok = allow_all(set, paths->read, READS, true, err) &&
              allow_all(set, paths->optional, READS, false, err) &&
              allow_all(set, paths->write, writes, true, err);
    if (ok && syscall(SYS_landlock_restrict_self, set, 0) != 0)
        ok = err_set(err, "fence: landlock: %s", strerror(errno));
    close(set);
    return ok ? (int)version : -1;
}
