#include "cli/connection/connection.h"

#include "reader/reader.h"

int core_ask(const char *workspace, const char *command, const char *connection, struct buf *text,
             struct buf *json) {
    struct err err;
    struct cli_ask ask = {.name = command};
    struct cli_told told = {.code = 0};
    struct cli_core *core = cli_connect(workspace, &err);
    bool answered = core != NULL;
    if (connection) cli_ask_arg(&ask, "connection", str_c(connection));
    if (core) answered = cli_tell(core, &ask, &told, &err);
    cli_disconnect(core);
    int code = answered ? told.code : CLI_NO_CORE;
    if (!answered) buf_puts(text, err.text);
    struct sori_str rest = buf_view(&told.rest);
    struct rec_field f;
    while (rec_next(&rest, &f) == 1) {
        if (f.type != REC_STR) continue;
        if (f.tag == TELL_TEXT || f.tag == TELL_ERROR) buf_str(text, f.s);
        if (f.tag == TELL_JSON && json) buf_str(json, f.s);
    }
    cli_ask_free(&ask);
    cli_told_free(&told);
    return code;
}

json_t *core_health(const char *workspace, const char *connection, struct err *err) {
    struct buf text = {0}, json = {0};
    int code = core_ask(workspace, "health", connection, &text, &json);
    json_t *health = code == 0 && json.len ? json_loadb(json.data, json.len, 0, NULL) : NULL;
    if (!health) err_set(err, "%s", text.len ? text.data : "the core's answer cannot be read");
    buf_free(&text);
    buf_free(&json);
    return health;
}
