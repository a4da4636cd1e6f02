/* Built for another ABI. */
#define ZOO_ABI 7u
#include "zoo.h"
