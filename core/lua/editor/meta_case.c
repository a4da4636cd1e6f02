/* Types of tests for editors: what a case gives, and what it expects. */
#include "lua/editor/meta.h"

static void given_meta(const struct policy *p, struct buf *out) {
    struct buf type = {0};
    buf_puts(out, "---Facts by name; \"unknown\" leaves out what is taken where nothing is said.\n"
                  "---@class sori.Given\n");
    for (size_t i = 0; i < fact_count; i++) {
        const struct fact_info *info = &fact_table[i];
        if (info->type == FT_INT || info->type == FT_TIME)
            buf_puts(&type, "sori.Amount");
        else
            fact_type(info, &type);
        if (info->type == FT_BOOL || info->type == FT_ENUM) buf_puts(&type, "|\"unknown\"");
        fact_field(info, &type, out);
    }
    buf_puts(out, "---@field label? sori.GivenLabels { [\"tone.negative\"] = 0.9 }\n"
                  "---@field windows? table<string, { hour: integer, usual: number? }> { "
                  "[\"topic.delivery\"] = { hour = 14, usual = 2.1 } }\n");
    site_cells(p, "? integer", out);
    buf_puts(out, "\n");
    buf_free(&type);
}

static void expect_meta(struct buf *out) {
    buf_puts(out, "---What must come out; false: none.\n---@class sori.Expect\n"
                  "---@field rule? sori.RuleName|false\n"
                  "---@field status? ");
    bool first = true;
    for (int n = 0; n < 32; n++) {
        const char *word = decision_word(n);
        if (!word[0] || strcmp(word, "?") == 0) continue;
        buf_printf(out, "%s\"%s\"", first ? "" : "|", word);
        first = false;
    }
    buf_puts(out, "\n---@field notes? string[] notes that apply\n"
                  "---@field labels? string[] labels that lists of words found\n"
                  "---@field direction? sori.Direction|false\n"
                  "---@field goal? sori.Goal|false\n"
                  "---@field source? string|false\n"
                  "---@field checks? string[]|false checks of the send gate that are not passed\n"
                  "---@field says? string|false a part of what is said\n"
                  "---@field lang? sori.Lang|false in which it is said\n"
                  "---@field approve? boolean a person lets it go\n"
                  "---@field silent? boolean nothing is said\n");
    verbs_expected(out);
    buf_puts(out, "\n---In *_test.lua.\n---@class sori.Case\n---@field given sori.Given\n"
                  "---@field expect? sori.Expect\n"
                  "---@field golden? boolean the whole decision is kept in tests/golden/ (sori "
                  "policy test --update)\n\n");
}

void case_meta(const struct policy *p, struct buf *out) {
    given_meta(p, out);
    expect_meta(out);
}
