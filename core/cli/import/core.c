/* A running core for `sori import`: the one that is there, else one for the command's duration. */
#include "cli/import/import.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { START_MS = 60000, AGAIN_MS = 30000 };

static void nap(void) {
    struct timespec ts = {.tv_nsec = 50 * 1000000};
    nanosleep(&ts, NULL);
}

/* The child: its words go to a file, so that they do not mix with ours. It ends with us. */
_Noreturn static void become_keeper(const char *sorid, const char *workspace, const char *log) {
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    int fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        dup2(fd, STDOUT_FILENO);
        dup2(fd, STDERR_FILENO);
    }
    if (null >= 0) dup2(null, STDIN_FILENO);
    setpgid(0, 0); /* Ctrl-C ends the command first, which then stops the keeper */
    execl(sorid, "sorid", workspace, (char *)NULL);
    _exit(127);
}

static bool wait_for_socket(struct import_core *c, const char *workspace, const char *log,
                            struct err *err) {
    int64_t until = clock_mono() + START_MS;
    while (clock_mono() < until) {
        c->core = cli_connect(workspace, err);
        if (c->core) return true;
        int status;
        if (waitpid(c->pid, &status, WNOHANG) == c->pid) {
            c->pid = 0;
            return err_set(err, "Sori could not start in %s; %s says why", workspace, log);
        }
        nap();
    }
    return err_set(err, "Sori did not start in %s within %d s; %s says why", workspace,
                   START_MS / 1000, log);
}

bool import_core_again(struct import_core *c, const char *workspace, struct err *err) {
    int64_t until = clock_mono() + AGAIN_MS;
    int status;
    cli_disconnect(c->core);
    c->core = NULL;
    while (!c->core && clock_mono() < until) {
        if (c->pid > 0 && waitpid(c->pid, &status, WNOHANG) == c->pid) {
            c->pid = 0;
            break;
        }
        nap();
        c->core = cli_connect(workspace, err);
    }
    return c->core ||
           err_set(err, "Sori ended in %s: give the same command again to go on", workspace);
}

bool import_core_open(struct import_core *c, const char *workspace, struct err *err) {
    *c = (struct import_core){.core = cli_connect(workspace, err)};
    if (c->core) return true;
    struct buf sorid = {0}, log = {0};
    if (!cli_bin(&sorid, err)) return false;
    buf_puts(&sorid, "/sorid");
    buf_printf(&log, "%s/data/import.log", workspace);
    cli_progress("starting Sori …");
    fflush(NULL);
    c->pid = fork();
    if (c->pid == 0) become_keeper(sorid.data, workspace, log.data);
    bool ok = c->pid > 0 ? wait_for_socket(c, workspace, log.data, err)
                         : err_set(err, "fork: %s", strerror(errno));
    buf_free(&sorid);
    buf_free(&log);
    if (!ok) import_core_close(c);
    return ok;
}

void import_core_close(struct import_core *c) {
    cli_disconnect(c->core);
    c->core = NULL;
    if (c->pid <= 0) return;
    kill(c->pid, SIGTERM);
    waitpid(c->pid, NULL, 0);
    c->pid = 0;
}
