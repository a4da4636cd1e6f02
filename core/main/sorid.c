/* sorid: the keeper, and, started by it, core, gate, net, reader and proof. */
#include "base/log.h"
#include "gate/gate.h"
#include "main/roles.h"
#include "net/net.h"
#include "proof/proof.h"
#include "reader/reader.h"
#include "supervise/role.h"
#include "supervise/wire.h"

#include <stdio.h>
#include <string.h>

static const char help[] =
    "sorid [--foreground] WORKSPACE\n\n"
    "Runs Sori for a workspace until SIGTERM or SIGINT. `sori run` is the same in the foreground,\n"
    "with a line for each interaction. SIGHUP reloads policy and configuration.\n";

static const char *value_of(int argc, char **argv, const char *name) {
    for (int i = 1; i + 1 < argc; i++)
        if (strcmp(argv[i], name) == 0) return argv[i + 1];
    return NULL;
}

static bool has(int argc, char **argv, const char *name) {
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], name) == 0) return true;
    return false;
}

static int run_role(const char *role, int argc, char **argv) {
    const char *data = value_of(argc, argv, "--data"),
               *workspace = value_of(argc, argv, "--workspace");
    if (strcmp(role, "core") == 0 && workspace)
        return core_main(WIRE_FD, workspace, has(argc, argv, "--foreground"));
    if (strcmp(role, "gate") == 0) return gate_main(WIRE_FD, ROLE_EXTRA_FD);
    if (strcmp(role, "net") == 0) return net_main(WIRE_FD, false);
    if (strcmp(role, "stranger") == 0) return net_main(WIRE_FD, true);
    if (strcmp(role, "reader") == 0 && data) return reader_main(WIRE_FD, data);
    if (strcmp(role, "proof") == 0) return proof_main(WIRE_FD);
    fprintf(stderr, "sorid: --role is for sorid's own use\n");
    return 2;
}

int main(int argc, char **argv) {
    const char *role = value_of(argc, argv, "--role");
    if (role) return run_role(role, argc, argv);
    if (has(argc, argv, "--help") || has(argc, argv, "-h")) {
        fputs(help, stdout);
        return 0;
    }
    if (argc < 2 || argv[argc - 1][0] == '-') {
        fputs(help, stderr);
        return 2;
    }
    return keeper_main(argv[argc - 1], has(argc, argv, "--foreground"));
}
