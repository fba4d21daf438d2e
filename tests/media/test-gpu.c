#include "media/gpu.h"

#include "base/clock.h"
#include "media/gpu-device.h"

/* Which GPU a stream gets, and what becomes of one that fails; the GPUs are made up. */
#define SECOND_US ((gint64)G_USEC_PER_SEC)

static struct {
    guint count;
    const char *refused; /* a codec that none decodes */
    bool says_nothing;   /* of what it decodes */
    bool answers;
    VdGpuSearch search; /* what comes of it where there is none */
    guint searched;     /* how often */
    guint closed;       /* bit n: GPU n cannot be opened */
    guint questions;    /* for memory */
    guint64 memory_used;
} fake;

VdGpuSearch vd_gpu_device_search(guint *count, char **why)
{
    fake.searched++;
    *count = fake.count;
    if (fake.count > 0)
        return VD_GPU_FOUND;
    *why = g_strdup("there is no driver");
    return fake.search;
}

bool vd_gpu_device_open(VdGpuDevice *device, guint number, char **why)
{
    if (device->name == NULL)
        device->name = g_strdup_printf("made up %u", number);
    if (fake.closed & 1u << number) {
        *why = g_strdup("it is shut");
        return false;
    }
    device->context = gst_context_new("gpu", TRUE);
    return true;
}

void vd_gpu_device_clear(VdGpuDevice *device)
{
    g_clear_pointer(&device->name, g_free);
    g_clear_pointer(&device->context, gst_context_unref);
}

VdGpuAnswer vd_gpu_device_decodes(const VdGpuDevice *device, const VdGpuStream *stream, char **why)
{
    if (fake.says_nothing) {
        *why = g_strdup_printf("%s does not answer", device->name);
        return VD_GPU_SAYS_NOTHING;
    }
    if (g_strcmp0(stream->codec, fake.refused) != 0)
        return VD_GPU_DECODES;
    *why = g_strdup_printf("%s does not decode %s %dx%d %d-bit %s", device->name, stream->codec,
                           stream->width, stream->height, stream->depth, stream->chroma);
    return VD_GPU_DECODES_NOT;
}

bool vd_gpu_device_memory(GstContext *context, guint64 *used, guint64 *total)
{
    fake.questions++;
    *used = fake.memory_used;
    *total = 1000;
    return fake.answers;
}

bool vd_gpu_device_answers(const VdGpuDevice *device)
{
    return fake.answers;
}

/* Elements that are asked for by name only. */
static void offer(const char *name)
{
    if (gst_registry_lookup_feature(gst_registry_get(), name) != NULL)
        return;
    gst_element_register(NULL, name, GST_RANK_NONE, GST_TYPE_PIPELINE);
}

static void begin(guint count)
{
    fake.count = count;
    fake.refused = NULL;
    fake.says_nothing = false;
    fake.answers = true;
    fake.search = VD_GPU_NO_DRIVER;
    fake.searched = 0;
    fake.closed = 0;
    vd_clock_hold(1000 * SECOND_US, 0);
}

static void end(void)
{
    vd_gpu_close();
    vd_clock_release();
}

static VdGpuSeat *sit(const char *wish, const char *caps, char **why, gint64 *again_us)
{
    g_autoptr(GstCaps) parsed = gst_caps_from_string(caps);
    VdGpuWish wanted;

    g_assert_true(vd_gpu_wish_parse(wish, &wanted));
    return vd_gpu_sit(&wanted, parsed, 0, why, again_us);
}

#define FULL_HD "video/x-h264,width=1920,height=1080,framerate=30/1"
#define SMALL   "video/x-h265,width=640,height=360,framerate=15/1"

static void takes(const char *wish, const char *caps, int number, const char *decoder,
                  VdGpuSeat **seat)
{
    g_autofree char *why = NULL;
    gint64 again_us;

    *seat = sit(wish, caps, &why, &again_us);
    g_assert_null(why);
    g_assert_nonnull(*seat);
    g_assert_cmpint(vd_gpu_seat_number(*seat), ==, number);
    g_assert_cmpstr(vd_gpu_seat_decoder(*seat), ==, decoder);
    g_assert_true(GST_IS_CONTEXT(vd_gpu_seat_context(*seat)));
}

static void refuses(const char *wish, const char *caps, const char *reason, gint64 wait_us)
{
    g_autofree char *why = NULL;
    gint64 again_us;

    g_assert_null(sit(wish, caps, &why, &again_us));
    g_assert_cmpstr(why, ==, reason);
    g_assert_cmpint(again_us, ==, wait_us != 0 ? vd_clock_now_us() + wait_us : 0);
}

static void a_stream_goes_where_there_is_least_to_do(void)
{
    VdGpuSeat *seats[5];
    VdGpuFacts facts;

    begin(2);
    takes("auto", FULL_HD, 0, "nvh264dec", &seats[0]);
    takes("auto", SMALL, 1, "nvh265device1dec", &seats[1]);
    takes("require", SMALL, 1, "nvh265device1dec", &seats[2]);
    takes("0", SMALL, 0, "nvh265dec", &seats[3]);
    vd_gpu_tell(0, &facts);
    g_assert_cmpstr(facts.name, ==, "made up 0");
    g_assert_cmpuint(facts.seats, ==, 2);
    g_assert_cmpfloat_with_epsilon(facts.load, 62.208 + 3.456, 1e-9);
    vd_gpu_leave(seats[0]);
    vd_gpu_leave(seats[3]);
    takes("auto", SMALL, 0, "nvh265dec", &seats[4]);
    vd_gpu_leave(seats[1]);
    vd_gpu_leave(seats[2]);
    vd_gpu_leave(seats[4]);
    vd_gpu_tell(1, &facts);
    g_assert_cmpuint(facts.seats, ==, 0);
    g_assert_cmpfloat(facts.load, ==, 0);
    end();
}

static void the_reason_is_told_when_it_is_the_cpu(void)
{
    begin(0);
    refuses("off", FULL_HD, "gpu=off", 0);
    refuses("auto", FULL_HD, "there is no driver", 0);
    refuses("2", FULL_HD, "there is no driver", 0);
    end();
    begin(1);
    fake.refused = "h264";
    refuses("auto", FULL_HD ",bit-depth-luma=(uint)10,chroma-format=4:2:2",
            "made up 0 does not decode h264 1920x1080 10-bit 4:2:2", 0);
    refuses("1", SMALL, "there is no GPU 1", 0);
    refuses("auto", "video/x-vp8,width=64,height=64", "no GPU decodes this", 0);
    refuses("auto", "image/jpeg,width=64,height=64", "GStreamer has no nvjpegdec here", 0);
    end();
}

static void pass(gint64 us)
{
    vd_clock_hold(vd_clock_now_us() + us, 0);
}

static void leave_all(VdGpuSeat *const *seats, guint n)
{
    for (guint i = 0; i < n; i++)
        vd_gpu_leave(seats[i]);
}

static void without_a_driver_nobody_looks_for_one_again(void)
{
    begin(0);
    for (int i = 0; i < 3; i++) {
        refuses("auto", FULL_HD, "there is no driver", 0);
        pass(600 * SECOND_US);
    }
    g_assert_cmpuint(fake.searched, ==, 1);
    g_assert_cmpuint(vd_gpu_faults(), ==, 0);
    end();
}

/* A driver without a GPU is no fault, and neither is it for good. */
static void a_gpu_that_comes_later_is_found(gconstpointer data)
{
    static const int waits_s[] = {10, 20, 40, 80, 160, 300, 300};
    VdGpuSearch search = (VdGpuSearch)GPOINTER_TO_UINT(data);
    VdGpuSeat *seat;

    begin(0);
    fake.search = search;
    for (guint i = 0; i < G_N_ELEMENTS(waits_s); i++) {
        gint64 wait_us = waits_s[i] * SECOND_US;
        refuses("auto", FULL_HD, "there is no driver", wait_us);
        refuses("auto", SMALL, "there is no driver", wait_us);
        g_assert_cmpuint(fake.searched, ==, i + 1);
        g_assert_cmpuint(vd_gpu_faults(), ==, search == VD_GPU_DRIVER_FAILED ? i + 1 : 0);
        g_assert_cmpuint(vd_gpu_count(), ==, 0);
        pass(wait_us);
    }
    fake.count = 1;
    takes("auto", FULL_HD, 0, "nvh264dec", &seat);
    g_assert_cmpuint(vd_gpu_count(), ==, 1);
    vd_gpu_leave(seat);
    end();
}

static void one_that_cannot_be_opened_is_tried_again(void)
{
    VdGpuSeat *seats[2];
    VdGpuFacts facts;

    begin(2);
    fake.closed = 1;
    takes("auto", FULL_HD, 1, "nvh264device1dec", &seats[0]);
    refuses("0", SMALL, "GPU 0 has failed and is left alone for a while", 10 * SECOND_US);
    vd_gpu_tell(0, &facts);
    g_assert_cmpstr(facts.name, ==, "made up 0");
    g_assert_cmpuint(facts.faults, ==, 1);
    g_assert_false(facts.usable || facts.lost);
    pass(10 * SECOND_US);
    refuses("0", SMALL, "GPU 0 has failed and is left alone for a while", 20 * SECOND_US);
    fake.closed = 0;
    pass(20 * SECOND_US);
    takes("0", SMALL, 0, "nvh265dec", &seats[1]);
    g_assert_cmpuint(vd_gpu_faults(), ==, 2);
    vd_gpu_leave(seats[0]);
    vd_gpu_leave(seats[1]);
    end();
}

static void after_a_fault_it_is_left_alone_longer_each_time(void)
{
    static const int waits_s[] = {10, 20, 40, 80, 160, 300, 300};
    VdGpuSeat *seat, *other;
    VdGpuFacts facts;

    begin(1);
    for (guint i = 0; i < G_N_ELEMENTS(waits_s); i++) {
        gint64 wait_us = waits_s[i] * SECOND_US;
        takes("auto", FULL_HD, 0, "nvh264dec", &seat);
        takes("auto", SMALL, 0, "nvh265dec", &other);
        vd_gpu_seat_failed(seat, "a kernel failed");
        vd_gpu_seat_failed(other, "a kernel failed"); /* of the same fault */
        vd_gpu_leave(seat);
        vd_gpu_leave(other);
        refuses("auto", FULL_HD, "GPU 0 has failed and is left alone for a while", wait_us);
        vd_gpu_tell(0, &facts);
        g_assert_false(facts.usable);
        g_assert_false(facts.lost);
        g_assert_cmpuint(facts.faults, ==, 2 * (i + 1));
        g_assert_null(vd_gpu_restart_wanted());
        vd_clock_hold(vd_clock_now_us() + wait_us, 0);
    }
    vd_clock_hold(vd_clock_now_us() + 600 * SECOND_US, 0); /* forgiven */
    takes("auto", FULL_HD, 0, "nvh264dec", &seat);
    vd_gpu_seat_failed(seat, "a kernel failed");
    vd_gpu_leave(seat);
    refuses("auto", FULL_HD, "GPU 0 has failed and is left alone for a while", 10 * SECOND_US);
    end();
}

static void one_that_fails_leaves_the_others_to_use(void)
{
    VdGpuSeat *seat, *other;

    begin(2);
    takes("auto", FULL_HD, 0, "nvh264dec", &seat);
    vd_gpu_seat_failed(seat, "a kernel failed");
    takes("auto", FULL_HD, 1, "nvh264device1dec", &other);
    vd_gpu_leave(seat);
    vd_gpu_leave(other);
    end();
}

static void one_that_no_longer_answers_is_not_used_again(void)
{
    VdGpuSeat *seat;
    VdGpuFacts facts;

    begin(1);
    takes("auto", FULL_HD, 0, "nvh264dec", &seat);
    fake.answers = false;
    vd_gpu_seat_failed(seat, "the device is lost");
    vd_gpu_leave(seat);
    fake.answers = true;
    refuses("auto", FULL_HD, "GPU 0 has failed and needs vedetted to be restarted", 0);
    vd_clock_hold(vd_clock_now_us() + 3600 * SECOND_US, 0);
    refuses("auto", FULL_HD, "GPU 0 has failed and needs vedetted to be restarted", 0);
    vd_gpu_tell(0, &facts);
    g_assert_true(facts.lost);
    g_assert_cmpuint(facts.faults, ==, 1);
    g_assert_cmpuint(vd_gpu_faults(), ==, 1);
    g_autofree char *restart = vd_gpu_restart_wanted();
    g_assert_cmpstr(restart, ==, "GPU 0 no longer answers");
    end();
}

static void leave_and_count(void *data)
{
    VdGpuSeat **seat = data;

    vd_gpu_leave(*seat);
    *seat = NULL;
}

/* Not by their ticks; and who has found it is not told. */
static void those_on_a_lost_gpu_are_told_at_once(void)
{
    VdGpuSeat *seats[4];
    VdGpuFacts facts;

    begin(2);
    for (guint i = 0; i < G_N_ELEMENTS(seats); i++) {
        takes("auto", SMALL, (int)i % 2, i % 2 == 0 ? "nvh265dec" : "nvh265device1dec", &seats[i]);
        vd_gpu_seat_watch(seats[i], leave_and_count, &seats[i]);
    }
    fake.answers = false;
    vd_gpu_seat_failed(seats[0], "the device is lost");
    g_assert_nonnull(seats[2]); /* not from within a call */
    vd_gpu_leave(g_steal_pointer(&seats[0]));
    while (g_main_context_iteration(NULL, FALSE))
        continue;
    g_assert_null(seats[2]);
    g_assert_true(seats[1] != NULL && seats[3] != NULL);
    vd_gpu_seat_failed(seats[1], "the device is lost");
    leave_all(&seats[1], 1);
    vd_gpu_tell(0, &facts);
    g_assert_cmpuint(facts.faults, ==, 1);
    vd_gpu_leave(seats[3]);
    end();
    g_assert_false(g_main_context_iteration(NULL, FALSE));
}

/* Asked what it decodes, it fails as it may anywhere else. */
static void one_that_does_not_say_what_it_decodes_has_failed(void)
{
    VdGpuSeat *seat;
    VdGpuFacts facts;

    begin(2);
    fake.says_nothing = true;
    refuses("0", FULL_HD, "GPU 0 has failed and is left alone for a while", 10 * SECOND_US);
    fake.says_nothing = false;
    takes("auto", FULL_HD, 1, "nvh264device1dec", &seat);
    vd_gpu_leave(seat);
    vd_clock_hold(vd_clock_now_us() + 10 * SECOND_US, 0);
    takes("0", FULL_HD, 0, "nvh264dec", &seat);
    vd_gpu_leave(seat);
    fake.says_nothing = true;
    fake.answers = false;
    refuses("0", FULL_HD, "GPU 0 has failed and needs vedetted to be restarted", 0);
    vd_gpu_tell(0, &facts);
    g_assert_cmpuint(facts.faults, ==, 2);
    g_assert_true(facts.lost);
    end();
}

/* --- moving ----------------------------------------------------------------------------------- */

static void measure(VdGpuSeat *const *seats, guint n, double load)
{
    for (guint i = 0; i < n; i++)
        vd_gpu_seat_measured(seats[i], load);
}

static void advises(VdGpuSeat *seat, int number, const char *reason, VdGpuSeat **there)
{
    g_autofree char *why = NULL;

    *there = vd_gpu_seat_advice(seat, &why);
    g_assert_nonnull(*there);
    g_assert_cmpint(vd_gpu_seat_number(*there), ==, number);
    g_assert_cmpstr(why, ==, reason);
}

static void advises_nobody(VdGpuSeat *const *seats, guint n)
{
    for (guint i = 0; i < n; i++) {
        char *why = NULL;
        g_assert_null(vd_gpu_seat_advice(seats[i], &why));
        g_assert_null(why);
    }
}

static void what_is_measured_counts_and_not_what_caps_say(void)
{
    VdGpuSeat *seats[3];
    VdGpuFacts facts;

    begin(2);
    takes("auto", FULL_HD, 0, "nvh264dec", &seats[0]);
    takes("auto", SMALL, 1, "nvh265device1dec", &seats[1]);
    vd_gpu_seat_measured(seats[0], 2);
    vd_gpu_seat_measured(seats[1], 3);
    vd_gpu_tell(0, &facts);
    g_assert_cmpfloat_with_epsilon(facts.load, 2, 1e-9);
    takes("auto", SMALL, 0, "nvh265dec", &seats[2]);
    leave_all(seats, 3);
    end();
}

static void one_at_a_time_moves_and_then_there_is_a_pause(void)
{
    enum { N = 4 };
    VdGpuSeat *seats[N], *there;

    begin(2);
    for (guint i = 0; i < N; i++)
        takes("0", SMALL, 0, "nvh265dec", &seats[i]);
    measure(seats, N, 10);
    advises_nobody(seats, N); /* they are to be on GPU 0 */
    for (guint i = 0; i < N; i++)
        vd_gpu_seat_wish(seats[i], &(VdGpuWish){.mode = VD_GPU_AUTO});
    advises_nobody(seats, N); /* it has just been looked at */
    pass(2 * SECOND_US);
    advises(seats[0], 1, "GPU 0 has 40.0 megapixels/s to decode and GPU 1 0.0", &there);
    pass(60 * SECOND_US);
    advises_nobody(seats, N); /* one is under way */
    vd_gpu_leave(seats[0]);
    seats[0] = there;
    advises_nobody(seats, N);
    pass(2 * SECOND_US);
    advises_nobody(seats, 1); /* it is another one's turn */
    advises(seats[1], 1, "GPU 0 has 30.0 megapixels/s to decode and GPU 1 10.0", &there);
    vd_gpu_leave(there);
    vd_gpu_seat_stays(seats[1]);
    pass(2 * SECOND_US);
    advises(seats[1], 1, "GPU 0 has 30.0 megapixels/s to decode and GPU 1 10.0", &there);
    vd_gpu_leave(seats[1]);
    seats[1] = there;
    pass(2 * SECOND_US);
    advises_nobody(seats, N);
    leave_all(seats, N);
    end();
}

static void a_gpu_gets_streams_when_it_is_no_longer_left_alone(void)
{
    VdGpuSeat *seats[2], *there;

    begin(2);
    takes("1", FULL_HD, 1, "nvh264device1dec", &seats[0]);
    vd_gpu_seat_failed(seats[0], "a kernel failed");
    vd_gpu_leave(seats[0]);
    takes("auto", FULL_HD, 0, "nvh264dec", &seats[0]);
    takes("auto", FULL_HD, 0, "nvh264dec", &seats[1]);
    measure(seats, 2, 60);
    pass(9 * SECOND_US);
    advises_nobody(seats, 2);
    pass(2 * SECOND_US);
    advises(seats[0], 1, "GPU 0 has 120.0 megapixels/s to decode and GPU 1 0.0", &there);
    vd_gpu_leave(there);
    leave_all(seats, 2);
    end();
}

static void what_a_gpu_does_not_decode_is_not_sent_there_again(void)
{
    VdGpuSeat *seats[2];

    begin(2);
    takes("0", FULL_HD, 0, "nvh264dec", &seats[0]);
    takes("0", FULL_HD, 0, "nvh264dec", &seats[1]);
    for (guint i = 0; i < 2; i++)
        vd_gpu_seat_wish(seats[i], &(VdGpuWish){.mode = VD_GPU_AUTO});
    fake.refused = "h264";
    for (guint i = 0; i < 2; i++) {
        advises_nobody(seats, 2);
        pass(2 * SECOND_US);
    }
    fake.refused = NULL;
    advises_nobody(seats, 2);
    leave_all(seats, 2);
    end();
}

static void memory_is_asked_for_once_a_second(void)
{
    VdGpuSeat *seat;
    VdGpuFacts facts;

    begin(2);
    takes("0", FULL_HD, 0, "nvh264dec", &seat);
    fake.questions = 0;
    fake.memory_used = 300;
    vd_gpu_tell(0, &facts);
    g_assert_cmpuint(facts.memory_total, ==, 0); /* not known yet */
    vd_gpu_ask_memory(0);
    vd_gpu_ask_memory(0);
    vd_gpu_tell(0, &facts);
    g_assert_cmpuint(fake.questions, ==, 1);
    g_assert_cmpuint(facts.memory_used, ==, 300);
    g_assert_cmpuint(facts.memory_total, ==, 1000);
    fake.memory_used = 400;
    pass(SECOND_US - 1);
    vd_gpu_ask_memory(0);
    g_assert_cmpuint(fake.questions, ==, 1);
    pass(1);
    vd_gpu_ask_memory(0);
    vd_gpu_ask_memory_of_all(); /* something was given back */
    g_assert_cmpuint(fake.questions, ==, 4);
    vd_gpu_tell(1, &facts);
    g_assert_cmpuint(facts.memory_used, ==, 400);
    vd_gpu_leave(seat);
    end();
    vd_gpu_ask_memory(0); /* closed, with a pipeline that goes so late */
    g_assert_cmpuint(fake.questions, ==, 4);
}

static void one_that_is_lost_is_not_asked_for_memory(void)
{
    VdGpuSeat *seat;
    VdGpuFacts facts;

    begin(1);
    takes("auto", FULL_HD, 0, "nvh264dec", &seat);
    vd_gpu_ask_memory(0);
    fake.answers = false;
    vd_gpu_seat_failed(seat, "a kernel failed");
    fake.questions = 0;
    pass(SECOND_US);
    vd_gpu_ask_memory(0);
    vd_gpu_ask_memory_of_all();
    g_assert_cmpuint(fake.questions, ==, 0);
    vd_gpu_tell(0, &facts);
    g_assert_cmpuint(facts.memory_total, ==, 0); /* nobody knows */
    vd_gpu_leave(seat);
    end();
}

int main(int argc, char **argv)
{
    static const char *const decoders[] = {"nvh264dec", "nvh265dec", "nvh264device1dec",
                                           "nvh265device1dec"};

    gst_init(NULL, NULL);
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(decoders); i++)
        offer(decoders[i]);
#define ADD(name) g_test_add_func("/media/gpu/" #name, name)
    ADD(a_stream_goes_where_there_is_least_to_do);
    ADD(the_reason_is_told_when_it_is_the_cpu);
    ADD(without_a_driver_nobody_looks_for_one_again);
#define ADD_LATER(name, search)                                               \
    g_test_add_data_func("/media/gpu/a_gpu_that_comes_later_is_found/" #name, \
                         GUINT_TO_POINTER(search), a_gpu_that_comes_later_is_found)
    ADD_LATER(none, VD_GPU_FOUND_NONE);
    ADD_LATER(failed, VD_GPU_DRIVER_FAILED);
    ADD(one_that_cannot_be_opened_is_tried_again);
    ADD(after_a_fault_it_is_left_alone_longer_each_time);
    ADD(one_that_fails_leaves_the_others_to_use);
    ADD(one_that_no_longer_answers_is_not_used_again);
    ADD(those_on_a_lost_gpu_are_told_at_once);
    ADD(what_is_measured_counts_and_not_what_caps_say);
    ADD(one_that_does_not_say_what_it_decodes_has_failed);
    ADD(one_at_a_time_moves_and_then_there_is_a_pause);
    ADD(a_gpu_gets_streams_when_it_is_no_longer_left_alone);
    ADD(what_a_gpu_does_not_decode_is_not_sent_there_again);
    ADD(memory_is_asked_for_once_a_second);
    ADD(one_that_is_lost_is_not_asked_for_memory);
    return g_test_run();
}
