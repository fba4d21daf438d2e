/*
 * bare-fanout PORT PICTURE.jpg - the least that MJPEG of one stream costs: 15 times a second the
 * picture's planes (4:2:0) are compressed by libjpeg and written, one sendmsg() a viewer, to all
 * who asked for anything. Nothing is decoded, scaled or drawn. Ends with its standard input.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <jpeglib.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { QUALITY = 75, PERIOD_US = 1000000 / 15, MAX_VIEWERS = 2000, ROWS = 2 * DCTSIZE };

#define BOUNDARY "\r\n--bare\r\n"
#define HEAD \
    "HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=bare\r\n\r\n" BOUNDARY

typedef struct Planes {
    unsigned width, height;
    uint8_t *data[3];  /* in one block of memory, the first's */
    unsigned pitch[3]; /* whole MCUs */
} Planes;

static int viewers[MAX_VIEWERS];
static unsigned n_viewers;

static void list_rows(const Planes *planes, unsigned y, JSAMPROW rows[3][ROWS])
{
    for (unsigned i = 0; i < ROWS; i++) {
        rows[0][i] = planes->data[0] + (size_t)(y + i) * planes->pitch[0];
        rows[1][i] = planes->data[1] + (size_t)(y / 2 + i) * planes->pitch[1];
        rows[2][i] = planes->data[2] + (size_t)(y / 2 + i) * planes->pitch[2];
    }
}

static bool read_planes(FILE *file, Planes *planes)
{
    struct jpeg_error_mgr errors;
    struct jpeg_decompress_struct jpeg = {.err = jpeg_std_error(&errors)};
    JSAMPROW rows[3][ROWS];
    JSAMPARRAY list[3] = {rows[0], rows[1], rows[2]};

    jpeg_create_decompress(&jpeg);
    jpeg_stdio_src(&jpeg, file);
    jpeg_read_header(&jpeg, TRUE);
    if (jpeg.num_components != 3 || jpeg.comp_info[0].h_samp_factor != 2 ||
        jpeg.comp_info[0].v_samp_factor != 2)
        return false;
    jpeg.raw_data_out = TRUE;
    planes->width = jpeg.image_width;
    planes->height = jpeg.image_height;
    unsigned mcus = (planes->width + ROWS - 1) / ROWS;
    size_t rows_of_luma = (size_t)planes->height + ROWS;
    uint8_t *memory = malloc(mcus * ROWS * rows_of_luma * 2);
    if (!memory)
        return false;
    planes->pitch[0] = mcus * ROWS;
    planes->pitch[1] = planes->pitch[2] = mcus * DCTSIZE;
    planes->data[0] = memory;
    planes->data[1] = memory + planes->pitch[0] * rows_of_luma;
    planes->data[2] = planes->data[1] + planes->pitch[1] * rows_of_luma;
    jpeg_start_decompress(&jpeg);
    for (unsigned y = 0; y < planes->height; y += ROWS) {
        list_rows(planes, y, rows);
        jpeg_read_raw_data(&jpeg, list, ROWS);
    }
    jpeg_finish_decompress(&jpeg);
    jpeg_destroy_decompress(&jpeg);
    return true;
}

/* Into room that no picture fills. Answers its size. */
static size_t compress(struct jpeg_compress_struct *jpeg, const Planes *planes, uint8_t *data,
                       unsigned long size)
{
    JSAMPROW rows[3][ROWS];
    JSAMPARRAY list[3] = {rows[0], rows[1], rows[2]};

    jpeg_mem_dest(jpeg, &data, &size);
    jpeg->image_width = planes->width;
    jpeg->image_height = planes->height;
    jpeg->input_components = 3;
    jpeg->in_color_space = JCS_YCbCr;
    jpeg_set_defaults(jpeg);
    jpeg_set_quality(jpeg, QUALITY, TRUE);
    jpeg->raw_data_in = TRUE;
    jpeg->dct_method = JDCT_ISLOW;
    jpeg_start_compress(jpeg, TRUE);
    for (unsigned y = 0; y < planes->height; y += ROWS) {
        list_rows(planes, y, rows);
        jpeg_write_raw_data(jpeg, list, ROWS);
    }
    jpeg_finish_compress(jpeg);
    return size;
}

/* One that does not take all of it is let go: here viewers are quick. */
static void send_all(uint8_t *data, size_t size)
{
    char head[128];
    int length = snprintf(head, sizeof head,
                          "Content-Type: image/jpeg\r\nContent-Length: %zu\r\n\r\n", size);

    for (unsigned i = 0; i < n_viewers;) {
        struct iovec pieces[] = {
            {head, (size_t)length}, {data, size}, {(void *)BOUNDARY, strlen(BOUNDARY)}};
        struct msghdr message = {.msg_iov = pieces, .msg_iovlen = 3};
        size_t whole = (size_t)length + size + strlen(BOUNDARY);

        if (sendmsg(viewers[i], &message, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)whole) {
            i++;
        } else {
            close(viewers[i]);
            viewers[i] = viewers[--n_viewers];
        }
    }
}

static void let_in(int listener)
{
    char request[2048];
    const int on = 1;
    int fd = accept(listener, NULL, NULL);

    if (fd < 0)
        return;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (n_viewers == MAX_VIEWERS || recv(fd, request, sizeof request, 0) <= 0 ||
        send(fd, HEAD, strlen(HEAD), MSG_NOSIGNAL) < 0)
        close(fd);
    else
        viewers[n_viewers++] = fd;
}

static int listen_on(uint16_t port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, 1024))
        return -1;
    return fd;
}

static int64_t now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Until nobody holds the other end of the standard input. */
static void serve(int listener, const Planes *planes)
{
    struct pollfd waits[] = {{.fd = listener, .events = POLLIN}, {.fd = STDIN_FILENO}};
    struct jpeg_error_mgr errors;
    struct jpeg_compress_struct jpeg = {.err = jpeg_std_error(&errors)};
    size_t room = (size_t)planes->width * planes->height * 3 + 4096;
    uint8_t *data = malloc(room);

    jpeg_create_compress(&jpeg);
    for (int64_t next = now_us(); data && (waits[1].revents & POLLHUP) == 0;) {
        int64_t left = next - now_us();

        if (poll(waits, 2, left > 0 ? (int)(left / 1000) + 1 : 0) > 0 && waits[0].revents)
            let_in(listener);
        if (now_us() < next)
            continue;
        next += PERIOD_US;
        if (n_viewers > 0)
            send_all(data, compress(&jpeg, planes, data, room));
    }
    jpeg_destroy_compress(&jpeg);
    free(data);
}

int main(int argc, char **argv)
{
    Planes planes = {0};
    FILE *file = argc == 3 ? fopen(argv[2], "rb") : NULL;

    if (!file || !read_planes(file, &planes)) {
        fprintf(stderr, "usage: see the head of bare-fanout.c\n");
        return 2;
    }
    fclose(file);
    int listener = listen_on((uint16_t)strtoul(argv[1], NULL, 10));
    if (listener >= 0)
        serve(listener, &planes);
    free(planes.data[0]);
    return listener < 0;
}
