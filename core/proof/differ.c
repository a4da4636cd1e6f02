#include "proof/differ.h"

/* One rule's part of an account: its head and the indented lines below. */
struct block {
    struct sori_str what; /* rule "unhappy customer" */
    struct sori_str body;
    bool fired;
};
enum { LINES_MOST = 6 };

static struct sori_str line_of(struct sori_str *text) {
    const char *end = text->len ? memchr(text->ptr, '\n', text->len) : NULL;
    struct sori_str line = {text->ptr, end ? (size_t)(end - text->ptr) : text->len};
    size_t step = line.len + (end != NULL);
    text->ptr += step;
    text->len -= step;
    return line;
}

static bool has(struct sori_str text, const char *word) {
    return text.len && memmem(text.ptr, text.len, word, strlen(word));
}

/* The next rule or note; what is said of the whole is skipped. */
static bool next_block(struct sori_str *account, struct block *b) {
    while (account->len) {
        struct sori_str head = line_of(account);
        if (!str_starts(head, SORI_STR("rule \"")) && !str_starts(head, SORI_STR("note \"")))
            continue;
        size_t n = head.len;
        while (n > 0 && head.ptr[n - 1] != '"') n--; /* before " (file:line)" */
        b->what = (struct sori_str){head.ptr, n};
        b->body = (struct sori_str){account->ptr, 0};
        while (account->len && account->ptr[0] == ' ') {
            struct sori_str line = line_of(account);
            b->body.len = (size_t)(line.ptr + line.len - b->body.ptr);
        }
        b->fired = has(b->body, "→ ");
        return true;
    }
    return false;
}

static bool find(struct sori_str account, struct sori_str what, struct block *out) {
    while (next_block(&account, out))
        if (str_eq(out->what, what)) return true;
    return false;
}

/* By its name with the quotes around it. */
static bool knows(struct sori_str about, struct sori_str what) {
    struct sori_str name = {what.ptr + 5, what.len - 5};
    return about.len && memmem(about.ptr, about.len, name.ptr, name.len);
}

static size_t put_failed(const struct block *b, const char *whose, struct buf *out) {
    struct sori_str rest = b->body;
    size_t n = 0;
    while (rest.len) {
        struct sori_str line = line_of(&rest);
        const char *mark = line.len ? memmem(line.ptr, line.len, "✗ ", strlen("✗ ")) : NULL;
        if (!mark || n == LINES_MOST) continue;
        size_t skip = (size_t)(mark - line.ptr);
        buf_printf(out, "%s %.*s: %.*s\n", whose, STR(b->what), (int)(line.len - skip), mark);
        n++;
    }
    return n;
}

/* Everything that fired by the `one` and not by the `other`. */
static void put_side(struct sori_str one, struct sori_str other, struct sori_str other_about,
                     const char *other_word, const char *gone, struct buf *out) {
    struct block b, twin;
    while (next_block(&one, &b)) {
        if (!b.fired) continue;
        if (!find(other, b.what, &twin)) {
            if (!knows(other_about, b.what)) buf_printf(out, "%.*s %s\n", STR(b.what), gone);
        } else if (!twin.fired && !put_failed(&twin, other_word, out)) {
            buf_printf(out, "%s %.*s: cannot match this kind of entry\n", other_word, STR(b.what));
        }
    }
}

void differ_put(struct sori_str then, struct sori_str now, struct sori_str then_about,
                struct sori_str now_about, struct buf *out) {
    put_side(then, now, now_about, "now", "is not there any more", out);
    put_side(now, then, then_about, "then", "is new", out);
}
