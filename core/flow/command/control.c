/* The words by which people act, each recorded in the journal with the user's name, each stopping
 * or moving the clock. A command answers once its effects are durable. */
#include "flow/act/act.h"
#include "flow/generation/beside.h"
#include "flow/act/hand.h"
#include "flow/command/look.h"
#include "flow/command/pick.h"
#include "flow/person/office.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "flow/channel/live.h"

#include <stdio.h>
#include <stdlib.h>

enum { REFUSED = 3, FAILED = 1, USAGE = 2 };

/* ---- finding what a command is about ---- */

static bool find_subject(struct command *cmd, struct subject *s) {
    struct core *c = cmd->core;
    struct sori_str id = control_arg(cmd, "id");
    char *text = mem_text(id), *end = NULL;
    s->id = strtoll(text, &end, 10);
    bool good = id.len && *end == 0 && s->id > 0;
    flow_commit(c);
    struct row_author author;
    if (!good || !store_interaction(c->store, s->id, &s->it)) {
        control_tell(cmd, FAILED, "%s: no interaction has that number; `sori inbox` shows them",
                     text);
        free(text);
        return false;
    }
    free(text);
    struct store_head h;
    s->rev = store_head(c->store, s->id, &h) ? h.rev : 0;
    s->conn = conn_by_id(c, s->it.connection);
    s->contact = s->it.author != NIL && store_author_by_id(c->store, s->it.author, &author)
                     ? person_contact(c, author.contact)
                     : NULL;
    if (!s->contact) {
        control_tell(cmd, FAILED,
                     "%lld: nobody is known to have said it, so nobody can be answered",
                     (long long)s->id);
        return false;
    }
    person_load(c, s->contact);
    return true;
}

/* `although`: checks of the send gate that stood open when the person let it go. */
static int64_t human_although(struct command *cmd, const struct subject *s, const char *verb,
                              struct sori_str text, struct sori_str although) {
    struct buf body = {0};
    rec_str(&body, 1, str_c(verb));
    rec_str_opt(&body, 2, although);
    int64_t seq = flow_journal(cmd->core, ENTRY_HUMAN, s->contact->id, s->id,
                               s->contact->kase ? s->contact->kase->id : NIL, cmd->user, text,
                               buf_view(&body), NIL);
    buf_free(&body);
    return seq;
}

static int64_t human(struct command *cmd, const struct subject *s, const char *verb,
                     struct sori_str text) {
    return human_although(cmd, s, verb, text, (struct sori_str){0});
}

/* A change by a person is a new version of the case, whose clock goes on. One that sleeps keeps its
 * version: what wakes it is a timer of that. */
static void touch_kase(struct command *cmd, struct subject *s, int64_t seq) {
    struct kase *k = s->contact->kase;
    if (!k) return;
    if (k->state != KASE_SNOOZED) k->version++;
    if (k->due != NIL && k->due > core_now(cmd->core)) k->clock_set = true;
    kase_write(cmd->core, k, seq, s->id);
}

/* ---- the commands ---- */

int64_t hand_record(struct command *cmd, struct subject *s, const char *word,
                    struct sori_str text) {
    int64_t seq = human(cmd, s, word, text);
    touch_kase(cmd, s, seq);
    return seq;
}

/* What the policy said of the action besides its words stays, and what it did not pass. */
static void put_args(struct buf *body, struct sori_str old) {
    struct rec_field f;
    while (rec_next(&old, &f) == 1)
        if ((f.tag == ACT_ARG || f.tag == ACT_CHECK) && f.type == REC_REC)
            rec_rec(body, f.tag, f.s);
}

static void do_approve(struct command *cmd, struct subject *s) {
    struct core *c = cmd->core;
    struct row_action a;
    if (!pick_action(cmd, s, 1u << ACTION_WAITING, &a)) return;
    struct sori_str edit = control_arg(cmd, "edit");
    if (edit.len && !hand_text_is_good(cmd, s, (int)a.verb, edit)) return;
    struct buf open = {0};
    look_names(a.body, &open);
    int64_t seq = human_although(cmd, s, "approve", edit, buf_view(&open));
    touch_kase(cmd, s, seq);
    struct set_action *set = store_add_set_action(&c->batch);
    set->id = a.id;
    set->from = 1u << ACTION_WAITING;
    set->state = ACTION_READY;
    set->due = core_now(c);
    set->actor = keep(c, cmd->user.len ? cmd->user : SORI_STR("somebody"));
    if (s->contact->kase) set->kase_version = s->contact->kase->version;
    if (edit.len) {
        struct buf body = {0};
        rec_str(&body, ACT_TEXT, edit);
        put_args(&body, a.body);
        set->body = keep(c, buf_view(&body));
        set->text_hash = (int64_t)(hash_digest(edit) >> 1);
        buf_free(&body);
    }
    flow_dirty(c);
    if (s->conn) act_wake(c, s->conn);
    control_tell(cmd, 0, "%lld: approved%s%s%s; it is on its way%s", (long long)s->id,
                 edit.len ? " with your words" : "", open.len ? ", although: " : "",
                 open.len ? open.data : "", c->paused ? " as soon as Sori is resumed" : "");
    buf_free(&open);
}

static void do_reject(struct command *cmd, struct subject *s) {
    struct core *c = cmd->core;
    struct row_action a;
    if (!pick_action(cmd, s, 1u << ACTION_WAITING, &a)) return;
    touch_kase(cmd, s, human(cmd, s, "reject", (struct sori_str){0}));
    struct set_action *set = store_add_set_action(&c->batch);
    set->id = a.id;
    set->from = 1u << ACTION_WAITING;
    set->state = ACTION_WITHDRAWN;
    set->reason = SORI_STR("rejected by a person");
    set->actor = keep(c, cmd->user);
    control_tell(cmd, 0, "%lld: rejected; nothing is said, the case stays open", (long long)s->id);
}

static void do_resolve(struct command *cmd, struct subject *s) {
    struct core *c = cmd->core;
    struct row_action a;
    bool sent = str_is(control_arg(cmd, "sent"), "1");
    if (!pick_action(cmd, s, 1u << ACTION_UNKNOWN, &a)) return;
    bool reply = a.verb == VERB_REPLY || a.verb == VERB_PRIVATE_REPLY; /* a tap answers nobody */
    human(cmd, s, sent ? "resolve --sent" : "resolve --not-sent", (struct sori_str){0});
    struct set_action *set = store_add_set_action(&c->batch);
    set->id = a.id;
    set->from = 1u << ACTION_UNKNOWN;
    set->state = sent ? ACTION_DONE : ACTION_READY;
    if (!sent) {
        set->sent_at = 0;
        set->due = core_now(c);
        if (s->conn) act_wake(c, s->conn);
    } else if (reply && !rec_get_int(a.body, ACT_HOLDING, 0))
        kase_answered(c, s->contact, NIL, s->id, a.seq, a.sent_at > 0 ? a.sent_at : NIL, true);
    flow_dirty(c);
    control_tell(cmd, 0, "%lld: %s", (long long)s->id,
                 sent ? "taken as sent" : "taken as not sent; it goes out again");
}

/* The case that waits for us, or for the person; a new one where there is none. */
static struct kase *waiting_kase(struct command *cmd, struct subject *s, int64_t seq) {
    struct kase *k = s->contact->kase;
    return k && k->state < KASE_ANSWERED ? k : kase_open(cmd->core, s->contact, seq, s->id, NULL);
}

/* A department takes over from whoever had it; its hours count from now on. */
static void do_assign(struct command *cmd, struct subject *s) {
    struct core *c = cmd->core;
    struct sori_str who = control_arg(cmd, "who");
    if (!who.len) {
        control_tell(cmd, USAGE, "assign: to whom?");
        return;
    }
    int64_t seq = human(cmd, s, "assign", who);
    struct kase *k = waiting_kase(cmd, s, seq);
    bool department = office_department(c, who) != NULL;
    k->owner = department ? NULL : intern(c, who);
    if (department) kase_department(c, k, who);
    kase_taken_over(c, k, s->id, "a person took the case over");
    touch_kase(cmd, s, seq);
    bool ended = k->due != NIL && k->due <= core_now(c);
    if (ended || (k->due == NIL && k->clock == CLOCK_NONE))
        kase_clock(c, k, c->now, KASE_CLOCK_MS, NULL, true);
    kase_write(c, k, seq, s->id);
    control_tell(cmd, 0, "%lld: assigned to %.*s", (long long)s->id, STR(who));
}

static void do_note(struct command *cmd, struct subject *s) {
    struct sori_str text = control_arg(cmd, "text");
    int64_t seq = human(cmd, s, "note", text);
    if (s->contact->kase) kase_write(cmd->core, s->contact->kase, seq, s->id);
    control_tell(cmd, 0, "%lld: noted", (long long)s->id);
}

static struct sori_str name_of(const struct command *cmd) {
    return cmd->user.len ? cmd->user : SORI_STR("somebody");
}

static void do_snooze(struct command *cmd, struct subject *s) {
    struct core *c = cmd->core;
    int64_t span;
    struct sori_str text = control_arg(cmd, "span");
    if (!clock_parse_span(text, &span)) {
        control_tell(cmd, USAGE, "snooze: \"%.*s\" is no span of time; write 30m, 2h or 1d",
                     STR(text));
        return;
    }
    int64_t seq = human(cmd, s, "snooze", text);
    struct kase *k = waiting_kase(cmd, s, seq);
    struct buf why = {0};
    buf_printf(&why, "asleep for %.*s, by %.*s", STR(text), STR(name_of(cmd)));
    kase_pause(c, k, KASE_SNOOZED, buf_view(&why));
    buf_free(&why);
    *store_add_timer(&c->batch) = (struct row_timer){.id = ++c->ids.timer,
                                                     .due = core_now(c) + span,
                                                     .kind = ENTRY_FOLLOW_UP,
                                                     .subject = k->id,
                                                     .version = k->version,
                                                     .seq = NIL};
    kase_write(c, k, seq, s->id);
    control_tell(cmd, 0, "%lld: asleep for %.*s", (long long)s->id, STR(text));
}

/* It is the person's turn: the clock stands until they write. */
static void do_pending(struct command *cmd, struct subject *s) {
    struct core *c = cmd->core;
    struct sori_str text = control_arg(cmd, "text");
    int64_t seq = human(cmd, s, "pending", text);
    struct kase *k = waiting_kase(cmd, s, seq);
    struct buf why = {0};
    if (text.len)
        buf_str(&why, text);
    else
        buf_printf(&why, "%.*s waits for their answer", STR(name_of(cmd)));
    kase_pause(c, k, KASE_PENDING, buf_view(&why));
    buf_free(&why);
    kase_write(c, k, seq, s->id);
    control_tell(cmd, 0, "%lld: its clock stands until they write", (long long)s->id);
}

static void do_close(struct command *cmd, struct subject *s) {
    if (!s->contact->kase) {
        control_tell(cmd, FAILED, "%lld: there is no open case", (long long)s->id);
        return;
    }
    int64_t seq = human(cmd, s, "close", (struct sori_str){0});
    kase_taken_over(cmd->core, s->contact->kase, NIL, "a person closed the case");
    kase_close(cmd->core, s->contact, seq, s->id);
    control_tell(cmd, 0, "%lld: closed", (long long)s->id);
}

static void do_contact_set(struct command *cmd, struct subject *s) {
    struct sori_str set = control_arg(cmd, "set");
    const char *eq = set.len ? memchr(set.ptr, '=', set.len) : NULL;
    struct sori_str name = {set.ptr, eq ? (size_t)(eq - set.ptr) : set.len},
                    value = {eq ? eq + 1 : NULL, eq ? (size_t)(set.ptr + set.len - eq - 1) : 0};
    int relation = relation_of(value);
    bool flag = str_is(value, "yes") || str_is(value, "true") || str_is(value, "1");
    bool off = str_is(value, "no") || str_is(value, "false") || str_is(value, "0");
    if (str_is(name, "relationship") && relation >= 0)
        s->contact->relationship = relation;
    else if (str_is(name, "influencer") && (flag || off))
        s->contact->influencer = flag;
    else {
        control_tell(cmd, USAGE,
                     "contact set: \"%.*s\" is not understood; write "
                     "relationship=neutral|consumer|loyal|anti or influencer=yes|no",
                     STR(set));
        return;
    }
    s->contact->version++;
    human(cmd, s, "contact set", set);
    person_write(cmd->core, s->contact);
    control_tell(cmd, 0, "contact of %lld: %.*s", (long long)s->id, STR(set));
}

static const struct {
    const char *name;
    void (*run)(struct command *, struct subject *);
} about_one[] = {{"reply", hand_reply},   {"like", hand_like},
                 {"unlike", hand_unlike}, {"hide", hand_hide},
                 {"unhide", hand_unhide}, {"delete", hand_delete},
                 {"edit", hand_edit},     {"approve", do_approve},
                 {"reject", do_reject},   {"resolve", do_resolve},
                 {"assign", do_assign},   {"note", do_note},
                 {"snooze", do_snooze},   {"pending", do_pending},
                 {"close", do_close},     {"contact-set", do_contact_set}};

/* ---- the whole of Sori ---- */

static void do_pause(struct command *cmd, bool paused) {
    struct core *c = cmd->core;
    c->paused = paused;
    evaluate_tell(c); /* who asks for the status next sees it */
    struct row_meta *m = store_add_meta(&c->batch);
    m->name = SORI_STR("paused");
    m->value = paused ? SORI_STR("1") : SORI_STR("0");
    flow_journal(c, ENTRY_SETTING, NIL, NIL, NIL, cmd->user, str_c(paused ? "paused" : "resumed"),
                 (struct sori_str){0}, NIL);
    control_tell(
        cmd, 0, paused ? "paused: nothing leaves any more; hearing and deciding go on" : "resumed");
}

bool control_run(struct command *cmd) {
    for (size_t i = 0; i < sizeof about_one / sizeof *about_one; i++)
        if (str_is(cmd->name, about_one[i].name)) {
            struct subject s = {0};
            if (find_subject(cmd, &s)) about_one[i].run(cmd, &s);
            return true;
        }
    if (str_is(cmd->name, "pause"))
        do_pause(cmd, true);
    else if (str_is(cmd->name, "resume"))
        do_pause(cmd, false);
    else if (str_is(cmd->name, "reload"))
        steer_reload(cmd);
    else if (str_is(cmd->name, "rollback"))
        steer_rollback(cmd);
    else if (str_is(cmd->name, "shadow"))
        beside_command(cmd);
    else if (str_is(cmd->name, "health"))
        health_ask(cmd);
    else if (str_is(cmd->name, "backup"))
        backup_ask(cmd);
    else if (str_is(cmd->name, "import"))
        import_chunk(cmd);
    else if (str_is(cmd->name, "import-offset"))
        import_offset(cmd);
    else if (str_is(cmd->name, "import-status"))
        import_status(cmd);
    else
        return false;
    return true;
}
