#include "files.h"

#include "base/limits.h"
#include "base/log.h"
#include "base/words.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#define FILES_A_CAMERA    10 /* connections, RTP, RTCP and wake-ups of two streams */
#define FILES_A_RENDITION 4  /* wake-ups; there are as many as viewers at the most */
#define FILES_BESIDES     64

void vd_files_hold_standard(void)
{
    int fd;

    do
        fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0)
        close(fd);
}

void vd_files_raise(guint connections, guint viewers, guint cameras)
{
    guint renditions = MIN(viewers, VD_MAX_RENDITIONS * cameras);
    rlim_t needed =
        FILES_BESIDES + connections + FILES_A_CAMERA * cameras + FILES_A_RENDITION * renditions;
    struct rlimit files;

    if (getrlimit(RLIMIT_NOFILE, &files) < 0)
        return;
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    if (files.rlim_max >= needed)
        return;
    g_autofree char *of_clients = vd_counted(connections, "connection");
    g_autofree char *of_cameras = vd_counted(cameras, "camera");
    vd_log_warning(NULL,
                   "%s and %s may need %u open files, and %u are allowed: raise LimitNOFILE= or "
                   "ulimit -n",
                   of_clients, of_cameras, (guint)needed, (guint)files.rlim_max);
}
