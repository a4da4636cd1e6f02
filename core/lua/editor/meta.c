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

/* A fact of a few words has them as an alias: sori.fact.kind. */
static void fact_aliases(struct buf *out) {
    for (size_t i = 0; i < fact_count; i++) {
        if (fact_table[i].type != FT_ENUM) continue;
        buf_printf(out, "---@alias sori.fact.%s ", fact_table[i].lua);
        put_enum(out, fact_table[i].word);
        buf_putc(out, '\n');
    }
    buf_putc(out, '\n');
}

void fact_type(const struct fact_info *info, struct buf *out) {
    static const char *const known[][2] = {
        {"channel", "sori.Channel"}, {"lang", "sori.Lang"}, {"department", "sori.Department"}};
    const char *text = "string";
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(info->lua, known[i][0]) == 0) text = known[i][1];
    switch (info->type) {
    case FT_STR: buf_puts(out, text); break;
    case FT_BOOL: buf_puts(out, "boolean"); break;
    case FT_ENUM: buf_printf(out, "sori.fact.%s", info->lua); break;
    default: buf_puts(out, "integer");
    }
}

void fact_field(const struct fact_info *info, struct buf *type, struct buf *out) {
    field_name(str_c(info->lua), out);
    buf_printf(out, "? %s%s%s\n", type->data, info->help[0] ? " " : "", info->help);
    buf_clear(type);
}

/* What may be wanted of a fact in `when`. */
static void wanted_type(const struct fact_info *info, struct buf *type) {
    if (info->type == FT_INT || info->type == FT_TIME) {
        buf_puts(type, SITE_NUMBER);
        return;
    }
    fact_type(info, type);
    if (info->type == FT_BOOL) return;
    size_t len = type->len;
    buf_putc(type, '|');
    for (size_t i = 0; i < len; i++) buf_putc(type, type->data[i]);
    buf_puts(type, "[]");
}

static void put_facts(const struct policy *p, struct buf *out) {
    struct buf type = {0};
    buf_puts(out, "---What a condition may ask. Cells that you declare may be asked for as well.\n"
                  "---@class sori.When\n");
    for (size_t i = 0; i < fact_count; i++) {
        if (fact_table[i].tag == FACT_ID) continue;
        wanted_type(&fact_table[i], &type);
        fact_field(&fact_table[i], &type, out);
    }
    buf_puts(out, "---@field label? sori.Labels { [\"tone.negative\"] = \"likely\" }\n"
                  "---@field words? string|string[] any of them is in the text\n"
                  "---@field surge? table<string, sori.Surge> { [\"topic.*\"] = { at_least = 5, "
                  "times = 3 } }\n");
    site_cells(p, "? " SITE_NUMBER, out);
    buf_puts(out,
             "\n---The interaction that functions are given. Read-only; what is not known is nil.\n"
             "---@class sori.Interaction\n");
    for (size_t i = 0; i < fact_count; i++) {
        fact_type(&fact_table[i], &type);
        fact_field(&fact_table[i], &type, out);
    }
    site_cells(p, " integer", out);
    buf_puts(out, "---@field label sori.Scores 0 to 10,000\n\n");
    buf_free(&type);
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
        "---@meta _\n"
        "-- Types of Sori's policies for editors. Made by `sori policy types`; do not edit.\n"
        "-- `pairs` and `next` walk in the order of keys: numbers, texts by their bytes, false, "
        "true.\n"
        "error(\"this file is for editors\")\n\n"
        "---A number, for tone_confidence a score from 0 to 1, or a span: \"90s\", \"30m\", "
        "\"2h\", \"7d\".\n"
        "---@alias sori.Amount number|string\n\n"
        "---@class sori.Range\n"
        "---@field below? sori.Amount\n---@field above? sori.Amount\n"
        "---@field at_least? sori.Amount\n---@field at_most? sori.Amount\n\n"
        "---Negative words on a topic within an hour, and how many times a usual hour's.\n"
        "---@class sori.Surge\n---@field at_least? integer\n---@field times? number\n\n"
        "---What a rule wants done. Made by reply, assign, tag, …\n---@class sori.Intention\n\n");
    fact_aliases(out);
    buf_puts(out, "---What a rule is for.\n---@alias sori.Direction ");
    put_enum(out, direction_word);
    buf_puts(out, "\n---What a reply is meant to do.\n---@alias sori.Goal ");
    put_enum(out, goal_word);
    buf_puts(out, "\n---How somebody stands to us.\n---@alias sori.Relationship ");
    put_enum(out, relation_word);
    buf_puts(out, "\n\n");
    site_meta(p, out);
    put_facts(p, out);
    buf_puts(out,
             "---@class sori.Check\n"
             "---@field why string what it looks for; `sori why` prints it\n"
             "---@field [1] fun(i: sori.Interaction): any\n\n"
             "---@class sori.Rule\n---@field when sori.When\n---@field check? sori.Check\n"
             "---@field direction? sori.Direction what it is for\n"
             "---@field act sori.Intention|sori.Intention[]|fun(i: sori.Interaction): "
             "sori.Intention|sori.Intention[]|nil\n\n"
             "---@class sori.Cell\n---@field per \"contact\"|\"case\"\n---@field type \"int\"\n"
             "---@field keep string \"90d\"\n\n");
    case_meta(p, out);
    guide_meta(out);
    buf_puts(out, "---@class sori.Policy\nlocal Policy = {}\n");
    binding_walk(true, put_function, out);
    buf_puts(out, "\n---@class sori.Library\nsori = {}\n---@class sori.Text\nsori.text = {}\n");
    binding_walk(false, put_function, out);
    buf_putc(out, '\n');
    verbs_meta(out);
}

void policy_meta(struct buf *out) { policy_types(NULL, out); }
