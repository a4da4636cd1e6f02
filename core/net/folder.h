/* folder: URLs: a folder of this machine as a channel, reached only below the roots that the
 * connection allows, never through a symlink. */
#ifndef NET_FOLDER_H
#define NET_FOLDER_H

#include "base/buf.h"
#include "base/err.h"
#include "sori/status.h"

struct folder_request {
    const char *path; /* absolute, decoded */
    bool put;         /* else get */
    bool head;        /* get: without the body */
    struct sori_str body;
    size_t max_body;
};
struct folder_answer {
    int http_status; /* 200, 201, 404, 409; 0 where none */
    struct buf body;
    bool truncated;
    bool sent; /* a file may be there now */
    struct err err;
};

/* `roots` are absolute folders. PERMANENT where the path lies outside of them or cannot be meant,
 * RETRY where the disk refuses, else OK with http_status. Fills `answer` (zeroed by the caller). */
enum sori_status folder_serve(const char *const *roots, size_t count,
                              const struct folder_request *request, struct folder_answer *answer);

#endif
