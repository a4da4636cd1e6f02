#include "gate/head.h"

static bool is_token(uint8_t c) {
    if (c >= '0' && c <= '9') return true;
    if ((c | 32) >= 'a' && (c | 32) <= 'z') return true;
    return c != 0 && strchr("!#$%&'*+-.^_`|~", c) != NULL;
}

static int hex_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    c = (char)(c | 32);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool same_word(struct sori_str a, const char *b) {
    size_t n = strlen(b);
    if (a.len != n) return false;
    for (size_t i = 0; i < n; i++) {
        char x = a.ptr[i], y = b[i];
        if (x >= 'A' && x <= 'Z') x = (char)(x + 32);
        if (y >= 'A' && y <= 'Z') y = (char)(y + 32);
        if (x != y) return false;
    }
    return true;
}

size_t head_count(const struct head *head, const char *name) {
    size_t n = 0;
    for (size_t i = 0; i < head->field_count; i++) n += same_word(head->fields[i].name, name);
    return n;
}

bool head_only(const struct head *head, const char *name, struct sori_str *value) {
    if (head_count(head, name) != 1) return false;
    for (size_t i = 0; i < head->field_count; i++)
        if (same_word(head->fields[i].name, name)) *value = head->fields[i].value;
    return true;
}

static int refuse(struct head *h, int status, const char *why) {
    h->why = why;
    return -status;
}

/* Where the head ends, behind its empty line. A line must end with CR LF, and neither may stand
 * alone: another server in the chain might end the line there. */
static int find_end(struct sori_str in, struct head *h) {
    size_t line = 0;
    for (size_t i = 0; i < in.len; i++) {
        if (i >= HEAD_MAX) return refuse(h, 431, "the head is longer than 16 KiB");
        char c = in.ptr[i];
        if (c == 0) return refuse(h, 400, "a NUL in the head");
        if (c == '\n') return refuse(h, 400, "a line that ends without CR");
        if (c != '\r') continue;
        if (i + 1 == in.len) return 0;
        if (in.ptr[i + 1] != '\n') return refuse(h, 400, "a CR without LF");
        if (i == line) return line ? (int)i + 2 : refuse(h, 400, "an empty line in front");
        line = i + 2;
        i++;
    }
    return 0;
}

static int parse_target(struct head *h) {
    struct sori_str t = h->target;
    if (t.len > HEAD_TARGET_MAX) return refuse(h, 414, "the target is longer than 8 KiB");
    if (t.len == 0 || t.ptr[0] != '/') return refuse(h, 400, "the target is not a path");
    size_t question = t.len, parameters = 1;
    for (size_t i = 0; i < t.len; i++) {
        char c = t.ptr[i];
        if (c <= 0x20 || c >= 0x7f || strchr("\"#<>\\^`{|}", c))
            return refuse(h, 400, "a character in the target that must be percent-encoded");
        if (c == '%' && (t.len - i < 3 || hex_of(t.ptr[i + 1]) < 0 || hex_of(t.ptr[i + 2]) < 0))
            return refuse(h, 400, "a broken percent escape in the target");
        if (c == '?' && question == t.len) question = i;
        if (c == '&' && question < i && ++parameters > HEAD_FIELDS)
            return refuse(h, 414, "more than 64 parameters in the target");
    }
    h->path = (struct sori_str){t.ptr, question};
    if (question < t.len) h->query = (struct sori_str){t.ptr + question + 1, t.len - question - 1};
    return 0;
}

static int parse_first_line(struct sori_str line, struct head *h) {
    const char *end = line.ptr + line.len, *p = line.ptr, *start = p;
    while (p < end && *p >= 'A' && *p <= 'Z') p++;
    h->method = (struct sori_str){start, (size_t)(p - start)};
    if (h->method.len == 0 || h->method.len > 16 || p == end || *p != ' ')
        return refuse(h, 400, "the first line has no method");
    start = ++p;
    while (p < end && *p != ' ') p++;
    h->target = (struct sori_str){start, (size_t)(p - start)};
    if (p == end) return refuse(h, 400, "the first line has no version");
    struct sori_str version = {p + 1, (size_t)(end - p - 1)};
    if (version.len != 8 || memcmp(version.ptr, "HTTP/", 5) != 0 || version.ptr[6] != '.')
        return refuse(h, 400, "the first line does not end with a version");
    if (str_is(version, "HTTP/1.1"))
        h->minor = 1;
    else if (str_is(version, "HTTP/1.0"))
        h->minor = 0;
    else
        return refuse(h, 505, "HTTP/1.1 is spoken here");
    return parse_target(h);
}

static int parse_field(struct sori_str line, struct head *h) {
    if (line.ptr[0] == ' ' || line.ptr[0] == '\t') return refuse(h, 400, "a folded field");
    size_t n = 0;
    while (n < line.len && is_token((uint8_t)line.ptr[n])) n++;
    if (n == 0 || n == line.len || line.ptr[n] != ':')
        return refuse(h, 400, "a field name that is none");
    if (h->field_count == HEAD_FIELDS) return refuse(h, 431, "more than 64 fields");
    struct sori_str v = {line.ptr + n + 1, line.len - n - 1};
    while (v.len && (*v.ptr == ' ' || *v.ptr == '\t')) v.ptr++, v.len--;
    while (v.len && (v.ptr[v.len - 1] == ' ' || v.ptr[v.len - 1] == '\t')) v.len--;
    for (size_t i = 0; i < v.len; i++) {
        uint8_t c = (uint8_t)v.ptr[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return refuse(h, 400, "a control character in a field");
    }
    h->fields[h->field_count++] = (struct head_field){{line.ptr, n}, v};
    return 0;
}

static bool good_host(struct sori_str v) {
    if (v.len == 0 || v.len > 255) return false;
    for (size_t i = 0; i < v.len; i++) {
        char c = v.ptr[i];
        bool plain = (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
        if (!plain && (c == 0 || !strchr(".-_:[]", c))) return false;
    }
    return true;
}

static int check_host(struct head *h) {
    struct sori_str v;
    size_t n = head_count(h, "host");
    if (n > 1) return refuse(h, 400, "more than one Host");
    if (n == 0) return h->minor ? refuse(h, 400, "no Host") : 0;
    head_only(h, "host", &v);
    return good_host(v) ? 0 : refuse(h, 400, "a Host that is none");
}

static int check_length(struct head *h) {
    struct sori_str v;
    h->length = -1;
    size_t n = head_count(h, "content-length");
    if (n > 1) return refuse(h, 400, "more than one Content-Length");
    if (n == 0) return 0;
    head_only(h, "content-length", &v);
    if (v.len == 0 || v.len > 18) return refuse(h, 400, "a Content-Length that is no number");
    h->length = 0;
    for (size_t i = 0; i < v.len; i++) {
        if (v.ptr[i] < '0' || v.ptr[i] > '9')
            return refuse(h, 400, "a Content-Length that is no number");
        h->length = h->length * 10 + (v.ptr[i] - '0');
    }
    return 0;
}

static int check_coding(struct head *h) {
    struct sori_str v;
    size_t n = head_count(h, "transfer-encoding");
    if (n == 0) return 0;
    if (h->length >= 0) return refuse(h, 400, "both Content-Length and Transfer-Encoding");
    if (n > 1) return refuse(h, 400, "more than one Transfer-Encoding");
    if (!h->minor) return refuse(h, 400, "Transfer-Encoding in HTTP/1.0");
    head_only(h, "transfer-encoding", &v);
    if (!same_word(v, "chunked")) return refuse(h, 501, "a Transfer-Encoding other than chunked");
    h->chunked = true;
    return 0;
}

static int check_rest(struct head *h) {
    static const char *const single[] = {"content-type", "content-encoding", "expect", NULL};
    struct sori_str v;
    for (int i = 0; single[i]; i++)
        if (head_count(h, single[i]) > 1) return refuse(h, 400, "a field that is given twice");
    if (head_only(h, "expect", &v)) {
        if (!same_word(v, "100-continue")) return refuse(h, 417, "an Expect that is not known");
        h->expects = h->minor > 0;
    }
    return 0;
}

int head_parse(struct sori_str in, struct head *h) {
    h->method = h->target = h->path = h->query = (struct sori_str){0};
    h->field_count = 0;
    h->length = -1;
    h->chunked = h->expects = false;
    h->why = "";
    int whole = find_end(in, h), bad = 0;
    if (whole <= 0) return whole;
    const char *p = in.ptr, *end = in.ptr + whole - 2;
    for (bool first = true; p < end && !bad; first = false) {
        const char *eol = memchr(p, '\r', (size_t)(end - p));
        struct sori_str line = {p, (size_t)(eol - p)};
        bad = first ? parse_first_line(line, h) : parse_field(line, h);
        p = eol + 2;
    }
    if (!bad) bad = check_host(h);
    if (!bad) bad = check_length(h);
    if (!bad) bad = check_coding(h);
    if (!bad) bad = check_rest(h);
    return bad ? bad : whole;
}

bool url_decode(struct sori_str in, bool plus, struct buf *out) {
    for (size_t i = 0; i < in.len; i++) {
        char c = in.ptr[i];
        if (c == '%') {
            if (in.len - i < 3) return false;
            int hi = hex_of(in.ptr[i + 1]), lo = hex_of(in.ptr[i + 2]);
            if (hi < 0 || lo < 0 || hi + lo == 0) return false;
            c = (char)(hi << 4 | lo);
            i += 2;
        } else if (c == '+' && plus) {
            c = ' ';
        } else if (c == 0) {
            return false;
        }
        buf_putc(out, c);
    }
    return true;
}

bool form_value(struct sori_str form, const char *name, struct buf *out) {
    struct buf key = {0};
    bool found = false;
    while (form.len && !found) {
        const char *amp = memchr(form.ptr, '&', form.len);
        struct sori_str part = {form.ptr, amp ? (size_t)(amp - form.ptr) : form.len};
        size_t skip = part.len + (amp != NULL);
        form = (struct sori_str){form.ptr + skip, form.len - skip};
        const char *equal = part.len ? memchr(part.ptr, '=', part.len) : NULL;
        if (!equal) continue;
        size_t n = (size_t)(equal - part.ptr);
        buf_clear(&key);
        if (!url_decode((struct sori_str){part.ptr, n}, true, &key)) continue;
        if (!str_is(buf_view(&key), name)) continue;
        buf_clear(out);
        found = url_decode((struct sori_str){equal + 1, part.len - n - 1}, true, out);
        if (!found) break;
    }
    buf_free(&key);
    return found;
}
