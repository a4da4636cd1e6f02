#include "cli/connection/guide.h"

#include "base/utf8.h"
#include "sori/plugin.h"
#include "supervise/messages.h"

#include <stdlib.h>
#include <string.h>

/* ---- the steps ---- */

static void add_step(struct guide *g, struct step s) {
    g->steps = mem_grow(g->steps, (g->count + 1) * sizeof *g->steps);
    g->steps[g->count++] = s;
}

static bool is_step(const struct guide *g, struct sori_str name) {
    for (size_t i = 0; i < g->count; i++)
        if (str_eq(g->steps[i].name, name)) return true;
    return false;
}

/* A plugin without a guide: its options, its credentials, a look, its webhook. What a guide leaves
 * out and cannot be left out is asked for as well, first. */
static void read_steps(struct guide *g) {
    struct sori_str d = buf_view(&g->x->descriptor);
    struct guide told = {0};
    struct rec_field f;
    for (struct sori_str at = d; rec_next(&at, &f) == 1;)
        if (f.tag == DESC_STEP && f.type == REC_REC)
            add_step(&told, (struct step){rec_get_int(f.s, 1, SORI_STEP_SAY), rec_get_str(f.s, 2),
                                          rec_get_str(f.s, 3), rec_get_str(f.s, 4), false});
    bool receives = false;
    for (struct sori_str at = d; rec_next(&at, &f) == 1;) {
        if (f.type != REC_REC) continue;
        int64_t flags = rec_get_int(f.s, OPT_FLAGS, 0);
        bool needed = (flags & SORI_OPTION_REQUIRED) != 0;
        struct sori_str name = rec_get_str(f.s, 1);
        if (f.tag == DESC_OPTION && !is_step(&told, name) &&
            (needed || (!told.count && !(flags & SORI_OPTION_ADVANCED))))
            add_step(g, (struct step){.kind = SORI_STEP_OPTION, .name = name});
        if (f.tag == DESC_SLOT && !is_step(&told, name) && (!told.count || rec_get_int(f.s, 3, 0)))
            add_step(g, (struct step){.kind = SORI_STEP_SLOT, .name = name, .made = true});
        receives |= f.tag == DESC_RECEIVE;
    }
    for (size_t i = 0; i < told.count; i++) add_step(g, told.steps[i]);
    if (!told.count && rec_get_int(d, DESC_FLAGS, 0) & SORI_CONNECTOR_POLLS)
        add_step(g, (struct step){.kind = SORI_STEP_CHECK});
    if (!told.count && receives) add_step(g, (struct step){.kind = SORI_STEP_HOOK});
    free(told.steps);
}

bool guide_applies(const struct guide *g, const struct step *s) {
    const char *eq = s->only.len ? memchr(s->only.ptr, '=', s->only.len) : NULL;
    if (!eq) return true;
    struct sori_str name = {s->only.ptr, (size_t)(eq - s->only.ptr)};
    struct sori_str want = {eq + 1, s->only.len - name.len - 1};
    return str_eq(value_now(buf_view(&g->x->descriptor), &g->x->options, name), want);
}

static bool asks(const struct step *s) {
    return s->kind == SORI_STEP_OPTION || s->kind == SORI_STEP_SLOT || s->kind == SORI_STEP_MAKE;
}

/* Is nothing asked for from here on? Then the connection can be written, and what follows (a
 * platform that calls our webhook, its subscriptions) meets it as it will be. */
static bool is_whole(const struct guide *g, size_t from) {
    for (size_t i = from; i < g->count; i++)
        if (asks(&g->steps[i]) && guide_applies(g, &g->steps[i])) return false;
    return true;
}

void guide_say(struct sori_str text, size_t indent) {
    size_t width = cli_columns(stdout), used = 0;
    if (width > 100) width = 100;
    while (text.len) {
        size_t len = 0;
        while (len < text.len && text.ptr[len] != ' ' && text.ptr[len] != '\n') len++;
        size_t columns = utf8_width((struct sori_str){text.ptr, len});
        if (used && used + 1 + columns > width) used = 0, putchar('\n');
        if (!used)
            printf("%*s", (int)indent, ""), used = indent;
        else
            putchar(' '), used++;
        printf("%.*s", (int)len, text.ptr);
        used += columns;
        if (len < text.len && text.ptr[len] == '\n') used = 0, putchar('\n');
        text.ptr += len + (len < text.len);
        text.len -= len + (len < text.len);
    }
    if (used) putchar('\n');
}

/* ---- writing, and the core ---- */

static void tell_core(struct connecting *x) {
    struct buf text = {0};
    int code = core_ask(x->workspace, "reload", NULL, &text, NULL);
    if (code == CLI_NO_CORE)
        printf("Sori is not running; `sori run -w %s` begins.\n", x->workspace);
    else if (code == CLI_OK)
        printf("The running Sori took it on.\n");
    else
        printf("The running Sori did not take it on: %s\n", text.data ? text.data : "no reason");
    buf_free(&text);
}

static bool write_now(struct guide *g) {
    if (!connecting_write(g->x, g->err)) return false;
    guide_forget(g);
    printf("Written: connection \"%s\".\n", g->x->name);
    tell_core(g->x);
    return true;
}

/* ---- a webhook's address ---- */

static bool show_hook(struct guide *g, const struct step *s) {
    struct connecting *x = g->x;
    if (!x->conf.gate_public.len) {
        guide_say(SORI_STR("A platform reaches Sori by a public address, and sori.lua names none. "
                           "Put a line there such as: gate { listen = \"127.0.0.1:8080\", public = "
                           "\"https://hooks.example.kr\" }, behind a proxy that speaks TLS; then "
                           "the webhook's address is that and:"),
                  0);
        printf("  …/in/%s\n", x->name);
    } else {
        struct sori_str host = x->conf.gate_public;
        while (host.len && host.ptr[host.len - 1] == '/') host.len--;
        printf("Webhook address: %.*s/in/%s\n", STR(host), x->name);
    }
    if (s->text.len) guide_say(s->text, 2);
    if (!x->terminal || !x->written) return true;
    static const char *const done[] = {"done", "later", NULL};
    return terminal_choose(x->terminal, done) >= 0;
}

/* ---- step by step ---- */

static bool take_step(struct guide *g, const struct step *s) {
    switch (s->kind) {
    case SORI_STEP_SAY:
        if (g->x->terminal) guide_say(s->text, 0);
        return true;
    case SORI_STEP_OPTION: return guide_option(g, s->name, s->text);
    case SORI_STEP_SLOT: return guide_slot(g, s->name, s->text);
    case SORI_STEP_MAKE: return guide_make(g, s);
    case SORI_STEP_HOOK: return show_hook(g, s);
    case SORI_STEP_CHECK: return guide_check(g, s);
    default: return true; /* a newer kind of step: not understood, not needed */
    }
}

/* Nobody can be asked: what lacks is named, all at once, before anything is tried. */
static bool all_given(struct guide *g) {
    struct connecting *x = g->x;
    struct buf lacks = {0};
    for (size_t i = 0; i < g->count; i++) {
        const struct step *s = &g->steps[i];
        if (!guide_applies(g, s)) continue;
        struct sori_str d = buf_view(&x->descriptor), option = option_find(d, s->name);
        bool needed = (rec_get_int(option, OPT_FLAGS, 0) & SORI_OPTION_REQUIRED) != 0;
        if (s->kind == SORI_STEP_OPTION && needed && !value_now(d, &x->options, s->name).len)
            buf_printf(&lacks, "%s--set %.*s=…", lacks.len ? ", " : "", STR(s->name));
        if (s->kind == SORI_STEP_SLOT && !given_find(&x->secrets, s->name) &&
            ((!g->yes && !s->made) || rec_get_int(slot_find(d, s->name), 3, 0)))
            buf_printf(&lacks, "%s--slot %.*s=FILE", lacks.len ? ", " : "", STR(s->name));
    }
    bool ok = !lacks.len;
    if (!ok)
        err_set(g->err, "nothing was written; missing: %s%s", lacks.data,
                g->yes ? "" : " (there is no terminal to ask at; --yes leaves out what may be)");
    buf_free(&lacks);
    return ok;
}

static int lead(struct guide *g) {
    struct connecting *x = g->x;
    if (!x->terminal && !all_given(g)) return CLI_USAGE;
    for (size_t i = 0; i < g->count; i++) {
        const struct step *s = &g->steps[i];
        if (!guide_applies(g, s)) continue;
        bool late = s->kind == SORI_STEP_HOOK ||
                    (s->kind == SORI_STEP_CHECK && str_starts(s->name, SORI_STR("subscription.")));
        if (late && !x->written && is_whole(g, i) && !write_now(g)) return CLI_REFUSED;
        if (x->terminal && s->kind != SORI_STEP_CHECK) putchar('\n');
        if (!take_step(g, s)) return CLI_FAILED;
        fflush(stdout);
    }
    return x->written || write_now(g) ? CLI_OK : CLI_REFUSED;
}

int guide_lead(struct connecting *x, bool yes, struct err *err) {
    struct guide g = {.x = x, .yes = yes, .err = err};
    read_steps(&g);
    int code = lead(&g);
    if (terminal_is_stopped(x->stop) && code != CLI_OK)
        err_set(err, x->written ? "stopped; the connection stays as it was written"
                                : "stopped; nothing was written");
    guide_forget(&g);
    free(g.steps);
    return code;
}
