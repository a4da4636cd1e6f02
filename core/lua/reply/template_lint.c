/* A look at every reply once all is loaded. What could never be said is an error; what might go
 * wrong on some channel or for somebody is a warning. */
#include "lua/check/check.h"
#include "lua/reply/template.h"
#include "base/utf8.h"

enum { X_MOST = 280 };

/* The text with every slot as short, or as long, as it may be; a wide letter stands for each
 * character that strangers choose. */
static void fill_slots(const struct pieces *t, bool longest, struct buf *out) {
    for (size_t i = 0; i < t->count; i++) {
        const struct piece *piece = &t->item[i];
        if (!piece->fact && !piece->given.len) {
            buf_str(out, piece->text);
            continue;
        }
        bool narrow = piece->fact ? piece->fact->type != FT_STR : piece->type == SLOT_NUMBER;
        size_t n = !longest ? 0 : narrow && piece->max > 20 ? 20 : piece->max;
        if (longest && utf8_count(piece->otherwise) > n)
            buf_str(out, piece->otherwise);
        else if (longest && piece->type == SLOT_URL)
            buf_puts(out, "https://…");
        else
            for (size_t k = 0; k < n; k++) buf_puts(out, narrow ? "0" : "가");
    }
}

/* How rules speak by this reply. */
struct use {
    bool named; /* by a rule, or by a function that may */
    bool open;  /* aloud, and in one piece */
};

static struct use use_of(const struct policy *p, struct sori_str name) {
    struct use u = {0};
    for (size_t i = 0; i < p->rule_count; i++) {
        if (p->rules[i].act_function != LUA_NOREF) u.named = u.open = true;
        for (size_t k = 0; k < p->rules[i].act_count; k++) {
            const struct act *a = &p->rules[i].acts[k];
            if (!str_eq(a->name, name)) continue;
            if (a->verb != VERB_REPLY && a->verb != VERB_PRIVATE_REPLY) continue;
            u.named = true;
            u.open |= a->verb == VERB_REPLY && !str_is(a->longer, "split");
        }
    }
    return u;
}

static bool may_stand_on(const struct wording *w, struct sori_str channel) {
    for (size_t i = 0; i < w->when_count; i++) {
        const struct cond *c = &w->when[i];
        if (c->tag != FACT_CHANNEL) continue;
        for (size_t k = 0; k < c->count; k++)
            if (str_eq(c->text[k], channel)) return true;
        return false;
    }
    return true;
}

/* Is there a wording for that channel alone? It is taken before those for all. */
static bool has_own(const struct template *t, struct sori_str channel) {
    for (size_t i = 0; i < t->wordings; i++)
        for (size_t k = 0; k < t->wording[i].when_count; k++)
            if (t->wording[i].when[k].tag == FACT_CHANNEL && may_stand_on(&t->wording[i], channel))
                return true;
    return false;
}

static void lint_length(struct reader *r, const struct template *t, const struct wording *w,
                        struct use use) {
    const struct policy *p = r->p;
    struct buf least = {0}, most = {0};
    fill_slots(&w->text, false, &least);
    fill_slots(&w->text, true, &most);
    int64_t low = (int64_t)utf8_count(buf_view(&least)),
            high = (int64_t)utf8_count(buf_view(&most));
    if (t->max && low > t->max)
        frown(r, w->line,
              "this wording has %lld characters and more; max: %lld in the head: "
              "shorten it, or raise max",
              (long long)low, (long long)t->max);
    else if (t->max && high > t->max)
        warn(r, w->line,
             "with full slots this wording has %lld characters of max: %lld, and is then held",
             (long long)high, (long long)t->max);
    for (size_t i = 0; i < p->channel_count && use.open; i++) {
        struct sori_str channel = p->channels[i];
        if (!measure_weighs(channel) || !may_stand_on(w, channel)) continue;
        if (w->when_count == 0 && has_own(t, channel)) continue;
        int64_t heavy = measure(channel, buf_view(&most));
        if (heavy > X_MOST)
            warn(r, w->line,
                 "on %.*s this wording can weigh %lld of %d, and is then held; give a shorter one "
                 "under \"when channel: %.*s\", or say long = \"split\"",
                 STR(channel), (long long)heavy, X_MOST, STR(channel));
    }
    buf_free(&least);
    buf_free(&most);
}

/* What Markdown could mean and was not understood would be shown as it is. */
static void lint_marks(struct reader *r, const struct wording *w, struct sori_str text) {
    static const char *const marks[] = {"**",  "__",  "](",     "```",   "<b>",  "<a ",
                                        "<br", "<p>", "&nbsp;", "&amp;", "&lt;", "&gt;"};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (text.len && memmem(text.ptr, text.len, marks[i], strlen(marks[i])))
            warn(r, w->line, "\"%s\" is no Markdown here and would be shown as it is", marks[i]);
}

static void lint_words(struct reader *r, const struct template *t, const struct wording *w) {
    const struct guide *g = r->p->guide;
    struct buf text = {0};
    struct sori_str banned;
    for (size_t i = 0; i < w->text.count; i++) { /* what stands in for a slot is ours too */
        const struct piece *piece = &w->text.item[i];
        bool slot = piece->fact || piece->given.len;
        buf_str(&text, slot ? piece->otherwise : piece->text);
    }
    if (guide_bans(r->p, t->lang, buf_view(&text), &banned))
        frown(r, w->line, "\"%.*s\" is a banned word of the guide; say it in another way",
              STR(banned));
    else if (r->p->guide->counts[SET_BANNED] && r->p->guide->ours.exhausted)
        frown(r, w->line, "this wording is too long to be looked through for banned words");
    if (t->needs_apology && !guide_apologises(r->p, t->lang, buf_view(&text)))
        frown(r, w->line,
              "this reply needs an apology, and none of the guide's words for one in '%.*s' is "
              "here; they stand in %s:%d",
              STR(t->lang), g->home ? g->home : g->file, g->home ? g->home_line : g->line);
    lint_marks(r, w, buf_view(&text));
    buf_free(&text);
}

static void lint_template(struct reader *r, const struct template *t) {
    struct use use = use_of(r->p, t->name);
    bool for_all = false;
    for (size_t i = 0; i < t->wordings; i++) {
        for_all |= t->wording[i].when_count == 0;
        lint_length(r, t, &t->wording[i], use);
        lint_words(r, t, &t->wording[i]);
    }
    if (t->wordings && !for_all)
        warn(r, t->wording[0].line, "every wording has a when: where none fits, the reply is held");
    for (size_t k = 0; k < t->head->count; k++)
        if (!t->head->slot[k].used)
            warn(r, t->head->slot[k].line, "the slot %.*s is declared and stands nowhere",
                 STR(t->head->slot[k].name));
    if (!use.named && t->name.len) warn(r, 1, "no rule says the reply '%.*s'", STR(t->name));
}

static bool has_language(const struct policy *p, struct sori_str name, struct sori_str lang) {
    for (size_t i = 0; i < p->template_count; i++)
        if (str_eq(p->templates[i].name, name) && str_eq(p->templates[i].lang, lang)) return true;
    return false;
}

static void lint_languages(struct reader *r, const struct template *t) {
    const struct policy *p = r->p;
    if (&p->templates[0] != t)
        for (const struct template *o = p->templates; o < t; o++)
            if (str_eq(o->name, t->name)) return; /* said once */
    for (size_t i = 0; i < p->lang_count; i++)
        if (!has_language(p, t->name, p->langs[i]))
            warn(r, 1, "the reply '%.*s' is missing in '%.*s'; add replies/%.*s.%.*s.md",
                 STR(t->name), STR(p->langs[i]), STR(t->name), STR(p->langs[i]));
}

void templates_lint(struct policy *p, struct buf *errors) {
    for (size_t i = 0; i < p->template_count; i++) {
        const struct template *t = &p->templates[i];
        if (!t->name.len) continue; /* complained about */
        struct reader r = {p, policy_text(p, t->path), 1, NULL, &p->arena, errors};
        lint_template(&r, t);
        lint_languages(&r, t);
    }
}
