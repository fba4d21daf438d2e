#include "made-watch.h"

static void *zeroed(gsize bytes)
{
    return g_aligned_alloc0(1, (bytes + 63) & ~(gsize)63, 64);
}

void made_watch_init(MadeWatch *watch, int width, int height)
{
    const VdRuleTimes times = {500 * 1000, 5000 * 1000};

    *watch = (MadeWatch){.us = G_USEC_PER_SEC};
    made_scene_init(&watch->scene, width, height);
    watch->state = zeroed(vdk_motion_state_size(width, height));
    watch->scratch = zeroed(vdk_motion_scratch_size(width, height));
    vd_rules_init(&watch->rules, "front", &times);
    vd_light_init(&watch->light, "front");
}

void made_watch_clear(MadeWatch *watch)
{
    made_scene_clear(&watch->scene);
    g_aligned_free(watch->state);
    g_aligned_free(watch->scratch);
    vd_rules_clear(&watch->rules);
    vd_light_clear(&watch->light);
}

static VdBox box_of(const VdkMotionReport *report, const VdkBox *box)
{
    int width = (int)report->width, height = (int)report->height;

    return (VdBox){
        .x = box->x * 65536 / width,
        .y = box->y * 65536 / height,
        .width = box->width * 65536 / width,
        .height = box->height * 65536 / height,
        .area = (int)((gint64)box->area * 65536 / (width * height)),
    };
}

static void judge_motion(MadeWatch *watch, VdMoment now)
{
    const VdkMotionReport *report = &watch->report;
    VdBox boxes[VDK_MAX_BOXES];
    VdSighting sighting = {
        .us = now.us,
        .wall_us = now.wall_us,
        .share = (double)report->moving / (report->width * report->height),
        .boxes = boxes,
        .n_boxes = report->n_boxes,
    };

    for (guint i = 0; i < report->n_boxes; i++)
        boxes[i] = box_of(report, &report->boxes[i]);
    g_autoptr(VdEvent) event = report->primed ? vd_rules_see(&watch->rules, &sighting) : NULL;
    watch->motions += event != NULL && event->kind == VD_KIND_MOTION_START;
}

static void judge_light(MadeWatch *watch, VdMoment now)
{
    const VdkMotionReport *report = &watch->report;
    const VdLighting lighting = {
        .light = (int)report->light,
        .anew = (int)report->anew,
        .brightness = report->brightness / 256.0,
        .dark = report->dark / 256.0,
        .bright = report->bright / 256.0,
    };
    g_autoptr(VdEvent) event = vd_light_see(&watch->light, now, &lighting);

    watch->lights += event != NULL;
}

void made_watch_look(MadeWatch *watch, const VdkImage *image, gint64 elapsed_us)
{
    const VdkMotionSettings settings = {.threshold = 16, .min_area = 10, .black = 16};
    const VdMoment now = {watch->us, watch->us};

    g_assert_cmpint(vdk_cpu()->motion(image, 1, elapsed_us, &settings, watch->state, watch->scratch,
                                      NULL, &watch->report),
                    ==, 0);
    judge_light(watch, now);
    judge_motion(watch, now);
    watch->us += elapsed_us;
}

void made_watch_show(MadeWatch *watch, const MadeView *view, gint64 elapsed_us)
{
    made_scene_draw(&watch->scene, view);
    made_watch_look(watch, &watch->scene.image, elapsed_us);
}
