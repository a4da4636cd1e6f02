/* sori policy types: what an editor needs to complete and check a policy. */
#include "cli/policy_words.h"
#include "lua/policy.h"

#include <stdio.h>

int policy_form_types(int argc, char **argv) {
    const struct cli_help help = {"sori policy types",
                                  "Prints sdk/lua/sori.meta.lua, for the Lua language server."};
    int words = cli_parse(argc, argv, &help, NULL, 0);
    if (words < 0) return cli_parsed(words);
    if (words != 0) return cli_usage(&help, "no word '%s' here", argv[1]);
    struct buf types = {0};
    policy_meta(&types);
    fwrite(types.data, 1, types.len, stdout);
    buf_free(&types);
    return CLI_OK;
}
