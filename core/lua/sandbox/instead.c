/* What Lua has elsewhere and is missing here on purpose: what to write in its place. */
#include "lua/sandbox/inner.h"

#include <string.h>

#define CODE                                                                                       \
    "code is not made while it runs; put it into a file of its own, lib/NAME.lua, and say "        \
    "require \"lib/NAME\""

const char *sandbox_instead(struct sori_str name) {
    static const struct {
        const char *name, *instead;
    } table[] = {
        {"os", "no clock is read and no program is started here; the time of a decision is i.now, "
               "in milliseconds, and the conditions now and hours_open ask for it"},
        {"io", "no file is read or written here; put lists and texts into the bundle, return { … } "
               "in lib/words.lua, and say require \"lib/words\""},
        {"load", CODE},
        {"loadstring", CODE},
        {"loadfile", CODE},
        {"dofile", CODE},
        {"package", CODE},
        {"debug", "errors name their file and line by themselves; `sori policy try` shows each "
                  "condition with what it saw"},
        {"print", "nothing is printed here; `sori policy try` shows each condition with what it "
                  "saw, and error(\"…\") stops with a text of yours"},
        {"coroutine", "one call is one decision; write a loop or a function"},
        {"collectgarbage", "memory is looked after; leave it out"},
        {"getmetatable", "what belongs to others is not opened here; keep a table of your own"},
        {"rawset", "write t[k] = v into a table of your own"},
        {"_G", "there are no globals to look through; use local names"},
        {"xpcall", "say pcall(f, …)"}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (str_is(name, table[i].name)) return table[i].instead;
    return NULL;
}

#define COLON                                                                                      \
    "; write a colon where the point is, care:rule \"name\" { … }, and give it what it takes"

const char *sandbox_hint(const char *message) {
    static const struct {
        const char *part, *hint;
    } table[] = {{"#2 to 'rule' (string", COLON},
                 {"#2 to 'note' (string", COLON},
                 {"#2 to 'case' (string", COLON},
                 {"#2 to 'cell' (table", COLON},
                 {"#2 to 'label' (table", COLON},
                 {"#2 to 'level' (table", COLON},
                 {"<eof> expected", "; nothing may stand behind the return that ends a file"},
                 {"near <eof>", "; the file ends before this is complete"},
                 {"unfinished string", "; the closing quote is missing on this line"},
                 {"(field 'random')", "; nothing is random here, the same facts give the same "
                                      "decision: sori.pick(i, { … }) chooses by the interaction"},
                 {"'}' expected", "; is a comma missing before it?"},
                 {"'=' expected", "; a name alone does nothing: write name = value or name(…)"}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strstr(message, table[i].part)) return table[i].hint;
    return "";
}
