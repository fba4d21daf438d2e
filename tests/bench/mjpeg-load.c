/*
 * mjpeg-load - many viewers of multipart streams, in one thread.
 *
 *   mjpeg-load [-n VIEWERS] [-d SECONDS] [-w SECONDS] [--ramp SECONDS] [--slow K]
 *              [--marks FILE,PATH] http://ADDRESS:PORT/PATH...
 *
 *   -n  viewers, dealt to the URLs in turn (1)     -d  how long (10)
 *   -w  that much at the start is not counted (0)  --ramp  connections are spread over this (0)
 *   --slow   the first K viewers read 2 kB a second out of a small buffer, and are told apart
 *   --marks  latency of flat pictures against what the test camera wrote down, see load/beacon.h
 *
 * Prints lines of key=value. Exit status 1 when no picture came.
 */
#include "load/beacon.h"
#include "load/histogram.h"
#include "load/parts.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { READ_SIZE = 64 * 1024, MAX_URLS = 64, SLOW_BYTES = 200, SLOW_US = 100000 };

typedef struct Url {
    struct sockaddr_in address;
    char host[64];
    char path[256];
} Url;

typedef struct Viewer {
    const Url *url;
    int fd;
    bool slow, asked;
    Parts parts;
    Beacon beacon;
    uint64_t opened_us, last_us;
    uint64_t pictures; /* live ones, counted */
} Viewer;

static struct {
    unsigned viewers, slow;
    double seconds, warm_up, ramp;
    char *marks;
} options = {.viewers = 1, .seconds = 10};
static Url urls[MAX_URLS];
static unsigned n_urls;
static Viewer *viewers;
static Histogram gaps, first, latencies;
static uint64_t *flat_us;
static size_t n_flat, flat_room;
static uint64_t start_us, count_from_us;
static uint64_t placeholders, bytes, broken, refused, ended, malformed;
static int poller;

static uint64_t now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void note_flat(uint64_t now)
{
    if (n_flat == flat_room) {
        uint64_t *more = realloc(flat_us, (flat_room = flat_room * 2 + 1024) * sizeof *flat_us);

        if (!more)
            abort();
        flat_us = more;
    }
    flat_us[n_flat++] = now;
}

static void on_part(const Part *part, void *data)
{
    Viewer *viewer = data;
    uint64_t now = now_us();
    bool counted = now >= count_from_us;

    broken += !part->jpeg;
    if (part->placeholder) {
        placeholders += counted;
        return;
    }
    if (beacon_seen(&viewer->beacon, part->size) && counted && !viewer->slow)
        note_flat(now);
    if (!viewer->slow && viewer->last_us == 0)
        histogram_add(&first, now - viewer->opened_us);
    else if (!viewer->slow && counted)
        histogram_add(&gaps, now - viewer->last_us);
    viewer->last_us = now;
    viewer->pictures += counted;
    bytes += counted ? part->size : 0;
}

static void leave(Viewer *viewer, uint64_t *why)
{
    close(viewer->fd);
    viewer->fd = -1;
    (*why)++;
}

static void enter(Viewer *viewer)
{
    struct epoll_event event = {.events = EPOLLOUT, .data.ptr = viewer};
    int small = 4096, on = 1;

    viewer->opened_us = now_us();
    viewer->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (viewer->slow)
        setsockopt(viewer->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    setsockopt(viewer->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    parts_init(&viewer->parts, on_part, viewer);
    if (connect(viewer->fd, (const struct sockaddr *)&viewer->url->address,
                sizeof viewer->url->address) != 0 &&
        errno != EINPROGRESS)
        leave(viewer, &refused);
    else
        epoll_ctl(poller, EPOLL_CTL_ADD, viewer->fd, &event);
}

/* A slow viewer is not told of input: it reads at its own pace. */
static void ask(Viewer *viewer)
{
    struct epoll_event event = {.events = viewer->slow ? 0 : EPOLLIN, .data.ptr = viewer};
    char request[512];
    int size = snprintf(request, sizeof request,
                        "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: mjpeg-load\r\n\r\n",
                        viewer->url->path, viewer->url->host);

    if (send(viewer->fd, request, (size_t)size, MSG_NOSIGNAL) != size) {
        leave(viewer, &refused);
        return;
    }
    viewer->asked = true;
    epoll_ctl(poller, EPOLL_CTL_MOD, viewer->fd, &event);
}

/* What lies inside a picture is thrown away in the kernel: this program must not be the load. */
static ssize_t read_some(Viewer *viewer, size_t most)
{
    static uint8_t buffer[READ_SIZE];
    size_t skip = parts_skippable(&viewer->parts);
    ssize_t got;

    if (skip > 0) {
        got = recv(viewer->fd, buffer, skip < most ? skip : most, MSG_TRUNC);
        if (got > 0)
            parts_skip(&viewer->parts, (size_t)got);
        return got;
    }
    got = recv(viewer->fd, buffer, most < sizeof buffer ? most : sizeof buffer, 0);
    if (got > 0 && !parts_feed(&viewer->parts, buffer, (size_t)got)) {
        leave(viewer, &malformed);
        return 0;
    }
    return got;
}

static void read_all(Viewer *viewer)
{
    ssize_t got;

    do {
        size_t skip = parts_skippable(&viewer->parts);

        got = read_some(viewer, skip > 0 ? skip : READ_SIZE);
        if (viewer->fd < 0)
            return;
    } while (got > 0);
    if (got == 0 || (errno != EAGAIN && errno != EINTR))
        leave(viewer, &ended);
}

static void slow_reads(void)
{
    for (unsigned i = 0; i < options.slow; i++)
        if (viewers[i].asked && viewers[i].fd >= 0)
            read_some(&viewers[i], SLOW_BYTES);
}

static void on_event(Viewer *viewer)
{
    if (viewer->fd < 0)
        return;
    if (!viewer->asked)
        ask(viewer);
    else if (!viewer->slow)
        read_all(viewer);
}

static void run(void)
{
    uint64_t end = start_us + (uint64_t)(options.seconds * 1e6), next_slow = start_us;
    uint64_t step = (uint64_t)(options.ramp * 1e6 / options.viewers);
    unsigned entered = 0;

    for (uint64_t now = start_us; now < end; now = now_us()) {
        struct epoll_event events[256];
        int n;

        while (entered < options.viewers && now >= start_us + entered * step)
            enter(&viewers[entered++]);
        if (options.slow > 0 && now >= next_slow) {
            slow_reads();
            next_slow = now + SLOW_US;
        }
        n = epoll_wait(poller, events, 256, entered < options.viewers ? 1 : 20);
        for (int i = 0; i < n; i++)
            on_event(events[i].data.ptr);
    }
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void report_rates(const char *name, bool slow, double span)
{
    double *fps = calloc(options.viewers + 1, sizeof *fps);
    unsigned n = 0;
    uint64_t pictures = 0;

    for (unsigned i = 0; i < options.viewers && fps; i++) {
        if (viewers[i].slow != slow)
            continue;
        pictures += viewers[i].pictures;
        fps[n++] = (double)viewers[i].pictures / span;
    }
    if (n > 0) {
        qsort(fps, n, sizeof *fps, by_value);
        printf("%s viewers=%u pictures=%lu rate=%.2f fps_min=%.2f fps_median=%.2f fps_max=%.2f\n",
               name, n, pictures, (double)pictures / span, fps[0], fps[n / 2], fps[n - 1]);
    }
    free(fps);
}

static void report_times(const char *name, const Histogram *times)
{
    printf("%s n=%lu p50_ms=%.2f p99_ms=%.2f max_ms=%.2f\n", name, times->n,
           histogram_ms(times, 0.5), histogram_ms(times, 0.99), (double)times->max / 1000);
}

static void report(void)
{
    double span = (double)(now_us() - count_from_us) / 1e6;
    struct rusage used;

    report_rates("fast", false, span);
    report_rates("slow", true, span);
    report_times("gaps", &gaps);
    report_times("first", &first);
    if (options.marks) {
        char *path = strchr(options.marks, ',');

        if (path)
            *path++ = '\0';
        beacon_match(options.marks, path ? path : "", flat_us, n_flat, &latencies);
        report_times("latency", &latencies);
    }
    getrusage(RUSAGE_SELF, &used);
    printf("other placeholders=%lu broken=%lu refused=%lu ended=%lu malformed=%lu bytes=%lu "
           "cpu_s=%.2f\n",
           placeholders, broken, refused, ended, malformed, bytes,
           (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
               (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6);
}

static bool parse_url(const char *text, Url *url)
{
    char address[32], port[8];

    if (sscanf(text, "http://%31[0-9.]:%7[0-9]%255s", address, port, url->path) != 3)
        return false;
    snprintf(url->host, sizeof url->host, "%s:%s", address, port);
    url->address.sin_family = AF_INET;
    url->address.sin_port = htons((uint16_t)strtoul(port, NULL, 10));
    return inet_pton(AF_INET, address, &url->address.sin_addr) == 1;
}

static bool parse_options(int argc, char **argv)
{
    static const struct option longs[] = {
        {"ramp", 1, NULL, 'r'}, {"slow", 1, NULL, 's'}, {"marks", 1, NULL, 'm'}, {0}};
    int c;

    while ((c = getopt_long(argc, argv, "n:d:w:", longs, NULL)) != -1) {
        switch (c) {
        case 'n':
            options.viewers = (unsigned)strtoul(optarg, NULL, 10);
            break;
        case 'd':
            options.seconds = strtod(optarg, NULL);
            break;
        case 'w':
            options.warm_up = strtod(optarg, NULL);
            break;
        case 'r':
            options.ramp = strtod(optarg, NULL);
            break;
        case 's':
            options.slow = (unsigned)strtoul(optarg, NULL, 10);
            break;
        case 'm':
            options.marks = optarg;
            break;
        default:
            return false;
        }
    }
    for (; optind < argc; optind++)
        if (n_urls == MAX_URLS || !parse_url(argv[optind], &urls[n_urls++]))
            return false;
    return n_urls > 0 && options.viewers > 0 && options.slow <= options.viewers;
}

static void raise_limits(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

int main(int argc, char **argv)
{
    if (!parse_options(argc, argv)) {
        fprintf(stderr, "usage: see the head of mjpeg-load.c\n");
        return 2;
    }
    raise_limits();
    poller = epoll_create1(EPOLL_CLOEXEC);
    viewers = calloc(options.viewers, sizeof *viewers);
    if (!viewers || poller < 0)
        return 1;
    for (unsigned i = 0; i < options.viewers; i++) {
        viewers[i].fd = -1;
        viewers[i].url = &urls[i % n_urls];
        viewers[i].slow = i < options.slow;
    }
    start_us = now_us();
    count_from_us = start_us + (uint64_t)(options.warm_up * 1e6);
    run();
    report();
    return first.n > 0 ? 0 : 1;
}
