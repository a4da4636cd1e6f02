/* sori: the command line. Finds the command and hands over. */
#include "cli/cli.h"

#include "base/buf.h"

#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* word, function, group, one line */
#define COMMANDS                                                                                   \
    C(new, "Begin", "make a working folder: new workspace|policy DIR")                             \
    C(connection, "Begin", "add a channel step by step, or check what of one is missing")          \
    C(run, "Begin", "run a workspace in the foreground")                                           \
    C(check, "Begin", "check configuration, plugins and policy; with --store the database")        \
    C(status, "See", "connections, workers, queue and counts")                                     \
    C(inbox, "See", "what waits for a person, most urgent first")                                  \
    C(show, "See", "everything about one interaction")                                             \
    C(why, "See", "why something was decided, silence included")                                   \
    C(search, "See", "find interactions by their words")                                           \
    C(export, "See", "interactions as JSON lines")                                                 \
    C(reply, "Act", "answer an interaction")                                                       \
    C(like, "Act", "like an interaction; unlike takes it back")                                    \
    C(unlike, "Act", "take our like back")                                                         \
    C(hide, "Act", "hide an interaction at its channel")                                           \
    C(unhide, "Act", "show it again")                                                              \
    C(delete, "Act", "delete an interaction at its channel")                                       \
    C(edit, "Act", "give our own reply another text")                                              \
    C(approve, "Act", "let a waiting action go, or change its text first")                         \
    C(reject, "Act", "drop a waiting action")                                                      \
    C(resolve, "Act", "say whether an unknown action was sent")                                    \
    C(assign, "Act", "give a case to a person or department")                                      \
    C(note, "Act", "write a note on a case")                                                       \
    C(snooze, "Act", "put a case aside for a while")                                               \
    C(pending, "Act", "wait for the person: the clock stands until they write")                    \
    C(close, "Act", "close a case")                                                                \
    C(contact, "Act", "show a contact, or set the relationship")                                   \
    C(pause, "Steer", "stop everything outgoing, now")                                             \
    C(resume, "Steer", "let it go out again")                                                      \
    C(reload, "Steer", "prove and take the changed policy and configuration")                      \
    C(history, "Steer", "what was live when, by whom, why, and what it changed")                   \
    C(rollback, "Steer", "one generation back, or to the one that is named")                       \
    C(import, "Data", "read interactions from a CSV or JSONL file")                                \
    C(backup, "Data", "a consistent copy of the store")                                            \
    C(restore, "Data", "make an empty workspace's store from a backup")                            \
    C(plugin, "Build", "list, info, check or try plugins")                                         \
    C(policy, "Build", "test, save, backtest, shadow, coverage, try: before a change is live")     \
    C(model, "Build", "train, evaluate or explain models")

#define C(word, group, line) int cmd_##word(int argc, char **argv);
COMMANDS
#undef C

struct command {
    const char *word;
    int (*run)(int, char **);
    const char *group, *line;
};

#define C(word, group, line) {#word, cmd_##word, group, line},
static const struct command commands[] = {COMMANDS};
#undef C
#define C(word, group, line) #word,
static const char *const words[] = {COMMANDS "help", "version", NULL};
#undef C
enum { COMMAND_COUNT = sizeof commands / sizeof *commands };

static void overview(FILE *out) {
    bool color = cli_is_color(out);
    struct buf b = {0};
    buf_puts(&b, "Sori hears each voice once, decides by your own policy, acts once, and can say "
                 "why.\n\nsori COMMAND [arguments] [-w WORKSPACE] [--json]\n");
    const char *group = "";
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(group, commands[i].group) != 0) {
            group = commands[i].group;
            buf_putc(&b, '\n');
            cli_paint(&b, color, CLI_BOLD, str_c(group));
            buf_putc(&b, '\n');
        }
        buf_printf(&b, "  %-10s %s\n", commands[i].word, commands[i].line);
    }
    buf_puts(&b, "\nsori COMMAND --help explains one. The workspace is -w DIR, else "
                 "$SORI_WORKSPACE, else the current folder.\n");
    fwrite(b.data, 1, b.len, out);
    buf_free(&b);
}

static const struct command *find(const char *word) {
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(commands[i].word, word) == 0) return &commands[i];
    return NULL;
}

static int unknown(const char *word) {
    const char *near = cli_nearest(word, words);
    if (near) return cli_fail(CLI_USAGE, "no command '%s'; did you mean '%s'?", word, near);
    return cli_fail(CLI_USAGE, "no command '%s'; 'sori help' lists them", word);
}

int main(int argc, char **argv) {
    setlocale(LC_ALL, "");
    signal(SIGPIPE, SIG_DFL);
    if (argc < 2) {
        overview(stderr);
        return CLI_USAGE;
    }
    const char *word = argv[1];
    if (!strcmp(word, "version") || !strcmp(word, "--version")) {
        puts("sori " SORI_VERSION);
        return CLI_OK;
    }
    char help_flag[] = "--help";
    char *help_args[] = {argc > 2 ? argv[2] : NULL, help_flag, NULL};
    if (!strcmp(word, "help") || !strcmp(word, "--help") || !strcmp(word, "-h")) {
        if (argc < 3) {
            overview(stdout);
            return CLI_OK;
        }
        word = argv[2];
        argc = 2;
        argv = help_args;
    } else {
        argc--;
        argv++;
    }
    const struct command *command = find(word);
    if (!command) return unknown(word);
    int code = command->run(argc, argv);
    if (fflush(stdout) != 0) return cli_fail(CLI_FAILED, "the output could not be written");
    return code;
}
