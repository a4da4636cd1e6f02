/* A plugin's descriptor, for people and for programs. */
#include "cli/plugin/words.h"

#include "sori/plugin.h"
#include "base/enums.h"
#include "supervise/messages.h"

static const char *const types[] = {"string", "int", "bool", "duration",
                                    "size",   "url", "enum", "list"};
static const char *type_word(int64_t type) {
    return type >= 0 && (size_t)type < sizeof types / sizeof *types ? types[type] : "?";
}

static bool has_interface(struct sori_str d, const char *id) {
    struct rec_field f;
    while (rec_next(&d, &f) == 1)
        if (f.tag == DESC_INTERFACE && f.type == REC_STR && str_is(f.s, id)) return true;
    return false;
}

void plugin_put_kinds(struct buf *b, struct sori_str d) {
    static const char *const does[] = {"polls", "receives", "acts"};
    int64_t flags = rec_get_int(d, DESC_FLAGS, 0);
    if (has_interface(d, SORI_CONNECTOR_ID)) {
        buf_puts(b, "connector");
        for (int i = 0, n = 0; i < 3; i++)
            if (flags >> i & 1) buf_printf(b, "%s%s", n++ ? ", " : ": ", does[i]);
    }
    if (has_interface(d, SORI_CLASSIFIER_ID)) buf_puts(b, b->len ? ", classifier" : "classifier");
}

static void line(struct buf *b, const char *name, struct sori_str value) {
    if (value.len) buf_printf(b, "  %-10s %.*s\n", name, STR(value));
}

static void option_text(struct buf *b, struct sori_str o) {
    int64_t flags = rec_get_int(o, OPT_FLAGS, 0);
    struct sori_str def = rec_get_str(o, OPT_DEF), choices = rec_get_str(o, OPT_CHOICES);
    buf_printf(b, "    %-16.*s %s", STR(rec_get_str(o, OPT_NAME)),
               type_word(rec_get_int(o, OPT_TYPE, 0)));
    if (choices.len) buf_printf(b, " (%.*s)", STR(choices));
    if (flags & SORI_OPTION_REQUIRED) buf_puts(b, ", required");
    if (def.len) buf_printf(b, ", default %.*s", STR(def));
    struct sori_str help = rec_get_str(o, OPT_HELP);
    if (help.len) buf_printf(b, "\n      %.*s", STR(help));
    buf_putc(b, '\n');
}

static void receive_text(struct buf *b, struct sori_str r) {
    struct sori_str slot = rec_get_str(r, RECV_SLOT);
    buf_printf(b, "    %.*s at /in/CONNECTION%.*s", STR(rec_get_str(r, RECV_FORM)),
               STR(rec_get_str(r, RECV_PATH)));
    if (slot.len) buf_printf(b, ", signed with %.*s", STR(slot));
    buf_putc(b, '\n');
}

static const char *slot_kind(int64_t kind) {
    switch (kind) {
    case SORI_SLOT_TEXT: return "text";
    case SORI_SLOT_OAUTH2: return "oauth2";
    case SORI_SLOT_RENEWED: return "renewed";
    default: return "?";
    }
}

static const char *step_kind(int64_t kind) {
    static const char *const kinds[] = {"say", "option", "slot", "make", "hook", "check"};
    return kind >= 0 && (size_t)kind < sizeof kinds / sizeof *kinds ? kinds[kind] : "?";
}

static void slot_text(struct buf *b, struct sori_str slot) {
    int64_t kind = rec_get_int(slot, 4, SORI_SLOT_TEXT);
    buf_printf(b, "    secrets/CONNECTION.%.*s%s%s  %.*s\n", STR(rec_get_str(slot, 1)),
               rec_get_int(slot, 3, 0) ? " (required)" : "",
               kind != SORI_SLOT_TEXT ? " (renewed by Sori)" : "", STR(rec_get_str(slot, 2)));
    if (kind != SORI_SLOT_TEXT)
        buf_printf(b, "      %s\n",
                   kind == SORI_SLOT_OAUTH2
                       ? "one line of JSON, refreshed before it ends (oauth2)"
                       : "one line of JSON, exchanged for a newer one in time (renewed)");
    if (rec_get_str(slot, 6).len)
        buf_printf(b, "      authorised at %.*s, for %.*s\n", STR(rec_get_str(slot, 6)),
                   STR(rec_get_str(slot, 7)));
}

static void step_text(struct buf *b, struct sori_str step) {
    struct sori_str name = rec_get_str(step, 2), only = rec_get_str(step, 4);
    buf_printf(b, "    %-6s", step_kind(rec_get_int(step, 1, 0)));
    if (name.len) buf_printf(b, " %.*s", STR(name));
    if (only.len) buf_printf(b, " (where %.*s)", STR(only));
    if (rec_get_str(step, 3).len)
        buf_printf(b, "%s%.*s", name.len || only.len ? ": " : " ", STR(rec_get_str(step, 3)));
    buf_putc(b, '\n');
}

static void title(struct buf *b, struct rec_field *f, uint32_t *last) {
    static const char *const titles[] = {[DESC_OPTION] = "options",
                                         [DESC_HOST] = "hosts",
                                         [DESC_SLOT] = "credentials",
                                         [DESC_RECEIVE] = "receives",
                                         [DESC_VERB] = "verbs",
                                         [DESC_SETUP] = "sets up",
                                         [DESC_STEP] = "guide of sori connection add"};
    if (*last != f->tag) buf_printf(b, "  %s\n", titles[f->tag]);
    *last = f->tag;
}

void plugin_put_text(struct buf *b, struct sori_str d, bool color) {
    cli_paint(b, color, CLI_BOLD, rec_get_str(d, DESC_ID));
    buf_printf(b, " %.*s\n", STR(rec_get_str(d, DESC_VERSION)));
    struct buf kinds = {0};
    plugin_put_kinds(&kinds, d);
    line(b, "summary", rec_get_str(d, DESC_SUMMARY));
    line(b, "kind", buf_view(&kinds));
    line(b, "vendor", rec_get_str(d, DESC_VENDOR));
    line(b, "licence", rec_get_str(d, DESC_LICENSE));
    buf_printf(b, "  %-10s %lld\n", "ABI", (long long)rec_get_int(d, DESC_ABI, -1));
    buf_free(&kinds);
    struct rec_field f;
    uint32_t last = 0;
    while (rec_next(&d, &f) == 1) {
        if (f.tag != DESC_OPTION && f.tag != DESC_HOST && f.tag != DESC_SLOT &&
            f.tag != DESC_RECEIVE && f.tag != DESC_VERB && f.tag != DESC_SETUP &&
            f.tag != DESC_STEP)
            continue;
        title(b, &f, &last);
        if (f.tag == DESC_OPTION) option_text(b, f.s);
        if (f.tag == DESC_HOST || f.tag == DESC_SETUP) buf_printf(b, "    %.*s\n", STR(f.s));
        if (f.tag == DESC_RECEIVE) receive_text(b, f.s);
        if (f.tag == DESC_VERB) buf_printf(b, "    %s\n", verb_word(rec_get_int(f.s, 1, 0)));
        if (f.tag == DESC_SLOT) slot_text(b, f.s);
        if (f.tag == DESC_STEP) step_text(b, f.s);
    }
}

static json_t *text_json(struct sori_str s) { return json_stringn(s.ptr ? s.ptr : "", s.len); }

static json_t *option_json(struct sori_str o) {
    int64_t flags = rec_get_int(o, OPT_FLAGS, 0);
    json_t *j = json_object();
    json_object_set_new(j, "name", text_json(rec_get_str(o, OPT_NAME)));
    json_object_set_new(j, "type", json_string(type_word(rec_get_int(o, OPT_TYPE, 0))));
    json_object_set_new(j, "required", json_boolean(flags & SORI_OPTION_REQUIRED));
    if (rec_get_str(o, OPT_DEF).ptr)
        json_object_set_new(j, "default", text_json(rec_get_str(o, OPT_DEF)));
    if (rec_get_str(o, OPT_CHOICES).len)
        json_object_set_new(j, "choices", text_json(rec_get_str(o, OPT_CHOICES)));
    json_object_set_new(j, "help", text_json(rec_get_str(o, OPT_HELP)));
    return j;
}

/* The names alone stand in "slots", as they always did. */
static json_t *credential_json(struct sori_str slot) {
    return json_pack(
        "{s:o, s:s, s:b, s:o, s:o, s:o, s:o, s:o}", "name", text_json(rec_get_str(slot, 1)), "kind",
        slot_kind(rec_get_int(slot, 4, SORI_SLOT_TEXT)), "required", rec_get_int(slot, 3, 0) != 0,
        "refresh", text_json(rec_get_str(slot, 5)), "help", text_json(rec_get_str(slot, 2)),
        "authorize", text_json(rec_get_str(slot, 6)), "scopes", text_json(rec_get_str(slot, 7)),
        "redirect", text_json(rec_get_str(slot, 8)));
}

static json_t *step_json(struct sori_str step) {
    return json_pack("{s:s, s:o, s:o, s:o}", "kind", step_kind(rec_get_int(step, 1, 0)), "name",
                     text_json(rec_get_str(step, 2)), "text", text_json(rec_get_str(step, 3)),
                     "only", text_json(rec_get_str(step, 4)));
}

json_t *plugin_to_json(struct sori_str d) {
    static const struct {
        uint32_t tag;
        const char *name;
    } texts[] = {{DESC_ID, "id"},         {DESC_NAME, "name"},       {DESC_VERSION, "version"},
                 {DESC_VENDOR, "vendor"}, {DESC_LICENSE, "license"}, {DESC_SUMMARY, "summary"}};
    json_t *j = json_object(), *options = json_array(), *hosts = json_array();
    json_t *slots = json_array(), *receives = json_array(), *verbs = json_array();
    json_t *interfaces = json_array(), *setups = json_array();
    json_t *credentials = json_array(), *guide = json_array();
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        json_object_set_new(j, texts[i].name, text_json(rec_get_str(d, texts[i].tag)));
    json_object_set_new(j, "abi", json_integer(rec_get_int(d, DESC_ABI, -1)));
    struct rec_field f;
    for (struct sori_str at = d; rec_next(&at, &f) == 1;) {
        if (f.tag == DESC_OPTION) json_array_append_new(options, option_json(f.s));
        if (f.tag == DESC_HOST) json_array_append_new(hosts, text_json(f.s));
        if (f.tag == DESC_SLOT) json_array_append_new(slots, text_json(rec_get_str(f.s, 1)));
        if (f.tag == DESC_SLOT) json_array_append_new(credentials, credential_json(f.s));
        if (f.tag == DESC_SETUP) json_array_append_new(setups, text_json(f.s));
        if (f.tag == DESC_STEP) json_array_append_new(guide, step_json(f.s));
        if (f.tag == DESC_INTERFACE) json_array_append_new(interfaces, text_json(f.s));
        if (f.tag == DESC_RECEIVE)
            json_array_append_new(receives, text_json(rec_get_str(f.s, RECV_FORM)));
        if (f.tag == DESC_VERB)
            json_array_append_new(verbs, json_string(verb_word(rec_get_int(f.s, 1, 0))));
    }
    json_object_set_new(j, "interfaces", interfaces);
    json_object_set_new(j, "setups", setups);
    json_object_set_new(j, "options", options);
    json_object_set_new(j, "hosts", hosts);
    json_object_set_new(j, "slots", slots);
    json_object_set_new(j, "credentials", credentials);
    json_object_set_new(j, "guide", guide);
    json_object_set_new(j, "receives", receives);
    json_object_set_new(j, "verbs", verbs);
    return j;
}
