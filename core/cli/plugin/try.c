/* plugin try: one poll or one delivery of a plugin in its worker, with net beside it and no store.
 * What it found goes to stdout as JSON lines, everything else to stderr. */
#include "cli/plugin/words.h"
#include "cli/plugin/trial.h"

#include "base/clock.h"
#include "base/file.h"
#include "sori/plugin.h"

#include <stdlib.h>
#include <string.h>

enum { SETS_MAX = 64, ALLOWS_MAX = 32, BODY_MAX = 64 << 20 };

static const char name[] = "try";

struct found {
    struct trial *trial;
    size_t items, rejected, failed; /* failed: deliveries that were not read */
};

/* ---- what it found ---- */

static void print_sink(void *ctx, const struct rec_field *f) {
    struct found *t = ctx;
    json_t *j;
    switch (f->tag) {
    case SINK_ITEM:
        t->items++;
        j = plugin_item_json(f->s, t->trial->id, str_c(name), clock_now());
        if (!j) return;
        json_dumpf(j, stdout, JSON_COMPACT);
        putchar('\n');
        json_decref(j);
        return;
    case SINK_REJECT:
        t->rejected++;
        fprintf(stderr, "refused%s%.0lld: %.*s\n", rec_get_int(f->s, 1, 0) ? " line " : "",
                (long long)rec_get_int(f->s, 1, 0), STR(rec_get_str(f->s, 2)));
        return;
    case SINK_CURSOR:
        fprintf(stderr, "cursor %.*s = %.*s\n", STR(rec_get_str(f->s, PAIR_NAME)),
                STR(rec_get_str(f->s, PAIR_VALUE)));
        return;
    case SINK_GAUGE:
        fprintf(stderr, "gauge %.*s %.*s = %lld\n", STR(rec_get_str(f->s, 1)),
                STR(rec_get_str(f->s, 2)), (long long)rec_get_int(f->s, 3, 0));
        return;
    case SINK_GAP: fprintf(stderr, "gap: %.*s\n", STR(rec_get_str(f->s, 3))); return;
    case SINK_TASK: fprintf(stderr, "left for later: %.*s\n", STR(rec_get_str(f->s, 1))); return;
    case SINK_AUTHOR:
        fprintf(stderr, "author %.*s is %.*s\n", STR(rec_get_str(f->s, 2)),
                STR(rec_get_str(f->s, 3)));
        return;
    case SINK_END:
        if (rec_get_int(f->s, 2, SORI_OK) == SORI_OK || rec_get_int(f->s, 2, 0) == SORI_AGAIN)
            return;
        t->failed++;
        fprintf(stderr, "decode ended with %s: %.*s\n",
                trial_status((uint32_t)rec_get_int(f->s, 2, 0)), STR(rec_get_str(f->s, 3)));
        return;
    default: return;
    }
}

/* What the poll would have others do and say: streams that net should hold, budgets, costs. */
static void print_wishes(const struct trial *t) {
    struct sori_str at = buf_view(&t->result);
    struct rec_field f;
    while (rec_next(&at, &f) == 1) {
        if (f.type != REC_REC) continue;
        if (f.tag == DONE_STREAM)
            fprintf(stderr, "wants the stream %.*s: %.*s\n", STR(rec_get_str(f.s, STREAM_NAME)),
                    STR(rec_get_str(f.s, STREAM_URL)));
        if (f.tag == DONE_RATE) {
            struct buf until = {0};
            int64_t at_ms = rec_get_int(f.s, 4, 0);
            if (at_ms) buf_puts(&until, ", full again at ");
            if (at_ms) clock_rfc3339(&until, at_ms);
            fprintf(stderr, "budget %.*s: %lld of %lld left%s\n", STR(rec_get_str(f.s, 1)),
                    (long long)rec_get_int(f.s, 3, 0), (long long)rec_get_int(f.s, 2, 0),
                    until.len ? until.data : "");
            buf_free(&until);
        }
        if (f.tag == DONE_SPENT)
            fprintf(stderr, "cost %.*s: $%.6f\n", STR(rec_get_str(f.s, 1)),
                    (double)rec_get_int(f.s, 2, 0) / 1e6);
    }
}

/* ---- one poll, one delivery ---- */

static bool poll_once(struct trial *t, struct err *err) {
    struct buf b = {0};
    rec_int(&b, POLL_LIMIT, 100);
    bool ok = trial_call(t, M_POLL, &b, err);
    if (ok) print_wishes(t);
    buf_free(&b);
    return ok;
}

struct delivery {
    const char *file, *form, *path, *query;
};

static bool decode_once(struct trial *t, const struct delivery *d, struct err *err) {
    struct buf b = {0}, body = {0};
    bool ok = file_read(d->file, BODY_MAX, false, &body, err);
    if (ok) {
        size_t mark = rec_begin(&b, DECODE_DELIVERY);
        rec_str(&b, DEL_CONNECTION, str_c(name));
        struct rec_field f;
        for (struct sori_str o = buf_view(&t->options); rec_next(&o, &f) == 1;)
            rec_rec(&b, DEL_OPTION, f.s);
        rec_str(&b, DEL_FORM, str_c(d->form ? d->form : "import"));
        rec_str(&b, DEL_PATH, str_c(d->path));
        rec_str(&b, DEL_QUERY, str_c(d->query));
        rec_str(&b, DEL_BODY, buf_view(&body));
        rec_int(&b, DEL_AT, clock_now());
        rec_end(&b, mark);
        ok = trial_call(t, M_DECODE, &b, err);
    }
    buf_free(&b);
    buf_free(&body);
    return ok;
}

/* Can it do what is asked? */
static bool is_able(const struct trial *t, bool decodes, struct err *err) {
    int64_t flags = rec_get_int(buf_view(&t->descriptor), DESC_FLAGS, 0);
    if (decodes && !(flags & SORI_CONNECTOR_DECODES))
        return err_set(err, "%.*s receives nothing; leave --decode out and it polls", STR(t->id));
    if (!decodes && !(flags & SORI_CONNECTOR_POLLS))
        return err_set(err, "%.*s does not poll; give it what it would receive: --decode FILE",
                       STR(t->id));
    return true;
}

static bool prepare(struct trial *t, const char *so, const struct cli_opt *set,
                    const struct cli_opt *allow, bool decodes, struct err *err) {
    return trial_load(t, so, err) && is_able(t, decodes, err) &&
           trial_options(t, set->all, set->all_n, err) &&
           trial_allow(t, allow->all, allow->all_n, err) && trial_open(t, decodes, err);
}

static int conclude(const struct trial *t, const struct found *found, bool ok,
                    const struct err *err) {
    fflush(stdout);
    if (!ok) return cli_fail(found->items ? CLI_FAILED : CLI_REFUSED, "%s", err->text);
    fprintf(stderr, "%zu interaction%s, %zu refused\n", found->items, found->items == 1 ? "" : "s",
            found->rejected);
    if (t->status <= SORI_AGAIN) return found->failed ? CLI_FAILED : CLI_OK;
    struct sori_str why = rec_get_str(buf_view(&t->result), DONE_WHY);
    return cli_fail(CLI_FAILED, "%.*s ended with %s%s%.*s", STR(t->id), trial_status(t->status),
                    why.len ? ": " : "", STR(why));
}

int plugin_try(int argc, char **argv) {
    const struct cli_help help = {
        "sori plugin try NAME|PATH --set KEY=VALUE… [--allow HOST:PORT|FOLDER]… [-w DIR]\n"
        "sori plugin try NAME|PATH --set KEY=VALUE… --decode FILE [--form FORM] [--path REST]",
        "Polls or receives once without a store and prints the interactions as JSON lines."};
    const char *sets[SETS_MAX], *allows[ALLOWS_MAX];
    struct cli_opt opts[] = {
        {.name = "set",
         .takes = "KEY=VALUE",
         .help = "an option of the connection; repeat it",
         .all = sets,
         .all_cap = SETS_MAX},
        {.name = "allow",
         .takes = "HOST:PORT|FOLDER",
         .help = "a private address or a folder",
         .all = allows,
         .all_cap = ALLOWS_MAX},
        {.name = "decode", .takes = "FILE", .help = "give it these bytes instead of polling"},
        {.name = "form", .takes = "FORM", .help = "with --decode: how they came; else \"import\""},
        {.name = "path", .takes = "REST", .help = "with --decode: what followed the form's path"},
        {.name = "query", .takes = "QUERY", .help = "with --decode: the query of the request"},
        {.name = "json", .help = "the output is JSON in any case"},
        CLI_OPT_WORKSPACE};
    int n = cli_parse(argc, argv, &help, opts, sizeof opts / sizeof *opts);
    if (n < 0) return cli_parsed(n);
    if (n != 1) return cli_usage(&help, "which plugin?");
    struct found found = {0};
    struct trial t = {.name = name, .part = print_sink, .ctx = &found};
    struct err err = {.text = ""};
    struct buf so = {0};
    struct delivery d = {opts[2].value, opts[3].value, opts[4].value, opts[5].value};
    found.trial = &t;
    int code = plugin_find(argv[1], opts[7].value, &so, &err);
    if (code == CLI_USAGE) {
        buf_free(&so);
        return cli_usage(&help, "%s", err.text);
    }
    bool ok = code == CLI_OK && prepare(&t, so.data, &opts[0], &opts[1], d.file != NULL, &err) &&
              (d.file ? decode_once(&t, &d, &err) : poll_once(&t, &err));
    code = conclude(&t, &found, ok, &err);
    trial_close(&t);
    buf_free(&so);
    return code;
}
