/* An interface without its table. */
#define ZOO_VTABLE ((const struct sori_connector *)0)
#include "zoo.h"
