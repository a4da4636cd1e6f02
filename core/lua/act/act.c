/* Acts made ready: slots filled, limits kept, written into the decision. */
#include "lua/reply/template.h"
#include "base/utf8.h"

static void put_hold(struct buf *decision, const struct buf *why) {
    size_t mark = rec_begin(decision, DEC_INTENT);
    rec_int(decision, INTENT_VERB, VERB_HOLD);
    rec_str(decision, INTENT_TEXT, buf_view(why));
    rec_end(decision, mark);
}

static bool must_approve(struct policy *p, struct facts *f, const struct act *a) {
    if (a->approve) return true;
    for (size_t i = 0; i < a->approve_count; i++)
        if (!cond_holds(p, f, &a->approve_when[i])) return false;
    return a->approve_count > 0;
}

static void put_reply(struct policy *p, struct facts *f, const struct act *a,
                      const struct template *t, struct buf *decision) {
    int goal = a->goal ? a->goal : t->goal;
    size_t mark = rec_begin(decision, DEC_INTENT);
    rec_int(decision, INTENT_VERB, a->verb);
    rec_str(decision, INTENT_TEXT, buf_view(&p->text));
    rec_str(decision, INTENT_NAME, a->name);
    rec_int_opt(decision, INTENT_SLOT, a->slot);
    if (must_approve(p, f, a)) rec_int(decision, INTENT_APPROVE, 1);
    rec_str(decision, INTENT_LANG, t->lang);
    rec_str_opt(decision, INTENT_LONG, a->longer);
    if (goal) rec_str(decision, INTENT_GOAL, str_c(goal_word(goal)));
    rec_str_opt(decision, INTENT_SOURCE, a->source.len ? a->source : t->source);
    rec_int_opt(decision, INTENT_HOLDING, t->holding);
    rec_end(decision, mark);
}

/* Why the text in p->text is not said: nothing is appended where it may be. */
static void too_long(const struct policy *p, const struct template *t, struct buf *why) {
    int64_t length = (int64_t)utf8_count(buf_view(&p->text));
    if (t->max && length > t->max)
        buf_printf(why, "has %lld characters, %lld are allowed by its own head", (long long)length,
                   (long long)t->max);
}

/* A reply that cannot be said as it is becomes a question to a person, with the reason. */
static void render_reply(struct policy *p, struct facts *f, const struct act *a,
                         struct buf *decision) {
    struct sori_str lang = a->lang;
    if (!lang.len && fact_has(f, FACT_LANG)) lang = f->f[FACT_LANG].s;
    const struct template *t = template_find(p, a->name, lang);
    const struct wording *w = template_wording(p, t, f);
    struct fill fill = {.f = f, .given = a->given, .given_count = a->given_count, .lang = t->lang};
    struct buf why = {0};
    buf_clear(&p->text);
    if (!w)
        buf_printf(&why, "has no wording for this (%.*s)", STR(t->path));
    else if (pieces_render(&w->text, &fill, &p->text))
        too_long(p, t, &why);
    else if (fill.missing.len)
        buf_printf(&why, "needs what is not known: %s", fill.missing.data);
    else
        buf_printf(&why, "cannot be filled: %s", fill.wrong.data);
    if (why.len) {
        buf_clear(&p->text);
        buf_printf(&p->text, "the reply \"%.*s\" %s", STR(a->name), why.data);
        put_hold(decision, &p->text);
    } else
        put_reply(p, f, a, t, decision);
    buf_free(&fill.missing);
    buf_free(&fill.wrong);
    buf_free(&why);
}

void act_render(struct policy *p, struct facts *f, const struct act *a, struct buf *decision) {
    if (decision->len > DECISION_MAX) return; /* refused as a whole by who asked */
    if (a->verb == VERB_REPLY || a->verb == VERB_PRIVATE_REPLY) {
        render_reply(p, f, a, decision);
        return;
    }
    /* A like is a courtesy: where the channel has none, nobody needs to be asked. */
    if (a->verb == VERB_LIKE && fact_has(f, FACT_CAN_LIKE) && !f->f[FACT_CAN_LIKE].i) return;
    size_t mark = rec_begin(decision, DEC_INTENT);
    rec_int(decision, INTENT_VERB, a->verb);
    if (a->text.count) {
        buf_clear(&p->text);
        struct fill fill = {.f = f};
        pieces_render(&a->text, &fill, &p->text);
        buf_free(&fill.missing);
        rec_str(decision, INTENT_TEXT, buf_view(&p->text));
    }
    rec_str_opt(decision, INTENT_NAME, a->name);
    if (a->value || a->verb == VERB_SET) rec_int(decision, INTENT_VALUE, a->value);
    if (a->cell >= 0) {
        rec_int(decision, INTENT_SCOPE, p->cells[a->cell].scope);
        rec_int(decision, INTENT_KEEP, p->cells[a->cell].keep);
    }
    rec_end(decision, mark);
}

/* " (not passed: goal, tone)" */
static void print_failed(struct buf *b, struct sori_str intent) {
    struct rec_field f;
    bool any = false;
    while (rec_next(&intent, &f) == 1) {
        if (f.tag != INTENT_CHECK || f.type != REC_REC) continue;
        buf_printf(b, "%s%.*s", any ? ", " : " (not passed: ", STR(rec_get_str(f.s, 1)));
        any = true;
    }
    if (any) buf_putc(b, ')');
}

void act_print(struct buf *b, struct sori_str intent) {
    int64_t verb = rec_get_int(intent, INTENT_VERB, 0);
    struct sori_str name = rec_get_str(intent, INTENT_NAME),
                    text = rec_get_str(intent, INTENT_TEXT);
    buf_printf(b, "  %s", verb_word(verb));
    if (name.len) buf_printf(b, " \"%.*s\"", STR(name));
    if (rec_get_str(intent, INTENT_LANG).len)
        buf_printf(b, " in %.*s", STR(rec_get_str(intent, INTENT_LANG)));
    if (rec_get_str(intent, INTENT_LONG).len)
        buf_printf(b, ", %s where it is too long",
                   str_is(rec_get_str(intent, INTENT_LONG), "split") ? "split" : "refused");
    if (rec_get_int(intent, INTENT_HOLDING, 0)) buf_puts(b, ", the answer still to come");
    int64_t value = rec_get_int(intent, INTENT_VALUE, 0);
    if (verb == VERB_CLOCK || verb == VERB_FOLLOW_UP) {
        buf_putc(b, ' ');
        span_exact(b, value);
    } else if (verb == VERB_ADD || verb == VERB_SET)
        buf_printf(b, " %lld", (long long)value);
    if (rec_get_int(intent, INTENT_SLOT, 0))
        buf_printf(b, ", slot %lld", (long long)rec_get_int(intent, INTENT_SLOT, 0));
    if (rec_get_str(intent, INTENT_GOAL).len)
        buf_printf(b, ", to %.*s", STR(rec_get_str(intent, INTENT_GOAL)));
    if (rec_get_str(intent, INTENT_SOURCE).len)
        buf_printf(b, ", by %.*s", STR(rec_get_str(intent, INTENT_SOURCE)));
    if (rec_get_int(intent, INTENT_APPROVE, 0)) buf_puts(b, ", after a person's approval");
    print_failed(b, intent);
    if (text.len) {
        buf_puts(b, ": ");
        for (size_t i = 0; i < text.len; i++) {
            if (text.ptr[i] == '\n')
                buf_puts(b, "\n    ");
            else
                buf_putc(b, text.ptr[i]);
        }
    }
    buf_putc(b, '\n');
}
