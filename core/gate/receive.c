#include "gate/receive.h"

#include "sori/plugin.h"
#include "supervise/messages.h"

#include <stdio.h>

/* The media type of a Content-Type value, without parameters. */
static struct sori_str media_type(const struct head *head) {
    struct sori_str v = {0};
    if (!head_only(head, "content-type", &v)) return v;
    size_t n = 0;
    while (n < v.len && v.ptr[n] != ';' && v.ptr[n] != ' ') n++;
    v.len = n;
    return v;
}

static bool type_fits(struct sori_str wanted, struct sori_str given) {
    char text[80];
    if (wanted.len >= sizeof text) return false;
    memcpy(text, wanted.ptr, wanted.len);
    text[wanted.len] = 0;
    if (same_word(given, text)) return true;
    return str_is(wanted, "text/xml") && same_word(given, "application/xml");
}

static bool takes_get(const struct form *f) {
    return f->answer == SORI_ANSWER_META_CHALLENGE || f->answer == SORI_ANSWER_X_CRC ||
           f->answer == SORI_ANSWER_TRACKBACK;
}

/* "/in/NAME" and what follows; names have no percent escapes, so bytes are compared. */
static const struct connection *find_connection(const struct gate_conf *conf, struct sori_str path,
                                                struct sori_str *rest) {
    if (!str_starts(path, SORI_STR("/in/"))) return NULL;
    path.ptr += 4;
    path.len -= 4;
    const char *slash = path.len ? memchr(path.ptr, '/', path.len) : NULL;
    struct sori_str name = {path.ptr, slash ? (size_t)(slash - path.ptr) : path.len};
    *rest = (struct sori_str){path.ptr + name.len, path.len - name.len};
    for (size_t i = 0; i < conf->count; i++)
        if (str_eq(conf->connections[i].name, name)) return &conf->connections[i];
    return NULL;
}

static bool path_fits(const struct form *f, struct sori_str rest) {
    if (f->path.len == 0) return rest.len == 0;
    bool open = f->path.ptr[f->path.len - 1] == '/';
    return open ? str_starts(rest, f->path) && rest.len > f->path.len : str_eq(rest, f->path);
}

struct choice {
    const struct form *best;
    bool on_path, get_on_path;
};

static struct choice choose(const struct connection *c, const struct head *head,
                            struct sori_str rest) {
    struct choice choice = {0};
    struct sori_str given = media_type(head);
    bool get = str_is(head->method, "GET");
    for (size_t i = 0; i < c->form_count; i++) {
        const struct form *f = &c->forms[i];
        if (!path_fits(f, rest)) continue;
        choice.on_path = true;
        choice.get_on_path |= takes_get(f);
        bool fits = get ? takes_get(f) : f->type.len == 0 || type_fits(f->type, given);
        bool better = !choice.best || (!get && choice.best->type.len == 0 && f->type.len);
        if (fits && better) choice.best = f;
    }
    return choice;
}

static bool refuse(struct response *a, int status, const char *text) {
    response_set(a, status, text);
    return false;
}

bool receive_route(const struct gate_conf *conf, const struct head *head, struct route *route,
                   struct response *a) {
    struct sori_str rest, coding;
    const struct connection *c = find_connection(conf, head->path, &rest);
    if (!c) return refuse(a, 404, "There is nothing here.");
    bool get = str_is(head->method, "GET"), post = str_is(head->method, "POST");
    struct choice choice = choose(c, head, rest);
    if (!choice.on_path) return refuse(a, 404, "There is nothing here.");
    if ((!get && !post) || (get && !choice.get_on_path)) {
        response_field(a, "Allow", str_c(choice.get_on_path ? "GET, POST" : "POST"));
        return refuse(a, 405, "This address takes POST.");
    }
    if (!choice.best) return refuse(a, 415, "This Content-Type is not taken here.");
    if (head_only(head, "content-encoding", &coding) && !same_word(coding, "identity"))
        return refuse(a, 415, "Encoded bodies are not taken here.");
    if (post && head->length < 0 && !head->chunked)
        return refuse(a, 411, "A POST needs a Content-Length.");
    if (get && (head->length > 0 || head->chunked))
        return refuse(a, 400, "A GET with a body is not taken.");
    if (head->length > (int64_t)choice.best->max_body)
        return refuse(a, 413, "This is more than is taken here.");
    *route = (struct route){
        c, choice.best, {rest.ptr + choice.best->path.len, rest.len - choice.best->path.len}};
    return true;
}

static void put_pair(struct buf *out, struct sori_str name, struct sori_str value) {
    size_t mark = rec_begin(out, DEL_HEADER);
    struct buf lower = {0};
    buf_str(&lower, name);
    for (size_t i = 0; i < lower.len; i++)
        if (lower.data[i] >= 'A' && lower.data[i] <= 'Z')
            lower.data[i] = (char)(lower.data[i] + 32);
    rec_str(out, PAIR_NAME, buf_view(&lower));
    rec_str(out, PAIR_VALUE, value);
    rec_end(out, mark);
    buf_free(&lower);
}

/* Fields that a decoder may need. Nothing that could be a credential of the sender's. */
static bool worth_keeping(const struct form *f, struct sori_str name) {
    static const char *const kept[] = {"content-type", "user-agent", "date", "link", "referer"};
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
        if (same_word(name, kept[i])) return true;
    char header[64];
    if (f->header.len == 0 || f->header.len >= sizeof header) return false;
    memcpy(header, f->header.ptr, f->header.len);
    header[f->header.len] = 0;
    return same_word(name, header);
}

static void put_delivery(const struct route *route, const struct head *head, struct sori_str path,
                         struct sori_str body, int64_t now, struct buf *out) {
    rec_str(out, DEL_CONNECTION, route->connection->name);
    rec_str(out, DEL_FORM, route->form->name);
    rec_str_opt(out, DEL_PATH, path);
    rec_str_opt(out, DEL_QUERY, head->query);
    for (size_t i = 0; i < head->field_count; i++)
        if (worth_keeping(route->form, head->fields[i].name))
            put_pair(out, head->fields[i].name, head->fields[i].value);
    rec_str(out, DEL_BODY, body);
    rec_int(out, DEL_AT, now);
}

static bool signed_well(const struct route *route, const struct head *head, struct sori_str body) {
    const struct form *f = route->form;
    char name[64];
    struct sori_str given;
    if (f->sign == SORI_SIGN_NONE) return true;
    snprintf(name, sizeof name, "%.*s", STR(f->header));
    return head_only(head, name, &given) && sign_check(&f->secret, f->sign, f->prefix, given, body);
}

void receive_take(const struct route *route, const struct head *head, struct sori_str body,
                  int64_t now, struct buf *payload, struct response *a) {
    struct buf path = {0};
    bool get = str_is(head->method, "GET");
    if (!url_decode(route->rest, false, &path)) {
        response_set(a, 400, "The path cannot be read.");
    } else if (get) {
        channel_get(route, head, buf_view(&path), a);
    } else if (!signed_well(route, head, body)) {
        response_set(a, 401, "The signature is missing or wrong.");
    } else {
        channel_post(route, buf_view(&path), body, a);
        if (a->keep) put_delivery(route, head, buf_view(&path), body, now, payload);
    }
    buf_free(&path);
}
