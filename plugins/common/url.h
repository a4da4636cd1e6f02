/* URLs: taking apart, resolving (RFC 3986), and comparing as people mean it. */
#ifndef COMMON_URL_H
#define COMMON_URL_H

#include "common/text.h"

/* The parts, views into the text; a part that is not there is empty with `has_…` false. */
struct url {
    struct sori_str scheme, authority, path, query, fragment;
    bool has_authority, has_query, has_fragment;
};
struct url url_split(struct sori_str text);

bool url_is_http(struct sori_str text);
/* The host of an authority, without user and port. */
struct sori_str url_host(struct sori_str authority);

/* Appends `ref` resolved against `base`; where `base` is no absolute URL, `ref` as it is. */
void url_resolve(struct text *out, struct sori_str base, struct sori_str ref);

/* Appends the normal form of an http(s) URL: scheme and host lower case, host in ASCII (IDNA),
 * default port removed, percent-escapes upper case and unreserved ones decoded, dot segments
 * resolved, an empty path "/". False, with nothing appended, for anything else. */
bool url_normal(struct text *out, struct sori_str text);

/* Does a link that was found name the page `target`? Compares normal forms; http equals https, a
 * trailing slash does not matter, and a fragment counts only where the target has one. */
bool url_names(struct sori_str target, struct sori_str link);

#endif
