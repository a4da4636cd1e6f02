/* What lets an editor complete and check a policy: types, and where the Lua language server finds
 * them. Neither is part of a bundle. */
#include "cli/new_editor.h"

#include "base/file.h"
#include "cli/policy_words.h"
#include "lua/policy.h"

static const char luarc[] =
    "{\n"
    "  \"runtime.version\": \"Lua 5.4\",\n"
    "  \"runtime.builtin\": {\n"
    "    \"coroutine\": \"disable\", \"debug\": \"disable\", \"io\": \"disable\", \"os\": "
    "\"disable\",\n"
    "    \"package\": \"disable\"\n"
    "  },\n"
    "  \"runtime.path\": [\"?.lua\"],\n"
    "  \"workspace.library\": [\".types\"],\n"
    "  \"workspace.checkThirdParty\": false\n"
    "}\n";

static bool write_in(const char *dir, const char *name, struct sori_str text, struct err *err) {
    struct buf path = {0};
    buf_printf(&path, "%s/%s", dir, name);
    bool ok = file_write(path.data, text, 0644, err);
    buf_free(&path);
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
         write_in(folder.data, "sori.meta.lua", buf_view(&types), err) &&
         write_in(dir, ".luarc.json", str_c(luarc), err);
    policy_free(p);
    struct buf *const all[] = {&bundle, &env, &errors, &types, &folder};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) buf_free(all[i]);
    return ok;
}
