#include "camera/status-json.h"

#include "base/clock.h"
#include "config/options.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS 9 /* significant, of numbers with a fraction */

/* Numbers are counted in microseconds; what is not known is null. */
static json_t *seconds(gint64 us)
{
    gint64 ms = us / 1000;

    return json_real((double)ms / 1000.0);
}

static json_t *age(gint64 now_us, gint64 then_us)
{
    return then_us != 0 ? seconds(now_us - then_us) : json_null();
}

static json_t *wall_time(gint64 wall_us)
{
    if (wall_us == 0)
        return json_null();
    g_autofree char *text = vd_clock_iso8601(wall_us);

    return json_string(text);
}

/* Rounded to three digits after the point: nobody reads more, and it keeps answers short. */
static json_t *number(double value)
{
    return json_real((double)(gint64)(value * 1000 + 0.5) / 1000.0);
}

/* Text may come from a camera: what is not UTF-8 must not make the answer invalid. */
static json_t *text_or_null(const char *text)
{
    if (text == NULL)
        return json_null();
    g_autofree char *valid = g_utf8_make_valid(text, -1);

    return json_string(valid);
}

static void set(json_t *object, const char *name, json_t *value)
{
    json_object_set_new_nocheck(object, name, value);
}

static void set_count(json_t *object, const char *name, guint64 value)
{
    set(object, name, json_integer((json_int_t)value));
}

static json_t *drops(const VdReceiverFacts *facts)
{
    json_t *object = json_object();

    set_count(object, "no_key_frame_or_room", facts->ring.dropped);
    set_count(object, "decoder_too_slow", facts->analysis.dropped);
    set_count(object, "undecodable", facts->analysis.errors);
    return object;
}

static json_t *last_error(const VdReceiverFacts *facts, gint64 now_us)
{
    if (facts->error == NULL)
        return json_null();
    json_t *object = json_object();

    set(object, "text", text_or_null(facts->error));
    set(object, "time", wall_time(facts->error_at.wall_us));
    set(object, "age_seconds", age(now_us, facts->error_at.us));
    return object;
}

static void set_state(json_t *object, const VdReceiverFacts *facts, gint64 now_us)
{
    set(object, "state", json_string(vd_state_name(facts->state)));
    set(object, "reason", text_or_null(facts->reason));
    set(object, "reason_code",
        facts->loss < VD_N_LOSSES ? json_string(vd_loss_name(facts->loss)) : json_null());
    set(object, "since", wall_time(facts->since.wall_us));
    set(object, "since_seconds", age(now_us, facts->since.us));
    set(object, "away_since", wall_time(facts->away.wall_us));
    set(object, "away_seconds", age(now_us, facts->away.us));
    set(object, "next_try_seconds",
        facts->next_try_us != 0 ? seconds(MAX(facts->next_try_us - now_us, 0)) : json_null());
    set_count(object, "tries", facts->tries);
    set_count(object, "reconnects", facts->reconnects);
    set(object, "last_error", last_error(facts, now_us));
}

static void set_stream(json_t *object, const VdReceiverFacts *facts, double bitrate, gint64 now_us)
{
    set(object, "transport", json_string(facts->transport));
    set(object, "codec", json_string(facts->codec));
    set(object, "width", json_integer(facts->width));
    set(object, "height", json_integer(facts->height));
    set(object, "fps_announced", number(facts->announced_fps));
    set(object, "fps", number(facts->ring.fps));
    set(object, "bitrate", json_integer((json_int_t)bitrate));
    set_count(object, "units", facts->ring.units);
    set_count(object, "bytes", facts->ring.bytes);
    set(object, "last_unit_age_seconds", age(now_us, facts->ring.last_us));
    set_count(object, "ring_bytes", facts->ring.kept_bytes);
    set(object, "ring_seconds", number(facts->ring.kept_seconds));
    set(object, "decoder", facts->decoder[0] != '\0' ? json_string(facts->decoder) : json_null());
    set(object, "gpu", facts->gpu >= 0 ? json_integer(facts->gpu) : json_null());
    set(object, "no_gpu_reason", text_or_null(facts->no_gpu));
    set(object, "fps_decoded", number(facts->analysis.decoded_fps));
    set_count(object, "frames", facts->analysis.decoded);
    set(object, "drops", drops(facts));
}

static json_t *motion(const VdStatusParts *parts)
{
    const VdReport *report = parts->report;

    if (report == NULL)
        return json_null();
    json_t *object = json_object(), *boxes = json_array();

    set(object, "share", json_real(report->share));
    set(object, "noise", number(report->noise));
    set(object, "primed", json_boolean(report->primed));
    set_count(object, "frames", report->number);
    set(object, "cost_us", number(parts->shown.analysis.motion_cost_us));
    for (guint i = 0; i < report->n_boxes; i++) {
        const VdBox *box = &report->boxes[i];

        json_array_append_new(boxes,
                              json_pack("{s:f,s:f,s:f,s:f,s:f}", "x", box->x / 65536.0, "y",
                                        box->y / 65536.0, "width", box->width / 65536.0, "height",
                                        box->height / 65536.0, "area", box->area / 65536.0));
    }
    set(object, "boxes", boxes);
    return object;
}

static void set_audience(json_t *object, const VdAudienceCounts *counts)
{
    set_count(object, "count", counts->viewers);
    set_count(object, "slow", counts->slow);
    set_count(object, "pictures", counts->pictures);
    set_count(object, "skipped", counts->skipped);
    set_count(object, "bytes", counts->bytes);
}

static json_t *viewers(const VdStatusParts *parts)
{
    json_t *object = json_object(), *clients = json_array();

    set_audience(object, &parts->audience);
    for (guint i = 0; i < parts->guests->len; i++) {
        const VdGuest *guest = &g_array_index(parts->guests, VdGuest, i);
        json_t *client = json_object();

        set(client, "client", text_or_null(guest->client));
        set(client, "since", wall_time(guest->since_wall_us));
        set_count(client, "pictures", guest->pictures);
        set_count(client, "skipped", guest->skipped);
        set_count(client, "bytes", guest->bytes);
        json_array_append_new(clients, client);
    }
    set(object, "clients", clients);
    return object;
}

static void set_codec(json_t *object, const VdRenditionStatus *one)
{
    const VdRendition *rendition = &one->rendition;
    bool video = rendition->codec != VD_CODEC_JPEG;

    set(object, "codec", json_string(vd_codec_name(rendition->codec)));
    set(object, "quality", video ? json_null() : json_integer(rendition->quality));
    set(object, "bitrate", video ? json_integer(rendition->bitrate) : json_null());
    set(object, "codecs", text_or_null(one->encoder.codecs));
    set(object, "encoder", text_or_null(one->encoder.name));
    set(object, "encoder_on_gpu", json_boolean(one->encoder.on_gpu));
    set(object, "no_gpu_reason", text_or_null(one->encoder.no_gpu));
}

static json_t *renditions(const VdStatusParts *parts)
{
    json_t *array = json_array();

    for (guint i = 0; i < parts->renditions->len; i++) {
        const VdRenditionStatus *one = &g_array_index(parts->renditions, VdRenditionStatus, i);
        json_t *object = json_object(), *audience = json_object();

        set(object, "width", json_integer(one->rendition.width));
        set(object, "fps", json_integer(one->rendition.fps));
        set(object, "annotate", json_boolean(one->rendition.annotate));
        set_codec(object, one);
        set_count(object, "pictures", one->view.pictures);
        set_count(object, "skipped", one->view.skipped);
        set_count(object, "bytes", one->view.bytes);
        set(object, "cost_us", number(one->view.cost_us));
        set_audience(audience, &one->audience);
        set(object, "viewers", audience);
        json_array_append_new(array, object);
    }
    return array;
}

/* As the file would say it, with secrets hidden by the options table; numbers as numbers. */
static json_t *option_value(const VdOption *option, const VdCameraConfig *config)
{
    g_autofree char *text = vd_option_text(option, config);

    if (option->type == VD_OPTION_INT)
        return json_integer(strtol(text, NULL, 10));
    if (option->type == VD_OPTION_BOOL)
        return json_boolean(g_str_equal(text, "true"));
    return text_or_null(text);
}

static json_t *configuration(const VdCameraConfig *config)
{
    json_t *object = json_object();
    guint count;
    const VdOption *options = vd_options(&count);

    for (guint i = 0; i < count; i++) {
        g_autofree char *name = NULL;

        if (!g_str_equal(options[i].group, "camera"))
            continue;
        name = g_strdelimit(g_strdup(options[i].name), "-", '_');
        set(object, name, option_value(&options[i], config));
    }
    return object;
}

/* What finds motion; where pictures are. */
static json_t *analyser(const VdReceiverFacts *facts)
{
    if (facts->analysis.analysed == 0 || facts->decoder[0] == '\0')
        return json_null();
    return json_string(facts->gpu >= 0 ? "cuda" : "cpu");
}

static json_t *main_stream(const VdStatusParts *parts, gint64 now_us)
{
    if (!parts->two_streams)
        return json_null();
    json_t *object = json_object();

    set_state(object, &parts->main, now_us);
    set_stream(object, &parts->main, parts->main_bitrate, now_us);
    return object;
}

GBytes *vd_status_to_json(const VdStatusParts *parts, gint64 now_us, gint64 wall_us)
{
    json_t *object = json_object();

    set(object, "id", json_string(parts->config->id));
    set(object, "name", text_or_null(parts->config->name));
    set(object, "enabled", json_boolean(parts->config->enabled));
    set(object, "time", wall_time(wall_us));
    set_state(object, &parts->shown, now_us);
    set_stream(object, &parts->shown, parts->bitrate, now_us);
    set(object, "analyser", analyser(&parts->shown));
    set(object, "fps_analysed", number(parts->shown.analysis.analysed_fps));
    set(object, "last_frame_age_seconds", age(now_us, parts->newest_frame_us));
    set(object, "motion", motion(parts));
    set(object, "main_stream", main_stream(parts, now_us));
    set(object, "viewers", viewers(parts));
    set(object, "renditions", renditions(parts));
    set(object, "configuration", configuration(parts->config));

    char *text = json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(DIGITS));
    json_decref(object);
    return g_bytes_new_with_free_func(text, strlen(text), free, text);
}
