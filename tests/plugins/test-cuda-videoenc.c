#include "cuda-rig.h"
#include "plugins/vd-messages.h"
#include "tests/emu/open.h"
#include "video-rig.h"

/* vdh264enc and vdh265enc on the emulated encoder. */

static const Shape usual = {"NV12", 320, 240};

/* An encoder that gets pictures in CUDA memory. */
typedef struct Encoder {
    const Codec *codec;
    Twins *twins; /* of which one is used, and the other's info */
    GPtrArray *units;
    int number; /* of the next picture */
} Encoder;

static void set_up(Encoder *self, const Codec *codec, Shape shape)
{
    self->codec = codec;
    self->twins = twins_new(codec->factory, shape, ",framerate=25/1", NULL);
    self->units = g_ptr_array_new_with_free_func((GDestroyNotify)gst_buffer_unref);
    self->number = 0;
}

static void tear_down(Encoder *self)
{
    twins_free(self->twins);
    g_ptr_array_unref(self->units);
}

static GstElement *element_of(Encoder *self)
{
    return self->twins->gpu->harness->element;
}

static GstBuffer *next_picture(Encoder *self)
{
    g_autoptr(GstBuffer) wave = wave_new(&self->twins->gpu->info, self->number++);

    return on_device(self->twins, wave);
}

static void push(Encoder *self, GstBuffer *picture)
{
    GstBuffer *unit = gst_harness_push_and_pull(self->twins->gpu->harness, picture);

    g_assert_nonnull(unit);
    g_ptr_array_add(self->units, unit);
}

static void push_some(Encoder *self, int n)
{
    for (int i = 0; i < n; i++)
        push(self, next_picture(self));
}

static void assert_says(Encoder *self, const char *name, const char *why)
{
    g_autofree char *encoder = text_of(element_of(self), "encoder");
    g_autofree char *reason = text_of(element_of(self), "why-software");

    g_assert_cmpstr(encoder, ==, name);
    g_assert_cmpstr(reason, ==, why);
}

static bool uses_nvenc(Encoder *self)
{
    g_autofree char *name = text_of(element_of(self), "encoder");

    return g_str_equal(name, self->codec->hardware);
}

static void assert_good(Encoder *self, guint from, double least)
{
    assert_waves(self->codec, self->units, from, self->units->len, &self->twins->gpu->info, least);
}

/* --- pictures -------------------------------------------------------------------------------- */

static const Shape on_gpu[] = {{"NV12", 320, 240}, {"I420", 320, 240}, {"NV12", 321, 241},
                               {"I420", 321, 241}, {"NV12", 162, 98},  {"NV12", 640, 361}};

/* NV12 is looked at where it lies; what I420 becomes is made by a kernel. */
static void no_picture_leaves_the_gpu(gconstpointer data)
{
    for (gsize i = 0; i < G_N_ELEMENTS(on_gpu); i++) {
        Encoder self;
        GstBuffer *pictures[12];

        set_up(&self, data, on_gpu[i]);
        for (int n = 0; n < 12; n++)
            pictures[n] = next_picture(&self);
        push(&self, pictures[0]);
        push(&self, pictures[1]);
        device.reset();
        for (int n = 2; n < 12; n++)
            push(&self, pictures[n]);
        struct VedetteEmuCounters counters = counters_now();
        g_assert_cmpuint(counters.h2d, ==, 0);
        g_assert_cmpuint(counters.d2h, ==, 0);
        g_assert_cmpuint(counters.d2d, ==, 0);
        g_assert_cmpuint(counters.allocations, ==, 0);
        g_assert_cmpuint(counters.launches, ==, on_gpu[i].format[0] == 'I' ? 10 : 0);
        assert_says(&self, self.codec->hardware, NULL);
        assert_times(self.units, 12);
        assert_good(&self, 0, 45);
        tear_down(&self);
    }
}

static void there_is_one_context(gconstpointer data)
{
    Encoder self;

    device.reset();
    set_up(&self, data, usual);
    push_some(&self, 3);
    g_assert_true(uses_nvenc(&self));
    g_assert_cmpuint(counters_now().contexts, ==, 0);
    tear_down(&self);
}

/* Where other memory has come to lie at an address that the encoder knows: here the memory alone
 * says that it is another. */
static void other_memory_at_the_same_address_is_copied(gconstpointer data)
{
    Encoder self;

    set_up(&self, data, usual);
    GstBuffer *picture = next_picture(&self);
    push(&self, gst_buffer_ref(picture));
    device.reset();
    push(&self, gst_buffer_ref(picture));
    g_assert_cmpuint(counters_now().d2d, ==, 0);
    gst_mini_object_set_qdata(GST_MINI_OBJECT_CAST(gst_buffer_peek_memory(picture, 0)),
                              g_quark_from_static_string("vd-nvenc-number"), GINT_TO_POINTER(-1),
                              NULL);
    push(&self, picture);
    g_assert_cmpuint(counters_now().d2d, ==, 320 * 240 * 3 / 2);
    g_assert_cmpuint(counters_now().h2d + counters_now().d2h, ==, 0);
    g_assert_true(uses_nvenc(&self));
    tear_down(&self);
}

/* Memory of more rows than the caps speak of, behind memory that has as many. */
static void memory_of_another_layout_is_copied(gconstpointer data)
{
    Encoder self, taller;

    set_up(&self, data, usual);
    set_up(&taller, data, (Shape){"NV12", 320, 256});
    GstBufferPool *pool = self.twins->pool;
    push_some(&self, 3);
    self.twins->pool = taller.twins->pool;
    device.reset();
    push_some(&self, 3);
    g_assert_cmpuint(counters_now().d2d, ==, 3 * 320 * 240 * 3 / 2);
    self.twins->pool = pool;
    g_assert_true(uses_nvenc(&self));
    assert_good(&self, 0, 45);
    tear_down(&taller);
    tear_down(&self);
}

static void memory_may_come_and_go(gconstpointer data)
{
    Encoder self;

    set_up(&self, data, usual);
    for (int i = 0; i < 6; i++) {
        Encoder other;
        GstBufferPool *pool = self.twins->pool;

        set_up(&other, data, usual);
        self.twins->pool = other.twins->pool;
        push_some(&self, 3);
        self.twins->pool = pool;
        tear_down(&other);
    }
    g_assert_true(uses_nvenc(&self));
    assert_good(&self, 0, 45);
    tear_down(&self);
}

static void key_pictures_come_as_on_the_cpu(gconstpointer data)
{
    Encoder self;

    set_up(&self, data, usual);
    twins_set(self.twins, "gop-size", "7");
    device.reset();
    for (int i = 0; i < 30; i++) {
        if (i == 10)
            gst_harness_push_upstream_event(
                self.twins->gpu->harness,
                gst_video_event_new_upstream_force_key_unit(GST_CLOCK_TIME_NONE, TRUE, 1));
        push_some(&self, 1);
    }
    for (guint i = 0; i < 30; i++) {
        bool expected = i < 10 ? i % 7 == 0 : (i - 10) % 7 == 0;

        g_assert_cmpint(is_key(g_ptr_array_index(self.units, i)), ==, expected);
        g_assert_cmpint(has_parameter_sets(self.codec, g_ptr_array_index(self.units, i)), ==,
                        expected);
    }
    g_assert_true(uses_nvenc(&self));
    g_assert_cmpuint(counters_now().d2d, ==, 0); /* memory that comes again is known */
    tear_down(&self);
}

static void the_rate_may_change(gconstpointer data)
{
    Encoder self;

    set_up(&self, data, usual);
    push_some(&self, 5);
    twins_set(self.twins, "bitrate", "900");
    push_some(&self, 5);
    g_assert_true(uses_nvenc(&self));
    assert_good(&self, 0, 45);
    tear_down(&self);
}

/* --- software in its place ------------------------------------------------------------------- */

static void what_is_too_small_for_nvenc_is_fetched(gconstpointer data)
{
    Encoder self;

    set_up(&self, data, (Shape){"NV12", 96, 48});
    push_some(&self, 3);
    GstBuffer *picture = next_picture(&self);
    device.reset();
    push(&self, picture);
    g_assert_cmpuint(counters_now().d2h, ==, 96 * 48 * 3 / 2);
    g_assert_cmpuint(counters_now().h2d, ==, 0);
    g_autofree char *why = text_of(element_of(&self), "why-software");
    g_assert_true(g_str_has_prefix(why, "NVENC does not open: "));
    g_assert_false(uses_nvenc(&self));
    assert_good(&self, 0, 45);
    tear_down(&self);
}

static void it_may_be_turned_off_and_on(gconstpointer data)
{
    Encoder self;

    set_up(&self, data, usual);
    twins_set(self.twins, "hardware", "false");
    twins_set(self.twins, "gop-size", "4");
    push_some(&self, 4);
    assert_says(&self, self.codec->software, "encoding on the GPU is turned off");
    twins_set(self.twins, "hardware", "true");
    push_some(&self, 4);
    assert_says(&self, self.codec->hardware, NULL);
    twins_set(self.twins, "hardware", "false");
    push_some(&self, 4);
    assert_says(&self, self.codec->software, "encoding on the GPU is turned off");
    for (guint i = 0; i < 12; i++)
        g_assert_cmpint(is_key(g_ptr_array_index(self.units, i)), ==, i % 4 == 0);
    assert_good(&self, 0, 45);
    tear_down(&self);
}

/* --- failures -------------------------------------------------------------------------------- */

static const struct {
    const char *function;
    bool each_picture; /* else once, in opening */
} calls[] = {
    {"nvEncOpenEncodeSessionEx", false},
    {"nvEncGetEncodeGUIDs", false},
    {"nvEncGetEncodePresetConfigEx", false},
    {"nvEncInitializeEncoder", false},
    {"nvEncSetIOCudaStreams", false},
    {"nvEncCreateBitstreamBuffer", false},
    {"nvEncRegisterResource", false},
    {"nvEncMapInputResource", true},
    {"nvEncEncodePicture", true},
    {"nvEncLockBitstream", true},
    {"nvEncUnlockBitstream", true},
};

/* The picture at hand begins anew in software; none is lost. */
static void survive(const Codec *codec, gsize call, int nth)
{
    g_autofree char *spec = g_strdup_printf("%s:%d:8", calls[call].function, nth);
    Encoder self;
    guint turned = 0;

    g_test_message("%s", spec);
    set_up(&self, codec, (Shape){"NV12", 192, 96});
    twins_set(self.twins, "gop-size", "1000");
    g_assert_cmpint(device.fail(spec), ==, 0);
    for (guint i = 0; i < 110; i++) {
        push_some(&self, 1);
        if (turned == 0 && i > 0 && !uses_nvenc(&self) && is_key(g_ptr_array_index(self.units, i)))
            turned = i;
    }
    device.fail(NULL);
    assert_times(self.units, 110);
    for (guint i = 0; i < 110; i++)
        g_assert_cmpint(is_key(g_ptr_array_index(self.units, i)), ==, i == 0 || i == turned);
    if (calls[call].each_picture)
        g_assert_cmpuint(turned, ==, nth - 1);
    if (calls[call].each_picture || nth == 1)
        g_assert_false(uses_nvenc(&self));
    g_assert_null(gst_bus_pop_filtered(self.twins->gpu->bus, GST_MESSAGE_ERROR));
    assert_good(&self, 0, 45);
    tear_down(&self);
}

static void no_picture_is_lost_when_a_call_fails(gconstpointer data)
{
    static const int nths[] = {1, 2, 100};

    for (gsize i = 0; i < G_N_ELEMENTS(calls); i++)
        for (gsize n = 0; n < G_N_ELEMENTS(nths); n++)
            survive(data, i, nths[n]);
}

static void a_failure_is_told(gconstpointer data)
{
    Encoder self;

    set_up(&self, data, usual);
    push_some(&self, 1);
    gst_structure_free(rig_message(self.twins->gpu, VD_VIDEOENC_MESSAGE));
    g_assert_cmpint(device.fail("nvEncEncodePicture:1:8"), ==, 0);
    push_some(&self, 2);
    device.fail(NULL);
    g_autoptr(GstStructure) said = rig_message(self.twins->gpu, VD_VIDEOENC_MESSAGE);
    g_assert_nonnull(said);
    g_assert_cmpstr(gst_structure_get_string(said, VD_VIDEOENC_ENCODER), ==, self.codec->software);
    g_assert_true(g_str_has_prefix(gst_structure_get_string(said, VD_VIDEOENC_WHY_SOFTWARE),
                                   "NVENC failed: "));
    g_assert_null(rig_message(self.twins->gpu, VD_VIDEOENC_MESSAGE));
    tear_down(&self);
}

static void assert_one_error(Encoder *self)
{
    GstMessage *error = gst_bus_pop_filtered(self->twins->gpu->bus, GST_MESSAGE_ERROR);

    g_assert_nonnull(error);
    gst_message_unref(error);
    g_assert_null(gst_bus_pop_filtered(self->twins->gpu->bus, GST_MESSAGE_ERROR));
}

static void a_picture_that_cannot_be_fetched_is_one_error(gconstpointer data)
{
    Encoder self;

    set_up(&self, data, usual);
    twins_set(self.twins, "hardware", "false");
    push_some(&self, 2);
    GstBuffer *picture = next_picture(&self);
    g_assert_cmpint(device.fail("cuMemcpy2D:2:1"), ==, 0);
    g_assert_cmpint(gst_harness_push(self.twins->gpu->harness, picture), ==, GST_FLOW_ERROR);
    device.fail(NULL);
    assert_one_error(&self);
    tear_down(&self);
}

static void a_lost_device_is_one_error(gconstpointer data)
{
    GstCudaContext *first = device.context;
    Encoder self;

#ifdef __SANITIZE_ADDRESS__
    g_test_skip("libavcodec keeps what it has when it cannot enter the context to close");
    return;
#endif
    device.context = gst_cuda_context_new(0);
    set_up(&self, data, usual);
    push_some(&self, 2);
    GstBuffer *picture = next_picture(&self);
    g_assert_cmpint(device.fail("nvEncEncodePicture:1:719:sticky"), ==, 0);
    g_assert_cmpint(gst_harness_push(self.twins->gpu->harness, picture), ==, GST_FLOW_ERROR);
    assert_one_error(&self);
    tear_down(&self);
    device.fail(NULL);
    gst_object_unref(device.context);
    device.context = first;
    set_up(&self, data, usual);
    push_some(&self, 2);
    g_assert_true(uses_nvenc(&self));
    tear_down(&self);
}

/* What brings a picture to the encoder's surface fails as the encoder does. */
static void no_picture_is_lost_when_its_conversion_fails(gconstpointer data)
{
    static const char *const specs[] = {"cuLaunchKernel:2:2", "cuStreamSynchronize:2:2",
                                        "cuModuleLoadData:1:2", "cuStreamCreate:1:2"};

    for (gsize i = 0; i < G_N_ELEMENTS(specs); i++) {
        Encoder self;

        set_up(&self, data, (Shape){"I420", 192, 96});
        GstBuffer *pictures[4];
        for (int n = 0; n < 4; n++)
            pictures[n] = next_picture(&self);
        g_assert_cmpint(device.fail(specs[i]), ==, 0);
        for (int n = 0; n < 4; n++)
            push(&self, pictures[n]);
        device.fail(NULL);
        g_test_message("%s", specs[i]);
        g_assert_false(uses_nvenc(&self));
        assert_times(self.units, 4);
        assert_good(&self, 0, 45);
        tear_down(&self);
    }
}

/* 10 s of pictures later, at a key picture, and then not before 20 s. */
static void nvenc_is_tried_again_after_the_hold_off(gconstpointer data)
{
    Encoder self;
    int back = 0;

    set_up(&self, data, (Shape){"NV12", 192, 96});
    twins_set(self.twins, "gop-size", "20");
    for (int turn = 0; turn < 2; turn++) {
        int failed = self.number;

        g_assert_cmpint(device.fail("nvEncEncodePicture:1:8"), ==, 0);
        push_some(&self, 1);
        device.fail(NULL);
        g_assert_false(uses_nvenc(&self));
        while (!uses_nvenc(&self) && self.number < 1000)
            push_some(&self, 1);
        back = self.number - 1;
        g_assert_cmpint(back - failed, ==, turn == 0 ? 260 : 500);
        g_assert_true(is_key(g_ptr_array_index(self.units, (guint)back)));
    }
    assert_good(&self, 0, 45);
    tear_down(&self);
}

/* --- sessions -------------------------------------------------------------------------------- */

#define LIMIT "the GPU's limit of 2 encoding sessions is reached"

static void sessions_are_limited_in_process(void)
{
    Encoder encoders[4];

    for (int i = 0; i < 4; i++) {
        set_up(&encoders[i], &codecs[i % 2], usual);
        twins_set(encoders[i].twins, "gop-size", "3");
    }
    for (int i = 0; i < 3; i++)
        push_some(&encoders[i], 3);
    assert_says(&encoders[0], "h264_nvenc", NULL);
    assert_says(&encoders[1], "hevc_nvenc", NULL);
    assert_says(&encoders[2], "libx264", LIMIT);
    /* Nobody asks the driver now. */
    g_assert_cmpint(device.fail("nvEncOpenEncodeSessionEx:1:8"), ==, 0);
    push_some(&encoders[3], 3);
    push_some(&encoders[2], 3);
    assert_says(&encoders[3], "libx265", LIMIT);
    assert_says(&encoders[2], "libx264", LIMIT);
    device.fail(NULL);
    tear_down(&encoders[0]);
    for (int i = 1; i < 4; i++)
        push_some(&encoders[i], 4);
    assert_says(&encoders[1], "hevc_nvenc", NULL);
    assert_says(&encoders[2], "h264_nvenc", NULL);
    assert_says(&encoders[3], "libx265", LIMIT);
    for (int i = 1; i < 4; i++) {
        assert_good(&encoders[i], 0, 45);
        tear_down(&encoders[i]);
    }
}

static void a_device_may_have_no_encoder_in_process(void)
{
    Encoder self;

    set_up(&self, &codecs[0], usual);
    push_some(&self, 3);
    assert_says(&self, "libx264", "Emulated CUDA device has no encoder");
    assert_good(&self, 0, 45);
    tear_down(&self);
}

static void run_with(const char *value, const char *test)
{
    g_autofree char *path = g_strdup_printf("/cuda/videoenc/%s/subprocess", test);

    g_setenv("VEDETTE_EMU_NVENC", value, TRUE);
    g_test_trap_subprocess(path, 0, G_TEST_SUBPROCESS_DEFAULT);
    g_unsetenv("VEDETTE_EMU_NVENC");
    g_test_trap_assert_passed();
}

static void sessions_are_limited(void)
{
    run_with("2", "sessions_are_limited");
}

static void a_device_may_have_no_encoder(void)
{
    run_with("none", "a_device_may_have_no_encoder");
}

int main(int argc, char **argv)
{
    if (!device_init(&argc, &argv))
        return 0;
    if (device.read == NULL) {
        g_print("1..0 # SKIP only the emulated driver counts and fails when told to\n");
        return 0;
    }
    g_assert_true(emu_open_library("libnvidia-encode.so.1"));
    for (int i = 0; i < N_CODECS; i++) {
#define TEST(name)                                                              \
    do {                                                                        \
        g_autofree char *path =                                                 \
            g_strconcat("/cuda/videoenc/", codecs[i].factory, "/" #name, NULL); \
        g_test_add_data_func(path, &codecs[i], name);                           \
    } while (0)
        TEST(no_picture_leaves_the_gpu);
        TEST(there_is_one_context);
        TEST(other_memory_at_the_same_address_is_copied);
        TEST(memory_of_another_layout_is_copied);
        TEST(memory_may_come_and_go);
        TEST(key_pictures_come_as_on_the_cpu);
        TEST(the_rate_may_change);
        TEST(what_is_too_small_for_nvenc_is_fetched);
        TEST(it_may_be_turned_off_and_on);
        TEST(no_picture_is_lost_when_a_call_fails);
        TEST(no_picture_is_lost_when_its_conversion_fails);
        TEST(a_failure_is_told);
        TEST(a_picture_that_cannot_be_fetched_is_one_error);
        TEST(a_lost_device_is_one_error);
        TEST(nvenc_is_tried_again_after_the_hold_off);
    }
#define PAIR(name)                                  \
    g_test_add_func("/cuda/videoenc/" #name, name); \
    g_test_add_func("/cuda/videoenc/" #name "/subprocess", name##_in_process)
    PAIR(sessions_are_limited);
    PAIR(a_device_may_have_no_encoder);
    return device_run_tests();
}
