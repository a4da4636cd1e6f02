/* What luacheck may find in a policy, made from the binding as it is. */
#include "lua/editor/binding.h"

struct rc {
    struct buf *out;
    char table[64]; /* whose fields are open */
};

static void close_tables(struct rc *rc, const char *down_to) {
    while (strcmp(rc->table, down_to) != 0) {
        char *dot = strrchr(rc->table, '.');
        buf_puts(rc->out, " } },");
        if (dot)
            *dot = 0;
        else
            rc->table[0] = 0;
        if (!rc->table[0]) buf_putc(rc->out, '\n');
    }
}

static void put_name(void *ctx, const char *table, const char *name, bool function) {
    struct rc *rc = ctx;
    close_tables(rc, table);
    if (!function && strcmp(table, "") != 0 && strcmp(name, "text") != 0)
        buf_printf(rc->out, " \"%s\",", name); /* math.pi, utf8.charpattern */
    else if (!function) {
        buf_printf(rc->out, "%s%s = { fields = {", table[0] ? " " : "    ", name);
        snprintf(rc->table, sizeof rc->table, "%s%s%s", table, table[0] ? "." : "", name);
    } else
        buf_printf(rc->out, table[0] ? " \"%s\"," : "    \"%s\",\n", name);
}

void policy_luacheckrc(struct buf *out) {
    struct rc rc = {.out = out};
    buf_puts(out,
             "-- For luacheck (Debian: lua-check): what a policy may name. Made by `sori policy "
             "types --luacheck`.\n"
             "stds.sori = {\n  read_globals = {\n");
    binding_walk(false, put_name, &rc);
    close_tables(&rc, "");
    buf_puts(out, "  },\n}\nstd = \"sori\"\nmax_line_length = 130\nexclude_files = { "
                  "\"**/.types/**\", \".types/**\" }\n");
}
