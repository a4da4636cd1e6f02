/* The classes of characters that twitter-text's grammar is written in. */
#include "text_parts.h"

bool is_ascii_alnum(uint32_t c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_space(uint32_t c) {
    return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
           c == 0x180E || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 ||
           c == 0x202F || c == 0x205F || c == 0x3000;
}

bool is_direction_mark(uint32_t c) {
    return (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0x61C ||
           c == 0x200E || c == 0x200F;
}

bool is_refused(uint32_t c) { return c == 0xFFFE || c == 0xFEFF || c == 0xFFFF; }

bool is_latin_accent(uint32_t c) {
    static const uint16_t single[] = {0x253, 0x254, 0x256, 0x257, 0x259, 0x25B, 0x263,
                                      0x268, 0x26F, 0x272, 0x289, 0x28B, 0x2BB};
    if (c < 0xC0) return false;
    if (c <= 0x24F) return c != 0xD7 && c != 0xF7;
    if ((c >= 0x300 && c <= 0x36F) || (c >= 0x1E00 && c <= 0x1EFF)) return true;
    for (size_t i = 0; i < sizeof single / sizeof *single; i++)
        if (c == single[i]) return true;
    return false;
}

/* Everything that is no punctuation of ASCII (quotation marks and ` are taken for letters, as
 * twitter-text does), no blank, no direction mark and nothing refused. */
bool is_domain_char(uint32_t c) {
    if (c < 0x80) {
        if (is_ascii_alnum(c) || c == '"' || c == '`') return true;
        return c < 0x20 ? !is_space(c) : c == 0x7F;
    }
    return !is_space(c) && !is_direction_mark(c) && !is_refused(c);
}

bool is_at_sign(uint32_t c) { return c == '@' || c == 0xFF20; }
bool is_hash_sign(uint32_t c) { return c == '#' || c == 0xFF03; }
