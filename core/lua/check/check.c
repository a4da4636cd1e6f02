/* The ten checks of the send gate, as far as they are a function of facts and bundle. What only the
 * core can know (who else speaks, the same words to how many) it asks again when an action is made
 * and when it leaves: core/flow/command/look.c. */
#include "lua/check/check.h"
#include "base/utf8.h"
#include "base/why_not.h"
#include "lua/reply/template.h"

#include <stdarg.h>
#include <stdio.h>

/* Says why; the reason of what passes is written only where somebody reads it. */
static bool say(struct checking *c, bool passed, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static bool say(struct checking *c, bool passed, const char *format, ...) {
    char text[512];
    va_list args;
    if (passed && !c->tell) return true;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    plain_put(c->why, utf8_cut(str_c(text), sizeof text - 4));
    return passed;
}

static struct sori_str fact_text(const struct checking *c, uint32_t tag) {
    return fact_has(c->f, tag) ? c->f->f[tag].s : (struct sori_str){0};
}

static bool fact_int(const struct checking *c, uint32_t tag, int64_t *out) {
    if (!fact_has(c->f, tag)) return false;
    *out = c->f->f[tag].i;
    return true;
}

/* ---- lists of words ---- */

const struct guide_list *guide_list(const struct guide *g, enum guide_set set,
                                    struct sori_str key) {
    for (size_t i = 0; i < g->counts[set]; i++)
        if (str_eq(g->lists[set][i].key, key)) return &g->lists[set][i];
    return NULL;
}

/* What the reply's language asks, else what every language does. */
static const struct guide_list *list_for(const struct checking *c, enum guide_set set) {
    const struct guide_list *l = guide_list(c->g, set, c->lang);
    return l ? l : guide_list(c->g, set, SORI_STR("any"));
}

/* The word of the list that is in the reply, or an empty one. */
struct sori_str guide_found(const struct guide *g, const struct facts *in,
                            const struct guide_list *l) {
    if (!l || l->number < 0 || in->found[l->number] < 0) return (struct sori_str){0};
    return g->book.shown[l->number][in->found[l->number]];
}

static bool has_link(struct sori_str text) {
    return text.len &&
           (memmem(text.ptr, text.len, "https://", 8) || memmem(text.ptr, text.len, "http://", 7));
}

static bool has_part(struct sori_str text, struct sori_str part) {
    return part.len && text.len && memmem(text.ptr, text.len, part.ptr, part.len);
}

/* ---- the checks, in order ---- */

/* What the connection asks, else its channel, else the language. */
static const struct guide_list *list_here(const struct checking *c, enum guide_set set) {
    const struct guide_list *l = guide_list(c->g, set, fact_text(c, FACT_CONNECTION));
    if (!l) l = guide_list(c->g, set, fact_text(c, FACT_CHANNEL));
    return l ? l : list_for(c, set);
}

/* Nobody looks at it before it leaves. */
static bool by_itself(const struct checking *c) {
    int64_t mode = MODE_AUTO;
    fact_int(c, FACT_MODE, &mode);
    return !c->approve && mode == MODE_AUTO;
}

static bool origin(struct checking *c) {
    const struct guide_list *l = list_here(c, SET_ORIGIN), *self = list_here(c, SET_AUTOMATIC);
    struct sori_str word = guide_found(c->g, &c->g->ours, l),
                    says = guide_found(c->g, &c->g->ours, self);
    if (l && l->number >= 0 && !word.len)
        return say(c, false,
                   "nothing in it says who speaks: none of the guide's origin words for %.*s",
                   STR(l->key));
    if (self && self->number >= 0 && by_itself(c)) {
        if (says.len) return say(c, true, "says that it is automatic: \"%.*s\"", STR(says));
        return say(c, false,
                   "it leaves by itself and does not say so: none of the guide's automatic words "
                   "for %.*s",
                   STR(self->key));
    }
    if (!l) return say(c, true, "not asked: the account itself says who speaks");
    if (l->number < 0) return say(c, true, "not asked for %.*s", STR(l->key));
    return say(c, true, "says \"%.*s\"", STR(word));
}

static bool goal(struct checking *c) {
    if (c->goal > 0) return say(c, true, "%s", goal_word(c->goal));
    if (!c->g->goal) return say(c, true, "not asked: the guide does not require one");
    return say(c, false,
               "no goal is set: one of inform, guide, document, thank and repair is needed");
}

static bool sources(struct checking *c) {
    const struct guide_list *own = guide_list(c->g, SET_CLAIMS, c->lang),
                            *any = guide_list(c->g, SET_CLAIMS, SORI_STR("any"));
    struct sori_str claim = guide_found(c->g, &c->g->ours, own);
    if (!claim.len) claim = guide_found(c->g, &c->g->ours, any);
    bool corrects = c->direction == DIRECTION_CORRECT_FACTS,
         needed = c->template && c->template->needs_source;
    bool is_link = has_link(c->source);
    if (c->source.len && (!is_link || has_part(c->text, c->source)))
        return say(c, true, "%.*s", STR(c->source));
    if (!corrects && !needed && !claim.len && !c->source.len)
        return say(c, true, "not asked: nothing is corrected or claimed");
    if (c->source.len)
        return say(c, false, "the text does not show its source %.*s", STR(c->source));
    if (has_link(c->text)) return say(c, true, "the text has a link");
    if (corrects) return say(c, false, "a correction names its source, and this one has none");
    if (needed) return say(c, false, "its template needs a source, and it has none");
    return say(c, false, "\"%.*s\" is a claim that needs a source", STR(claim));
}

static bool personal(struct checking *c) {
    struct facts *theirs = &c->p->facts;
    struct sori_str raised = {0};
    if (c->g->counts[SET_POINTS] == 0) return say(c, true, "not asked: the guide lists no points");
    words_ask(c->p, theirs);
    for (size_t i = 0; i < c->g->counts[SET_POINTS]; i++) {
        const struct guide_list *l = &c->g->lists[SET_POINTS][i];
        if (!theirs->searched || l->raised < 0 || theirs->found[l->raised] < 0) continue;
        if (!raised.len) raised = l->key;
        struct sori_str word = guide_found(c->g, &c->g->ours, l);
        if (word.len) return say(c, true, "names what was raised: \"%.*s\"", STR(word));
    }
    if (!raised.len) return say(c, true, "not asked: no point of the guide was raised");
    return say(c, false, "%.*s was raised, and it names nothing of it", STR(raised));
}

static bool tone(struct checking *c) {
    struct sori_str banned = guide_found(c->g, &c->g->ours, guide_list(c->g, SET_BANNED, c->lang));
    if (!banned.len)
        banned = guide_found(c->g, &c->g->ours, guide_list(c->g, SET_BANNED, SORI_STR("any")));
    if (banned.len) return say(c, false, "\"%.*s\" is a banned word", STR(banned));
    if (c->g->counts[SET_BANNED] && c->g->ours.exhausted)
        return say(c, false, "it is too long to be looked through for banned words");
    bool needed =
        c->direction == DIRECTION_APOLOGISE || (c->template && c->template->needs_apology);
    const char *clean = c->g->counts[SET_BANNED] ? "no banned word" : "no words are banned";
    if (!needed) return say(c, true, "%s", clean);
    const struct guide_list *l = list_for(c, SET_APOLOGY);
    if (!l || l->number < 0)
        return say(c, true, "%s; which words apologise in %.*s is not known", clean, STR(c->lang));
    struct sori_str word = guide_found(c->g, &c->g->ours, l);
    if (word.len) return say(c, true, "%s; apologises: \"%.*s\"", clean, STR(word));
    return say(c, false, "an apology is meant, and none of its words is there");
}

static bool side(struct checking *c) {
    const struct guide_list *l = list_for(c, SET_NEXT_STEP);
    struct sori_str stated = c->template ? c->template->next_step : (struct sori_str){0};
    if (stated.len) return say(c, true, "%.*s", STR(stated));
    if (!l || l->number < 0)
        return say(c, true, "not asked: the guide has no next_step words for %.*s", STR(c->lang));
    if (c->goal == GOAL_THANK || c->goal == GOAL_DOCUMENT)
        return say(c, true, "%s needs no next step", goal_word(c->goal));
    struct sori_str word = guide_found(c->g, &c->g->ours, l);
    if (word.len) return say(c, true, "offers a next step: \"%.*s\"", STR(word));
    if (has_link(c->text)) return say(c, true, "offers a link");
    return say(c, false, "offers no next step, and its template gives no reason why none");
}

bool check_cheerful(const struct checking *c) {
    if (c->goal > 0) return c->goal == GOAL_THANK;
    if (c->direction)
        return c->direction == DIRECTION_THANK || c->direction == DIRECTION_SHARE_SUCCESS ||
               c->direction == DIRECTION_INVITE_TALK;
    int64_t tone_was;
    return fact_int(c, FACT_TONE, &tone_was) && tone_was == TONE_POSITIVE;
}

static bool timing(struct checking *c) {
    int64_t now, due, on = ENTRY_SAID;
    if (!fact_int(c, FACT_NOW, &now)) return say(c, true, "not asked: the time is not known");
    for (size_t i = 0; i < c->g->freeze_count; i++) {
        const struct freeze *z = &c->g->freezes[i];
        if (now < z->from || now >= z->to || (!z->all && !check_cheerful(c))) continue;
        return say(c, false, "frozen: %.*s", STR(z->why));
    }
    fact_int(c, FACT_ON, &on);
    if (!fact_int(c, FACT_DUE, &due)) return say(c, true, "no clock runs");
    if (now <= due) return say(c, true, "inside the clock");
    if (on == ENTRY_OVERDUE) return say(c, true, "late, and about just that");
    if (rec_get_int(c->intent, INTENT_HOLDING, 0))
        return say(c, true, "late, and a first word: the answer is still owed");
    struct buf late = {0};
    span_print(&late, now - due);
    say(c, false, "the clock ran out %s ago: a person is waited for", late.data);
    buf_free(&late);
    return false;
}

/* Is one of the guide's experts (any, where it names none) given the case? */
static bool expert_named(const struct checking *c) {
    struct sori_str rest = c->intents,
                    who[3] = {fact_text(c, FACT_DEPARTMENT), fact_text(c, FACT_OWNER)};
    struct rec_field f;
    while (rec_next(&rest, &f) == 1)
        if (rec_get_int(f.s, INTENT_VERB, 0) == VERB_ASSIGN) who[2] = rec_get_str(f.s, INTENT_NAME);
    for (size_t n = 0; n < 3; n++) {
        if (who[n].len && c->g->expert_count == 0) return true;
        for (size_t i = 0; i < c->g->expert_count; i++)
            if (who[n].len && str_eq(who[n], c->g->experts[i])) return true;
    }
    return false;
}

static bool influence(struct checking *c) {
    const struct guide *g = c->g;
    int64_t reach = 0, influencer = 0;
    if (!g->personal && !g->expert) return say(c, true, "not asked: the guide has no effort");
    bool known = fact_int(c, FACT_REACH, &reach);
    fact_int(c, FACT_INFLUENCER, &influencer);
    bool expert = g->expert && reach >= g->expert;
    bool person = expert || (g->personal && (reach >= g->personal || influencer));
    char readers[64];
    snprintf(readers, sizeof readers, known ? "%lld readers" : "an influencer", (long long)reach);
    if (!known && !influencer) return say(c, true, "not asked: how many read it is not known");
    if (!person) return say(c, true, "%s: a template is enough", readers);
    if (expert && !expert_named(c))
        return say(c, false, "%s: from %lld on a named expert answers, and none is assigned",
                   readers, (long long)g->expert);
    if (c->approve)
        return say(c, true, "%s: %s lets it go", readers, expert ? "a named expert" : "a person");
    return say(c, false, "%s: a person looks at it first", readers);
}

static bool channel(struct checking *c) {
    int64_t can = 1, left;
    bool private_ = c->verb == VERB_PRIVATE_REPLY;
    const char *fits = private_ ? "fits as far as is known" : "fits";
    if (c->verb == VERB_PUBLISH) return say(c, true, "not asked of what is published");
    fact_int(c, private_ ? FACT_CAN_PRIVATE : FACT_CAN_REPLY, &can);
    if (!can)
        return say(c, false, "the channel does not let us %s: %.*s", verb_word(c->verb),
                   STR(why_not(fact_text(c, FACT_WHY_NOT), c->verb)));
    int64_t most = 0, length;
    fact_int(c, FACT_TEXT_MAX, &most);
    /* What may be split is the connector's to measure; what may be said in private is the core's to
     * know: the fact is of what stands in public. */
    if (most > 0 && !private_ && !str_is(rec_get_str(c->intent, INTENT_LONG), "split")) {
        struct sori_str where = fact_text(c, FACT_CHANNEL);
        bool weighs = measure_weighs(where);
        length = measure(where, c->text);
        if (length > most)
            return say(c, false, "it %s %lld%s, %lld are allowed by the channel",
                       weighs ? "weighs" : "has", (long long)length, weighs ? "" : " characters",
                       (long long)most);
    }
    if (!fact_int(c, FACT_WINDOW_LEFT, &left)) return say(c, true, "%s; no window closes", fits);
    if (left <= 0) return say(c, false, "the window to answer is closed");
    return say(c, true, "%s; the window is open", fits);
}

static bool one_voice(struct checking *c) {
    struct sori_str owner = fact_text(c, FACT_OWNER);
    int64_t state = KASE_OPEN;
    fact_int(c, FACT_CASE, &state);
    if (!owner.len || state >= KASE_ANSWERED) return say(c, true, "nobody else has this");
    return say(c, false, "%.*s has the case", STR(owner));
}

/* ---- all of them ---- */

const char *const check_names[CHECKS] = {"origin", "goal",   "sources",   "personal", "tone",
                                         "side",   "timing", "influence", "channel",  "one_voice"};

static bool (*const checks[CHECKS])(struct checking *) = {
    origin, goal, sources, personal, tone, side, timing, influence, channel, one_voice};

bool check_ask(struct checking *c, enum check n) { return checks[n](c); }

struct checking check_begin(struct policy *p, struct sori_str intent, int direction) {
    struct checking c = {.p = p,
                         .g = p->guide,
                         .f = &p->facts,
                         .intent = intent,
                         .intents = buf_view(&p->intents),
                         .text = rec_get_str(intent, INTENT_TEXT),
                         .lang = rec_get_str(intent, INTENT_LANG),
                         .source = rec_get_str(intent, INTENT_SOURCE),
                         .verb = (int)rec_get_int(intent, INTENT_VERB, 0),
                         .direction = direction,
                         .goal = goal_of(rec_get_str(intent, INTENT_GOAL)),
                         .approve = rec_get_int(intent, INTENT_APPROVE, 0) == 1,
                         .why = &p->guide->why};
    struct sori_str name = rec_get_str(intent, INTENT_NAME);
    if (name.len) c.template = template_find(p, name, c.lang);
    words_search(&c.g->book, c.text, &c.g->ours);
    return c;
}
