#include "camera/status-json.h"

#include "base/clock.h"
#include "base/words.h"
#include "config/json.h"
#include "config/lines.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

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

/* A place in the picture, to a ten-thousandth of it: a pixel of the widest that there are. */
static json_t *place(int of_65536)
{
    return json_real(round(of_65536 / 6.5536) / 1e4);
}

/* A part of the picture's pixels, to a millionth. */
static json_t *part(double share)
{
    return json_real(round(share * 1e6) / 1e6);
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

static void set_reason(json_t *object, const VdReceiverFacts *facts)
{
    set(object, "state", json_string(vd_state_name(facts->state)));
    set(object, "reason", text_or_null(facts->reason));
    set(object, "reason_code",
        facts->loss < VD_N_LOSSES ? json_string(vd_loss_name(facts->loss)) : json_null());
}

static void set_state(json_t *object, const VdReceiverFacts *facts, gint64 now_us)
{
    set_reason(object, facts);
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

static void set_format(json_t *object, const VdReceiverFacts *facts)
{
    set(object, "transport", json_string(facts->transport));
    set(object, "codec", json_string(facts->codec));
    set(object, "width", json_integer(facts->width));
    set(object, "height", json_integer(facts->height));
    set(object, "fps_announced", number(facts->announced_fps));
}

static void set_decoder(json_t *object, const VdReceiverFacts *facts)
{
    set(object, "decoder", facts->decoder[0] != '\0' ? json_string(facts->decoder) : json_null());
    set(object, "gpu", facts->gpu >= 0 ? json_integer(facts->gpu) : json_null());
    set(object, "no_gpu_reason", text_or_null(facts->no_gpu));
}

static void set_stream(json_t *object, const VdReceiverFacts *facts, double bitrate, gint64 now_us)
{
    set_format(object, facts);
    set(object, "fps", number(facts->ring.fps));
    set(object, "bitrate", json_integer((json_int_t)bitrate));
    set_count(object, "units", facts->ring.units);
    set_count(object, "bytes", facts->ring.bytes);
    set(object, "last_unit_age_seconds", age(now_us, facts->ring.last_us));
    set_count(object, "ring_bytes", facts->ring.kept_bytes);
    set(object, "ring_seconds", number(facts->ring.kept_seconds));
    set_decoder(object, facts);
    set(object, "fps_decoded", number(facts->analysis.decoded_fps));
    set_count(object, "frames", facts->analysis.decoded);
    set_count(object, "dropped",
              facts->ring.dropped + facts->analysis.dropped + facts->analysis.errors);
    set(object, "drops", drops(facts));
}

static json_t *tracks_json(const VdReport *report)
{
    json_t *tracks = json_array();

    for (guint i = 0; i < report->n_tracks; i++) {
        const VdTrackMark *track = &report->tracks[i];

        json_array_append_new(
            tracks, json_pack("{s:I,s:o,s:o,s:o,s:o,s:o,s:o,s:b}", "id", (json_int_t)track->id, "x",
                              place(track->box.x), "y", place(track->box.y), "width",
                              place(track->box.width), "height", place(track->box.height), "speed",
                              number(track->speed), "age_seconds",
                              seconds((gint64)(track->age / 1000)), "visible", track->visible));
    }
    return tracks;
}

static json_t *track_of(const VdReport *report, guint box)
{
    guint64 id = report->track_ids != NULL ? report->track_ids[box] : 0;

    return id != 0 ? json_integer((json_int_t)id) : json_null();
}

static json_t *boxes_json(const VdReport *report)
{
    json_t *boxes = json_array();

    for (guint i = 0; i < report->n_boxes; i++) {
        const VdBox *box = &report->boxes[i];

        json_array_append_new(
            boxes, json_pack("{s:o,s:o,s:o,s:o,s:o,s:o}", "x", place(box->x), "y", place(box->y),
                             "width", place(box->width), "height", place(box->height), "area",
                             part(box->area / 65536.0), "track", track_of(report, i)));
    }
    return boxes;
}

static json_t *motion(const VdStatusParts *parts, bool whole)
{
    const VdReport *report = parts->report;

    if (report == NULL)
        return json_null();
    json_t *object = json_object();

    set(object, "share", part(report->share));
    set(object, "noise", number(report->noise));
    set(object, "primed", json_boolean(report->primed));
    set_count(object, "frames", report->number);
    set(object, "cost_us", number(parts->shown.analysis.motion_cost_us));
    if (whole) {
        set(object, "boxes", boxes_json(report));
        set(object, "tracks", tracks_json(report));
    }
    return object;
}

static json_t *found_objects(const VdObjects *objects)
{
    json_t *found = json_array();

    for (guint i = 0; objects != NULL && i < objects->n; i++) {
        const VdObject *object = &objects->each[i];

        json_array_append_new(found,
                              json_pack("{s:s,s:o,s:o,s:o,s:o,s:o}", "class", object->name, "score",
                                        number(object->score / 65536.0), "x", place(object->x), "y",
                                        place(object->y), "width", place(object->width), "height",
                                        place(object->height)));
    }
    return found;
}

static void add_unknown(json_t *names, const char *list, const char *const *known)
{
    g_auto(GStrv) missing = known != NULL ? vd_words_missing(list, known) : NULL;

    for (guint i = 0; missing != NULL && missing[i] != NULL; i++)
        json_array_append_new(names, json_string(missing[i]));
}

/* What is asked for and the model does not know. */
static json_t *unknown_classes(const VdStatusParts *parts)
{
    const char *const *known = (const char *const *)parts->shown.detections.classes;
    json_t *names = json_array();

    add_unknown(names, parts->config->detect_classes, known);
    add_unknown(names, parts->config->event_classes, known);
    return names;
}

/* null where none are to be detected. */
static json_t *objects(const VdStatusParts *parts, bool whole)
{
    const VdDetectionStats *stats = &parts->shown.detections;

    if (parts->config->detector_model == NULL)
        return json_null();
    json_t *object = json_object();
    set(object, "why_not", text_or_null(stats->why_not));
    set(object, "unknown_classes", unknown_classes(parts));
    set_count(object, "pictures", stats->pictures);
    set(object, "cost_us", number(stats->cost_us));
    if (whole)
        set(object, "found", found_objects(parts->objects));
    return object;
}

/* Of each kind that is looked for; brief: that has been told. */
static json_t *tampering(const VdStatusParts *parts, bool whole)
{
    const VdTamperFacts *facts = &parts->tampering;
    json_t *all = json_object();

    for (guint i = 0; i < VD_N_TAMPERS; i++) {
        if ((facts->kinds & 1u << i) == 0 || !(whole || facts->since[i] != 0))
            continue;
        json_t *one = json_object();
        set(one, "score", number(facts->scores[i]));
        set(one, "since", wall_time(facts->since[i]));
        set(all, vd_tamper_name((VdTamper)i), one);
    }
    return all;
}

static json_t *crossed(const VdStatusParts *parts)
{
    const VdLines *lines = parts->config->lines;
    json_t *all = json_object();

    for (guint i = 0; lines != NULL && i < lines->count; i++) {
        json_t *line = json_object();

        set_count(line, "in", parts->crossed.in[i]);
        set_count(line, "out", parts->crossed.out[i]);
        set(all, lines->each[i].name, line);
    }
    return all;
}

static void set_audience(json_t *object, const VdAudienceCounts *counts)
{
    set_count(object, "count", counts->viewers);
    set_count(object, "slow", counts->slow);
    set_count(object, "pictures", counts->pictures);
    set_count(object, "skipped", counts->skipped);
    set_count(object, "bytes", counts->bytes);
}

static json_t *clients(const VdStatusParts *parts)
{
    json_t *all = json_array();

    for (guint i = 0; i < parts->guests->len; i++) {
        const VdGuest *guest = &g_array_index(parts->guests, VdGuest, i);
        json_t *client = json_object();

        set(client, "client", text_or_null(guest->client));
        set(client, "since", wall_time(guest->since_wall_us));
        set_count(client, "pictures", guest->pictures);
        set_count(client, "skipped", guest->skipped);
        set_count(client, "bytes", guest->bytes);
        json_array_append_new(all, client);
    }
    return all;
}

static json_t *viewers(const VdStatusParts *parts, bool whole)
{
    json_t *object = json_object();

    set_audience(object, &parts->audience);
    if (whole)
        set(object, "clients", clients(parts));
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

/* Of all that it decodes and encodes there. */
static json_t *gpu_memory(const VdStatusParts *parts)
{
    guint64 bytes = parts->shown.gpu_memory + parts->main.gpu_memory;

    for (guint i = 0; i < parts->renditions->len; i++)
        bytes += g_array_index(parts->renditions, VdRenditionStatus, i).encoder.gpu_memory;
    return bytes > 0 ? json_integer((json_int_t)bytes) : json_null();
}

/* A list says how cameras are, to many and often; these are for who asks for one of them. */
static void leave_out(json_t *object)
{
    static const char *const names[] = {
        "time",       "since",    "away_since",    "tries",    "fps_announced",
        "units",      "bytes",    "ring_bytes",    "frames",   "last_unit_age_seconds",
        "gpu_memory", "pictures", "no_gpu_reason", "analyser", "ring_seconds",
        "noise",      "cost_us",  "skipped",       "drops",    "last_frame_age_seconds",
    };

    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        json_object_del(object, names[i]);
}

static void make_brief(json_t *object)
{
    static const char *const within[] = {"motion", "objects", "main_stream", "viewers"};

    leave_out(object);
    for (guint i = 0; i < G_N_ELEMENTS(within); i++)
        leave_out(json_object_get(object, within[i])); /* null has no members to lose */
}

/* What is long, and another with each picture, is not made for lists at all. */
GBytes *vd_status_to_json(const VdStatusParts *parts, gint64 now_us, gint64 wall_us, bool whole)
{
    json_t *object = json_object();

    set(object, "id", json_string(parts->config->id));
    set(object, "name", text_or_null(parts->config->name));
    set(object, "enabled", json_boolean(parts->config->enabled));
    set(object, "time", wall_time(wall_us));
    set_state(object, &parts->shown, now_us);
    set_stream(object, &parts->shown, parts->bitrate, now_us);
    set(object, "gpu_memory", gpu_memory(parts));
    set(object, "analyser", analyser(&parts->shown));
    set(object, "fps_analysed", number(parts->shown.analysis.analysed_fps));
    set(object, "last_frame_age_seconds", age(now_us, parts->newest_frame_us));
    set(object, "motion", motion(parts, whole));
    set(object, "objects", objects(parts, whole));
    set(object, "tampering", tampering(parts, whole));
    set(object, "main_stream", main_stream(parts, now_us));
    set(object, "viewers", viewers(parts, whole));
    if (whole) {
        set(object, "crossed", crossed(parts));
        set(object, "renditions", renditions(parts));
        set(object, "configuration", vd_camera_config_json(parts->config));
    } else {
        make_brief(object);
    }
    return vd_json_bytes(object);
}

static json_t *milliseconds(gint64 us)
{
    return us != 0 ? json_integer(us / 1000) : json_null();
}

GBytes *vd_probe_to_json(const VdProbeFacts *facts)
{
    json_t *object = json_object();

    set(object, "reached", json_boolean(facts->receiver.state == VD_STATE_LIVE));
    set_reason(object, &facts->receiver);
    set_format(object, &facts->receiver);
    set_decoder(object, &facts->receiver);
    set(object, "first_unit_ms", milliseconds(facts->unit_us));
    set(object, "first_picture_ms", milliseconds(facts->picture_us));

    return vd_json_bytes(object);
}
