/* sori.text: what policies want to know of a text, in time linear to its length. */
#ifndef LUA_TEXT_H
#define LUA_TEXT_H

#include "base/buf.h"

#include <lua.h>

/* Puts contains, word, normalise, links, handles and hashtags into the table on top of the stack.
 */
void text_open(lua_State *L);

/* particle.c: does a Korean word that ends before `at` end there, or go on with nothing but
 * particles (배송은, 배송에서는, 배송입니다)? `text` is folded, `at` at least 1. */
bool particle_ends(const uint32_t *text, size_t n, size_t at);

#endif
