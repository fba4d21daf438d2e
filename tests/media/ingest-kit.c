#include "ingest-kit.h"

#include "media/reaper.h"

#define PATIENCE_US (60 * G_USEC_PER_SEC)
#define AT_ONCE_US  (5 * G_USEC_PER_SEC) /* a camera is given 15 s to answer */

static void on_opened(VdIngest *ingest, GstCaps *caps, void *data)
{
    Kit *kit = data;

    g_assert_true(ingest == kit->ingest);
    g_assert_cmpuint(kit->lost, ==, 0);
    kit->opened++;
    gst_caps_replace(&kit->caps, caps);
}

static void on_changed(VdIngest *ingest, GstCaps *caps, void *data)
{
    Kit *kit = data;

    g_assert_cmpuint(kit->opened, ==, 1);
    kit->changed++;
    gst_caps_replace(&kit->caps, caps);
}

static void on_lost(VdIngest *ingest, VdLoss loss, const char *text, void *data)
{
    Kit *kit = data;

    g_test_message("%s: %s", vd_loss_name(loss), text);
    kit->lost++;
    kit->loss = loss;
    kit->text = g_strdup(text);
    g_main_context_wakeup(NULL);
}

static void on_unit(const VdUnit *unit, void *data)
{
    Kit *kit = data;
    gint64 pts = (gint64)GST_BUFFER_PTS(unit->buffer);

    g_assert_true(GST_BUFFER_PTS_IS_VALID(unit->buffer));
    g_assert_cmpuint(gst_buffer_get_size(unit->buffer), >, 0);
    if (g_atomic_int_get(&kit->units) == 0) {
        g_assert_false(GST_BUFFER_FLAG_IS_SET(unit->buffer, GST_BUFFER_FLAG_DELTA_UNIT));
    } else {
        if (pts <= kit->last)
            g_atomic_int_inc(&kit->backwards);
        kit->longest = MAX(kit->longest, pts - kit->last);
    }
    kit->last = pts;
    if (!GST_BUFFER_FLAG_IS_SET(unit->buffer, GST_BUFFER_FLAG_DELTA_UNIT))
        g_atomic_int_inc(&kit->keys);
    g_atomic_int_inc(&kit->units);
    g_main_context_wakeup(NULL);
}

void kit_init(Kit *kit)
{
    VdStages *stages = vd_stages_new();

    *kit = (Kit){
        .camera = {.latency_ms = -1, .connect_timeout_ms = 15000, .loop = true},
        .ring = vd_ring_new(10, 8 * 1024 * 1024, stages),
        .stages = stages,
    };
    vd_ring_subscribe(kit->ring, on_unit, kit, false);
}

void kit_start(Kit *kit, const char *uri)
{
    static const VdIngestEvents events = {on_opened, on_changed, on_lost};

    kit->ingest = vd_ingest_new(&kit->camera, uri, kit->ring, &events, kit);
    g_assert_cmpuint(kit->lost, ==, 0); /* what fails at once is said by the main loop as well */
}

/* Every unit that came into the ring, and nothing else. */
static void check_times(const Kit *kit)
{
    VdHistogramReading reading;
    VdRingStats stats;

    vd_ring_stats(kit->ring, &stats);
    vd_stages_read(kit->stages, VD_STAGE_RECEIVE, &reading);
    g_assert_cmpuint(reading.count, ==, stats.units);
}

void kit_clear(Kit *kit)
{
    gint64 start = g_get_monotonic_time();

    vd_ingest_free(kit->ingest);
    g_assert_cmpint(g_get_monotonic_time() - start, <, AT_ONCE_US);
    gint units = g_atomic_int_get(&kit->units);
    g_assert_cmpuint(vd_reaper_drain(g_get_monotonic_time() + PATIENCE_US), ==, 0);
    while (g_main_context_iteration(NULL, FALSE)) /* nothing may be said any more */
        ;
    g_assert_cmpint(g_atomic_int_get(&kit->units), ==, units);
    check_times(kit);
    vd_stages_unref(kit->stages);
    gst_clear_caps(&kit->caps);
    g_free(kit->text);
    vd_ring_unref(kit->ring);
}

static gboolean on_patience(gpointer passed)
{
    *(bool *)passed = true;
    return G_SOURCE_REMOVE;
}

void kit_await(bool (*condition)(void *data), void *data, const char *what)
{
    bool passed = false;
    guint timer = g_timeout_add(PATIENCE_US / 1000, on_patience, &passed);

    while (!passed && !condition(data))
        g_main_context_iteration(NULL, TRUE);
    if (passed)
        g_error("%s has not come", what);
    g_source_remove(timer);
}

typedef struct Units {
    Kit *kit;
    gint count;
} Units;

static bool has_units(void *data)
{
    Units *units = data;

    if (units->kit->lost > 0)
        g_error("lost: %s", units->kit->text);
    return g_atomic_int_get(&units->kit->units) >= units->count && units->kit->opened == 1;
}

void kit_await_units(Kit *kit, gint count)
{
    Units units = {kit, count};

    kit_await(has_units, &units, "a unit");
}

static bool is_lost(void *kit)
{
    return ((Kit *)kit)->lost > 0;
}

void kit_await_loss(Kit *kit, VdLoss loss, const char *text)
{
    kit_await(is_lost, kit, "the loss");
    g_assert_cmpstr(vd_loss_name(kit->loss), ==, vd_loss_name(loss));
    if (g_strstr_len(kit->text, -1, text) == NULL)
        g_error("\"%s\" does not say \"%s\"", kit->text, text);
}

static bool has_changed(void *kit)
{
    return ((Kit *)kit)->changed > 0;
}

void kit_await_changed(Kit *kit)
{
    kit_await(has_changed, kit, "a change");
}
