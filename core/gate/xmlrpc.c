#include "gate/xmlrpc.h"

#include "base/utf8.h"

#include <stdlib.h>

enum { DEPTH_MAX = 16, NAME_MAX_BYTES = 32 };

struct scan {
    const char *p, *end;
    char stack[DEPTH_MAX][NAME_MAX_BYTES];
    int depth;
    struct xmlrpc_call *call;
    struct buf text; /* of the innermost element so far */
    bool typed;      /* the current value holds a type element */
    bool seen_root;
};

static bool skip_past(struct scan *s, const char *mark) {
    size_t n = strlen(mark);
    const char *at = memmem(s->p, (size_t)(s->end - s->p), mark, n);
    if (!at) return false;
    s->p = at + n;
    return true;
}

static bool looking_at(const struct scan *s, const char *mark) {
    size_t n = strlen(mark);
    return (size_t)(s->end - s->p) >= n && memcmp(s->p, mark, n) == 0;
}

static bool numeric_entity(struct sori_str name, struct buf *out) {
    char digits[12];
    bool hex = name.len > 1 && (name.ptr[1] | 32) == 'x';
    size_t skip = hex ? 2 : 1;
    if (name.len <= skip || name.len - skip >= sizeof digits) return false;
    memcpy(digits, name.ptr + skip, name.len - skip);
    digits[name.len - skip] = 0;
    char *end;
    if (digits[0] == '-' || digits[0] == '+' || digits[0] == ' ') return false;
    unsigned long code = strtoul(digits, &end, hex ? 16 : 10);
    if (*end || code == 0 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return false;
    utf8_put(out, (uint32_t)code);
    return true;
}

static bool take_entity(struct scan *s) {
    static const struct {
        const char *name;
        char c;
    } known[] = {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};
    const char *semi = memchr(s->p, ';', (size_t)(s->end - s->p));
    if (!semi || semi - s->p > 12) return false;
    struct sori_str name = {s->p + 1, (size_t)(semi - s->p - 1)};
    s->p = semi + 1;
    if (name.len && name.ptr[0] == '#') return numeric_entity(name, &s->text);
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (!str_is(name, known[i].name)) continue;
        buf_putc(&s->text, known[i].c);
        return true;
    }
    return false;
}

static bool at_path(const struct scan *s, const char *const *path) {
    int n = 0;
    while (path[n]) n++;
    if (n != s->depth) return false;
    for (int i = 0; i < n; i++)
        if (strcmp(s->stack[i], path[i]) != 0) return false;
    return true;
}

static bool open_element(struct scan *s, struct sori_str name) {
    static const char *const value[] = {"methodCall", "params", "param", "value", NULL};
    if (s->depth == DEPTH_MAX || name.len >= NAME_MAX_BYTES) return false;
    if (s->depth == 0 && s->seen_root) return false;
    if (at_path(s, value)) s->typed = true;
    memcpy(s->stack[s->depth], name.ptr, name.len);
    s->stack[s->depth++][name.len] = 0;
    s->seen_root = true;
    buf_clear(&s->text);
    if (at_path(s, value)) s->typed = false;
    return true;
}

static void keep_param(struct scan *s, bool is_string) {
    struct xmlrpc_call *c = s->call;
    if (c->count < XMLRPC_PARAMS) {
        buf_clear(&c->param[c->count]);
        buf_str(&c->param[c->count], buf_view(&s->text));
        c->is_string[c->count] = is_string;
    }
    c->count++;
}

static bool close_element(struct scan *s, struct sori_str name) {
    static const char *const method[] = {"methodCall", "methodName", NULL};
    static const char *const value[] = {"methodCall", "params", "param", "value", NULL};
    static const char *const string[] = {"methodCall", "params", "param", "value", "string", NULL};
    if (s->depth == 0 || !str_is(name, s->stack[s->depth - 1])) return false;
    if (at_path(s, method)) {
        if (s->call->method.len) return false;
        buf_str(&s->call->method, buf_view(&s->text));
    } else if (at_path(s, string)) {
        keep_param(s, true);
    } else if (at_path(s, value) && !s->typed) {
        keep_param(s, true);
    } else if (s->depth == 5 && strcmp(s->stack[3], "value") == 0) {
        keep_param(s, false);
    }
    s->depth--;
    buf_clear(&s->text);
    return true;
}

static bool take_tag(struct scan *s) {
    s->p++;
    bool closing = s->p < s->end && *s->p == '/';
    if (closing) s->p++;
    const char *start = s->p;
    while (s->p < s->end && !strchr(" \t\r\n/>", *s->p) && *s->p) s->p++;
    struct sori_str name = {start, (size_t)(s->p - start)};
    while (s->p < s->end && *s->p && strchr(" \t\r\n", *s->p)) s->p++;
    bool empty = !closing && s->p < s->end && *s->p == '/';
    if (empty) s->p++;
    if (s->p == s->end || *s->p != '>' || name.len == 0) return false;
    s->p++;
    if (closing) return close_element(s, name);
    return open_element(s, name) && (!empty || close_element(s, name));
}

static bool take_cdata(struct scan *s) {
    const char *start = s->p + 9;
    if (!skip_past(s, "]]>")) return false;
    buf_put(&s->text, start, (size_t)(s->p - 3 - start));
    return true;
}

static bool step(struct scan *s) {
    if (looking_at(s, "<!--")) return skip_past(s, "-->");
    if (looking_at(s, "<![CDATA[")) return s->depth > 0 && take_cdata(s);
    if (looking_at(s, "<?")) return skip_past(s, "?>");
    if (looking_at(s, "<!")) return false; /* a DOCTYPE is never needed, and never harmless */
    if (*s->p == '<') return take_tag(s);
    if (*s->p == '&') return s->depth > 0 && take_entity(s);
    if (*s->p == 0) return false;
    if (s->depth == 0 && !strchr(" \t\r\n", *s->p)) return false;
    buf_putc(&s->text, *s->p++);
    return true;
}

static struct sori_str trimmed(struct sori_str s) {
    while (s.len && (uint8_t)*s.ptr <= ' ') s.ptr++, s.len--;
    while (s.len && (uint8_t)s.ptr[s.len - 1] <= ' ') s.len--;
    return s;
}

static void trim(struct buf *b) {
    struct sori_str s = trimmed(buf_view(b));
    if (s.len) memmove(b->data, s.ptr, s.len);
    b->len = s.len;
    if (b->data) b->data[b->len] = 0;
}

bool xmlrpc_read(struct sori_str body, struct xmlrpc_call *call) {
    *call = (struct xmlrpc_call){0};
    if (body.len > XMLRPC_BODY_MAX || !utf8_valid(body)) return false;
    if (str_starts(body, SORI_STR("\xef\xbb\xbf"))) body.ptr += 3, body.len -= 3;
    struct scan s = {.p = body.ptr, .end = body.ptr + body.len, .call = call};
    bool good = true;
    while (good && s.p < s.end) good = step(&s);
    buf_free(&s.text);
    trim(&call->method);
    size_t n = call->count < XMLRPC_PARAMS ? call->count : XMLRPC_PARAMS;
    for (size_t i = 0; i < n; i++) trim(&call->param[i]);
    return good && s.depth == 0 && s.seen_root && call->method.len > 0;
}

void xmlrpc_free(struct xmlrpc_call *call) {
    buf_free(&call->method);
    for (size_t i = 0; i < XMLRPC_PARAMS; i++) buf_free(&call->param[i]);
}

void xml_escape(struct buf *out, const char *text) {
    for (; *text; text++) {
        switch (*text) {
        case '&': buf_puts(out, "&amp;"); break;
        case '<': buf_puts(out, "&lt;"); break;
        case '>': buf_puts(out, "&gt;"); break;
        case '"': buf_puts(out, "&quot;"); break;
        default: buf_putc(out, *text);
        }
    }
}

void xmlrpc_answer(struct buf *out, const char *text) {
    buf_puts(out, "<?xml version=\"1.0\"?>\n<methodResponse><params><param><value><string>");
    xml_escape(out, text);
    buf_puts(out, "</string></value></param></params></methodResponse>\n");
}

void xmlrpc_fault(struct buf *out, int code, const char *text) {
    buf_printf(out,
               "<?xml version=\"1.0\"?>\n<methodResponse><fault><value><struct>"
               "<member><name>faultCode</name><value><int>%d</int></value></member>"
               "<member><name>faultString</name><value><string>",
               code);
    xml_escape(out, text);
    buf_puts(out, "</string></value></member></struct></value></fault></methodResponse>\n");
}
