#include "base/lock.h"

#include <errno.h>
#include <time.h>

/* A lock that fails is a programming error that no caller could repair. */
static void must(int result)
{
    if (result != 0)
        g_error("pthread: %s", g_strerror(result));
}

void vd_lock_init(VdLock *lock)
{
    must(pthread_mutex_init(&lock->mutex, NULL));
}

void vd_lock_clear(VdLock *lock)
{
    must(pthread_mutex_destroy(&lock->mutex));
}

void vd_lock(VdLock *lock)
{
    must(pthread_mutex_lock(&lock->mutex));
}

void vd_unlock(VdLock *lock)
{
    must(pthread_mutex_unlock(&lock->mutex));
}

void vd_cond_init(VdCond *cond)
{
    pthread_condattr_t attributes;

    must(pthread_condattr_init(&attributes));
    must(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC));
    must(pthread_cond_init(&cond->cond, &attributes));
    must(pthread_condattr_destroy(&attributes));
}

void vd_cond_clear(VdCond *cond)
{
    must(pthread_cond_destroy(&cond->cond));
}

void vd_cond_wait(VdCond *cond, VdLock *lock)
{
    must(pthread_cond_wait(&cond->cond, &lock->mutex));
}

bool vd_cond_wait_until(VdCond *cond, VdLock *lock, gint64 deadline_us)
{
    gint64 us = MAX(deadline_us, 0); /* before the machine's start is long past, not invalid */
    struct timespec when = {
        .tv_sec = us / G_USEC_PER_SEC,
        .tv_nsec = us % G_USEC_PER_SEC * 1000,
    };
    int result = pthread_cond_timedwait(&cond->cond, &lock->mutex, &when);

    if (result == ETIMEDOUT)
        return false;
    must(result);
    return true;
}

void vd_cond_signal(VdCond *cond)
{
    must(pthread_cond_signal(&cond->cond));
}

void vd_cond_broadcast(VdCond *cond)
{
    must(pthread_cond_broadcast(&cond->cond));
}
