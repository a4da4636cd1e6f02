/* The forms in which people write values in sori.lua. */
#ifndef CONF_VALUE_H
#define CONF_VALUE_H

#include "base/buf.h"

/* "64k", "8m", "1g", "512" (bytes). */
bool value_size(struct sori_str s, int64_t *bytes);
/* "5%", "12.5%" to 1/10,000 (500, 1250); 0% to 100%. */
bool value_share(struct sori_str s, int64_t *out);
/* Digits with an optional minus sign. */
bool value_int(struct sori_str s, int64_t *out);
/* [a-z0-9-], 1 to 64, no dash at either end. */
bool value_name(struct sori_str s);
/* "127.0.0.1:8080", "[::1]:8080", "localhost:8080", "0.0.0.0:80": an address of this machine. */
bool value_listen(struct sori_str s);
/* "host:port" without blanks or wildcards, or an absolute folder without "..". */
bool value_allow(struct sori_str s);
/* http:// or https:// (folder:/// where asked) with a host, and no user name or password. */
bool value_url(struct sori_str s, bool folder);
/* "Asia/Seoul", "UTC": the form of a time zone's name. */
bool value_zone(struct sori_str s);
/* "ko", "en-US". */
bool value_lang(struct sori_str s);

/* Appends `s` as a message shows it: in quotes, cut short, without the password of a URL. */
void value_show(struct buf *b, struct sori_str s);

#endif
