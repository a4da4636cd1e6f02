/* Options and credentials, asked for at a terminal; what was given already is not asked again. */
#include "cli/connection/guide.h"

#include "base/clock.h"
#include "cli/connection/allow.h"
#include "sori/plugin.h"
#include "supervise/messages.h"

#include <stdlib.h>
#include <string.h>

static void put_choices(struct buf *b, struct sori_str choices) {
    for (size_t i = 0; i < choices.len; i++) {
        if (choices.ptr[i] == '|')
            buf_puts(b, ", ");
        else
            buf_putc(b, choices.ptr[i]);
    }
}

static const char *form_of(int64_t type) {
    switch (type) {
    case SORI_OPTION_INT: return "a whole number";
    case SORI_OPTION_BOOL: return "true or false";
    case SORI_OPTION_DURATION: return "a time: 90s, 2m, 1h, 7d";
    case SORI_OPTION_SIZE: return "a size: 64k, 8m";
    case SORI_OPTION_URL: return "a URL";
    case SORI_OPTION_LIST: return "one a line, an empty line ends them";
    default: return "";
    }
}

static void introduce(const char *name, struct sori_str option, struct sori_str text) {
    struct buf b = {0};
    struct sori_str choices = rec_get_str(option, OPT_CHOICES);
    buf_puts(&b, name);
    if (choices.len) {
        buf_puts(&b, " (");
        put_choices(&b, choices);
        buf_putc(&b, ')');
    } else if (*form_of(rec_get_int(option, OPT_TYPE, 0))) {
        buf_printf(&b, " (%s)", form_of(rec_get_int(option, OPT_TYPE, 0)));
    }
    buf_puts(&b, ": ");
    buf_str(&b, text.len ? text : rec_get_str(option, OPT_HELP));
    guide_say(buf_view(&b), 0);
    buf_free(&b);
}

/* One line, or the lines of a list, into `value`. */
static bool ask_value(struct terminal *t, bool list, struct sori_str def, struct buf *value) {
    struct buf prompt = {0}, line = {0};
    bool ok = true;
    buf_clear(value);
    if (def.len)
        buf_printf(&prompt, "  [%.*s] > ", STR(def));
    else
        buf_puts(&prompt, "  > ");
    while ((ok = terminal_ask(t, prompt.data, false, &line))) {
        struct sori_str s = buf_view(&line);
        while (s.len && strchr(" \t", s.ptr[s.len - 1])) s.len--;
        while (s.len && strchr(" \t", s.ptr[0])) s.ptr++, s.len--;
        if (s.len && value->len) buf_putc(value, '\n');
        buf_str(value, s);
        if (!list || !s.len) break;
    }
    buf_free(&prompt);
    buf_free(&line);
    return ok;
}

bool guide_option(struct guide *g, struct sori_str name, struct sori_str text) {
    struct connecting *x = g->x;
    struct sori_str d = buf_view(&x->descriptor), option = option_find(d, name);
    struct sori_str def = rec_get_str(option, OPT_DEF);
    const struct given_value *v = given_find(&x->options, name);
    if (v && x->terminal) printf("%.*s = %.*s\n", STR(name), STR(buf_view(&v->value)));
    if (v || !x->terminal || !option.len) return true;
    char *word = mem_text(name);
    bool needed = (rec_get_int(option, OPT_FLAGS, 0) & SORI_OPTION_REQUIRED) != 0, ok;
    bool list = rec_get_int(option, OPT_TYPE, 0) == SORI_OPTION_LIST;
    struct buf value = {0};
    introduce(word, option, text);
    while ((ok = ask_value(x->terminal, list, def, &value))) {
        struct err err;
        if (!value.len && (!needed || def.len)) break;
        if (value_check(d, word, buf_view(&value), &err)) {
            given_set(&x->options, name, buf_view(&value));
            guide_forget(g);
            break;
        }
        printf("  %s\n", err.text);
    }
    free(word);
    buf_free(&value);
    return ok;
}

/* ---- credentials ---- */

/* What is copied by hand from a platform that shows its parts one by one. */
static bool ask_parts(struct terminal *t, struct buf *line) {
    static const struct {
        const char *member, *prompt;
        bool hidden;
    } parts[] = {{"refresh_token", "  refresh_token (not shown) > ", true},
                 {"client_id", "  client_id > ", false},
                 {"client_secret", "  client_secret (not shown; empty: there is none) > ", true},
                 {"expires_in", "  expires_in, in seconds (empty: not known) > ", false}};
    json_t *made = json_object();
    struct buf part = {0};
    json_object_set_new(made, "access_token", json_stringn(line->data, line->len));
    bool ok = true;
    for (size_t i = 0; ok && i < sizeof parts / sizeof *parts; i++) {
        ok = terminal_ask(t, parts[i].prompt, parts[i].hidden, &part);
        if (!ok || !part.len) continue;
        bool number = !strcmp(parts[i].member, "expires_in");
        json_object_set_new(made, parts[i].member,
                            number ? json_integer(strtoll(part.data, NULL, 10))
                                   : json_stringn(part.data, part.len));
    }
    secret_forget(line);
    size_t need = json_dumpb(made, NULL, 0, JSON_COMPACT);
    if (ok) line->len = json_dumpb(made, buf_room(line, need + 1), need, JSON_COMPACT);
    json_decref(made);
    secret_forget(&part);
    return ok;
}

/* True with `stored` where it was taken; true without where it was left out. */
static bool ask_slot(struct guide *g, struct sori_str slot, bool *stored) {
    struct connecting *x = g->x;
    struct buf typed = {0}, bytes = {0};
    struct err err;
    int64_t kind = rec_get_int(slot, 4, SORI_SLOT_TEXT);
    bool needed = rec_get_int(slot, 3, 0) != 0, ok = true;
    *stored = false;
    while (ok && !*stored) {
        ok = terminal_ask(x->terminal, "  (not shown) > ", true, &typed);
        if (ok && !typed.len && !needed) break;
        if (ok && kind == SORI_SLOT_OAUTH2 && typed.len && typed.data[0] != '{')
            ok = ask_parts(x->terminal, &typed);
        if (!ok) break;
        buf_clear(&bytes);
        *stored = secret_build(slot, buf_view(&typed), &bytes, &err) &&
                  connecting_stage(x, rec_get_str(slot, 1), buf_view(&bytes), &err);
        if (!*stored) printf("  %s\n", err.text);
    }
    secret_forget(&typed);
    secret_forget(&bytes);
    return ok;
}

/* Where the platform has a page for it, nothing need be copied from elsewhere. */
static bool ask_way(struct guide *g, struct sori_str slot, bool *stored) {
    static const char *const words[] = {"authorise it now", "type in a token", "leave it out",
                                        NULL};
    static const char *const needed[] = {"authorise it now", "type in a token", NULL};
    struct buf record = {0};
    *stored = false;
    int way = terminal_choose(g->x->terminal, rec_get_int(slot, 3, 0) ? needed : words);
    if (way < 0 || way == 2) return way == 2;
    if (way == 1) {
        guide_say(SORI_STR("The line of JSON, or the access token alone: then the rest is asked "
                           "for. An empty line leaves it out."),
                  0);
        return ask_slot(g, slot, stored);
    }
    connecting_record(g->x, &record);
    struct authorising a = {.x = g->x, .slot = slot, .record = buf_view(&record), .part = true};
    enum authorised end = authorise(&a);
    buf_free(&record);
    *stored = end == AUTHORISED;
    return end != AUTHORISE_STOPPED;
}

bool guide_slot(struct guide *g, struct sori_str name, struct sori_str text) {
    struct connecting *x = g->x;
    struct sori_str slot = slot_find(buf_view(&x->descriptor), name);
    bool given = given_find(&x->secrets, name) != NULL, stored;
    if (given && x->terminal) printf("%.*s: given\n", STR(name));
    if (given || !x->terminal || !slot.len) return true;
    struct buf b = {0};
    bool there = rec_get_str(slot, 6).len != 0;
    buf_printf(&b, "%.*s: ", STR(name));
    buf_str(&b, text.len ? text : rec_get_str(slot, 2));
    if (!strchr(".!?", b.data[b.len - 1])) buf_putc(&b, '.');
    if (!there && rec_get_int(slot, 4, SORI_SLOT_TEXT) == SORI_SLOT_OAUTH2)
        buf_puts(&b, " The line of JSON, or the access token alone: then the rest is asked for.");
    if (rec_get_int(slot, 4, SORI_SLOT_TEXT) == SORI_SLOT_RENEWED)
        buf_puts(&b, " The token alone will do as well.");
    if (!there && !rec_get_int(slot, 3, 0)) buf_puts(&b, " An empty line leaves it out.");
    guide_say(buf_view(&b), 0);
    buf_free(&b);
    bool ok = there ? ask_way(g, slot, &stored) : ask_slot(g, slot, &stored);
    if (stored) guide_forget(g);
    return ok;
}

bool guide_make(struct guide *g, const struct step *s) {
    struct connecting *x = g->x;
    struct buf bytes = {0};
    if (given_find(&x->secrets, s->name)) return true;
    secret_make(&bytes);
    bool ok = connecting_stage(x, s->name, buf_view(&bytes), g->err);
    if (ok) {
        printf("%.*s (made now, shown this once): %.*s\n", STR(s->name), (int)bytes.len - 1,
               bytes.data);
        if (s->text.len) guide_say(s->text, 2);
        guide_forget(g);
    }
    secret_forget(&bytes);
    return ok;
}
