#include "media/gpu-memory.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/lock.h"
#include "media/gpu-device.h"

#include <string.h>

#define PAUSE_US G_USEC_PER_SEC /* from one question to the next */

static VdLock lock = {PTHREAD_MUTEX_INITIALIZER};
static struct {
    guint64 used, total;
    gint64 asked_us; /* 0: not yet */
} all[VD_MAX_GPUS];  /* [lock] */

static bool is_time(guint number, bool at_once)
{
    gint64 now_us = vd_clock_now_us();

    vd_lock(&lock);
    gint64 asked_us = all[number].asked_us;
    bool now = at_once || asked_us == 0 || now_us >= asked_us + PAUSE_US;
    if (now)
        all[number].asked_us = now_us;
    vd_unlock(&lock);
    return now;
}

void vd_gpu_memory_ask(guint number, GstContext *context, bool at_once)
{
    guint64 used, total;

    if (!is_time(number, at_once) || !vd_gpu_device_memory(context, &used, &total))
        return;
    vd_lock(&lock);
    all[number].used = used;
    all[number].total = total;
    vd_unlock(&lock);
}

void vd_gpu_memory_tell(guint number, guint64 *used, guint64 *total)
{
    vd_lock(&lock);
    *used = all[number].used;
    *total = all[number].total;
    vd_unlock(&lock);
}

void vd_gpu_memory_forget(void)
{
    vd_lock(&lock);
    memset(all, 0, sizeof all);
    vd_unlock(&lock);
}
