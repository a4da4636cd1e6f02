/* Where in sori.lua a block stands, for errors that are found long after it was read. */
#include "conf/conf.h"

#include <string.h>

static bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* `keyword "name"` or `keyword("name")` at the beginning of `at`. */
static bool begins_block(struct sori_str at, const char *keyword, struct sori_str name) {
    size_t n = strlen(keyword);
    if (at.len <= n || memcmp(at.ptr, keyword, n) != 0 || is_word(at.ptr[n])) return false;
    while (n < at.len && (at.ptr[n] == ' ' || at.ptr[n] == '\t' || at.ptr[n] == '(')) n++;
    if (n + name.len + 2 > at.len || (at.ptr[n] != '"' && at.ptr[n] != '\'')) return false;
    return memcmp(at.ptr + n + 1, name.ptr, name.len) == 0 && at.ptr[n + 1 + name.len] == at.ptr[n];
}

int conf_line(struct sori_str source, const char *keyword, struct sori_str name) {
    int line = 1;
    bool fresh = true, comment = false; /* fresh: no word goes on here */
    for (size_t i = 0; i < source.len; i++) {
        struct sori_str at = {source.ptr + i, source.len - i};
        if (source.ptr[i] == '\n') {
            line++;
            comment = false;
        }
        comment |= str_starts(at, SORI_STR("--"));
        if (fresh && !comment && begins_block(at, keyword, name)) return line;
        fresh = !is_word(source.ptr[i]);
    }
    return 1;
}
