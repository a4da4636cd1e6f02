/* Stage 6, evaluate: what the stream amounts to (windows that policies read as facts, counters) and
 * the calm line that `sori run` prints for each interaction once it is durable. */
#include "flow/person/answers.h"
#include "flow/flow.h"
#include "flow/window.h"

#include "base/clock.h"
#include "base/utf8.h"
#include "lua/policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void evaluate_start(struct core *c) {
    c->windows = windows_start(c->store, core_now(c));
    c->answers = answers_start(c->store);
    c->open_kases = store_open_kases(c->store);
}

/* ---- the calm line ---- */
struct line {
    struct after after;
    char *text;
};

static void print_line(struct core *c, struct after *a) {
    struct line *l = (struct line *)a;
    (void)c;
    fputs(l->text, stdout); /* flushed when all that waited for the commit has run */
    free(l->text);
    free(l);
}

static void pad(struct buf *b, struct sori_str s, size_t columns) {
    size_t used = 0;
    while (s.len) {
        size_t len;
        uint32_t code = utf8_next(s, &len);
        struct sori_str one = {s.ptr, len};
        size_t w = utf8_width(one);
        if (used + w > columns) break;
        if (!utf8_is_plain(code))
            buf_putc(b, ' ');
        else if (code == 0xfffd)
            utf8_put(b, code);
        else
            buf_str(b, one);
        used += w;
        s.ptr += len;
        s.len -= len;
    }
    for (; used < columns; used++) buf_putc(b, ' ');
}

static void put_intents(struct buf *b, struct sori_str decision) {
    struct rec_field f;
    bool any = false;
    while (rec_next(&decision, &f) == 1) {
        if (f.tag != DEC_INTENT || f.type != REC_REC) continue;
        buf_printf(b, "%s%s", any ? " + " : "", verb_word(rec_get_int(f.s, INTENT_VERB, 0)));
        struct sori_str name = rec_get_str(f.s, INTENT_NAME);
        if (name.len) buf_printf(b, " %.*s", STR(name));
        any = true;
    }
}

static void calm_line(struct core *c, const struct entry *e, int status, struct sori_str rule,
                      struct sori_str decision) {
    struct line *l = mem_get(sizeof *l);
    struct buf b = {0};
    time_t seconds = (time_t)(e->at / 1000);
    struct tm tm;
    localtime_r(&seconds, &tm);
    buf_printf(&b, "%02d:%02d:%02d  ", tm.tm_hour, tm.tm_min, tm.tm_sec);
    pad(&b, str_c(e->conn->plugin->id), 9);
    buf_putc(&b, ' ');
    pad(&b, e->author, 12);
    buf_putc(&b, ' ');
    pad(&b, str_c(e->kind == ENTRY_SAID ? kind_word(e->item_kind) : entry_word(e->kind)), 9);
    buf_putc(&b, ' ');
    pad(&b, str_c(e->tone ? tone_word(e->tone) : "-"), 8);
    buf_puts(&b, "  ");
    pad(&b, e->text.len ? e->text : e->title, 44);
    buf_printf(&b, "  %lld: %s", (long long)e->interaction, decision_word(status));
    size_t before = b.len;
    buf_puts(&b, " → ");
    put_intents(&b, decision);
    if (b.len == before + 5) b.len = before;
    if (rule.len) buf_printf(&b, "  (%.*s)", STR(rule));
    buf_putc(&b, '\n');
    l->after.run = print_line;
    l->text = b.data;
    flow_after(c, &l->after);
}

void evaluate_decided(struct core *c, const struct entry *e, struct sori_str facts, int status,
                      struct sori_str rule, struct sori_str decision) {
    if (e->tone == TONE_NEGATIVE && e->kind == ENTRY_SAID)
        windows_count(c->windows, c->now, facts, decision);
    if (c->foreground) calm_line(c, e, status, rule, decision);
}
