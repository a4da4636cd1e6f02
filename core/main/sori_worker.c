/* sori-worker: the one program that holds the code of others. */
#include "worker/worker.h"

int main(int argc, char **argv) { return worker_main(argc, argv); }
