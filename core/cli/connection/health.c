#include "cli/connection/connection.h"

#include "base/clock.h"
#include "cli/plugin/trial.h"
#include "sori/plugin.h"

#include <stdlib.h>

static const char *level_word(int64_t level) {
    static const char *const words[] = {"debug", "info", "warn", "error"};
    return level >= 0 && level < 4 ? words[level] : "info";
}

/* What the worker told, in the one form that the core gives it too. */
static json_t *gather(uint32_t status, struct sori_str done) {
    json_t *lines = json_array(), *facts = json_object();
    struct sori_str at = done, why = rec_get_str(done, DONE_WHY);
    struct rec_field f;
    while (rec_next(&at, &f) == 1) {
        if (f.type != REC_REC) continue;
        struct sori_str first = rec_get_str(f.s, 1), second = rec_get_str(f.s, 2);
        json_t *text = json_stringn(second.ptr ? second.ptr : "", second.len);
        if (f.tag == DONE_LINE && text) {
            json_array_append_new(
                lines,
                json_pack("{s:s, s:O}", "level", level_word(rec_get_int(f.s, 1, 1)), "text", text));
        } else if (f.tag == DONE_FACT && text && first.len) {
            char *name = mem_text(first);
            json_object_set(facts, name, text);
            free(name);
        }
        json_decref(text);
    }
    char word[16] = "";
    for (size_t i = 0; i + 1 < sizeof word && trial_status(status)[i]; i++)
        word[i] = (char)(trial_status(status)[i] | 0x20);
    json_t *said = json_stringn(why.ptr ? why.ptr : "", why.len);
    return json_pack("{s:s, s:o, s:o, s:o}", "status", word, "why", said ? said : json_string(""),
                     "lines", lines, "facts", facts);
}

json_t *health_once(const struct health_want *w, struct err *err) {
    struct trial t = {.name = w->name,
                      .secrets = w->secrets,
                      .timezone = w->timezone,
                      .sets_up = true,
                      .stop_fd = w->stop_fd};
    struct buf b = {0};
    json_t *health = NULL;
    bool loaded = trial_load(&t, w->so, err) && trial_record(&t, w->record, w->part, err);
    if (loaded && trial_open(&t, false, err) && trial_call(&t, M_HEALTH, &b, err)) {
        bool blind = t.status == SORI_PERMANENT;
        health = gather(t.status, buf_view(&t.result));
        /* A plugin that cannot look is no fault of the connection. */
        if (blind && !json_array_size(json_object_get(health, "lines")) &&
            !json_object_size(json_object_get(health, "facts"))) {
            json_object_set_new(health, "status", json_string("ok"));
            json_object_set_new(health, "why", json_string(""));
        }
    }
    buf_free(&b);
    trial_close(&t);
    return health;
}

/* ---- for people ---- */

struct sori_str health_fact(const json_t *health, const char *name) {
    return cli_text(json_object_get(health, "facts"), name);
}

bool health_is_well(const json_t *health) {
    const char *name;
    json_t *value;
    if (!str_is(cli_text(health, "status"), "ok")) return false;
    if (health_fact(health, "token.missing").len) return false;
    int64_t ends = 0;
    char *text = mem_text(health_fact(health, "token.expires_at"));
    ends = strtoll(text, NULL, 10);
    free(text);
    if (ends > 0 && ends < clock_now()) return false;
    json_object_foreach(json_object_get(health, "facts"), name,
                        value) if (str_starts(str_c(name), SORI_STR("subscription.")) &&
                                   json_is_string(value) &&
                                   !strcmp(json_string_value(value), "no")) return false;
    return true;
}

static void put_name(struct buf *b, const char *name) { buf_printf(b, "  %-14s ", name); }

static void put_end(struct buf *b, const char *name, struct sori_str value, bool color) {
    char *text = mem_text(value);
    int64_t at = strtoll(text, NULL, 10), left = at - clock_now();
    free(text);
    put_name(b, name);
    if (!at) {
        buf_puts(b, "without an end\n");
        return;
    }
    struct buf span = {0};
    cli_put_span(&span, left < 0 ? -left : left);
    buf_puts(&span, left < 0 ? " ago: it is over" : " left");
    cli_paint(b, color,
              left < 0                           ? CLI_RED
              : left < INT64_C(7) * 86400 * 1000 ? CLI_YELLOW
                                                 : CLI_PLAIN,
              buf_view(&span));
    buf_puts(b, ", until ");
    cli_put_time(b, at);
    buf_putc(b, '\n');
    buf_free(&span);
}

static void put_fact(struct buf *b, const char *name, struct sori_str value, bool color) {
    static const char layer[] = "subscription.";
    if (!strcmp(name, "token.expires_at")) {
        put_end(b, "token", value, color);
    } else if (!strcmp(name, "token.renewed_until")) {
        put_name(b, "token");
        buf_puts(b, "renewed by itself; the one in use is good until ");
        char *text = mem_text(value);
        cli_put_time(b, strtoll(text, NULL, 10));
        free(text);
        buf_putc(b, '\n');
    } else if (!strcmp(name, "token.data_until")) {
        put_end(b, "access to data", value, color);
    } else if (!strcmp(name, "token.missing")) {
        put_name(b, "permissions");
        if (value.len) {
            cli_paint(b, color, CLI_RED, SORI_STR("missing: "));
            cli_put_cut(b, value, 1000);
        } else {
            buf_puts(b, "all there");
        }
        buf_putc(b, '\n');
    } else {
        bool is_layer = !strncmp(name, layer, sizeof layer - 1);
        struct buf shown = {0};
        buf_puts(&shown, is_layer ? "layer " : "");
        cli_put_cut(&shown, str_c(is_layer ? name + sizeof layer - 1 : name), 40);
        put_name(b, shown.data ? shown.data : "");
        buf_clear(&shown);
        cli_put_cut(&shown, value, 400);
        cli_paint(b, color,
                  !is_layer              ? CLI_PLAIN
                  : str_is(value, "yes") ? CLI_GREEN
                  : str_is(value, "no")  ? CLI_RED
                                         : CLI_YELLOW,
                  buf_view(&shown));
        buf_putc(b, '\n');
        buf_free(&shown);
    }
}

void health_put(struct buf *b, const json_t *health, bool color) {
    const char *name;
    json_t *value, *line;
    size_t i;
    json_object_foreach(json_object_get(health, "facts"), name, value) if (json_is_string(value))
        put_fact(b, name, (struct sori_str){json_string_value(value), json_string_length(value)},
                 color);
    json_array_foreach(json_object_get(health, "lines"), i, line) {
        struct sori_str level = cli_text(line, "level");
        bool bad = str_is(level, "error"), warn = str_is(level, "warn");
        buf_puts(b, "  ");
        cli_paint(b, color,
                  bad    ? CLI_RED
                  : warn ? CLI_YELLOW
                         : CLI_DIM,
                  bad    ? SORI_STR("missing")
                  : warn ? SORI_STR("look")
                         : SORI_STR("fine"));
        buf_puts(b, ": ");
        cli_put_cut(b, cli_text(line, "text"), 2000);
        buf_putc(b, '\n');
    }
    struct sori_str status = cli_text(health, "status"), why = cli_text(health, "why");
    if (str_is(status, "ok")) return;
    buf_puts(b, "  ");
    cli_paint(b, color, CLI_RED,
              str_is(status, "auth")     ? SORI_STR("the credential was refused")
              : str_is(status, "rate")   ? SORI_STR("the platform asks to wait")
              : str_is(status, "retry")  ? SORI_STR("it could not be reached")
              : str_is(status, "config") ? SORI_STR("an option does not fit")
                                         : status);
    if (why.len) buf_puts(b, ": ");
    cli_put_cut(b, why, 2000);
    buf_putc(b, '\n');
}
