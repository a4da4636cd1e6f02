/* show: everything about one interaction. */
#include "cli/story.h"

int cmd_show(int argc, char **argv);
int cmd_show(int argc, char **argv) {
    static const struct cli_help help = {
        .usage = "sori show ID [-w DIR] [--json]",
        .about = "Everything about one interaction: what was said, by whom, what became of it."};
    struct cli_told told = {.code = 0};
    json_t *row;
    bool json = false;
    struct buf workspace = {0};
    int code = story_ask("show", &help, argc, argv, &told, &row, &json, &workspace);
    buf_free(&workspace);
    if (row && json) {
        cli_print_rows(&told);
    } else if (row) {
        bool color = cli_is_color(stdout);
        struct buf b = {0};
        story_head(&b, color, row);
        story_actions(&b, color, row);
        story_history(&b, color, row);
        fwrite(b.data, 1, b.len, stdout);
        buf_free(&b);
    }
    json_decref(row);
    cli_told_free(&told);
    return code;
}
