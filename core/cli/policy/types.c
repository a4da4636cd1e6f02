/* sori policy types: what editors and linters need to know of a policy. */
#include "cli/policy/words.h"
#include "lua/policy.h"

#include <stdio.h>
#include <unistd.h>

/* The policy that is meant where none is named: the one of this workspace, or this folder. */
static const char *nearby(void) {
    if (access("policy/init.lua", R_OK) == 0 && access("sori.lua", R_OK) == 0) return "policy";
    return access("init.lua", R_OK) == 0 ? "." : NULL;
}

/* With the names of the policy in `dir`; of one that does not load, without. */
static bool put_site(const char *dir, struct buf *out) {
    struct buf bundle = {0}, env = {0}, errors = {0};
    struct err err = {""};
    struct policy *p = NULL;
    if (policy_folder(dir, &bundle, &env, &err))
        p = policy_load(buf_view(&bundle), buf_view(&env), &errors);
    else
        buf_printf(&errors, "%s\n", err.text);
    policy_types(p, out);
    if (!p) fprintf(stderr, "%sthe names of %s are left out: it does not load\n", errors.data, dir);
    bool ok = p != NULL;
    policy_free(p);
    buf_free(&bundle);
    buf_free(&env);
    buf_free(&errors);
    return ok;
}

int policy_form_types(int argc, char **argv) {
    const struct cli_help help = {
        "sori policy types [DIR] [--luacheck]",
        "Prints types for the Lua language server: facts, verbs, directions, goals, and of the\n"
        "policy in DIR (else of this workspace's) the labels, levels, replies, cells and\n"
        "departments. A policy made by `sori new` keeps them in .types/sori.meta.lua:\n"
        "  sori policy types policy > policy/.types/sori.meta.lua\n"
        "--luacheck prints .luacheckrc instead."};
    struct cli_opt opts[] = {{.name = "luacheck", .help = "the configuration of luacheck"}};
    int words = cli_parse(argc, argv, &help, opts, sizeof opts / sizeof *opts);
    if (words < 0) return cli_parsed(words);
    if (words > 1 || (words == 1 && opts[0].value))
        return cli_usage(&help, "no word '%s' here", argv[words]);
    struct buf out = {0};
    const char *dir = words == 1 ? argv[1] : nearby();
    int code = CLI_OK;
    if (opts[0].value)
        policy_luacheckrc(&out);
    else if (!dir)
        policy_meta(&out);
    else if (!put_site(dir, &out))
        code = CLI_REFUSED;
    fwrite(out.data, 1, out.len, stdout);
    buf_free(&out);
    return code;
}
