/* Fields that are asked for, pages and cursors. */
#include "fake/graph.h"

#include <stdio.h>
#include <stdlib.h>

bool want_next(const char **fields, struct want *w) {
    const char *s = *fields;
    while (*s == ',' || *s == ' ') s++;
    if (!*s) return false;
    size_t n = strcspn(s, ",.{");
    *w = (struct want){0};
    snprintf(w->name, sizeof w->name, "%.*s", (int)n, s);
    s += n;
    const char *begin = s;
    int inside = 0;
    for (; *s && (inside || (*s != ',' && *s != '{')); s++)
        inside += *s == '(' ? 1 : *s == ')' ? -1 : 0;
    snprintf(w->mods, sizeof w->mods, "%.*s", (int)(s - begin), begin);
    if (*s == '{') {
        begin = s + 1;
        int deep = 0;
        do deep += *s == '{' ? 1 : *s == '}' ? -1 : 0;
        while (deep && *++s);
        snprintf(w->sub, sizeof w->sub, "%.*s", (int)(s - begin), begin);
        if (*s) s++;
    }
    *fields = s;
    return true;
}

bool want_mod(const struct want *w, const char *mod, char out[64]) {
    char key[72];
    snprintf(key, sizeof key, ".%s(", mod);
    const char *at = strstr(w->mods, key);
    if (!at) return false;
    at += strlen(key);
    snprintf(out, 64, "%.*s", (int)strcspn(at, ")"), at);
    return true;
}

/* A cursor is the epoch of its making and the id of the row before, as nobody should read it. */
static void cursor_of(struct fake *f, const char *id, char out[400]) {
    char plain[200];
    snprintf(plain, sizeof plain, "%lld:%s",
             (long long)json_integer_value(json_object_get(fake_world(f), "epoch")), id);
    for (size_t i = 0; plain[i] && i < 190; i++)
        snprintf(out + 2 * i, 3, "%02x", (unsigned char)(plain[i] ^ 0x5a));
}

static bool cursor_read(struct fake *f, const char *text, char id[200]) {
    char plain[200];
    size_t n = 0;
    unsigned c;
    for (; text[0] && text[1] && n < sizeof plain - 1; text += 2) {
        if (sscanf(text, "%2x", &c) != 1) return false;
        plain[n++] = (char)(c ^ 0x5a);
    }
    plain[n] = '\0';
    const char *colon = strchr(plain, ':');
    if (!colon) return false;
    snprintf(id, 200, "%s", colon + 1);
    return strtoll(plain, NULL, 10) == json_integer_value(json_object_get(fake_world(f), "epoch"));
}

static size_t after(const json_t *rows, const char *id) {
    size_t i;
    json_t *row;
    json_array_foreach(rows, i, row) if (strcmp(json_text(row, "id"), id) == 0) return i + 1;
    return json_array_size(rows);
}

/* `next` is a whole URL, the token in it. */
static json_t *next_link(struct fake *f, const struct page_of *p, const char *cursor) {
    struct buf url = {0};
    const char *name;
    json_t *value;
    buf_printf(&url, "http://127.0.0.1:%d/%s?access_token=", fake_port(f), p->path);
    percent_encode(&url, fake_get(f, "token"));
    json_object_foreach((json_t *)p->query, name, value) {
        if (strcmp(name, "after") == 0 || strcmp(name, "access_token") == 0) continue;
        buf_printf(&url, "&%s=", name);
        percent_encode(&url, json_string_value(value));
    }
    buf_printf(&url, "&after=%s", cursor);
    json_t *link = json_string(url.data);
    buf_free(&url);
    return link;
}

json_t *gr_list(struct fake *f, json_t *rows, const struct page_of *p, struct reply *r) {
    size_t at = 0, n = json_array_size(rows);
    int64_t limit = p->limit < 0 ? 25 : p->limit, most = fake_number(f, "page_size");
    char id[200], cursor[400] = "", first[400] = "";
    if (most > 0 && limit > most) limit = most;
    if (p->after && *p->after) {
        if (!cursor_read(f, p->after, id)) {
            gr_error(r, 400, 100, 0, "OAuthException",
                     "(#100) Invalid cursors values, or the cursor has expired");
            json_decref(rows);
            return NULL;
        }
        at = after(rows, id);
    }
    size_t end = at + (size_t)limit < n ? at + (size_t)limit : n;
    json_t *data = json_array(), *list = json_pack("{s:o}", "data", data);
    for (size_t i = at; i < end; i++) {
        const json_t *row = json_array_get(rows, i);
        cursor_of(f, json_text(row, "id"), i == at ? first : cursor);
        if (i == at) memcpy(cursor, first, sizeof cursor);
        if (gr_flag(row, "private")) continue;
        json_t *shown = gr_show(f, row, p->fields, r);
        if (!shown) {
            json_decref(list);
            json_decref(rows);
            return NULL;
        }
        json_array_append_new(data, shown);
    }
    if (*cursor) {
        json_t *paging = json_pack("{s:{s:s, s:s}}", "cursors", "before", first, "after", cursor);
        if (end < n) json_object_set_new(paging, "next", next_link(f, p, cursor));
        json_object_set_new(list, "paging", paging);
    }
    json_decref(rows);
    return list;
}

static int by_rank(const void *x, const void *y) {
    const json_t *a = *(json_t *const *)x, *b = *(json_t *const *)y;
    size_t na = json_array_size(json_object_get(a, "likes")), nb;
    nb = json_array_size(json_object_get(b, "likes"));
    if (na != nb) return na > nb ? -1 : 1;
    return strcmp(json_text(b, "id") + strlen(json_text(b, "id")) / 2,
                  json_text(a, "id") + strlen(json_text(a, "id")) / 2);
}

static json_t *reversed(json_t *rows) {
    json_t *out = json_array();
    for (size_t i = json_array_size(rows); i > 0; i--)
        json_array_append(out, json_array_get(rows, i - 1));
    json_decref(rows);
    return out;
}

/* Without an order the platform ranks: nothing that could be paged by time. */
static json_t *ranked(json_t *rows) {
    size_t n = json_array_size(rows), i;
    json_t **all = mem_get((n + 1) * sizeof *all), *row, *out = json_array();
    json_array_foreach(rows, i, row) all[i] = row;
    if (n) qsort(all, n, sizeof *all, by_rank);
    for (i = 0; i < n; i++) json_array_append(out, all[i]);
    free(all);
    json_decref(rows);
    return out;
}

json_t *gr_comments(struct fake *f, const json_t *under, const char *filter, const char *order,
                    int64_t since) {
    bool nested = gr_is(under, "comment");
    bool stream = filter && strcmp(filter, "stream") == 0;
    json_t *all = gr_where(f, "comment", nested ? "parent" : "post", json_text(under, "id"));
    json_t *rows = json_array(), *row;
    size_t i;
    json_array_foreach(all, i, row) {
        if (!nested && !stream && *json_text(row, "parent")) continue;
        if (since > 0 && gr_at(row) < since) continue;
        json_array_append(rows, row);
    }
    json_decref(all);
    if (order && strcmp(order, "reverse_chronological") == 0) return reversed(rows);
    if (!order && !stream && !nested) return ranked(rows);
    return rows;
}
