/* Actions of the X connector, as the tests ask for them. */
#ifndef X_ACT_H
#define X_ACT_H

#include "x_host.h"

#define POST_ID "2080765813578191303"

static const char *const refuse[] = {"user_id=" ME, "handle=ExampleUser", NULL};

static struct sori_action action(uint32_t verb, const char *text) {
    return (struct sori_action){.struct_size = sizeof(struct sori_action),
                                .verb = verb,
                                .id = SORI_STR("7"),
                                .space = SORI_STR("x:"),
                                .native_id = SORI_STR(POST_ID),
                                .kind = SORI_KIND_MENTION,
                                .author_id = SORI_STR(OTHER),
                                .text = s_of(text),
                                .said_at = 1795309200000 - HOUR,
                                .attempt = 1,
                                .by = SORI_ORIGIN_US_BY_RULE};
}

static enum sori_act_status act(const struct sori_action *a) {
    fake.why = (struct sori_str){NULL, 0};
    fake.rate_until = 0;
    return connector->act(self, a, &fake_result);
}

#endif
