/* proof: a process of ours in which candidates prove themselves, beside the core and away from it.
 * The core starts it for the gate of a reload (M_BACKTEST) and for a shadow (M_SHADOW, M_BESIDE,
 * M_REPORT); policies run in workers of its own. It has no store. */
#ifndef PROOF_PROOF_H
#define PROOF_PROOF_H

int proof_main(int wire_fd);

#endif
