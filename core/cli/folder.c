#include "cli/folder.h"

#include "base/buf.h"
#include "base/clock.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

/* Half-saved files: whoever writes on has QUIET_MS between two writes, and PATIENCE_MS in all. */
enum { DEPTH = 4, FOLDERS_MAX = 200, QUIET_MS = 150, PATIENCE_MS = 2000 };
enum {
    EVENTS = IN_CLOSE_WRITE | IN_MODIFY | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CREATE |
             IN_ONLYDIR | IN_DONT_FOLLOW
};

static void add_all(int fd, const char *dir, int depth, int *left) {
    if (*left == 0 || inotify_add_watch(fd, dir, EVENTS) < 0) return;
    --*left;
    DIR *d = depth ? opendir(dir) : NULL;
    for (struct dirent *e; d && (e = readdir(d));) {
        if (e->d_name[0] == '.' || (e->d_type != DT_DIR && e->d_type != DT_UNKNOWN)) continue;
        struct buf path = {0};
        buf_printf(&path, "%s/%s", dir, e->d_name);
        add_all(fd, path.data, depth - 1, left);
        buf_free(&path);
    }
    if (d) closedir(d);
}

int folder_open(const char *dir, struct err *err) {
    int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC), left = FOLDERS_MAX;
    if (fd >= 0) add_all(fd, dir, DEPTH, &left);
    if (fd >= 0 && left < FOLDERS_MAX) return fd;
    err_set(err, "%s: changes cannot be watched here: %s", dir, strerror(errno));
    if (fd >= 0) close(fd);
    return -1;
}

/* What an editor keeps for itself is no change. */
static bool counts(const struct inotify_event *e) {
    if (e->mask & IN_Q_OVERFLOW) return true;
    if (!e->len || e->name[0] == '.' || e->name[0] == '#') return false;
    static const char *const ends[] = {".lua", ".md", ".txt"};
    size_t n = strlen(e->name);
    bool known = (e->mask & IN_ISDIR) != 0;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        size_t t = strlen(ends[i]);
        known |= n > t && strcmp(e->name + n - t, ends[i]) == 0;
    }
    return known;
}

/* True where something that counts has happened; `half`: and a file was written, not yet closed. */
static bool look(int fd, bool *half) {
    _Alignas(struct inotify_event) char bytes[8192];
    bool changed = false;
    for (ssize_t n; (n = read(fd, bytes, sizeof bytes)) > 0;)
        for (ssize_t at = 0; at < n;) {
            const struct inotify_event *e = (const struct inotify_event *)(bytes + at);
            at += (ssize_t)(sizeof *e + e->len);
            if (!counts(e)) continue;
            changed = true;
            if (e->mask & IN_MODIFY) *half = true;
            if (e->mask & (IN_CLOSE_WRITE | IN_MOVED_TO)) *half = false;
        }
    return changed;
}

static enum folder_news wait_for(int fd, int signals, const char *dir) {
    struct pollfd at[] = {{.fd = fd, .events = POLLIN}, {.fd = signals, .events = POLLIN}};
    bool changed = false, half = false;
    int64_t since = 0;
    for (;;) {
        int timeout = changed ? QUIET_MS : -1;
        int n = poll(at, 2, timeout);
        if (n < 0 && errno != EINTR) return FOLDER_GONE;
        if (at[1].revents) return FOLDER_STOPPED;
        int64_t now = clock_mono();
        if (n > 0 && at[0].revents && look(fd, &half)) {
            int left = FOLDERS_MAX;
            if (!changed) since = now;
            changed = true;
            add_all(fd, dir, DEPTH, &left); /* a folder may be new */
        }
        struct stat st;
        if (stat(dir, &st) != 0) return FOLDER_GONE;
        if (changed && n == 0 && (!half || now > since + PATIENCE_MS)) return FOLDER_CHANGED;
    }
}

enum folder_news folder_wait(int fd, const char *dir) {
    sigset_t set, before;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, &before);
    int signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    enum folder_news news = signals < 0 ? FOLDER_GONE : wait_for(fd, signals, dir);
    struct signalfd_siginfo info; /* what was heeded is over */
    while (signals >= 0 && read(signals, &info, sizeof info) > 0) continue;
    if (signals >= 0) close(signals);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return news;
}
