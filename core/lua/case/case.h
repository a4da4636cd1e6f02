/* Running the tests of a bundle: every item in two fresh states, in two orders, against what its
 * author expected and against its golden decision; and what the tests reach. */
#ifndef LUA_CASE_H
#define LUA_CASE_H

#include "lua/policy.h"

struct case_result {
    const char *name, *file;
    int line;
    bool ok;
    const char *diff;    /* for people, a line each; "" where there is none */
    const char *decided; /* the decision as golden text */
    bool golden;         /* asks for a golden decision */
    bool golden_same;    /* and it is the one that is kept */
};

/* Lines of a file with code (not of tests), and those that never ran. */
struct case_lines {
    const char *file;
    unsigned lines, ran;
    const int *missed;
    size_t missed_count;
};

struct case_run {
    struct case_result *items; /* in the order of the bundle */
    size_t count;
    unsigned passed, failed;
    const char *errors;   /* why it did not load; "" where it did */
    const char *warnings; /* of the load, a line each */

    /* What the tests reach, where it was asked for. */
    bool covered;
    unsigned rules, rules_hit; /* notes are among them */
    const char **missed;       /* the others: "rules/care.lua:31: rule \"name\"" */
    size_t missed_count;
    unsigned cells, cells_hit; /* kind × relationship × tone of what is said */
    unsigned lines, lines_hit;
    struct case_lines *files;
    size_t file_count;
};

/* Never NULL. `cover`: one more run, in which lines are counted; the decisions of the other two are
 * what is judged. */
struct case_run *case_run_all(struct sori_str bundle, struct sori_str env, bool cover);
void case_run_free(struct case_run *run);

/* For people: failures, then what was reached, then the counts. And one JSON object. */
void case_put_text(const struct case_run *run, struct buf *out);
void case_put_json(const struct case_run *run, struct buf *out);

/* The file of golden decisions beside the test file `file`, as it should be: its `path` in the
 * bundle and its bytes, empty where no case of that file asks for one. */
void case_golden_file(const struct case_run *run, const char *file, struct buf *path,
                      struct buf *bytes);

#endif
