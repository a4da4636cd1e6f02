/* Types for editors (lua-language-server), made from the same tables that the binding reads. */
#include "lua/editor/meta.h"

/* "a"|"b" of an enumeration. */
static void put_enum(struct buf *out, const char *(*word_of)(int64_t)) {
    bool first = true;
    for (int n = 0; n < 32; n++) {
        const char *word = word_of(n);
        if (!word[0] || strcmp(word, "?") == 0) continue;
        buf_printf(out, "%s\"%s\"", first ? "" : "|", word);
        first = false;
    }
}

static void put_words(struct buf *out, const struct fact_info *info) { put_enum(out, info->word); }

static void put_value_type(struct buf *out, const struct fact_info *info) {
    switch (info->type) {
    case FT_STR: buf_puts(out, "string"); break;
    case FT_BOOL: buf_puts(out, "boolean"); break;
    case FT_ENUM: put_words(out, info); break;
    default: buf_puts(out, "integer");
    }
}

/* What may be wanted of a fact in `when`. */
static void put_wanted_type(struct buf *out, const struct fact_info *info) {
    if (info->type == FT_INT || info->type == FT_TIME)
        buf_puts(out, "integer|integer[]|sori.Range");
    else {
        put_value_type(out, info);
        if (info->type == FT_STR) buf_puts(out, "|string[]");
        if (info->type == FT_ENUM) {
            buf_puts(out, "|(");
            put_words(out, info);
            buf_puts(out, ")[]");
        }
    }
}

static void put_facts(const struct policy *p, struct buf *out) {
    buf_puts(out, "---What a condition may ask. Cells that you declare may be asked for as well.\n"
                  "---@class sori.When\n");
    for (size_t i = 0; i < fact_count; i++) {
        if (fact_table[i].tag == FACT_ID) continue;
        buf_printf(out, "---@field %s? ", fact_table[i].lua);
        put_wanted_type(out, &fact_table[i]);
        buf_printf(out, "%s%s\n", fact_table[i].help[0] ? " " : "", fact_table[i].help);
    }
    buf_puts(out, "---@field label? table<sori.Label, boolean|sori.Level|number> { "
                  "[\"tone.negative\"] = \"likely\" }\n"
                  "---@field words? string|string[] any of them is in the text\n"
                  "---@field surge? table<string, { at_least: integer?, times: number? }> { "
                  "[\"topic.*\"] = { at_least = 5, times = 3 } }\n");
    site_cells(p, "? integer|integer[]|sori.Range", out);
    buf_puts(out,
             "\n---The interaction that functions are given. Read-only; what is not known is nil.\n"
             "---@class sori.Interaction\n");
    for (size_t i = 0; i < fact_count; i++) {
        buf_printf(out, "---@field %s? ", fact_table[i].lua);
        put_value_type(out, &fact_table[i]);
        buf_printf(out, "%s%s\n", fact_table[i].help[0] ? " " : "", fact_table[i].help);
    }
    site_cells(p, " integer", out);
    buf_puts(out, "---@field label table<sori.Label, integer?> scores, 0 to 10,000\n\n");
}

/* What is said of each function of the binding; its parameters are the names of `params`. */
static const struct doc {
    const char *table, *name, *params, *text;
} docs[] = {
    {"Policy", "level", "levels",
     "---How sure a label must be, by name.\n"
     "---@param levels table<string, string|number> \"precision 80%\" or a score\n"},
    {"Policy", "cell", "cells",
     "---What is remembered of a contact or a case.\n---@param cells table<string, sori.Cell>\n"},
    {"Policy", "label", "lists",
     "---Labels from words, where no classifier gives them: { [\"topic.delivery\"] = { \"배송\" } "
     "}\n---@param lists table<string, string|string[]>\n"},
    {"Policy", "rule", "name",
     "---Of the rules the first that fits decides.\n---@param name string\n"
     "---@return fun(rule: sori.Rule)\n"},
    {"Policy", "note", "name",
     "---Notes all apply and may not speak.\n---@param name string\n"
     "---@return fun(rule: sori.Rule)\n"},
    {"Policy", "case", "name",
     "---In *_test.lua.\n---@param name string\n---@return fun(case: sori.Case)\n"},
    {"sori", "policy", "name",
     "---A policy's rules, notes, levels, cells and labels are declared with it.\n"
     "---@param name string\n---@return sori.Policy\n"},
    {"sori", "guide", "guide", "---In init.lua, once.\n---@param guide sori.Guide\n"},
    {"sori", "pick", "i, list",
     "---One of the list, always the same for the same interaction.\n---@generic T\n"
     "---@param i sori.Interaction\n---@param list T[]\n---@return T\n"},
    {"sori.text", "has", "text, ...",
     "---Is one of the words in the text?\n---@param text string\n---@param ... string|string[]\n"
     "---@return boolean\n"},
    {"sori.text", "contains", "text, part",
     "---Does the text hold the part, whatever case, width and blanks?\n---@param text string\n"
     "---@param part string\n---@return boolean\n"},
    {"sori.text", "word", "text, ...",
     "---Is one of the words in the text, as a word? Korean ones may have particles behind them: "
     "배송 is in 배송은, not in 배송비.\n---@param text string\n---@param ... string|string[]\n"
     "---@return boolean\n"},
    {"sori.text", "normalise", "text",
     "---The same for texts that mean the same: small letters of half width, single blanks, "
     "ㅋㅋㅋㅋ as ㅋㅋ.\n---@param text string\n---@return string\n"},
    {"sori.text", "links", "text",
     "---At most 100, as written.\n---@param text string\n---@return string[]\n"},
    {"sori.text", "handles", "text", "---@param text string\n---@return string[]\n"},
    {"sori.text", "hashtags", "text", "---@param text string\n---@return string[]\n"},
};

/* What Lua's own library has is typed there. */
static bool is_library(const char *name) {
    static const char *const names[] = {"find", "match", "gmatch", "gsub", "lower", "sub"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0) return true;
    return false;
}

/* Of sori, sori.text and a policy; a function that nobody has described is still one. */
static void put_function(void *ctx, const char *table, const char *name, bool function) {
    struct buf *out = ctx;
    if (!function || (strncmp(table, "sori", 4) != 0 && strcmp(table, "Policy") != 0)) return;
    if (strcmp(table, "sori.text") == 0 && is_library(name)) {
        buf_printf(out, "sori.text.%s = string.%s\n", name, name);
        return;
    }
    const char *params = "...", *text = "";
    for (size_t i = 0; i < sizeof docs / sizeof *docs; i++)
        if (strcmp(docs[i].table, table) == 0 && strcmp(docs[i].name, name) == 0) {
            params = docs[i].params;
            text = docs[i].text;
        }
    buf_printf(out, "%sfunction %s%c%s(%s) end\n", text, table,
               strcmp(table, "Policy") == 0 ? ':' : '.', name, params);
}

void policy_types(const struct policy *p, struct buf *out) {
    buf_puts(
        out,
        "---@meta\n"
        "-- Types of Sori's policies for editors. Made by `sori policy types`; do not edit.\n"
        "-- `pairs` and `next` walk in the order of keys: numbers, texts by their bytes, false, "
        "true.\n"
        "error(\"this file is for editors\")\n\n"
        "---@class sori.Range\n"
        "---@field below? integer|string\n---@field above? integer|string\n"
        "---@field at_least? integer|string\n---@field at_most? integer|string\n\n"
        "---What a rule wants done. Made by reply, assign, tag, …\n---@class sori.Intention\n\n");
    buf_puts(out, "---What a rule is for.\n---@alias sori.Direction ");
    put_enum(out, direction_word);
    buf_puts(out, "\n---What a reply is meant to do.\n---@alias sori.Goal ");
    put_enum(out, goal_word);
    buf_puts(out, "\n---How somebody stands to us.\n---@alias sori.Relationship ");
    put_enum(out, relation_word);
    buf_puts(out, "\n\n");
    site_meta(p, out);
    put_facts(p, out);
    buf_puts(
        out,
        "---@class sori.Check\n"
        "---@field why string what it looks for; `sori why` prints it\n"
        "---@field [1] fun(i: sori.Interaction): any\n\n"
        "---@class sori.Rule\n---@field when sori.When\n---@field check? sori.Check\n"
        "---@field direction? sori.Direction what it is for\n"
        "---@field act sori.Intention|sori.Intention[]|fun(i: sori.Interaction): "
        "sori.Intention|sori.Intention[]|nil\n\n"
        "---@class sori.Cell\n---@field per \"contact\"|\"case\"\n---@field type \"int\"\n"
        "---@field keep string \"90d\"\n\n"
        "---@class sori.Case\n---@field given table facts by name (\"unknown\": not known), label "
        "= {…}, windows = {…}, cells by name\n"
        "---@field expect? table rule, status, notes, labels, direction, goal, source, checks, "
        "says, "
        "lang, approve, silent, or a verb\n"
        "---@field golden? boolean the whole decision is kept in tests/golden/ (sori policy test "
        "--update)\n\n");
    guide_meta(out);
    buf_puts(out, "---@class sori.Policy\nlocal Policy = {}\n");
    binding_walk(true, put_function, out);
    buf_puts(out, "\nsori = { text = {} }\n");
    binding_walk(false, put_function, out);
    buf_putc(out, '\n');
    verbs_meta(out);
}

void policy_meta(struct buf *out) { policy_types(NULL, out); }
