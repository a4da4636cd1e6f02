/* Entries of an impossible size. */
#define ZOO_STRIDE 3
#include "zoo.h"
