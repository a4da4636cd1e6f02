/* The words by which people act. Each is one row in a table: what it takes, and what the core is
 * asked. The core records each with the caller's name and answers after its commit. */
#include "cli/cli.h"

#include "base/clock.h"
#include "base/enums.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

struct act {
    struct cli_help help;
    const char *word;
    const char *second; /* name of the argument after the id; NULL none */
    const char *what;   /* the same for people */
};

static int ask_with(const struct act *act, const char *given, struct cli_ask *ask, bool json) {
    struct buf workspace = {0};
    struct err err;
    int code = cli_workspace(given, &workspace, &err)
                   ? cli_command(workspace.data, ask, json)
                   : cli_fail(CLI_USAGE, "%s: %s", act->word, err.text);
    buf_free(&workspace);
    return code;
}

/* The words after the id, joined, so that a text needs no quotes. */
static void join(struct buf *b, char **words, int n) {
    for (int i = 0; i < n; i++) {
        if (i) buf_putc(b, ' ');
        buf_puts(b, words[i]);
    }
}

/* After the number, where there are several: a slot, an action, or both. */
static bool is_which(const char *text) {
    const char digits[] = "0123456789", letters[] = "abcdefghijklmnopqrstuvwxyz_";
    if (*text != '.') return !*text;
    text++;
    size_t verb = strspn(text, letters);
    if (verb && !text[verb]) return true;
    if (verb && text[verb++] != '.') return false;
    text += verb;
    return *text && !text[strspn(text, digits)];
}

static int id_is_wrong(const struct act *act, const char *id) {
    size_t digits = strspn(id, "0123456789");
    if (digits > 0 && digits < 18 && is_which(id + digits)) return 0;
    return cli_usage(&act->help, "'%s' is no id: a number was expected, as 'sori inbox' shows it",
                     id);
}

/* "17.1" is interaction 17 and its slot 1, "17.private_reply" its private reply. */
static void put_id(struct cli_ask *ask, const char *id) {
    size_t digits = strspn(id, "0123456789");
    cli_ask_arg(ask, "id", (struct sori_str){id, digits});
    if (id[digits]) cli_ask_arg(ask, "which", str_c(id + digits + 1));
}

static int span_is_wrong(const struct act *act, const char *span) {
    int64_t ms;
    if (clock_parse_span(str_c(span), &ms) && ms > 0) return 0;
    return cli_usage(&act->help, "'%s' is no time span: one like 30m, 2h or 1d was expected", span);
}

/* Words that nobody could read: none, or blanks alone. Said, they would be another's by accident.
 */
static bool is_blank(struct sori_str text) {
    for (size_t len; text.len; text.ptr += len, text.len -= len) {
        uint32_t c = utf8_next(text, &len);
        bool blank = c == ' ' || (c >= '\t' && c <= '\r') || c == 0xa0 || c == 0x3000 ||
                     (c >= 0x2000 && c <= 0x200d) || c == 0xfeff;
        if (!blank) return false;
    }
    return true;
}

static int text_is_wrong(const struct act *act, const char *what, struct sori_str text) {
    if (is_blank(text)) return cli_usage(&act->help, "%s: %s?", act->word, what);
    if (utf8_valid(text)) return 0;
    return cli_usage(&act->help, "%s: that is no UTF-8; is the terminal set to another encoding?",
                     act->word);
}

static int act_run(const struct act *act, int argc, char **argv) {
    struct cli_opt opts[] = {CLI_OPT_WORKSPACE, CLI_OPT_JSON};
    int n = cli_parse(argc, argv, &act->help, opts, 2);
    if (n < 0) return cli_parsed(n);
    if (n < (act->second ? 2 : 1))
        return cli_usage(&act->help, n == 0 ? "%s: which interaction?" : "%s: %s?", act->word,
                         act->what);
    if (!act->second && n > 1) return cli_usage(&act->help, "'%s' is one word too many", argv[2]);
    if (id_is_wrong(act, argv[1])) return CLI_USAGE;
    if (act->second && !strcmp(act->second, "span") && span_is_wrong(act, argv[2]))
        return CLI_USAGE;
    struct cli_ask ask = {.name = act->word};
    struct buf text = {0};
    join(&text, argv + 2, n - 1);
    if (act->second && text_is_wrong(act, act->what, buf_view(&text))) {
        buf_free(&text);
        return CLI_USAGE;
    }
    put_id(&ask, argv[1]);
    if (act->second) cli_ask_arg(&ask, act->second, buf_view(&text));
    buf_free(&text);
    return ask_with(act, opts[0].value, &ask, opts[1].value != NULL);
}

#define ACT(name, second_, what_, usage_, about_)                                                  \
    int cmd_##name(int argc, char **argv);                                                         \
    int cmd_##name(int argc, char **argv) {                                                        \
        static const struct act act = {.help = {.usage = usage_, .about = about_},                 \
                                       .word = #name,                                              \
                                       .second = second_,                                          \
                                       .what = what_};                                             \
        return act_run(&act, argc, argv);                                                          \
    }

#define WHICH "ID.SLOT or ID.ACTION (17.private_reply) where there are several."

ACT(reject, NULL, NULL, "sori reject ID[.SLOT|.ACTION] [-w DIR] [--json]",
    "Drops the waiting action of an interaction: it is never said.\n" WHICH)
ACT(assign, "who", "to whom", "sori assign ID WHO [-w DIR] [--json]",
    "Gives the case of an interaction to a person or a department. They take it over:\n"
    "what waits for approval there is withdrawn.")
ACT(note, "text", "what should be noted", "sori note ID TEXT [-w DIR] [--json]",
    "Writes a note on the case of an interaction. It never leaves.")
ACT(snooze, "span", "for how long", "sori snooze ID SPAN [-w DIR] [--json]",
    "Puts the case of an interaction aside for a while (30m, 2h, 1d). It comes back by itself, "
    "and\n"
    "at once when the person speaks again.")
ACT(pending, "text", "what is waited for", "sori pending ID WHAT [-w DIR] [--json]",
    "It is the person's turn: the clock of the case stands, with what is left kept, until they\n"
    "write again. WHAT is shown as the reason.")
ACT(like, NULL, NULL, "sori like ID [-w DIR] [--json]", "Likes an interaction in our name.")
ACT(unlike, NULL, NULL, "sori unlike ID [-w DIR] [--json]", "Takes our like back.")
ACT(hide, NULL, NULL, "sori hide ID [-w DIR] [--json]",
    "Hides an interaction at its channel: others do not see it any more, its author does.")
ACT(unhide, NULL, NULL, "sori unhide ID [-w DIR] [--json]", "Shows it again.")
ACT(delete, NULL, NULL, "sori delete ID [-w DIR] [--json]",
    "Deletes an interaction at its channel. This cannot be taken back.")
ACT(edit, "text", "what should it say", "sori edit ID TEXT [-w DIR] [--json]",
    "Gives our own reply to an interaction another text.")
ACT(close, NULL, NULL, "sori close ID [-w DIR] [--json]", "Closes the case of an interaction.")

int cmd_reply(int argc, char **argv);
int cmd_reply(int argc, char **argv) {
    static const struct act act = {
        .help = {.usage = "sori reply ID TEXT [--private] [-w DIR] [--json]",
                 .about = "Answers an interaction in your words. What waits for approval there is\n"
                          "withdrawn, and the clock of its case stops."},
        .word = "reply"};
    struct cli_opt opts[] = {CLI_OPT_WORKSPACE,
                             CLI_OPT_JSON,
                             {.name = "private", .help = "by a message that nobody else sees"}};
    int n = cli_parse(argc, argv, &act.help, opts, 3);
    if (n < 0) return cli_parsed(n);
    if (n < 2)
        return cli_usage(&act.help,
                         n == 0 ? "reply: which interaction?" : "reply: what should be said?");
    if (id_is_wrong(&act, argv[1])) return CLI_USAGE;
    struct cli_ask ask = {.name = "reply"};
    struct buf text = {0};
    join(&text, argv + 2, n - 1);
    if (text_is_wrong(&act, "what should be said", buf_view(&text))) {
        buf_free(&text);
        return CLI_USAGE;
    }
    put_id(&ask, argv[1]);
    cli_ask_arg(&ask, "text", buf_view(&text));
    if (opts[2].value) cli_ask_arg(&ask, "private", SORI_STR("1"));
    buf_free(&text);
    return ask_with(&act, opts[0].value, &ask, opts[1].value != NULL);
}

int cmd_approve(int argc, char **argv);
int cmd_approve(int argc, char **argv) {
    static const struct act act = {
        .help = {.usage = "sori approve ID[.SLOT|.ACTION] [--edit TEXT] [-w DIR] [--json]",
                 .about = "Lets the waiting action of an interaction go, as it is or with another\n"
                          "text. " WHICH},
        .word = "approve"};
    struct cli_opt opts[] = {CLI_OPT_WORKSPACE,
                             CLI_OPT_JSON,
                             {.name = "edit", .takes = "TEXT", .help = "say this instead"}};
    int n = cli_parse(argc, argv, &act.help, opts, 3);
    if (n < 0) return cli_parsed(n);
    if (n != 1) return cli_usage(&act.help, "approve: one id was expected");
    if (id_is_wrong(&act, argv[1])) return CLI_USAGE;
    if (opts[2].value && text_is_wrong(&act, "what should be said instead", str_c(opts[2].value)))
        return CLI_USAGE;
    struct cli_ask ask = {.name = "approve"};
    put_id(&ask, argv[1]);
    if (opts[2].value) cli_ask_arg(&ask, "edit", str_c(opts[2].value));
    return ask_with(&act, opts[0].value, &ask, opts[1].value != NULL);
}

int cmd_resolve(int argc, char **argv);
int cmd_resolve(int argc, char **argv) {
    static const struct act act = {
        .help = {.usage = "sori resolve ID[.SLOT|.ACTION] --sent|--not-sent [-w DIR] [--json]",
                 .about =
                     "Says what became of an action whose outcome is unknown, after you looked\n"
                     "at the channel yourself. --not-sent lets it be sent again.\n" WHICH},
        .word = "resolve"};
    struct cli_opt opts[] = {CLI_OPT_WORKSPACE,
                             CLI_OPT_JSON,
                             {.name = "sent", .help = "it stands on the channel"},
                             {.name = "not-sent", .help = "it does not"}};
    int n = cli_parse(argc, argv, &act.help, opts, 4);
    if (n < 0) return cli_parsed(n);
    if (n != 1) return cli_usage(&act.help, "resolve: one id was expected");
    if (id_is_wrong(&act, argv[1])) return CLI_USAGE;
    if (!opts[2].value == !opts[3].value)
        return cli_usage(&act.help, "resolve: exactly one of --sent and --not-sent");
    struct cli_ask ask = {.name = "resolve"};
    put_id(&ask, argv[1]);
    cli_ask_arg(&ask, "sent", str_c(opts[2].value ? "1" : "0"));
    return ask_with(&act, opts[0].value, &ask, opts[1].value != NULL);
}

static void show_contact(const json_t *c) {
    struct buf b = {0};
    int64_t spoke = cli_int(c, "spoke", 0), at;
    buf_printf(&b, "contact %lld  %.*s%s, spoke %lld time%s", (long long)cli_int(c, "id", 0),
               STR(cli_text(c, "relationship")),
               json_is_true(json_object_get(c, "influencer")) ? ", influencer" : "",
               (long long)spoke, spoke == 1 ? "" : "s");
    if (clock_parse_rfc3339(cli_text(c, "known_since"), &at)) {
        buf_puts(&b, ", known since ");
        cli_put_time(&b, at);
    }
    buf_putc(&b, '\n');
    size_t i;
    json_t *row;
    json_array_foreach(json_object_get(c, "authors"), i, row) {
        buf_puts(&b, "  ");
        cli_put_cut(&b, cli_text(row, "name"), 40);
        buf_putc(&b, ' ');
        cli_put_cut(&b, cli_text(row, "space"), 60);
        buf_putc(&b, ' ');
        cli_put_cut(&b, cli_text(row, "id"), 60);
        buf_putc(&b, '\n');
    }
    json_array_foreach(json_object_get(c, "timeline"), i, row) {
        buf_printf(&b, "  %6lld  ", (long long)cli_int(row, "id", 0));
        if (clock_parse_rfc3339(cli_text(row, "heard_at"), &at)) cli_put_time(&b, at);
        buf_puts(&b, "  ");
        cli_put_cut(&b, cli_text(row, "text"), 70);
        buf_putc(&b, '\n');
    }
    fwrite(b.data, 1, b.len, stdout);
    buf_free(&b);
}

static int contact_show(const struct act *act, const char *given, const char *id, bool json) {
    struct buf workspace = {0};
    struct err err;
    if (!cli_workspace(given, &workspace, &err)) return cli_usage(&act->help, "%s", err.text);
    struct cli_ask ask = {.name = "contact-show"};
    struct cli_told told = {.code = 0};
    put_id(&ask, id);
    int code = cli_query(workspace.data, &ask, &told);
    struct sori_str rows = buf_view(&told.rows);
    if (json) {
        cli_print_rows(&told);
    } else {
        json_t *row = cli_next_row(&rows);
        if (row) show_contact(row);
        json_decref(row);
    }
    cli_ask_free(&ask);
    cli_told_free(&told);
    buf_free(&workspace);
    return code;
}

static bool set_is_right(const char *set) {
    static const char name[] = "relationship=";
    if (!strncmp(set, name, sizeof name - 1)) return relation_of(str_c(set + sizeof name - 1)) >= 0;
    return !strcmp(set, "influencer=true") || !strcmp(set, "influencer=false");
}

int cmd_contact(int argc, char **argv);
int cmd_contact(int argc, char **argv) {
    static const struct act act = {
        .help = {.usage = "sori contact show ID [-w DIR] [--json]\n"
                          "sori contact set ID relationship=neutral|consumer|loyal|anti\n"
                          "sori contact set ID influencer=true|false",
                 .about = "Shows who stands behind an interaction, or says how they stand to us."},
        .word = "contact-set"};
    struct cli_opt opts[] = {CLI_OPT_WORKSPACE, CLI_OPT_JSON};
    int n = cli_parse(argc, argv, &act.help, opts, 2);
    if (n < 0) return cli_parsed(n);
    if (n < 2) return cli_usage(&act.help, "contact: show or set, and an id");
    if (id_is_wrong(&act, argv[2])) return CLI_USAGE;
    if (!strcmp(argv[1], "show") && n == 2)
        return contact_show(&act, opts[0].value, argv[2], opts[1].value != NULL);
    if (strcmp(argv[1], "set") != 0 || n != 3)
        return cli_usage(&act.help, "contact: 'show ID' or 'set ID relationship=…' was expected");
    if (!set_is_right(argv[3]))
        return cli_usage(&act.help,
                         "'%s' cannot be set: relationship=neutral, consumer, loyal or "
                         "anti, or influencer=true or false was expected",
                         argv[3]);
    struct cli_ask ask = {.name = "contact-set"};
    put_id(&ask, argv[2]);
    cli_ask_arg(&ask, "set", str_c(argv[3]));
    return ask_with(&act, opts[0].value, &ask, opts[1].value != NULL);
}
