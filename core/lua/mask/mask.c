/* One pass over a text: at each place the finders are asked, the longest forms first. */
#include "lua/mask/inner.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const words[MASK_KINDS] = {"name",    "email", "phone",   "resident", "card",
                                              "account", "order", "address", "handle",   "url"};

const char *mask_word(enum mask_kind kind) { return words[kind]; }

int mask_of(struct sori_str word) {
    for (int i = 0; i < MASK_KINDS; i++)
        if (str_is(word, words[i])) return i;
    return -1;
}

struct mask *mask_new(unsigned keep) {
    struct mask *m = mem_get(sizeof *m);
    m->keep = keep;
    return m;
}

void mask_free(struct mask *m) {
    if (!m) return;
    for (size_t i = 0; i < m->known_count; i++) free((void *)(uintptr_t)m->known[i].was.ptr);
    free(m->known);
    free(m);
}

unsigned mask_count(const struct mask *m, enum mask_kind kind) { return m->count[kind]; }

unsigned mask_number(struct mask *m, enum mask_kind kind, struct sori_str was) {
    for (size_t i = 0; i < m->known_count; i++)
        if (m->known[i].kind == kind && str_eq(m->known[i].was, was)) return m->known[i].number;
    if (m->count[kind] == MASK_MOST) return MASK_MOST;
    m->known = mem_grow(m->known, (m->known_count + 1) * sizeof *m->known);
    struct mask_known *new = &m->known[m->known_count++];
    *new = (struct mask_known){.kind = kind, .was = mem_copy(was), .number = ++m->count[kind]};
    if (kind == MASK_NAME) new->core = mask_core(new->was);
    return new->number;
}

/* Names that nobody bears but in stories. */
void mask_put_name(struct buf *out, struct sori_str was, unsigned number) {
    static const char *const hangul[] = {"홍길동", "성춘향", "임꺽정", "심청이",
                                         "이몽룡", "장보고", "전우치", "황진이"},
                             *const latin[] = {"Jane Roe", "John Doe", "Alex Poe", "Mary Moe",
                                               "Sam Loe",  "Kim Noe",  "Pat Zoe",  "Lee Foe"};
    size_t len = 0;
    bool korean = false;
    for (size_t i = 0; i < was.len; i += len)
        korean |= utf8_is_hangul(utf8_next(mask_behind(was, i), &len));
    bool spaced = was.len && memchr(was.ptr, ' ', was.len);
    if (korean)
        buf_puts(out, hangul[(number - 1) % 8]);
    else if (spaced)
        buf_puts(out, latin[(number - 1) % 8]);
    else
        buf_printf(out, "someone%u", number);
    if (number > 8 && (korean || spaced)) buf_printf(out, "%u", number);
}

void mask_person(struct mask *m, struct sori_str name, struct buf *out) {
    if (name.len == 0 || m->keep >> MASK_NAME & 1)
        buf_str(out, name);
    else
        mask_put_name(out, name, mask_number(m, MASK_NAME, name));
}

/* ---- what the finders share ---- */

size_t mask_one_of(struct sori_str s, const char *const *list) {
    for (size_t i = 0; list[i]; i++)
        if (str_starts(s, str_c(list[i]))) return strlen(list[i]);
    return 0;
}

/* Does the text end with the word, and where that is Latin, is it a whole one? */
static bool ends_with(struct sori_str text, const char *word) {
    size_t n = strlen(word);
    if (text.len < n || memcmp(text.ptr + text.len - n, word, n) != 0) return false;
    return !mask_latin(word[0]) || text.len == n || !mask_latin(text.ptr[text.len - n - 1]);
}

static struct sori_str without_marks(struct sori_str s) {
    while (s.len && strchr(" :#=(\t.,!~", s.ptr[s.len - 1])) s.len--;
    return s;
}

bool mask_after(struct sori_str text, size_t at, const char *const *list) {
    static const char *const particles[] = {"은", "는", "이", "가", "으로", "로", "도", NULL};
    bool sign = at && text.ptr[at - 1] == '#';
    struct sori_str before = without_marks((struct sori_str){text.ptr, at}), bare = before;
    for (size_t i = 0; particles[i] && bare.len == before.len; i++)
        if (ends_with(before, particles[i])) bare.len -= strlen(particles[i]);
    for (size_t i = 0; list[i]; i++)
        if (ends_with(before, list[i]) || ends_with(bare, list[i]) ||
            (sign && strcmp(list[i], "#") == 0))
            return true;
    return false;
}

bool mask_in_hangul(struct sori_str text, size_t at) {
    if (at < 3) return false;
    size_t len;
    uint32_t code = utf8_next(mask_behind(text, at - 3), &len);
    return len == 3 && code >= 0xac00 && code <= 0xd7a3;
}

size_t mask_hangul(struct sori_str s) {
    size_t at = 0, len;
    while (at < s.len) {
        uint32_t code = utf8_next(mask_behind(s, at), &len);
        if (code < 0xac00 || code > 0xd7a3) break;
        at += len;
    }
    return at;
}

/* ---- made-up ones ---- */

/* The digits and letters alone, so that two ways of writing one number are one. */
static void bare(struct sori_str s, struct buf *out) {
    for (size_t i = 0, len; i < s.len; i += len) {
        uint32_t code = utf8_next(mask_behind(s, i), &len);
        if (code >= 0xff10 && code <= 0xff19) code -= 0xff10 - '0';
        if (code < 0x80 && mask_latin((char)code)) buf_putc(out, (char)code);
    }
}

/* Digits become zeros that end with the number; the first `kept` stay, and so does the form. */
static void put_digits(struct mask *m, enum mask_kind kind, struct sori_str was, size_t kept,
                       struct buf *out) {
    struct buf digits = {0};
    char tail[16];
    if (kept == MASK_SPELT)
        mask_spelt_digits(was, &digits);
    else
        bare(was, &digits);
    unsigned number = mask_number(m, kind, buf_view(&digits));
    if (kept >= MASK_SPELT) {
        buf_printf(out, kept == MASK_SPELT ? "010-0000-%04u" : "CODE-%04u", number);
        buf_free(&digits);
        return;
    }
    size_t total = 0, seen = 0;
    for (size_t i = 0; i < digits.len; i++) total += mask_digit(digits.data[i]);
    size_t n = (size_t)snprintf(tail, sizeof tail, "%u", number);
    for (size_t i = 0, len; i < was.len; i += len) {
        uint32_t code = utf8_next(mask_behind(was, i), &len);
        if (code >= 0xff10 && code <= 0xff19) code -= 0xff10 - '0';
        if (code > 0x7f || !mask_digit((char)code)) {
            buf_put(out, was.ptr + i, len);
            continue;
        }
        size_t left = total - seen++;
        if (seen <= kept)
            buf_putc(out, (char)code);
        else
            buf_putc(out, left <= n ? tail[n - left] : '0');
    }
    buf_free(&digits);
}

static void put_other(struct mask *m, enum mask_kind kind, struct sori_str was, struct buf *out) {
    unsigned number = mask_number(m, kind, was);
    switch (kind) {
    case MASK_URL: buf_printf(out, "https://example.com/%u", number); break;
    case MASK_EMAIL: buf_printf(out, "someone%u@example.com", number); break;
    case MASK_HANDLE: buf_printf(out, "@someone%u", number); break;
    case MASK_ADDRESS: buf_printf(out, "가나시 다라구 마바로 %u", number); break;
    default: mask_put_name(out, was, number); break;
    }
}

struct found {
    enum mask_kind kind;
    size_t kept;
    struct sori_str whom;
};

static size_t find(const struct mask *m, struct sori_str text, size_t at, struct found *f) {
    size_t n;
    if ((n = mask_find_url(text, at))) return f->kind = MASK_URL, n;
    if ((n = mask_find_email(text, at))) return f->kind = MASK_EMAIL, n;
    if ((n = mask_find_handle(text, at))) return f->kind = MASK_HANDLE, n;
    if ((n = mask_find_place(text, at))) return f->kind = MASK_ADDRESS, n;
    if ((n = mask_find_code(text, at, &f->kind, &f->kept))) return n;
    if ((n = mask_find_digits(text, at, &f->kind, &f->kept))) return n;
    if ((n = mask_find_name(m, text, at, &f->whom))) return f->kind = MASK_NAME, n;
    return 0;
}

void mask_text(struct mask *m, struct sori_str text, struct buf *out) {
    for (size_t at = 0; at < text.len;) {
        struct found f = {.kind = MASK_KINDS};
        size_t n = find(m, text, at, &f);
        struct sori_str was = {text.ptr + at, n};
        if (n == 0) {
            utf8_next(mask_behind(text, at), &n);
            buf_put(out, text.ptr + at, n);
        } else if (m->keep >> f.kind & 1)
            buf_str(out, was);
        else if (f.kind >= MASK_PHONE && f.kind <= MASK_ORDER)
            put_digits(m, f.kind, was, f.kept, out);
        else
            put_other(m, f.kind, f.kind == MASK_NAME ? f.whom : was, out);
        at += n;
    }
}
