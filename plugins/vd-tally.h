#pragma once

#include <gst/gst.h>

/*
 * How many bytes of a GPU's memory an element's work holds, for its property VD_GPU_MEMORY. Counted
 * where they are taken and given back, by whichever thread does that, and by references: a picture
 * may outlive its element. [any]
 */
typedef struct VdTally VdTally;

VdTally *vd_tally_new(void);
VdTally *vd_tally_ref(VdTally *tally);
void vd_tally_unref(VdTally *tally);

void vd_tally_add(VdTally *tally, gssize bytes); /* less than 0: given back */
/*
 * A picture in CUDA memory that no tally has yet belongs to this one until its memory is freed:
 * whoever sees it first counts it, so that the tallies of all elements are a sum. What is in other
 * memory is not counted.
 */
void vd_tally_add_picture(VdTally *tally, GstBuffer *buffer);

/* Gives an element's class the property; the tally is of each of its instances. */
void vd_tally_install(GObjectClass *klass, guint id);
void vd_tally_get(VdTally *tally, GValue *value);
