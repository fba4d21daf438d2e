#include "events/tampering.h"

#include "base/limits.h"

#include <math.h>
#include <string.h>

#define NORMAL_US     (600 * G_USEC_PER_SEC) /* what is normal is the mean over so long */
#define YOUNG_US      (30 * G_USEC_PER_SEC)  /* and is not known before */
#define SLOWER        6                      /* while something looks wrong */
#define LONGEST_US    (2 * G_USEC_PER_SEC) /* pictures farther apart have others missing between */
#define OVER_US       (5 * G_USEC_PER_SEC)
#define RELEASE       0.7

#define CELL          (1 / 64.0) /* of what the shift is told in */
#define FIT_SECONDS   20         /* a younger reference fits too well */
#define LEAST_FIT     0.3        /* where it fits worse than this as a rule it says nothing */
#define BLURRED       0.06       /* the sharpness of what has no edges */
#define LEAST_SHARP   0.09
#define SHAKE_WEIGHT  0.15 /* of the newest change */
#define STILL_SECONDS 20
#define MOST_STILL    0.25
#define FLIPS_US      (300 * G_USEC_PER_SEC)
#define GREY          0.5 /* levels of chroma: below there is none, ... */
#define COLOURED      2.0 /* ... and from here on there is */

/* A measure as a score: half of 100 where it is `typical`. */
static double score_of(double measure, double typical)
{
    return CLAMP(50 * measure / typical, 0, 100);
}

/* --- what is normal --------------------------------------------------------------------------- */

/* Light makes all contrasts larger. */
static double contrast_of(const VdQuality *quality)
{
    double light = quality->light + 16;

    return quality->detail / (light * light);
}

static bool is_known(const VdTampering *tampering)
{
    return tampering->normal.us >= YOUNG_US;
}

static bool can_fit(const VdTampering *tampering, const VdQuality *quality)
{
    const VdNormal *normal = &tampering->normal;

    return normal->here_us >= FIT_SECONDS * G_USEC_PER_SEC && normal->here >= LEAST_FIT &&
           quality->learned >= FIT_SECONDS && quality->structure >= LEAST_FIT;
}

/* About as light as it has been: where lamps go on or off nothing is where it was. */
static bool is_lit_alike(const VdTampering *tampering, const VdQuality *quality)
{
    double part = (quality->light + 8) / (tampering->normal.light + 8);

    return part > 0.55 && part < 1.8;
}

static void learn_one(double *normal, double now, double weight)
{
    *normal += (now - *normal) * weight;
}

static void learn(VdTampering *tampering, const VdQuality *quality, gint64 elapsed_us, bool slowly)
{
    VdNormal *normal = &tampering->normal;

    normal->us = MIN(normal->us + elapsed_us, NORMAL_US);
    double weight = normal->us > 0 ? (double)elapsed_us / (double)normal->us : 1;
    if (slowly && is_known(tampering))
        weight = (double)elapsed_us / NORMAL_US / SLOWER;
    learn_one(&normal->light, quality->light, weight);
    learn_one(&normal->white, quality->white, weight);
    learn_one(&normal->contrast, contrast_of(quality), weight);
    learn_one(&normal->sharpness, quality->sharpness, weight);
    learn_one(&normal->noise, quality->noise, weight);
    learn_one(&normal->still, quality->same >= 1, weight);
    if (quality->learned < FIT_SECONDS)
        return;
    normal->here_us = MIN(normal->here_us + elapsed_us, NORMAL_US);
    double fit = normal->here_us > 0 ? (double)elapsed_us / (double)normal->here_us : 1;
    learn_one(&normal->here, quality->here, slowly ? MIN(fit, weight) : fit);
}

/* --- scores ----------------------------------------------------------------------------------- */

/* How little of the structure is left that there was, by the eighth part. */
static double emptiness(const VdTampering *tampering, const VdQuality *quality)
{
    double times = tampering->normal.contrast / MAX(contrast_of(quality), 1e-9);

    return times > 1 ? score_of(log(times), log(8)) : 0;
}

/* How little of the view is where it was. */
static double loss(const VdTampering *tampering, const VdQuality *quality)
{
    return score_of(1 - quality->here / tampering->normal.here, 0.7);
}

static double covered(const VdTampering *tampering, const VdQuality *quality)
{
    double empty = is_known(tampering) ? emptiness(tampering, quality) : 0;

    return can_fit(tampering, quality) ? MIN(empty, loss(tampering, quality) * 1.4) : empty;
}

static double blinded(const VdTampering *tampering, const VdQuality *quality)
{
    double more =
        is_known(tampering) ? score_of(quality->white - tampering->normal.white, 0.35) : 0;

    return MAX(more, score_of(quality->white - 0.8, 0.1));
}

/* The view is the same, and has lost its edges. */
static double defocused(const VdTampering *tampering, const VdQuality *quality)
{
    double sharp = tampering->normal.sharpness;

    if (!is_known(tampering) || sharp < LEAST_SHARP || !is_lit_alike(tampering, quality) ||
        emptiness(tampering, quality) >= 50)
        return 0;
    if (can_fit(tampering, quality) && loss(tampering, quality) >= 50)
        return 0;
    return score_of(1 - (quality->sharpness - BLURRED) / (sharp - BLURRED), 0.6);
}

static bool fits_somewhere(const VdTampering *tampering, const VdQuality *quality)
{
    return can_fit(tampering, quality) &&
           quality->match >= MAX(0.6 * tampering->normal.here, LEAST_FIT);
}

static double moved(const VdTampering *tampering, const VdQuality *quality)
{
    double far = hypot(quality->shift_x, quality->shift_y);

    if (!can_fit(tampering, quality) || !is_lit_alike(tampering, quality) ||
        emptiness(tampering, quality) >= 50)
        return 0;
    return MAX(loss(tampering, quality),
               fits_somewhere(tampering, quality) ? score_of(far, 2 * CELL) : 0);
}

static double shaken(const VdTampering *tampering, const VdQuality *quality)
{
    return can_fit(tampering, quality) ? score_of(tampering->shake, 0.75 * CELL) : 0;
}

/* Of a camera whose pictures are mostly not those before. Black ones are. */
static double frozen(const VdTampering *tampering, const VdQuality *quality)
{
    if (!is_known(tampering) || tampering->normal.still > MOST_STILL || quality->black > 0.9)
        return 0;
    return score_of((double)tampering->still_us / G_USEC_PER_SEC, STILL_SECONDS);
}

static double black(const VdTampering *tampering, const VdQuality *quality)
{
    return score_of(quality->black - 0.9, 0.07);
}

static double noisy(const VdTampering *tampering, const VdQuality *quality)
{
    if (!is_known(tampering) || quality->noise < 2 * MAX(tampering->normal.noise, 1))
        return 0;
    return score_of(quality->noise, 12);
}

static double ir_flip(const VdTampering *tampering, const VdQuality *quality)
{
    guint lately = 0;

    for (guint i = 0; i < MIN(tampering->n_flips, VD_MAX_FLIPS); i++)
        lately += tampering->seen_us - tampering->flips[i] < FLIPS_US;
    return score_of(lately, 4);
}

static const struct {
    double (*score)(const VdTampering *tampering, const VdQuality *quality);
    int hold_s; /* how long it takes until it has happened */
} tampers[VD_N_TAMPERS] = {
    [VD_TAMPER_COVERED] = {covered, 6},      [VD_TAMPER_BLINDED] = {blinded, 6},
    [VD_TAMPER_DEFOCUSED] = {defocused, 10}, [VD_TAMPER_MOVED] = {moved, 10},
    [VD_TAMPER_SHAKEN] = {shaken, 6},        [VD_TAMPER_FROZEN] = {frozen, 0},
    [VD_TAMPER_BLACK] = {black, 6},          [VD_TAMPER_NOISY] = {noisy, 10},
    [VD_TAMPER_IR_FLIP] = {ir_flip, 0},
};

/* --- what is told ----------------------------------------------------------------------------- */

static double tenth(double score)
{
    return round(score * 10) / 10;
}

static void add_date(json_t *fields, const char *name, gint64 wall_us)
{
    g_autofree char *text = vd_clock_iso8601(wall_us);

    json_object_set_new(fields, name, json_string(text));
}

static int limit_of(const VdTampering *tampering)
{
    return 100 - tampering->wish.sensitivity;
}

static json_t *fields_of(const VdTampering *tampering, VdTamper kind)
{
    const VdTamperSign *sign = &tampering->each[kind];
    json_t *fields = json_pack("{s:s, s:f, s:i}", "what", vd_tamper_name(kind), "score",
                               tenth(sign->peak), "limit", limit_of(tampering));

    add_date(fields, "since", sign->since.wall_us);
    return fields;
}

static void begin(VdTampering *tampering, VdTamper kind, VdMoment now, GPtrArray *happened)
{
    VdTamperSign *sign = &tampering->each[kind];
    gint64 held_us = now.us - sign->above_us;

    sign->since = (VdMoment){sign->above_us, now.wall_us - held_us};
    g_ptr_array_add(happened, vd_event_new(VD_KIND_TAMPERING_START, tampering->camera, now.wall_us,
                                           fields_of(tampering, kind)));
}

static void end(VdTampering *tampering, VdTamper kind, VdMoment now, GPtrArray *happened)
{
    VdTamperSign *sign = &tampering->each[kind];
    double score = sign->score;

    if (sign->since.us != 0) {
        gint64 until_us = sign->below_us != 0 ? sign->below_us : now.us;
        json_t *fields = fields_of(tampering, kind);
        gint64 ms = (until_us - sign->since.us) / 1000;

        add_date(fields, "until", now.wall_us - (now.us - until_us));
        json_object_set_new(fields, "seconds", json_real((double)ms / 1000));
        g_ptr_array_add(
            happened, vd_event_new(VD_KIND_TAMPERING_END, tampering->camera, now.wall_us, fields));
    }
    *sign = (VdTamperSign){.score = score};
}

/* --- judging ---------------------------------------------------------------------------------- */

static void judge(VdTampering *tampering, VdTamper kind, VdMoment now, GPtrArray *happened)
{
    VdTamperSign *sign = &tampering->each[kind];
    bool above = sign->score >= limit_of(tampering);
    bool below = sign->score < limit_of(tampering) * RELEASE;

    if (above && sign->above_us == 0)
        sign->above_us = now.us;
    if (!below)
        sign->below_us = 0;
    else if (sign->below_us == 0)
        sign->below_us = now.us;
    if (sign->since.us == 0 && !above) {
        sign->above_us = 0;
        sign->peak = 0;
        return;
    }
    sign->peak = MAX(sign->peak, sign->score);
    if (sign->since.us == 0 && now.us - sign->above_us >= tampers[kind].hold_s * G_USEC_PER_SEC)
        begin(tampering, kind, now, happened);
    else if (sign->since.us != 0 && below && now.us - sign->below_us >= OVER_US)
        end(tampering, kind, now, happened);
}

static bool looks_wrong(const VdTampering *tampering)
{
    bool wrong = false;

    for (guint i = 0; i < VD_N_TAMPERS; i++)
        wrong |= tampering->each[i].since.us != 0 ||
                 tampering->each[i].score >= limit_of(tampering) * RELEASE;
    return wrong;
}

/* --- what pictures before have to do with it -------------------------------------------------- */

static void take_colour(VdTampering *tampering, const VdQuality *quality)
{
    bool coloured = tampering->coloured ? quality->colour >= GREY : quality->colour >= COLOURED;

    if (tampering->colour_known && coloured != tampering->coloured) {
        tampering->flips[tampering->n_flips++ % VD_MAX_FLIPS] = tampering->seen_us;
        tampering->normal = (VdNormal){0};
        tampering->shake = 0;
    }
    tampering->coloured = coloured;
    tampering->colour_known = true;
}

/* What is farther away is something that goes by, or the camera was moved. */
static void take_shift(VdTampering *tampering, const VdQuality *quality)
{
    double change =
        hypot(quality->shift_x - tampering->shift_x, quality->shift_y - tampering->shift_y);

    if (fits_somewhere(tampering, quality) &&
        hypot(quality->shift_x, quality->shift_y) <= 2.5 * CELL)
        learn_one(&tampering->shake, MIN(change, 2 * CELL), SHAKE_WEIGHT);
    tampering->shift_x = quality->shift_x;
    tampering->shift_y = quality->shift_y;
}

void vd_tampering_see(VdTampering *tampering, VdMoment now, const VdQuality *quality,
                      GPtrArray *happened)
{
    if (tampering->seen_us != 0 && now.us - tampering->seen_us > VD_SCENE_LASTS_US)
        vd_tampering_forget(tampering, now, happened);
    gint64 elapsed_us =
        tampering->seen_us != 0 ? CLAMP(now.us - tampering->seen_us, 0, LONGEST_US) : 0;

    tampering->seen_us = now.us;
    tampering->still_us = quality->same >= 1 ? tampering->still_us + elapsed_us : 0;
    take_colour(tampering, quality);
    take_shift(tampering, quality);
    for (guint i = 0; i < VD_N_TAMPERS; i++) {
        tampering->each[i].score = tampers[i].score(tampering, quality);
        if ((tampering->wish.kinds & 1u << i) != 0)
            judge(tampering, (VdTamper)i, now, happened);
    }
    learn(tampering, quality, elapsed_us, looks_wrong(tampering));
}

/* --- for the reporter ------------------------------------------------------------------------- */

void vd_tampering_init(VdTampering *tampering, const char *camera)
{
    *tampering = (VdTampering){.camera = g_strdup(camera), .wish = {0, 50}};
}

void vd_tampering_clear(VdTampering *tampering)
{
    g_clear_pointer(&tampering->camera, g_free);
}

void vd_tampering_set_wish(VdTampering *tampering, VdMoment now, const VdTamperWish *wish,
                           GPtrArray *happened)
{
    for (guint i = 0; i < VD_N_TAMPERS; i++)
        if ((wish->kinds & 1u << i) == 0)
            end(tampering, (VdTamper)i, now, happened);
    tampering->wish = *wish;
}

void vd_tampering_tell(const VdTampering *tampering, VdTamperFacts *facts)
{
    *facts = (VdTamperFacts){.kinds = tampering->wish.kinds};
    for (guint i = 0; i < VD_N_TAMPERS; i++) {
        facts->scores[i] = tampering->each[i].score;
        facts->since[i] = tampering->each[i].since.wall_us;
    }
}

void vd_tampering_leave(VdTampering *tampering, VdMoment now, GPtrArray *happened)
{
    for (guint i = 0; i < VD_N_TAMPERS; i++) {
        end(tampering, (VdTamper)i, now, happened);
        tampering->each[i].score = 0;
    }
    tampering->still_us = 0;
    tampering->shake = tampering->shift_x = tampering->shift_y = 0;
}

void vd_tampering_forget(VdTampering *tampering, VdMoment now, GPtrArray *happened)
{
    vd_tampering_leave(tampering, now, happened);
    VdTampering before = *tampering;
    *tampering = (VdTampering){.camera = before.camera, .wish = before.wish};
    tampering->n_flips = before.n_flips;
    memcpy(tampering->flips, before.flips, sizeof before.flips);
}
