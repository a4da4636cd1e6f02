/* A list of interactions, for people. */
#include "cli/cli.h"

#include "base/clock.h"

void cli_print_found(const struct cli_told *told, const char *none) {
    static const char *const heads[] = {"ID", "HEARD", "FROM", "AUTHOR", "KIND", "TEXT", NULL};
    struct cli_table t;
    cli_table_open(&t, heads);
    struct sori_str at = buf_view(&told->rows);
    json_t *row;
    while ((row = cli_next_row(&at))) {
        struct buf b = {0};
        buf_printf(&b, "%lld", (long long)cli_int(row, "id", 0));
        cli_table_cell(&t, CLI_BOLD, buf_view(&b));
        buf_clear(&b);
        int64_t at_ms;
        if (clock_parse_rfc3339(cli_text(row, "heard_at"), &at_ms)) cli_put_time(&b, at_ms);
        cli_table_cell(&t, CLI_DIM, buf_view(&b));
        cli_table_cell(&t, CLI_PLAIN, cli_text(row, "connection"));
        cli_table_cell(&t, CLI_PLAIN, cli_text(json_object_get(row, "author"), "name"));
        cli_table_cell(&t, CLI_PLAIN, cli_text(row, "kind"));
        struct sori_str text = cli_text(row, "text");
        cli_table_cell(&t, CLI_PLAIN, text.len > 0 ? text : cli_text(row, "title"));
        buf_free(&b);
        json_decref(row);
    }
    if (t.count == 0)
        puts(none);
    else
        cli_table_print(&t, stdout);
    cli_table_close(&t);
}
