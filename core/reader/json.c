#include "reader/json.h"

#include "base/clock.h"
#include "base/utf8.h"

static void quoted(struct buf *b, struct sori_str s) {
    buf_putc(b, '"');
    while (s.len > 0) {
        unsigned char c = (unsigned char)s.ptr[0];
        size_t len = 1;
        if (c == '"' || c == '\\') {
            buf_putc(b, '\\');
            buf_putc(b, (char)c);
        } else if (c == '\n') {
            buf_puts(b, "\\n");
        } else if (c == '\r') {
            buf_puts(b, "\\r");
        } else if (c == '\t') {
            buf_puts(b, "\\t");
        } else if (c < 0x20 || c == 0x7f) {
            buf_printf(b, "\\u%04x", c);
        } else if (c < 0x80) {
            buf_putc(b, (char)c);
        } else {
            utf8_put(b, utf8_next(s, &len));
        }
        s.ptr += len;
        s.len -= len;
    }
    buf_putc(b, '"');
}

static void lead(struct jw *w, const char *name) {
    if (w->comma) buf_putc(w->b, ',');
    w->comma = true;
    if (!name) return;
    quoted(w->b, str_c(name));
    buf_putc(w->b, ':');
}

void jw_open(struct jw *w, const char *name, char bracket) {
    lead(w, name);
    buf_putc(w->b, bracket);
    w->comma = false;
}

void jw_close(struct jw *w, char bracket) {
    buf_putc(w->b, bracket);
    w->comma = true;
}

void jw_int(struct jw *w, const char *name, int64_t value) {
    if (value == INT64_MIN) {
        jw_null(w, name);
        return;
    }
    lead(w, name);
    buf_printf(w->b, "%lld", (long long)value);
}

void jw_hundredths(struct jw *w, const char *name, int64_t value) {
    lead(w, name);
    buf_printf(w->b, "%.2f", (double)value / 100);
}

void jw_bool(struct jw *w, const char *name, bool value) {
    lead(w, name);
    buf_puts(w->b, value ? "true" : "false");
}

void jw_null(struct jw *w, const char *name) {
    lead(w, name);
    buf_puts(w->b, "null");
}

void jw_str(struct jw *w, const char *name, struct sori_str value) {
    if (!value.ptr) {
        jw_null(w, name);
        return;
    }
    lead(w, name);
    quoted(w->b, value);
}

void jw_word(struct jw *w, const char *name, const char *word) {
    jw_str(w, name, *word ? str_c(word) : (struct sori_str){0});
}

void jw_time(struct jw *w, const char *name, int64_t ms) {
    if (ms == 0 || ms == INT64_MIN) {
        jw_null(w, name);
        return;
    }
    lead(w, name);
    buf_putc(w->b, '"');
    clock_rfc3339(w->b, ms);
    buf_putc(w->b, '"');
}
