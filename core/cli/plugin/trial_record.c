/* What a trial may reach and how it is set, from a connection as sori.lua has it. */
#include "cli/plugin/trial.h"

#include "cli/connection/connection.h"

bool trial_record(struct trial *t, struct sori_str record, bool part, struct err *err) {
    struct buf relaxed = {0}, errors = {0};
    if (part) descriptor_relax(buf_view(&t->descriptor), &relaxed);
    bool ok = conf_options(record, part ? buf_view(&relaxed) : buf_view(&t->descriptor),
                           CREATE_OPTION, &t->options, &errors);
    if (!ok) {
        while (errors.len && errors.data[errors.len - 1] == '\n') errors.data[--errors.len] = 0;
        err_set(err, "%s", errors.data ? errors.data : "its options do not fit");
    }
    struct rec_field f;
    for (struct sori_str r = record; rec_next(&r, &f) == 1;)
        if (f.tag == CONN_ALLOW && f.type == REC_STR) rec_str(&t->allow, NETCONN_ALLOW, f.s);
    buf_free(&relaxed);
    buf_free(&errors);
    return ok;
}
