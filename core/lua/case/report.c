/* What came of a bundle's tests, for people and for programs; the files of golden decisions. */
#include "lua/case/case.h"
#include "lua/policy_inner.h"

#include <jansson.h>
#include <stdlib.h>

enum { MISSED_SHOWN = 40 };

static void put_warnings(const char *lines, struct buf *out) {
    while (*lines) {
        size_t n = strcspn(lines, "\n");
        buf_printf(out, "warning: %.*s\n", (int)n, lines);
        lines += n + (lines[n] != 0);
    }
}

/* 31, 34–36, 40 */
static void put_numbers(const int *n, size_t count, struct buf *out) {
    for (size_t i = 0; i < count;) {
        size_t end = i;
        while (end + 1 < count && n[end + 1] == n[end] + 1) end++;
        buf_printf(out, "%s%d", i ? ", " : "", n[i]);
        if (end > i) buf_printf(out, "–%d", n[end]);
        i = end + 1;
    }
}

static void put_missed(const struct case_run *run, struct buf *out) {
    if (run->missed_count) buf_puts(out, "no test reaches:\n");
    for (size_t i = 0; i < run->missed_count && i < MISSED_SHOWN; i++)
        buf_printf(out, "  %s\n", run->missed[i]);
    if (run->missed_count > MISSED_SHOWN)
        buf_printf(out, "  and %zu more (--json)\n", run->missed_count - MISSED_SHOWN);
    for (size_t i = 0; i < run->file_count; i++) {
        if (run->files[i].missed_count == 0) continue;
        buf_printf(out, "  %s, lines ", run->files[i].file);
        put_numbers(run->files[i].missed, run->files[i].missed_count, out);
        buf_putc(out, '\n');
    }
}

static void put_reached(const struct case_run *run, struct buf *out) {
    put_missed(run, out);
    buf_printf(out, "rules %u/%u hit, lines ", run->rules_hit, run->rules);
    buf_printf(out, "%u %%, cells %u/%u\n", run->lines ? run->lines_hit * 100 / run->lines : 100,
               run->cells_hit, run->cells);
}

/* Line by line, so that nothing of a test steers the terminal of who reads it. */
static void put_lines(const char *lines, struct buf *out) {
    while (*lines) {
        size_t n = strcspn(lines, "\n");
        size_t blank = strspn(lines, " ");
        if (blank > n) blank = n;
        buf_put(out, lines, blank);
        plain_put(out, (struct sori_str){lines + blank, n - blank});
        buf_putc(out, '\n');
        lines += n + (lines[n] != 0);
    }
}

void case_put_text(const struct case_run *run, struct buf *out) {
    buf_puts(out, run->errors);
    put_warnings(run->warnings, out);
    for (size_t i = 0; i < run->count; i++) {
        if (run->items[i].ok) continue;
        buf_printf(out, "%s:%d: \"", run->items[i].file, run->items[i].line);
        plain_put(out, str_c(run->items[i].name));
        buf_puts(out, "\" fails:\n");
        put_lines(run->items[i].diff, out);
    }
    if (run->covered) put_reached(run, out);
    if (!run->errors[0]) buf_printf(out, "%u passed, %u failed\n", run->passed, run->failed);
}

static json_t *text(const char *s) {
    json_t *t = json_string(s);
    return t ? t : json_string("(text that is not UTF-8)");
}

static json_t *item_json(const struct case_result *r) {
    json_t *o =
        json_pack("{s:o,s:o,s:i,s:b,s:o,s:o}", "name", text(r->name), "file", text(r->file), "line",
                  r->line, "ok", r->ok, "diff", text(r->diff), "decided", text(r->decided));
    if (r->golden) json_object_set_new(o, "golden_same", json_boolean(r->golden_same));
    return o;
}

static json_t *file_json(const struct case_lines *l) {
    json_t *missed = json_array();
    for (size_t i = 0; i < l->missed_count; i++)
        json_array_append_new(missed, json_integer(l->missed[i]));
    return json_pack("{s:o,s:i,s:i,s:o}", "file", text(l->file), "lines", (int)l->lines, "ran",
                     (int)l->ran, "missed", missed);
}

static json_t *reached_json(const struct case_run *run) {
    json_t *missed = json_array(), *files = json_array();
    for (size_t i = 0; i < run->missed_count; i++)
        json_array_append_new(missed, text(run->missed[i]));
    for (size_t i = 0; i < run->file_count; i++)
        json_array_append_new(files, file_json(&run->files[i]));
    return json_pack("{s:i,s:i,s:o,s:i,s:i,s:i,s:i,s:o}", "rules", (int)run->rules, "rules_hit",
                     (int)run->rules_hit, "rules_missed", missed, "cells", (int)run->cells,
                     "cells_hit", (int)run->cells_hit, "lines", (int)run->lines, "lines_hit",
                     (int)run->lines_hit, "files", files);
}

void case_put_json(const struct case_run *run, struct buf *out) {
    json_t *items = json_array();
    for (size_t i = 0; i < run->count; i++) json_array_append_new(items, item_json(&run->items[i]));
    json_t *all =
        json_pack("{s:i,s:i,s:o,s:o,s:o}", "passed", (int)run->passed, "failed", (int)run->failed,
                  "items", items, "errors", text(run->errors), "warnings", text(run->warnings));
    if (run->covered) json_object_set_new(all, "coverage", reached_json(run));
    char *dumped = json_dumps(all, JSON_INDENT(2));
    buf_puts(out, dumped ? dumped : "{}");
    buf_putc(out, '\n');
    free(dumped);
    json_decref(all);
}

void case_golden_file(const struct case_run *run, const char *file, struct buf *path,
                      struct buf *bytes) {
    case_golden_path(file, path);
    for (size_t i = 0; i < run->count; i++) {
        const struct case_result *r = &run->items[i];
        if (!r->golden || strcmp(r->file, file) != 0) continue;
        buf_printf(bytes, "%s== %s\n%s", bytes->len ? "\n" : "", r->name, r->decided);
    }
}

bool policy_test(struct sori_str bundle, struct sori_str env, bool json, struct buf *report,
                 struct policy_report *counts) {
    struct case_run *run = case_run_all(bundle, env, false);
    if (json)
        case_put_json(run, report);
    else
        case_put_text(run, report);
    bool ok = !run->errors[0] && run->failed == 0;
    if (counts) *counts = (struct policy_report){run->passed, run->failed};
    case_run_free(run);
    return ok;
}
