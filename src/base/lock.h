#pragma once

#include <glib.h>
#include <pthread.h>
#include <stdbool.h>

/*
 * Mutex and condition over pthread, so that ThreadSanitizer sees them (it does not see GMutex).
 * A VdLock is taken last and released before any call out of the module that owns it.
 * The condition's deadlines are on vd_clock_now_us()'s clock (CLOCK_MONOTONIC).
 */
typedef struct VdLock {
    pthread_mutex_t mutex;
} VdLock;

typedef struct VdCond {
    pthread_cond_t cond;
} VdCond;

void vd_lock_init(VdLock *lock);
void vd_lock_clear(VdLock *lock);
void vd_lock(VdLock *lock);
void vd_unlock(VdLock *lock);

void vd_cond_init(VdCond *cond);
void vd_cond_clear(VdCond *cond);
void vd_cond_wait(VdCond *cond, VdLock *lock);
/* False when deadline_us passed first. Spurious wake-ups happen: call it in a loop. */
bool vd_cond_wait_until(VdCond *cond, VdLock *lock, gint64 deadline_us);
void vd_cond_signal(VdCond *cond);
void vd_cond_broadcast(VdCond *cond);
