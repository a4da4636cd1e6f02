#include "worker/worker.h"

#include <iconv.h>

/* Each stays open for the life of the process: what iconv has loaded it never needs to find again.
 * Other names are answered "unknown" by the fence, not with death. */
void charset_preload(void) {
    static const char *const names[] = {
        "UTF-16",      "UTF-16LE",    "UTF-16BE",   "UTF-32",      "EUC-KR",      "UHC",
        "JOHAB",       "ISO-2022-KR", "EUC-JP",     "SHIFT_JIS",   "CP932",       "ISO-2022-JP",
        "GB18030",     "GBK",         "EUC-CN",     "BIG5",        "BIG5-HKSCS",  "EUC-TW",
        "ISO-8859-1",  "ISO-8859-2",  "ISO-8859-3", "ISO-8859-4",  "ISO-8859-5",  "ISO-8859-6",
        "ISO-8859-7",  "ISO-8859-8",  "ISO-8859-9", "ISO-8859-10", "ISO-8859-13", "ISO-8859-14",
        "ISO-8859-15", "ISO-8859-16", "CP1250",     "CP1251",      "CP1252",      "CP1253",
        "CP1254",      "CP1255",      "CP1256",     "CP1257",      "CP1258",      "KOI8-R",
        "KOI8-U",      "CP866",       "TIS-620",    "CP874",       "MACINTOSH",   "IBM850"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        iconv_t open = iconv_open("UTF-8", names[i]);
        (void)open; /* a set that this system lacks is unknown later as well */
    }
}
