#include "cli/terminal.h"

#include "cli/cli.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

enum { LINE_MOST = 8192 };

void terminal_open(struct terminal *t) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    *t = (struct terminal){.color = cli_is_color(stdout)};
    sigprocmask(SIG_BLOCK, &set, &t->were);
    t->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

void terminal_close(struct terminal *t) {
    struct signalfd_siginfo info; /* what was heeded is over */
    while (t->signals >= 0 && read(t->signals, &info, sizeof info) > 0) continue;
    if (t->signals >= 0) close(t->signals);
    sigprocmask(SIG_SETMASK, &t->were, NULL);
}

bool terminal_is_stopped(struct terminal *t) {
    struct pollfd at = {.fd = t->signals, .events = POLLIN};
    if (poll(&at, 1, 0) > 0) t->stopped = true;
    return t->stopped;
}

/* Up to the end of a line; the terminal itself lets a person correct it. */
static bool read_line(struct terminal *t, struct buf *line) {
    for (;;) {
        struct pollfd at[] = {{.fd = t->signals, .events = POLLIN},
                              {.fd = STDIN_FILENO, .events = POLLIN}};
        if (poll(at, 2, -1) < 0 && errno != EINTR) return false;
        if (at[0].revents) return false;
        if (!at[1].revents) continue;
        char c;
        ssize_t n = read(STDIN_FILENO, &c, 1);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        if (c == '\n') return true;
        if (line->len < LINE_MOST && c != '\r') buf_putc(line, c);
    }
}

bool terminal_ask(struct terminal *t, const char *prompt, bool hidden, struct buf *line) {
    struct termios was, quiet;
    bool is_tty = tcgetattr(STDIN_FILENO, &was) == 0;
    buf_clear(line);
    buf_room(line, LINE_MOST + 2);
    if (t->stopped) return false;
    if (hidden && is_tty) {
        quiet = was;
        quiet.c_lflag &= ~(tcflag_t)ECHO;
        tcsetattr(STDIN_FILENO, TCSANOW, &quiet); /* before anybody can answer */
    }
    fputs(prompt, stdout);
    fflush(stdout);
    bool ok = read_line(t, line);
    if (hidden && is_tty) tcsetattr(STDIN_FILENO, TCSANOW, &was);
    if (hidden || !ok) putchar('\n');
    t->stopped = !ok;
    return ok;
}

int terminal_choose(struct terminal *t, const char *const *words) {
    struct buf prompt = {0}, line = {0};
    int chosen = -2;
    buf_puts(&prompt, "  ");
    for (size_t i = 0; words[i]; i++)
        buf_printf(&prompt, "%s(%c)%s", i ? ", " : "", words[i][0], words[i] + 1);
    buf_puts(&prompt, " > ");
    while (chosen == -2) {
        if (!terminal_ask(t, prompt.data, false, &line)) chosen = -1;
        if (chosen == -2 && !line.len) chosen = 0;
        for (int i = 0; chosen == -2 && words[i]; i++)
            if (line.len <= strlen(words[i]) && !strncmp(line.data, words[i], line.len)) chosen = i;
    }
    buf_free(&prompt);
    buf_free(&line);
    return chosen;
}
