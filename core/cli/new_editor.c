/* What lets an editor complete and check a policy: types, and where the Lua language server finds
 * them. Neither is part of a bundle. */
#include "cli/new_editor.h"

#include "base/file.h"
#include "cli/policy/words.h"
#include "lua/policy.h"

/* The blocks of sori.lua. */
static const char *const blocks[] = {"workspace",  "gate",     "connection",
                                     "classifier", "reload",   "metrics",
                                     "department", "calendar", "limits"};

static void put_blocks(struct buf *out) {
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        buf_printf(out, "%s\"%s\"", i ? ", " : "", blocks[i]);
}

static bool write_in(const char *dir, const char *name, struct sori_str text, struct err *err) {
    struct buf path = {0};
    buf_printf(&path, "%s/%s", dir, name);
    bool ok = file_write(path.data, text, 0644, err);
    buf_free(&path);
    return ok;
}

/* `policy`: where the policy is, "policy/"; where the types are, and what `require "lib.words"`
 * finds. The library's package stays: the language server has require from there. */
static bool write_luarc(const char *dir, const char *policy, struct err *err) {
    struct buf text = {0};
    buf_printf(&text,
               "{\n"
               "  \"runtime.version\": \"Lua 5.4\",\n"
               "  \"runtime.builtin\": {\n"
               "    \"coroutine\": \"disable\", \"debug\": \"disable\", \"io\": \"disable\", "
               "\"os\": \"disable\"\n"
               "  },\n"
               "  \"runtime.path\": [\"%s?.lua\"],\n"
               "  \"workspace.library\": [\"%s.types\"],\n",
               policy, policy);
    if (policy[0]) {
        buf_puts(&text, "  \"diagnostics.globals\": [");
        put_blocks(&text);
        buf_puts(&text, "],\n");
    }
    buf_puts(&text, "  \"workspace.checkThirdParty\": false\n}\n");
    bool ok = write_in(dir, ".luarc.json", buf_view(&text), err);
    buf_free(&text);
    return ok;
}

bool new_editor_above(const char *dir, struct err *err) {
    struct buf rc = {0};
    policy_luacheckrc(&rc);
    buf_puts(&rc, "files[\"sori.lua\"] = { read_globals = { ");
    put_blocks(&rc);
    buf_puts(&rc, " } }\n");
    bool ok = write_luarc(dir, "policy/", err) && write_in(dir, ".luacheckrc", buf_view(&rc), err);
    buf_free(&rc);
    return ok;
}

bool new_editor(const char *dir, struct err *err) {
    struct buf bundle = {0}, env = {0}, errors = {0}, types = {0}, folder = {0};
    buf_printf(&folder, "%s/.types", dir);
    struct policy *p = NULL;
    bool ok = policy_folder(dir, &bundle, &env, err);
    if (ok) p = policy_load(buf_view(&bundle), buf_view(&env), &errors);
    if (ok && !p) ok = err_set(err, "%s: %s", dir, errors.data);
    if (ok) policy_types(p, &types);
    ok = ok && file_make_dir(folder.data, 0755, err) &&
         write_in(folder.data, "sori.meta.lua", buf_view(&types), err) && write_luarc(dir, "", err);
    policy_free(p);
    struct buf *const all[] = {&bundle, &env, &errors, &types, &folder};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) buf_free(all[i]);
    return ok;
}
