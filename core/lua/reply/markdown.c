/* Markdown to plain text. Replies are written in Markdown; every channel of today shows what it is
 * given as it stands, so that a reply is rendered once, while the bundle loads. */
#include "lua/reply/template.h"

/* How far ahead the end of a mark is looked for, and how deep marks stand in each other: what a
 * hostile text costs stays in proportion to its length. */
enum { REACH = 600, DEPTH = 4 };

struct mark {
    struct sori_str s; /* one line */
    size_t at;
    int depth;
    struct buf *out;
};

/* The end of what is looked at. */
static size_t limit(const struct mark *m) {
    return m->s.len - m->at > REACH ? m->at + REACH : m->s.len;
}

static char char_at(const struct mark *m, size_t i) { return i < m->s.len ? m->s.ptr[i] : ' '; }

static bool blank(char c) { return c == ' ' || c == '\t'; }

/* ASCII letters and digits, and whatever is beyond ASCII. */
static bool wordy(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (unsigned char)c >= 0x80;
}

static size_t run_of(const struct mark *m, size_t i) {
    size_t n = 0;
    while (i + n < m->s.len && m->s.ptr[i + n] == m->s.ptr[i]) n++;
    return n;
}

/* The run of the same length that ends what begins at `i`, or 0. A star may stand inside a word,
 * 정말**꼭**요, an underscore may not: snake_case is no emphasis. */
static size_t closing(const struct mark *m, size_t i, size_t n) {
    char c = m->s.ptr[i];
    if (n > 3 || m->depth == DEPTH || blank(char_at(m, i + n)) || i + n >= m->s.len) return 0;
    if (c == '_' && i && wordy(m->s.ptr[i - 1])) return 0;
    for (size_t k = i + n, end = limit(m); k < end;) {
        if (m->s.ptr[k] == '\\') {
            k += 2;
            continue;
        }
        if (m->s.ptr[k] != c) {
            k++;
            continue;
        }
        size_t run = run_of(m, k);
        bool ends = run == n && !blank(m->s.ptr[k - 1]);
        if (ends && (c != '_' || !wordy(char_at(m, k + run)) || k + run == m->s.len)) return k;
        k += run;
    }
    return 0;
}

static void put_inline(struct sori_str s, int depth, struct buf *out);

/* [words](address), ![words](address): words (address). */
static bool put_link(struct mark *m) {
    size_t open = m->at + (m->s.ptr[m->at] == '!'), close = open, depth = 0;
    if (char_at(m, open) != '[') return false;
    for (; close < limit(m); close++) {
        if (m->s.ptr[close] == '[') depth++;
        if (m->s.ptr[close] == ']' && --depth == 0) break;
    }
    if (char_at(m, close + 1) != '(') return false;
    size_t end = close + 2;
    while (end < limit(m) && m->s.ptr[end] != ')' && !blank(m->s.ptr[end])) end++;
    if (char_at(m, end) != ')' || end == close + 2 || m->depth == DEPTH) return false;
    struct sori_str words = {m->s.ptr + open + 1, close - open - 1},
                    address = {m->s.ptr + close + 2, end - close - 2};
    if (words.len && !str_eq(words, address)) {
        put_inline(words, m->depth + 1, m->out);
        buf_puts(m->out, " (");
        buf_str(m->out, address);
        buf_putc(m->out, ')');
    } else
        buf_str(m->out, address);
    m->at = end + 1;
    return true;
}

/* `code` and <https://…> lose what stands around them. */
static bool put_bare(struct mark *m) {
    char c = m->s.ptr[m->at], last = c == '<' ? '>' : '`';
    struct sori_str rest = {m->s.ptr + m->at + 1, limit(m) - m->at - 1};
    if (c == '<' && !str_starts(rest, SORI_STR("http://")) &&
        !str_starts(rest, SORI_STR("https://")))
        return false;
    const char *end = rest.len ? memchr(rest.ptr, last, rest.len) : NULL;
    if (!end || end == rest.ptr) return false;
    buf_put(m->out, rest.ptr, (size_t)(end - rest.ptr));
    m->at += (size_t)(end - rest.ptr) + 2;
    return true;
}

static bool put_emphasis(struct mark *m) {
    size_t n = run_of(m, m->at), end = closing(m, m->at, n);
    if (!end) {
        buf_put(m->out, m->s.ptr + m->at, n);
        m->at += n;
        return true;
    }
    put_inline((struct sori_str){m->s.ptr + m->at + n, end - m->at - n}, m->depth + 1, m->out);
    m->at = end + n;
    return true;
}

/* A slot is no Markdown: {can_reply}. */
static bool put_slot(struct mark *m) {
    const char *end = memchr(m->s.ptr + m->at, '}', limit(m) - m->at);
    size_t n = end ? (size_t)(end - m->s.ptr) - m->at + 1 : 1;
    buf_put(m->out, m->s.ptr + m->at, n);
    m->at += n;
    return true;
}

/* A brace is doubled, so that it does not begin a slot. */
static void put_protected(char c, struct buf *out) {
    buf_putc(out, c);
    if (c == '{' || c == '}') buf_putc(out, c);
}

static void put_inline(struct sori_str s, int depth, struct buf *out) {
    struct mark m = {s, 0, depth, out};
    while (m.at < s.len) {
        char c = s.ptr[m.at];
        bool done = false;
        if (c == '\\' && m.at + 1 < s.len && strchr("\\`*_{}[]()#+-.!<>~", s.ptr[m.at + 1])) {
            put_protected(s.ptr[m.at + 1], out);
            m.at += 2;
            done = true;
        } else if (c == '*' || c == '_')
            done = put_emphasis(&m);
        else if (c == '[' || c == '!')
            done = put_link(&m);
        else if (c == '`' || c == '<')
            done = put_bare(&m);
        else if (c == '{')
            done = put_slot(&m);
        if (!done) buf_putc(out, s.ptr[m.at++]);
    }
}

/* Takes the marks of a heading or a quotation off the front; a list's become a dash. */
static struct sori_str block(struct sori_str s, struct buf *out) {
    size_t n = 0;
    while (n < s.len && s.ptr[n] == '#') n++;
    if (n && n <= 6 && n < s.len && blank(s.ptr[n])) {
        s.ptr += n;
        s.len -= n;
        return line_trim(s);
    }
    if (s.len >= 2 && s.ptr[0] == '>' && s.ptr[1] == ' ')
        return (struct sori_str){s.ptr + 2, s.len - 2};
    for (n = 0; n < s.len && blank(s.ptr[n]);) n++;
    if (n + 1 < s.len && strchr("*+-", s.ptr[n]) && s.ptr[n + 1] == ' ') {
        buf_put(out, s.ptr, n);
        buf_puts(out, "- ");
        return (struct sori_str){s.ptr + n + 2, s.len - n - 2};
    }
    return s;
}

void markdown_plain(struct sori_str text, struct buf *out) {
    for (bool first = true; text.len; first = false) {
        struct sori_str line = line_take(&text);
        while (line.len && blank(line.ptr[line.len - 1])) line.len--; /* two blanks break a line */
        if (!first) buf_putc(out, '\n');
        put_inline(block(line, out), 0, out);
    }
}
