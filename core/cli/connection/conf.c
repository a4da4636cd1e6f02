#include "cli/connection/connection.h"

#include "base/file.h"

#include <string.h>

bool connection_conf(const char *workspace, struct conf *conf, struct err *err) {
    struct buf path = {0}, source = {0}, record = {0}, errors = {0};
    buf_printf(&path, "%s/sori.lua", workspace);
    bool ok = file_read(path.data, 1 << 20, false, &source, err);
    if (ok && !conf_read(buf_view(&source), "sori.lua", &record, &errors))
        ok = err_set(err, "%.*s", (int)strcspn(errors.data ? errors.data : "", "\n"),
                     errors.data ? errors.data : "");
    ok = ok && conf_open(&record, conf, err);
    if (ok) cli_take_zone(conf->timezone); /* what is printed from here on */
    buf_free(&path);
    buf_free(&source);
    buf_free(&record);
    buf_free(&errors);
    return ok;
}
