#pragma once

#include "base/lock.h"

/*
 * A door in front of something that other threads call: whoever shuts it waits until nobody is
 * inside, and nobody gets in any more. Do not shut it from inside. All functions are [any].
 */
typedef struct VdGate {
    VdLock lock;
    VdCond left;
    guint inside; /* [lock] */
    bool closed;  /* [lock] */
} VdGate;

void vd_gate_init(VdGate *gate);
void vd_gate_clear(VdGate *gate);
bool vd_gate_enter(VdGate *gate); /* false: it is shut, stay out */
void vd_gate_leave(VdGate *gate);
void vd_gate_shut(VdGate *gate);
