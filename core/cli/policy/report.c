#include "cli/policy/report.h"

#include "base/clock.h"
#include "base/enums.h"
#include "base/item.h"
#include "lua/policy.h"

#include <stdlib.h>
#include <string.h>

enum { MOVES_SHOWN = 20, NAMES_SHOWN = 20, TEXT_COLUMNS = 90 };

bool policy_share(const char *text, int64_t *share) {
    char *end;
    double n = strtod(text, &end);
    if (end == text || (*end && strcmp(end, "%") != 0) || !(n >= 0 && n <= 100)) return false;
    *share = (int64_t)(n * 100 + 1e-6); /* 4.999 % allows no 5 % */
    return true;
}

/* "1,204" */
static void put_number(struct buf *b, int64_t n) {
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%lld", (long long)n);
    for (int i = 0; i < len; i++) {
        if (i && (len - i) % 3 == 0 && digits[i - 1] != '-') buf_putc(b, ',');
        buf_putc(b, digits[i]);
    }
}

static void put_percent(struct buf *b, int64_t part, int64_t whole) {
    if (!whole) return;
    double share = 100.0 * (double)part / (double)whole;
    buf_printf(b, share > 0 && share < 0.01 ? " (under 0.01 %%)" : " (%.2f %%)", share);
}

static void line(struct buf *b, const char *label, int64_t n, const char *words) {
    struct buf number = {0};
    put_number(&number, n);
    buf_printf(b, "  %-11s %10s  %s\n", label, number.data, words);
    buf_free(&number);
}

static void put_head(struct buf *b, const struct report *r, const char *what, bool color) {
    struct buf t = {0};
    buf_printf(&t, "%s of %s: ", r->shadow ? "Shadow" : "Back-test", what);
    put_number(&t, r->compared);
    buf_puts(&t, " decisions");
    if (r->first_at) {
        buf_puts(&t, ", ");
        cli_put_time(&t, r->first_at);
        buf_puts(&t, " to ");
        cli_put_time(&t, r->last_at);
        const char *zone = getenv("TZ"); /* the workspace's, where Sori answered */
        if (zone && *zone) buf_printf(&t, " (%s)", zone);
    }
    cli_paint(b, color, CLI_BOLD, buf_view(&t));
    buf_putc(b, '\n');
    buf_free(&t);
    if (r->shadow) {
        buf_puts(b, "  open: it reads the live policy's cells; it sends nothing; begun ");
        cli_put_time(b, r->since);
        buf_putc(b, '\n');
    }
    if (!r->shadow)
        buf_puts(b, r->closed
                        ? "  closed: cells evolve by this policy, everything else is as recorded\n"
                        : "  open: all facts as recorded, cells too\n");
    if (r->generation)
        buf_printf(b, "  compared with generation %lld, which is live\n", (long long)r->generation);
}

/* What it was, and since when it is known. */
static void put_unknown(struct buf *b, const struct report *r) {
    for (size_t i = 0; i < r->unknown.n; i++) {
        const struct count *c = &r->unknown.items[i];
        buf_printf(b, "                          %s: %lld", c->name, (long long)c->then);
        if (c->now) {
            buf_puts(b, ", known since ");
            cli_put_time(b, c->now);
        }
        buf_putc(b, '\n');
    }
}

static void put_numbers(struct buf *b, const struct report *r) {
    struct buf words = {0};
    buf_puts(&words, "are decided otherwise");
    put_percent(&words, r->changed, r->compared);
    line(b, "change", r->changed, words.data);
    buf_free(&words);
    if (r->stopped)
        line(b, "  stopped", r->stopped,
             "of them are held, since this policy was stopped by a budget");
    if (r->renamed)
        line(b, "rename", r->renamed, "do the same under another name of a rule or note");
    if (r->asked) {
        line(b, "unknown", r->asked, "asked for something unknown then, apart from those above:");
        line(b, "", r->asked_changed, "of them are decided otherwise");
        put_unknown(b, r);
    }
    if (r->rescored) {
        line(b, "rescored", r->rescored,
             "had scores missing, and got them from today's models, apart from those above:");
        line(b, "", r->rescored_changed, "of them are decided otherwise");
    }
    if (r->unscored) line(b, "unscored", r->unscored, "could not be scored, and stay as recorded");
    if (r->redone) {
        line(b, "redone", r->redone,
             "were decided by an older policy, and again by the live one to compare with;");
        line(b, "", r->earlier,
             "of them the live policy already decides otherwise than was decided");
    }
    if (r->past) line(b, "past", r->past, "apart: older than the horizon, never decided");
    if (r->held) line(b, "held", r->held, "apart: held then, nothing to compare with");
    if (r->quarantined) line(b, "quarantined", r->quarantined, "apart: killed a worker");
    if (r->bare) line(b, "no facts", r->bare, "apart: no policy was asked");
    if (r->skipped) line(b, "skipped", r->skipped, "found no room: the live flow goes first");
    if (r->deaths)
        line(b, "deaths", r->deaths,
             "times its worker ended; what killed it twice counts as stopped");
    if (r->gaps) {
        struct buf gaps = {0};
        buf_puts(&gaps, "times Sori or the shadow was started again, last ");
        cli_put_time(&gaps, r->gap_at);
        buf_puts(&gaps, ": some seconds before it are not in here");
        line(b, "gaps", r->gaps, gaps.data);
        buf_free(&gaps);
    }
}

static void put_moves(struct buf *b, const struct counts *c, const char *title, bool color) {
    if (!c->n) return;
    buf_putc(b, '\n');
    cli_paint(b, color, CLI_BOLD, str_c(title));
    buf_putc(b, '\n');
    for (size_t i = 0; i < c->n && i < MOVES_SHOWN; i++) {
        struct buf n = {0};
        put_number(&n, c->items[i].changed);
        buf_printf(b, "  %10s  ", n.data);
        cli_put_cut(b, str_c(c->items[i].name), 2000);
        buf_putc(b, '\n');
        buf_free(&n);
    }
    if (c->n > MOVES_SHOWN) buf_printf(b, "              and %zu kinds more\n", c->n - MOVES_SHOWN);
}

static void put_by(struct buf *b, const struct report *r, enum report_by by, bool color) {
    const struct counts *c = &r->by[by];
    bool both = by == BY_RULE || by == BY_DIRECTION;
    struct buf title = {0};
    size_t n = 0;
    while (n < c->n && c->items[n].changed) n++;
    if (!n) return;
    buf_printf(&title, "\nBy %s%*s%10s", report_by_word(by), 36 - (int)strlen(report_by_word(by)),
               "", "change");
    buf_printf(&title, both ? "%10s%10s" : "%10s", both ? "then" : "of", "now");
    cli_paint(b, color, CLI_BOLD, buf_view(&title));
    buf_putc(b, '\n');
    buf_free(&title);
    for (size_t i = 0; i < n && i < NAMES_SHOWN; i++) {
        struct buf name = {0};
        size_t used = cli_put_cut(&name, str_c(c->items[i].name), 36);
        buf_printf(b, "  %s%*s%10lld%10lld", name.data ? name.data : "", (int)(37 - used), "",
                   (long long)c->items[i].changed, (long long)c->items[i].then);
        if (both) buf_printf(b, "%10lld", (long long)c->items[i].now);
        buf_putc(b, '\n');
        buf_free(&name);
    }
    if (n > NAMES_SHOWN) buf_printf(b, "  and %zu more\n", n - NAMES_SHOWN);
}

static void put_side(struct buf *b, const char *label, struct sori_str decision) {
    struct sori_str rule = rec_get_str(decision, DEC_RULE),
                    where = rec_get_str(decision, DEC_WHERE);
    struct buf does = {0};
    change_does(decision, &does);
    buf_printf(b, "      %-5s ", label);
    if (rule.len) {
        cli_put_cut(b, rule, 60);
        buf_printf(b, " (%.*s): ", STR(where));
    }
    cli_put_cut(b, buf_view(&does), 400);
    buf_putc(b, '\n');
    buf_free(&does);
}

static void put_words(struct buf *b, const char *label, struct sori_str text) {
    buf_printf(b, "      %-5s \"", label);
    cli_put_cut(b, text, 400);
    buf_puts(b, "\"\n");
}

static void put_sample(struct buf *b, const struct sample *s) {
    struct sori_str text = rec_get_str(buf_view(&s->facts), FACT_TEXT);
    buf_printf(b, "  %lld %s, %s: \"", (long long)s->interaction,
               entry_word(rec_get_int(buf_view(&s->facts), FACT_ON, 0)),
               kind_word(rec_get_int(buf_view(&s->facts), FACT_KIND, 0)));
    cli_put_cut(b, text, TEXT_COLUMNS);
    buf_puts(b, "\"\n");
    put_side(b, "then", buf_view(&s->then));
    put_side(b, "now", buf_view(&s->now));
    struct buf point = {0};
    change_point(buf_view(&s->then), buf_view(&s->now), &point);
    if (point.len && !s->why.len) buf_printf(b, "      %-5s %s\n", "in", point.data);
    buf_free(&point);
    struct sori_str was, is;
    if (change_texts(buf_view(&s->then), buf_view(&s->now), &was, &is)) {
        put_words(b, "said", was);
        put_words(b, "says", is);
    }
    const char *at = s->why.data;
    for (const char *end; at && *at; at = end + 1) {
        end = strchr(at, '\n');
        buf_printf(b, "      %-5s ", at == s->why.data ? "why" : "");
        cli_put_cut(b, (struct sori_str){at, end ? (size_t)(end - at) : strlen(at)}, 300);
        buf_putc(b, '\n');
        if (!end) break;
    }
}

static void sort(struct report *r) {
    for (size_t i = 0; i < BY_COUNT; i++) counts_sort(&r->by[i]);
    counts_sort(&r->moves);
    counts_sort(&r->renames);
    counts_sort(&r->unknown);
}

void policy_report_text(struct report *r, const char *what, int64_t limit) {
    bool color = cli_is_color(stdout);
    struct buf b = {0};
    sort(r);
    put_head(&b, r, what, color);
    put_numbers(&b, r);
    put_moves(&b, &r->moves, "From what to what", color);
    put_moves(&b, &r->renames, "Renamed", color);
    for (size_t i = 0; i < BY_COUNT; i++) put_by(&b, r, (enum report_by)i, color);
    if (r->sample_n) {
        buf_putc(&b, '\n');
        cli_paint(&b, color, CLI_BOLD, SORI_STR("Samples"));
        buf_putc(&b, '\n');
    }
    for (size_t i = 0; i < r->sample_n; i++) put_sample(&b, &r->samples[i]);
    if (limit >= 0)
        buf_printf(&b, "\n%s: %.2f %% differ, %.2f %% may\n",
                   report_share(r) > limit ? "Over the limit" : "Within the limit",
                   (double)report_share(r) / 100, (double)limit / 100);
    fwrite(b.data, 1, b.len, stdout);
    buf_free(&b);
}
