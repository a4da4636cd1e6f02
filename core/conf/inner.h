/* Shared by the files that read sori.lua: read.c (running it), block.c (what a block may hold),
 * form.c (what a value must look like), blame.c (what is wrong where). */
#ifndef CONF_INNER_H
#define CONF_INNER_H

#include "base/record.h"
#include "conf/lines.h"
#include "lua/sandbox/sandbox.h"

struct blame {
    int line;
    size_t order;
    char *text;
};
struct blames {
    struct blame *items;
    size_t count;
};

/* Notes "name:line: text". */
void blame(struct blames *b, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Appends all, by line, one a line as "name:LINE: …", and frees them. */
void blames_print(struct blames *b, const char *name, struct buf *errors);

enum form {
    FORM_TEXT,
    FORM_SPAN,         /* int ms */
    FORM_SIZE,         /* int bytes */
    FORM_COUNT,        /* int */
    FORM_SHARE,        /* "5%": int/10000 */
    FORM_SHARE_OR_OFF, /* … or "off": 0 */
    FORM_SWITCH,       /* true or false: int */
    FORM_FLOOR,        /* 0 to 1: int/10000 */
    FORM_LISTEN,       /* str */
    FORM_URL,          /* str */
    FORM_ZONE,         /* str */
    FORM_LANGS,        /* rep str */
    FORM_HOURS,        /* str */
    FORM_DAYS,         /* rep str: sets of holidays, and dates with their hours */
    FORM_NAME,         /* str: of another block */
    FORM_PLUGIN,       /* str */
    FORM_MODELS,       /* rep rec {1 lang, 2 model} */
    FORM_MODE,         /* int enum mode */
    FORM_ALLOW,        /* rep str */
    FORM_SITES         /* rep str */
};

/* One word of a block. */
struct word {
    const char *name;
    enum form form;
    uint32_t tag;
    int64_t min, max; /* of numbers; both 0: no limits */
    bool required;
    const char *help; /* for "has no …" */
};

struct block {
    const char *keyword;
    uint32_t tag;
    bool named, options; /* options: words that are not known are kept for the plugin */
    const struct word *words;
    size_t count;
};

extern const struct block blocks[];
extern const size_t block_count;

struct reader {
    struct sandbox *sandbox;
    struct buf *record;
    struct blames blames;
    struct lines lines;
};

/* Where a value stands, for messages. */
struct place {
    struct reader *r;
    const struct line_block *lines; /* or NULL */
    const char *title;              /* "connection \"shop\"", "gate" */
    int line;                       /* of the block */
};

/* "TITLE: NAME = what was found: WHY", at the word's line, about the value on top of the stack. */
void form_wrong(const struct place *at, const char *name, const char *why);
/* Checks the value on top of the Lua stack and writes it under the word's tag. */
void form_put(const struct place *at, const struct word *word);
/* The same of zones, hours and days (almanac.c). */
void form_put_zone(const struct place *at, const struct word *word);
void form_put_hours(const struct place *at, const struct word *word);
void form_put_days(const struct place *at, const struct word *word);
/* The text on top of the stack; false where it is none that sori.lua could mean. */
bool form_text(lua_State *L, struct sori_str *s);
/* The value on top as an option of a plugin: a record {1 name, 2 value, 3 line}. */
void form_option(const struct place *at, struct sori_str name);
/* Reads the table at `index` after the block's rules and writes it as a record. */
void block_put(struct reader *r, const struct block *block, struct sori_str name, int index,
               int line);
/* When all was read without an error: compiles every calendar, and says of each department which
 * one is its own (calendar.c). `start`: where in the record this configuration begins. */
void calendars_put(struct reader *r, size_t start);

#endif
