/* Host names inside a text: where they end, and whether they could be asked for.
 *
 * A host is labels, each with a dot behind it, and a top-level domain that exists. People write
 * links without a blank around them, so any character may come before and after. */
#include "text_parts.h"

#include <unicode/uchar.h>

enum { TOP_LONGEST = 24 /* code points of a top-level domain, with room to spare */ };

static bool is_listed(const struct x_text *x, const char *ascii, size_t len) {
    if (psl_is_public_suffix2(x->suffixes, ascii, PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE))
        return true;
    /* Countries below which only second levels are sold are not in the list by themselves. */
    for (const char *const *at = x->countries; len == 2 && *at; at++)
        if (s_lower((*at)[0]) == ascii[0] && s_lower((*at)[1]) == ascii[1]) return true;
    return false;
}

/* The DNS form of a few letters; 0 where there is none. */
static size_t to_ascii(struct x_text *x, const uint32_t *c, size_t n, char out[LABEL_BYTES + 1]) {
    UChar in[TOP_LONGEST * 2], made[LABEL_BYTES];
    UIDNAInfo info = UIDNA_INFO_INITIALIZER;
    UErrorCode code = U_ZERO_ERROR;
    int32_t len = 0;
    for (size_t i = 0; i < n; i++) U16_APPEND_UNSAFE(in, len, c[i]);
    len = uidna_labelToASCII(x->idna, in, len, made, LABEL_BYTES, &info, &code);
    if (U_FAILURE(code) || info.errors) return 0;
    for (int32_t i = 0; i < len; i++) out[i] = (char)made[i];
    out[len] = 0;
    return (size_t)len;
}

static bool is_top(struct x_text *x, const struct codes *t, size_t from, size_t to) {
    char ascii[LABEL_BYTES + 1];
    size_t len = 0;
    bool plain = true;
    for (size_t i = from; i < to; i++) {
        plain = plain && t->c[i] < 0x80;
        if (plain) ascii[len++] = s_lower((char)t->c[i]);
        /* Wide or half-width forms are no spelling of a domain in running text. */
        if (u_hasBinaryProperty(u_tolower((UChar32)t->c[i]), UCHAR_CHANGES_WHEN_NFKC_CASEFOLDED))
            return false;
    }
    ascii[len] = 0;
    if (!plain) len = to_ascii(x, t->c + from, to - from, ascii);
    return len > 0 && is_listed(x, ascii, len);
}

/* What may not follow a top-level domain. */
static bool goes_on(uint32_t c) { return is_ascii_alnum(c) || c == '@' || c == '+' || c == '-'; }

/* Does "xn--" stand at `i`, in front of something? */
static bool is_punycode(const struct codes *t, size_t i) {
    return i + 4 < t->n && (t->c[i] | 0x20) == 'x' && (t->c[i + 1] | 0x20) == 'n' &&
           t->c[i + 2] == '-' && t->c[i + 3] == '-';
}

static size_t punycode_end(const struct codes *t, size_t i) {
    size_t end = i + 4;
    if (!is_punycode(t, i)) return 0;
    while (end < t->n && (is_ascii_alnum(t->c[end]) || t->c[end] == '-')) end++;
    return end > i + 4 ? end : 0;
}

size_t host_top_end(struct x_text *x, const struct codes *t, size_t i) {
    size_t ascii = i, limit = i;
    while (limit < t->n && limit - i < TOP_LONGEST && is_domain_char(t->c[limit])) limit++;
    while (ascii < limit && t->c[ascii] < 0x80) ascii++;
    /* A Latin beginning with no accented letter after it can only be all of the domain. */
    if (ascii > i && ascii < limit && !is_latin_accent(t->c[ascii])) limit = ascii;
    for (size_t end = limit; end > i; end--)
        if ((end == t->n || !goes_on(t->c[end])) && is_top(x, t, i, end)) return end;
    return punycode_end(t, i);
}

size_t *hosts_find(struct x_text *x, struct arena *a, const struct codes *t) {
    size_t *host = arena_get(a, (t->n + 2) * sizeof *host);
    size_t dot = t->n;       /* that ends the label which is being read, from right to left */
    size_t top = 0;          /* where a top-level domain behind that dot ends */
    bool underscore = false; /* seen in this label */
    bool sound = false;      /* the label does not end in - or _ */
    for (size_t i = t->n; i-- > 0;) {
        uint32_t c = t->c[i];
        if (c == '.') {
            dot = i;
            top = host_top_end(x, t, i + 1);
            underscore = false;
            sound = i > 0 && is_domain_char(t->c[i - 1]);
        } else if (c == '_' || c == '-') {
            underscore = underscore || c == '_';
        } else if (!is_domain_char(c)) {
            dot = t->n;
        } else if (dot < t->n && sound) {
            host[i] = host[dot + 1] ? host[dot + 1] : underscore ? 0 : top;
        }
    }
    return host;
}

static bool is_dot(uint32_t c) { return c == '.' || c == 0x3002 || c == 0xFF0E || c == 0xFF61; }

bool host_is_askable(const struct codes *t, size_t from, size_t to, size_t *ascii) {
    *ascii = 0;
    for (size_t end; from < to; from = end + 1) {
        bool plain = true;
        for (end = from; end < to && !is_dot(t->c[end]); end++) plain = plain && t->c[end] < 0x80;
        size_t len = plain ? end - from : punycode_length(t->c + from, end - from);
        /* What claims to be in the DNS form already must be. */
        if (len > LABEL_BYTES || (!plain && is_punycode(t, from))) return false;
        *ascii += len + (end < to);
    }
    return true;
}
