#pragma once

/*
 * What the first view of a process pays for all of them (finding fonts takes seconds where their
 * cache is cold), paid before somebody waits for it: one card is drawn and encoded for nobody, on a
 * thread of its own. [main]
 */
typedef struct VdWarmUp VdWarmUp;

VdWarmUp *vd_warm_up_new(void);          /* answers at once */
void vd_warm_up_free(VdWarmUp *warm_up); /* (nullable) in the midst of it, too; answers at once */
