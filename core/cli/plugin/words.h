/* What the forms of `sori plugin` share. */
#ifndef CLI_PLUGIN_WORDS_H
#define CLI_PLUGIN_WORDS_H

#include "cli/cli.h"

int plugin_list(int argc, char **argv);
int plugin_info(int argc, char **argv);
int plugin_check_file(int argc, char **argv);
int plugin_try(int argc, char **argv);

/* A plugin's .so: `name` is a path, or a name, of which the workspace's own plugin goes first.
 * `given`: -w, may be NULL; then there need be no workspace. An exit code, with `err`. */
int plugin_find(const char *name, const char *given, struct buf *so, struct err *err);

/* ---- plugin/describe.c: a descriptor (DESC_…) for people and programs */

/* "connector: polls, acts" */
void plugin_put_kinds(struct buf *b, struct sori_str descriptor);
/* Everything, several lines. */
void plugin_put_text(struct buf *b, struct sori_str descriptor, bool color);
json_t *plugin_to_json(struct sori_str descriptor);

/* ---- plugin/item.c: an interaction as JSON, in the one form that Sori has for it */
json_t *plugin_item_json(struct sori_str record, struct sori_str plugin, struct sori_str connection,
                         int64_t heard_at);

#endif
