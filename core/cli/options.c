/* The command line: options, help, and errors in one voice. */
#include "cli/cli.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { PARSED_HELP = -1, PARSED_WRONG = -2 };

static void complain(const char *format, va_list args) {
    fflush(stdout);
    fputs("sori: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
}

int cli_fail(int code, const char *format, ...) {
    va_list args;
    va_start(args, format);
    complain(format, args);
    va_end(args);
    return code;
}

static void print_usage(FILE *out, const struct cli_help *help) {
    const char *line = help->usage, *lead = "usage: ";
    while (*line) {
        size_t len = strcspn(line, "\n");
        fprintf(out, "%s%.*s\n", lead, (int)len, line);
        line += len + (line[len] == '\n');
        lead = "       ";
    }
}

int cli_usage(const struct cli_help *help, const char *format, ...) {
    va_list args;
    va_start(args, format);
    complain(format, args);
    va_end(args);
    print_usage(stderr, help);
    return CLI_USAGE;
}

static void print_help(const struct cli_help *help, const struct cli_opt *opts, size_t n) {
    print_usage(stdout, help);
    printf("\n%s\n", help->about);
    if (n > 0) printf("\n");
    for (size_t i = 0; i < n; i++) {
        char left[64];
        char letter[5] = "    ";
        if (opts[i].letter) snprintf(letter, sizeof letter, "-%c, ", opts[i].letter);
        snprintf(left, sizeof left, "  %s--%s%s%s", letter, opts[i].name, opts[i].takes ? " " : "",
                 opts[i].takes ? opts[i].takes : "");
        printf("%-30s %s\n", left, opts[i].help);
    }
}

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

/* Edits (one letter more, less, other, or two swapped) between two short words. */
static size_t distance(const char *a, const char *b) {
    enum { MAX = 24 };
    size_t n = strlen(a), m = strlen(b), d[MAX + 1][MAX + 1];
    if (n > MAX || m > MAX) return MAX;
    for (size_t i = 0; i <= n; i++) d[i][0] = i;
    for (size_t j = 0; j <= m; j++) d[0][j] = j;
    for (size_t i = 1; i <= n; i++)
        for (size_t j = 1; j <= m; j++) {
            size_t swap = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            d[i][j] = smaller(smaller(d[i - 1][j] + 1, d[i][j - 1] + 1), swap);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                d[i][j] = smaller(d[i][j], d[i - 2][j - 2] + 1);
        }
    return d[n][m];
}

const char *cli_nearest(const char *word, const char *const *words) {
    const char *best = NULL;
    size_t near = 1 + strlen(word) / 3;
    for (; *words; words++) {
        size_t d = distance(word, *words);
        if (d <= near && (!best || d < distance(word, best))) best = *words;
    }
    return best;
}

static struct cli_opt *find_long(struct cli_opt *opts, size_t n, const char *name, size_t len) {
    for (size_t i = 0; i < n; i++)
        if (strlen(opts[i].name) == len && memcmp(opts[i].name, name, len) == 0) return &opts[i];
    return NULL;
}

static struct cli_opt *find_short(struct cli_opt *opts, size_t n, char letter) {
    for (size_t i = 0; i < n; i++)
        if (opts[i].letter == letter) return &opts[i];
    return NULL;
}

static int unknown_option(const struct cli_help *help, const struct cli_opt *opts, size_t n,
                          const char *arg) {
    const char *names[32];
    size_t count = 0;
    for (size_t i = 0; i < n && count < 30; i++) names[count++] = opts[i].name;
    names[count++] = "help";
    names[count] = NULL;
    char word[64];
    snprintf(word, sizeof word, "%.*s", (int)strcspn(arg + 2, "="), arg + 2);
    const char *near = arg[1] == '-' ? cli_nearest(word, names) : NULL;
    if (near)
        cli_usage(help, "no option '%s'; did you mean '--%s'?", arg, near);
    else
        cli_usage(help, "no option '%s'", arg);
    return PARSED_WRONG;
}

static int keep(const struct cli_help *help, struct cli_opt *opt, const char *value) {
    opt->value = value;
    if (!opt->all) return 0;
    if (opt->all_n == opt->all_cap) {
        cli_usage(help, "--%s is given more than %zu times", opt->name, opt->all_cap);
        return PARSED_WRONG;
    }
    opt->all[opt->all_n++] = value;
    return 0;
}

/* Takes one option at argv[*i], moving *i over its value. */
static int take(const struct cli_help *help, struct cli_opt *opts, size_t n, char **argv, int argc,
                int *i) {
    const char *arg = argv[*i], *value = NULL;
    struct cli_opt *opt;
    if (arg[1] == '-') {
        size_t len = strcspn(arg + 2, "=");
        opt = find_long(opts, n, arg + 2, len);
        if (arg[2 + len] == '=') value = arg + 3 + len;
    } else {
        opt = find_short(opts, n, arg[1]);
        if (opt && arg[2]) value = arg + 2;
    }
    if (!opt || (!opt->takes && arg[1] != '-' && arg[2])) return unknown_option(help, opts, n, arg);
    if (!opt->takes && value) {
        cli_usage(help, "--%s takes no value", opt->name);
        return PARSED_WRONG;
    }
    if (!opt->takes) return keep(help, opt, "");
    if (!value && *i + 1 < argc) value = argv[++*i];
    if (!value) {
        cli_usage(help, "--%s needs a value: %s", opt->name, opt->takes);
        return PARSED_WRONG;
    }
    return keep(help, opt, value);
}

int cli_parse(int argc, char **argv, const struct cli_help *help, struct cli_opt *opts, size_t n) {
    int kept = 0;
    bool options = true;
    for (int i = 1; i < argc; i++) {
        const char *arg = argv[i];
        if (options && !strcmp(arg, "--")) {
            options = false;
        } else if (options && (!strcmp(arg, "--help") || !strcmp(arg, "-h"))) {
            print_help(help, opts, n);
            return PARSED_HELP;
        } else if (options && arg[0] == '-' && arg[1]) {
            int bad = take(help, opts, n, argv, argc, &i);
            if (bad) return bad;
        } else {
            argv[1 + kept++] = argv[i];
        }
    }
    return kept;
}

int cli_parsed(int result) { return result == PARSED_HELP ? CLI_OK : CLI_USAGE; }
