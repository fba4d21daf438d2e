#include "events/light.h"

#include <math.h>

#define CALM_US G_USEC_PER_SEC        /* it has been the same for so long: the change is over */
#define HOLD_US (10 * G_USEC_PER_SEC) /* from one that is told to the next */
#define STEP    2                     /* grey levels: less is no change */
#define LEAST   8                     /* grey levels: a change of less is not told */
#define WHITE   255

void vd_light_init(VdLight *light, const char *camera)
{
    *light = (VdLight){.camera = g_strdup(camera)};
}

void vd_light_clear(VdLight *light)
{
    g_clear_pointer(&light->camera, g_free);
}

void vd_light_forget(VdLight *light)
{
    *light = (VdLight){.camera = light->camera, .told_us = light->told_us};
}

static json_t *time_json(gint64 wall_us)
{
    g_autofree char *text = vd_clock_iso8601(wall_us);

    return json_string(text);
}

/* Of white, to a thousandth. */
static json_t *part(double brightness)
{
    return json_real(round(brightness / WHITE * 1e3) / 1e3);
}

static VdEvent *event_of(const VdLight *light, gint64 wall_us)
{
    gint64 ms = (light->last.us - light->since.us) / 1000;

    return vd_event_new(
        VD_KIND_LIGHT_CHANGED, light->camera, wall_us,
        json_pack("{s:o, s:o, s:f, s:o, s:o}", "since", time_json(light->since.wall_us), "until",
                  time_json(light->last.wall_us), "seconds", (double)ms / 1000.0,
                  "brightness_before", part(light->before), "brightness", part(light->brightness)));
}

/* Takes how bright the picture is, and answers whether its light is another one. */
static bool changes(VdLight *light, const VdLighting *lighting)
{
    bool changes = lighting->light || lighting->anew || fabs(lighting->dark) >= STEP ||
                   fabs(lighting->bright) >= STEP;

    if (lighting->anew)
        return light->known;
    light->brightness = lighting->brightness;
    if (!light->known)
        light->mark = light->before = light->brightness;
    light->known = true;
    if (fabs(light->brightness - light->mark) < STEP)
        return changes;
    light->mark = light->brightness;
    return true;
}

static void end(VdLight *light)
{
    light->since = light->last = (VdMoment){0};
    light->before = light->mark = light->brightness;
}

VdEvent *vd_light_see(VdLight *light, VdMoment now, const VdLighting *lighting)
{
    if (changes(light, lighting)) {
        light->last = now;
        if (light->since.us == 0)
            light->since = now;
        return NULL;
    }
    if (light->since.us == 0) {
        light->before = light->mark;
        return NULL;
    }
    if (now.us - light->last.us < CALM_US ||
        (light->told_us != 0 && now.us - light->told_us < HOLD_US))
        return NULL;
    bool other = fabs(light->brightness - light->before) >= LEAST;
    VdEvent *event = other ? event_of(light, now.wall_us) : NULL;
    end(light);
    if (event != NULL)
        light->told_us = now.us;
    return event;
}
