#include "conf/conf.h"

#include "base/clock.h"
#include "conf/inner.h"
#include "conf/value.h"
#include "sori/option.h"
#include "supervise/messages.h"

#include <stdio.h>
#include <stdlib.h>

enum { OPTIONS_MAX = 200 };

/* One entry of the plugin's table. */
struct option {
    struct sori_str name, def, choices, help;
    int64_t type, flags, min, max;
};

struct checker {
    struct sori_str connection, channel;
    int line;
    uint32_t tag;
    struct buf *out;
    struct blames blames;
};

static struct option read_option(struct sori_str r) {
    return (struct option){
        .name = rec_get_str(r, OPT_NAME),
        .def = rec_get_str(r, OPT_DEF),
        .choices = rec_get_str(r, OPT_CHOICES),
        .help = rec_get_str(r, OPT_HELP),
        .type = rec_get_int(r, OPT_TYPE, 0),
        .flags = rec_get_int(r, OPT_FLAGS, 0),
        .min = rec_get_int(r, OPT_MIN, 0),
        .max = rec_get_int(r, OPT_MAX, 0),
    };
}

static bool is_choice(struct sori_str choices, struct sori_str value) {
    while (value.len && choices.len) {
        const char *bar = memchr(choices.ptr, '|', choices.len);
        struct sori_str one = {choices.ptr, bar ? (size_t)(bar - choices.ptr) : choices.len};
        if (str_eq(one, value)) return true;
        choices.ptr += one.len + (bar ? 1 : 0);
        choices.len -= one.len + (bar ? 1 : 0);
    }
    return false;
}

/* The form of `value` that plugins get, appended to `out`; false where it is none of that type. */
static bool canonical(const struct option *o, struct sori_str value, struct buf *out) {
    int64_t n = 0;
    bool number = true, ok = false;
    if (value.len == 0 && (o->flags & SORI_OPTION_REQUIRED ||
                           (o->type != SORI_OPTION_STRING && o->type != SORI_OPTION_LIST)))
        return false;
    switch ((enum sori_option_type)o->type) {
    case SORI_OPTION_INT: ok = value_int(value, &n); break;
    case SORI_OPTION_DURATION: ok = clock_parse_span(value, &n); break;
    case SORI_OPTION_SIZE: ok = value_size(value, &n); break;
    case SORI_OPTION_STRING:
        number = false, ok = value.len == 0 || !memchr(value.ptr, '\n', value.len);
        break;
    case SORI_OPTION_BOOL:
        number = false, ok = str_is(value, "true") || str_is(value, "false");
        break;
    case SORI_OPTION_URL: number = false, ok = value_url(value, true); break;
    case SORI_OPTION_ENUM: number = false, ok = is_choice(o->choices, value); break;
    case SORI_OPTION_LIST: number = false, ok = true; break;
    }
    if (ok && number && (o->min || o->max)) ok = n >= o->min && n <= o->max;
    if (ok && number)
        buf_printf(out, "%lld", (long long)n);
    else if (ok)
        buf_str(out, value);
    return ok;
}

static void expected(const struct option *o, struct sori_str value, struct buf *out) {
    const char *unit = "";
    switch ((enum sori_option_type)o->type) {
    case SORI_OPTION_STRING: buf_puts(out, "a text in one line"); break;
    case SORI_OPTION_INT: buf_puts(out, "a whole number"); break;
    case SORI_OPTION_BOOL: buf_puts(out, "true or false"); break;
    case SORI_OPTION_DURATION:
        buf_puts(out, "a time such as \"90s\", \"2m\", \"1h\" or \"7d\""), unit = " ms";
        break;
    case SORI_OPTION_SIZE:
        buf_puts(out, "a size such as \"64k\" or \"8m\""), unit = " bytes";
        break;
    case SORI_OPTION_URL:
        buf_puts(out, "an http://, https:// or folder:/// URL without a user name or password");
        break;
    case SORI_OPTION_LIST: buf_puts(out, "a list of texts"); break;
    case SORI_OPTION_ENUM: {
        const char *words[64];
        char *copy = mem_text(o->choices), *rest = copy;
        size_t count = 0;
        for (char *w; count < 64 && (w = strsep(&rest, "|"));) words[count++] = w;
        for (size_t i = 0; i < count; i++)
            buf_printf(out, "%s\"%s\"", i == 0 ? "" : i + 1 == count ? " or " : ", ", words[i]);
        const char *near = nearest_word(value, words, count);
        if (near) buf_printf(out, " (did you mean \"%s\"?)", near);
        free(copy);
        break;
    }
    }
    if (!*unit && o->type != SORI_OPTION_INT) return;
    if (o->min || o->max)
        buf_printf(out, ", from %lld to %lld%s", (long long)o->min, (long long)o->max, unit);
}

static void put(struct checker *c, struct sori_str name, struct sori_str value) {
    size_t mark = rec_begin(c->out, c->tag);
    rec_str(c->out, PAIR_NAME, name);
    rec_str(c->out, PAIR_VALUE, value);
    rec_end(c->out, mark);
}

/* The value as it is written in sori.lua, or the plugin's default. */
static void check_value(struct checker *c, const struct option *o, struct sori_str value,
                        bool written, int line) {
    struct buf b = {0}, want = {0};
    if (canonical(o, value, &b)) {
        put(c, o->name, buf_view(&b));
    } else if (!written) {
        blame(&c->blames, c->line,
              "connection \"%.*s\": the plugin's own default for %.*s cannot be used: it needs a "
              "newer version",
              STR(c->connection), STR(o->name));
    } else {
        bool hidden = (o->flags & SORI_OPTION_PRIVATE) != 0;
        if (hidden)
            buf_puts(&b, "\"…\"");
        else
            value_show(&b, value);
        expected(o, value, &want);
        blame(&c->blames, line, "connection \"%.*s\": %.*s = %s: expected %s", STR(c->connection),
              STR(o->name), b.data, want.data);
    }
    buf_free(&b);
    buf_free(&want);
}

static bool written(struct sori_str connection, struct sori_str name, struct sori_str *value,
                    int *line) {
    struct rec_field f;
    while (rec_next(&connection, &f) == 1) {
        if (f.tag != CONN_OPTION || !str_eq(rec_get_str(f.s, 1), name)) continue;
        *value = rec_get_str(f.s, 2);
        *line = (int)rec_get_int(f.s, 3, 0);
        return true;
    }
    return false;
}

static void check_known(struct checker *c, struct sori_str connection, const struct option *o) {
    struct sori_str value = {0};
    int line = c->line;
    if (o->type < SORI_OPTION_STRING || o->type > SORI_OPTION_LIST ||
        o->flags & ~(int64_t)(SORI_OPTION_REQUIRED | SORI_OPTION_ADVANCED | SORI_OPTION_PRIVATE)) {
        blame(&c->blames, c->line,
              "connection \"%.*s\": the plugin \"%.*s\" has an option that this Sori does not "
              "understand (%.*s): it is made for a newer one",
              STR(c->connection), STR(c->channel), STR(o->name));
        return;
    }
    bool is_written = written(connection, o->name, &value, &line);
    if (is_written)
        check_value(c, o, value, true, line);
    else if (o->flags & SORI_OPTION_REQUIRED)
        blame(&c->blames, c->line, "connection \"%.*s\": no %.*s: expected %.*s = … (%.*s)",
              STR(c->connection), STR(o->name), STR(o->name), STR(o->help));
    else if (o->def.len)
        check_value(c, o, o->def, false, line);
}

static void unknown(struct checker *c, struct sori_str name, int line, char *const *names,
                    size_t count) {
    const char *near = nearest_word(name, (const char *const *)names, count);
    if (near)
        blame(&c->blames, line,
              "connection \"%.*s\": unknown option \"%.*s\": did you mean \"%s\"?",
              STR(c->connection), STR(name), near);
    else
        blame(&c->blames, line,
              "connection \"%.*s\": unknown option \"%.*s\": `sori plugin info %.*s` lists the "
              "options of its channel",
              STR(c->connection), STR(name), STR(c->channel));
}

bool conf_options(struct sori_str connection, struct sori_str descriptor, uint32_t tag,
                  struct buf *options, struct buf *errors) {
    static const char *const own[] = {"channel", "every", "mode", "allow", "site"};
    struct checker c = {.connection = rec_get_str(connection, CONN_NAME),
                        .channel = rec_get_str(connection, CONN_CHANNEL),
                        .line = (int)rec_get_int(connection, CONN_LINE, 1),
                        .tag = tag,
                        .out = options};
    char *names[OPTIONS_MAX + 5];
    size_t count = 0, start = options->len;
    struct sori_str walk = descriptor;
    struct rec_field f;
    while (rec_next(&walk, &f) == 1) {
        if (f.tag != DESC_OPTION || count == OPTIONS_MAX) continue;
        struct option o = read_option(f.s);
        names[count++] = mem_text(o.name);
        check_known(&c, connection, &o);
    }
    size_t known = count;
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) names[count++] = mem_text(str_c(own[i]));
    for (walk = connection; rec_next(&walk, &f) == 1;) {
        if (f.tag != CONN_OPTION) continue;
        struct sori_str name = rec_get_str(f.s, 1);
        bool is_known = false;
        for (size_t i = 0; i < known; i++) is_known |= str_is(name, names[i]);
        if (!is_known) unknown(&c, name, (int)rec_get_int(f.s, 3, c.line), names, count);
    }
    for (size_t i = 0; i < count; i++) free(names[i]);
    bool ok = c.blames.count == 0;
    if (!ok) options->len = start;
    blames_print(&c.blames, "sori.lua", errors);
    return ok;
}
