/* Reports of back-tests and shadows, for people and for programs. */
#ifndef CLI_POLICY_REPORT_H
#define CLI_POLICY_REPORT_H

#include "cli/cli.h"
#include "proof/report.h"

/* Prints it on stdout. `what` is the folder that was tried; `limit` of 10,000, or -1. */
void policy_report_text(struct report *r, const char *what, int64_t limit);
void policy_report_json(struct report *r, const char *what, int64_t limit);
/* "5%", "0.5%", "12" (percent) to 500, 50, 1200; false where it is none. */
bool policy_share(const char *text, int64_t *share);

#endif
