/* What acting and finding out whether it had happened share. */
#ifndef FACEBOOK_ACT_H
#define FACEBOOK_ACT_H

#include "facebook/poll.h"

struct deed {
    struct fb *f;
    struct graph *g;
    const struct sori_action *action;
    const struct sori_result *result;
    struct fb_me me;
    int64_t now;
};

/* What is acted upon. */
enum deed_on { ON_COMMENT, ON_POST, ON_MENTION, ON_MESSAGE };
enum deed_on deed_on(const struct deed *d);
/* Path of what is acted upon, with what follows it: "/likes", or "". */
struct sori_str deed_path(const struct deed *d, const char *edge);
/* Where messages are sent and listed: our Page's or account's node. */
struct sori_str deed_mailbox(const struct deed *d);
/* The permalink that can be said without asking; empty where there is none. */
struct sori_str deed_url(const struct deed *d, struct sori_str native);
void deed_made(const struct deed *d, struct sori_str native, struct sori_str url);
enum sori_act_status deed_refuse(const struct deed *d, const char *why);

/* Text as it can be compared after a platform has stored it: canonically composed, no blanks. */
struct sori_str text_essence(struct arena *a, struct sori_str text);
/* Are these words of the platform the ones that we sent? A mention in ours ("@[123]") is a name in
 * theirs, so that then only what follows it is compared. */
bool text_is_ours(struct arena *a, struct sori_str sent, struct sori_str stored);

/* The text of a reply, looked for where it would be. OK and `made`; ABSENT; UNKNOWN_OUTCOME. */
enum sori_act_status find_reply(struct deed *d);
enum sori_act_status find_message(struct deed *d);
enum sori_act_status find_private_reply(struct deed *d);
enum sori_act_status find_published(struct deed *d);
/* Like, hide, delete, edit: how it stands now. */
enum sori_act_status find_state(struct deed *d);

#endif
