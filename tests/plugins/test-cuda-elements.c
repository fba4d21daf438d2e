#include "cuda-rig.h"
#include "plugins/vd-messages.h"

/* What holds for every element that takes CUDA memory. */

#define CUDA_CAPS "video/x-raw(memory:CUDAMemory),format=NV12,width=64,height=48"

static const Shape usual = {"NV12", 64, 48};
#define MORE ",framerate=5/1" /* an encoder knows no caps without */

typedef struct Element {
    const char *factory;
    const char *downstream; /* (nullable) what is asked for */
} Element;

static const Element elements[] = {
    {VD_MASK_FACTORY, NULL},        {VD_COMPOSE_FACTORY, NULL}, {VD_MOTION_FACTORY, NULL},
    {VD_SCALE_FACTORY, "width=32"}, {VD_JPEGENC_FACTORY, NULL},
};

/* Of an element of these, with something to do. */
static Twins *busy_twins(const Element *element)
{
    Twins *twins = twins_new(element->factory, usual, MORE, element->downstream);

    if (g_str_equal(element->factory, VD_MASK_FACTORY) ||
        g_str_equal(element->factory, VD_COMPOSE_FACTORY))
        twins_set(twins, "polygons", "0,0 1,0 1,1");
    if (g_str_equal(element->factory, VD_COMPOSE_FACTORY))
        twins_set(twins, "title", "Gate");
    return twins;
}

/* --- negotiation ----------------------------------------------------------------------------- */

static void pads_take_both_kinds_of_memory(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(elements); i++) {
        g_autoptr(GstElementFactory) factory = gst_element_factory_find(elements[i].factory);
        const GList *pads = gst_element_factory_get_static_pad_templates(factory);

        g_assert_cmpuint(g_list_length((GList *)pads), ==, 2);
        for (; pads != NULL; pads = pads->next) {
            g_autoptr(GstCaps) caps = gst_static_pad_template_get_caps(pads->data);

            if (gst_structure_has_name(gst_caps_get_structure(caps, 0), "image/jpeg"))
                continue;
            g_assert_cmpuint(gst_caps_get_size(caps), ==, 2);
            g_assert_true(gst_caps_features_contains(gst_caps_get_features(caps, 0),
                                                     GST_CAPS_FEATURE_MEMORY_CUDA_MEMORY));
            g_assert_true(gst_caps_features_is_equal(gst_caps_get_features(caps, 1),
                                                     GST_CAPS_FEATURES_MEMORY_SYSTEM_MEMORY));
        }
    }
}

static void the_kind_of_memory_never_changes_silently(void)
{
    static const char *const kinds[][2] = {
        {CUDA_CAPS, "video/x-raw"},
        {"video/x-raw,format=NV12,width=64,height=48", "video/x-raw(memory:CUDAMemory)"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(elements); i++) {
        for (gsize kind = 0; kind < G_N_ELEMENTS(kinds); kind++) {
            g_autoptr(Rig) rig = rig_new(elements[i].factory, NULL);

            gst_harness_set_sink_caps_str(rig->harness, kinds[kind][1]);
            gst_harness_set_src_caps_str(rig->harness, kinds[kind][0]);
            GstBuffer *picture = gst_buffer_new_allocate(NULL, 64 * 48 * 2, NULL);
            g_assert_cmpint(gst_harness_push(rig->harness, picture), ==, GST_FLOW_NOT_NEGOTIATED);
            g_assert_null(rig_caps(rig));
        }
    }
}

static void other_formats_in_cuda_memory_are_refused(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(elements); i++) {
        assert_refused(elements[i].factory,
                       "video/x-raw(memory:CUDAMemory),format=P010_10LE,width=64,height=48");
        assert_refused(elements[i].factory,
                       "video/x-raw(memory:GLMemory),format=NV12,width=64,height=48");
    }
}

/* --- errors ---------------------------------------------------------------------------------- */

static void assert_one_error(const Element *element, GstBuffer *picture)
{
    g_autoptr(Twins) twins = busy_twins(element);

    g_assert_cmpint(gst_harness_push(twins->gpu->harness, picture), ==, GST_FLOW_ERROR);
    g_assert_cmpuint(rig_errors(twins->gpu), ==, 1);
}

static void memory_that_is_not_what_caps_say_is_one_error(void)
{
    g_autoptr(Twins) other = twins_new(VD_MASK_FACTORY, (Shape){"I420", 64, 48}, NULL, NULL);
    g_autoptr(Twins) small = twins_new(VD_MASK_FACTORY, (Shape){"NV12", 64, 46}, NULL, NULL);

    for (gsize i = 0; i < G_N_ELEMENTS(elements); i++) {
        g_autoptr(GstBuffer) formatted = noise_new(other, 1, 0);
        g_autoptr(GstBuffer) smaller = noise_new(small, 1, 0);

        assert_one_error(&elements[i], noise_new(other, 1, 0));
        assert_one_error(&elements[i], on_device(other, formatted));
        assert_one_error(&elements[i], on_device(small, smaller));
    }
}

/* Calls by their number for a first picture, and who makes them. */
/* clang-format off */
static const struct { const char *call; bool mask, compose, motion, scale, jpegenc; } calls[] = {
    {"cuCtxPushCurrent:1",    true,  true,  true,  true,  true},
    {"cuStreamCreate:1",      true,  true,  true,  true,  true},
    {"cuModuleLoadData:1",    true,  true,  true,  true,  true},
    {"cuModuleGetFunction:1", true,  true,  true,  true,  true},
    {"cuMemAlloc:1",          true,  true,  true,  false, true},
    {"cuMemAlloc:2",          false, false, true,  false, true},
    {"cuMemAllocHost:1",      false, false, true,  false, true},
    {"cuMemAllocPitch:1",     false, false, false, true,  false},
    {"cuMemcpy2DAsync:1",     true,  true,  false, false, false},
    {"cuMemsetD8Async:1",     false, false, true,  false, true},
    {"cuMemcpyDtoHAsync:1",   false, false, true,  false, true},
    {"cuMemcpyDtoHAsync:2",   false, false, false, false, true},
    {"cuLaunchKernel:1",      true,  true,  true,  true,  true},
    {"cuLaunchKernel:2",      false, true,  true,  false, true},
    {"cuStreamSynchronize:1", true,  true,  true,  true,  true},
    {"cuStreamSynchronize:2", false, false, false, false, true},
};
/* clang-format on */

static bool is_made(gsize call, const char *factory)
{
    const bool by[] = {calls[call].mask, calls[call].compose, calls[call].motion, calls[call].scale,
                       calls[call].jpegenc};

    for (gsize i = 0; i < G_N_ELEMENTS(elements); i++)
        if (g_str_equal(factory, elements[i].factory))
            return by[i];
    g_assert_not_reached();
}

/* A picture that is already there when the driver begins to fail. */
static void fail_once(Twins *twins, gsize call, bool sticky)
{
    const char *factory = GST_OBJECT_NAME(gst_element_get_factory(twins->gpu->harness->element));
    g_autofree char *spec =
        g_strdup_printf("%s:%d%s", calls[call].call, sticky ? 719 : 2, sticky ? ":sticky" : "");
    bool made = is_made(call, factory);
    g_autoptr(GstBuffer) noise = noise_new(twins, 1, 0);
    GstBuffer *picture = on_device(twins, noise);

    g_test_message("%s %s", factory, spec);
    g_assert_cmpint(device.fail(spec), ==, 0);
    GstFlowReturn flow = gst_harness_push(twins->gpu->harness, picture);
    g_assert_cmpint(flow, ==, made ? GST_FLOW_ERROR : GST_FLOW_OK);
    g_assert_cmpuint(rig_errors(twins->gpu), ==, made ? 1 : 0);
}

/* One call fails; the element is stopped while it still does, and then works again. */
static void survive(const Element *element, gsize call, bool sticky)
{
    g_autoptr(Twins) twins = busy_twins(element);

    fail_once(twins, call, sticky);
    rig_restart(twins->gpu);
    twins_push(twins, noise_new(twins, 2, GST_SECOND));
    g_assert_cmpuint(rig_errors(twins->gpu), ==, 0);
}

/* What a lost device had is lost with its context, which the element must have let go of. */
static void each_failure_of_the_driver_is_one_error(bool sticky)
{
    GstCudaContext *first = device.context;
    guint64 live = counters_now().live_bytes;

    for (gsize i = 0; i < G_N_ELEMENTS(elements); i++) {
        for (gsize call = 0; call < G_N_ELEMENTS(calls); call++) {
            device.context = sticky ? gst_cuda_context_new(0) : first;
            survive(&elements[i], call, sticky);
            if (sticky)
                gst_object_unref(device.context);
            g_assert_cmpuint(counters_now().live_bytes, ==, live);
        }
    }
    device.context = first;
    g_assert_cmpuint(counters_now().faults, ==, 0);
}

static void a_call_that_fails_once_is_one_error_and_leaks_nothing(void)
{
    if (device_counts())
        each_failure_of_the_driver_is_one_error(false);
}

static void a_lost_device_is_one_error_and_leaks_nothing(void)
{
    if (device_counts())
        each_failure_of_the_driver_is_one_error(true);
}

/* --- contexts -------------------------------------------------------------------------------- */

static void an_element_can_be_stopped_and_started(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(elements); i++) {
        g_autoptr(Twins) twins = busy_twins(&elements[i]);

        for (guint n = 0; n < 3; n++) {
            twins_push(twins, noise_new(twins, n, n * GST_SECOND));
            rig_restart(twins->gpu);
            rig_restart(twins->cpu);
        }
    }
}

static void no_element_makes_a_context(void)
{
    guint64 contexts = counters_now().contexts;

    for (gsize i = 0; i < G_N_ELEMENTS(elements); i++) {
        g_autoptr(Twins) twins = busy_twins(&elements[i]);
        g_autoptr(Twins) again = busy_twins(&elements[i]);

        twins_push(twins, noise_new(twins, 1, 0));
        twins_push(again, noise_new(again, 2, 0));
    }
    g_assert_cmpuint(counters_now().contexts, ==, contexts);
}

static void elements_of_one_context_share_their_kernels(void)
{
    g_autoptr(Twins) first = busy_twins(&elements[0]);

    if (!device_counts())
        return;
    twins_push(first, noise_new(first, 1, 0));
    device.fail("cuModuleLoadData:0");
    for (gsize i = 1; i < G_N_ELEMENTS(elements); i++) {
        g_autoptr(Twins) twins = busy_twins(&elements[i]);

        twins_push(twins, noise_new(twins, 2, 0));
    }
    device.fail(NULL);
}

static gpointer run_alone(gpointer element)
{
    for (guint again = 0; again < 3; again++) {
        g_autoptr(Twins) twins = busy_twins(element);

        for (guint n = 0; n < 4; n++)
            twins_push(twins, noise_new(twins, n, n * GST_SECOND));
    }
    return NULL;
}

static void elements_in_many_threads_share_a_context(void)
{
    GThread *threads[2 * G_N_ELEMENTS(elements)];

    for (gsize i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] =
            g_thread_new("element", run_alone, (gpointer)&elements[i % G_N_ELEMENTS(elements)]);
    for (gsize i = 0; i < G_N_ELEMENTS(threads); i++)
        g_thread_join(threads[i]);
    g_assert_cmpuint(counters_now().faults, ==, 0);
}

/* A decoder that was made anew after an error brings a context of its own. */
static void another_context_is_followed(void)
{
    GstCudaContext *first = device.context, *other = gst_cuda_context_new(0);

    for (gsize i = 0; i < G_N_ELEMENTS(elements); i++) {
        g_autoptr(Twins) twins = busy_twins(&elements[i]);

        twins_push(twins, noise_new(twins, 1, 0));
        device.context = other;
        Twins *elsewhere = busy_twins(&elements[i]);
        GstBufferPool *pool = twins->pool;
        twins->pool = elsewhere->pool;
        for (guint n = 0; n < 2; n++)
            twins_push(twins, noise_new(twins, 2 + n, n * GST_SECOND));
        twins->pool = pool;
        device.context = first;
        twins_free(elsewhere);
        twins_push(twins, noise_new(twins, 4, 5 * GST_SECOND));
    }
    gst_object_unref(other);
    g_assert_cmpuint(counters_now().faults, ==, 0);
}

int main(int argc, char **argv)
{
    if (!device_init(&argc, &argv))
        return 0;
#define TEST(name) g_test_add_func("/cuda/elements/" #name, name)
    TEST(pads_take_both_kinds_of_memory);
    TEST(the_kind_of_memory_never_changes_silently);
    TEST(other_formats_in_cuda_memory_are_refused);
    TEST(memory_that_is_not_what_caps_say_is_one_error);
    TEST(a_call_that_fails_once_is_one_error_and_leaks_nothing);
    TEST(a_lost_device_is_one_error_and_leaks_nothing);
    TEST(an_element_can_be_stopped_and_started);
    TEST(no_element_makes_a_context);
    TEST(elements_of_one_context_share_their_kernels);
    TEST(elements_in_many_threads_share_a_context);
    TEST(another_context_is_followed);
    return device_run_tests();
}
