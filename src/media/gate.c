#include "media/gate.h"

void vd_gate_init(VdGate *gate)
{
    vd_lock_init(&gate->lock);
    vd_cond_init(&gate->left);
    gate->inside = 0;
    gate->closed = false;
}

void vd_gate_clear(VdGate *gate)
{
    vd_cond_clear(&gate->left);
    vd_lock_clear(&gate->lock);
}

bool vd_gate_enter(VdGate *gate)
{
    vd_lock(&gate->lock);
    bool open = !gate->closed;
    if (open)
        gate->inside++;
    vd_unlock(&gate->lock);
    return open;
}

void vd_gate_leave(VdGate *gate)
{
    vd_lock(&gate->lock);
    if (--gate->inside == 0 && gate->closed)
        vd_cond_broadcast(&gate->left);
    vd_unlock(&gate->lock);
}

void vd_gate_shut(VdGate *gate)
{
    vd_lock(&gate->lock);
    gate->closed = true;
    while (gate->inside > 0)
        vd_cond_wait(&gate->left, &gate->lock);
    vd_unlock(&gate->lock);
}
