#include "api/system.h"

#include "base/answer.h"
#include "base/limits.h"
#include "base/lock.h"
#include "base/picture.h"
#include "config/json.h"
#include "media/decoder.h"
#include "media/gpu-survey.h"
#include "media/gpu.h"
#include "media/video-encoder.h"
#include "plugins/vd-messages.h"

#include <gst/gst.h>
#include <jansson.h>

#ifdef HAVE_CUDA
#define WITH_CUDA true
#else
#define WITH_CUDA false
#endif

/* What there is for one codec; NULL: nothing. */
typedef struct Codec {
    const char *decoder; /* on the CPU */
    char *software, *gpu;
} Codec;

struct VdSystem {
    guint max_connections; /* atomic */
    VdLock lock;
    GThread *looking;          /* [lock] (nullable) nobody has asked yet */
    bool known;                /* [lock] it has found what there is */
    GArray *waiting;           /* [lock] Question; until then */
    Codec codecs[VD_N_CODECS]; /* the thread's; [any] once they are known */
};

typedef struct Question {
    VdTicket *ticket;
    guint max_viewers;
} Question;

/* clang-format off */
static const struct {
    const char *name;
    int value;
} limits[] = {
    {"cameras",               VD_MAX_CAMERAS},
    {"renditions_per_camera", VD_MAX_RENDITIONS},
    {"camera_id_bytes",       VD_MAX_ID},
    {"camera_name_bytes",     VD_MAX_NAME},
    {"uri_bytes",             VD_MAX_URI},
    {"masks_per_camera",      VD_MAX_POLYGONS},
    {"points_per_mask",       VD_MAX_POLYGON_POINTS},
    {"zones_per_camera",      VD_MAX_ZONES},
    {"width",                 VD_MAX_WIDTH},
    {"height",                VD_MAX_HEIGHT},
    {"bitrate_kbit",          VD_MAX_BITRATE},
    {"target_bytes",          VD_MAX_TARGET},
    {"header_bytes",          VD_MAX_HEADERS},
    {"body_bytes",            VD_MAX_JSON},
    {"events_per_page",       VD_MAX_EVENTS_FOUND},
    {"events_in_memory",      VD_MAX_EVENTS_HELD},
    {"event_questions",       VD_MAX_QUESTIONS},
    {"webhooks",              VD_MAX_WEBHOOKS},
    {"accounts",              VD_MAX_ACCOUNTS},
    {"sessions",              VD_MAX_SESSIONS},
    {"gpus",                  VD_MAX_GPUS},
};
/* clang-format on */

/* --- what is looked for once ------------------------------------------------------------------ */

static const char *find_decoder(VdCodec codec)
{
    static const char *const media[VD_N_CODECS] = {"image/jpeg", "video/x-h264", "video/x-h265"};
    g_autoptr(GstCaps) caps = gst_caps_new_empty_simple(media[codec]);

    return vd_decoder_choose(caps, NULL);
}

/* JPEGs are made by an element of ours, which is as good as there on either. */
static void find_encoders(VdCodec codec, Codec *found)
{
    g_autoptr(GstElementFactory) jpeg = gst_element_factory_find(VD_JPEGENC_FACTORY);

    if (codec != VD_CODEC_JPEG) {
        vd_video_encoder_installed(codec, &found->software, &found->gpu);
        return;
    }
    found->software = jpeg != NULL ? g_strdup(VD_JPEGENC_FACTORY) : NULL;
    found->gpu = jpeg != NULL && WITH_CUDA ? g_strdup(VD_JPEGENC_FACTORY) : NULL;
}

void vd_system_configure(VdSystem *system, const VdConfig *config)
{
    if (__atomic_load_n(&system->max_connections, __ATOMIC_RELAXED) == 0)
        __atomic_store_n(&system->max_connections, (guint)config->max_connections,
                         __ATOMIC_RELAXED);
}

/* --- the answer ------------------------------------------------------------------------------- */

static json_t *codecs_json(const VdSystem *system)
{
    json_t *list = json_array();

    for (guint i = 0; i < VD_N_CODECS; i++) {
        const Codec *codec = &system->codecs[i];

        json_array_append_new(list,
                              json_pack("{s:s, s:s?, s:s?, s:s?}", "codec",
                                        vd_codec_name((VdCodec)i), "decoder", codec->decoder,
                                        "encoder", codec->software, "gpu_encoder", codec->gpu));
    }
    return list;
}

/* null: it has not said yet. */
static json_t *decoded_by(guint gpu)
{
    guint codecs;

    if (!vd_gpu_decodes(gpu, &codecs))
        return json_null();
    json_t *list = json_array();
    for (guint i = 0; i < VD_N_CODECS; i++)
        if ((codecs & 1u << i) != 0)
            json_array_append_new(list, json_string(vd_codec_name((VdCodec)i)));
    return list;
}

static json_t *gpus_json(void)
{
    json_t *list = json_array();

    for (guint i = 0; i < MIN(vd_gpu_count(), VD_MAX_GPUS); i++) {
        VdGpuFacts facts;

        vd_gpu_tell(i, &facts);
        json_t *memory =
            facts.memory_total != 0 ? json_integer((json_int_t)facts.memory_total) : json_null();
        json_array_append_new(list,
                              json_pack("{s:i, s:s, s:b, s:b, s:o, s:o}", "number", (int)i, "name",
                                        facts.name, "usable", facts.usable, "lost", facts.lost,
                                        "memory_total", memory, "decoders", decoded_by(i)));
    }
    return list;
}

static json_t *limits_json(const VdSystem *system, guint max_viewers)
{
    guint connections = __atomic_load_n(&system->max_connections, __ATOMIC_RELAXED);
    json_t *object =
        json_pack("{s:i, s:i}", "connections", (int)connections, "viewers", (int)max_viewers);

    for (guint i = 0; i < G_N_ELEMENTS(limits); i++)
        json_object_set_new(object, limits[i].name, json_integer(limits[i].value));
    return object;
}

static void answer(const VdSystem *system, guint max_viewers, VdTicket *ticket)
{
    g_autofree char *gstreamer = gst_version_string();
    VdAnswer *answer = vd_answer_new();

    answer->body = vd_json_bytes(json_pack(
        "{s:s, s:s, s:b, s:s, s:o, s:o, s:o}", "name", "vedette", "version", PACKAGE_VERSION,
        "cuda", WITH_CUDA, "gstreamer", gstreamer, "codecs", codecs_json(system), "gpus",
        gpus_json(), "limits", limits_json(system, max_viewers)));
    vd_answer_give(answer, ticket);
}

/* --- questions -------------------------------------------------------------------------------- */

static void *look(void *data)
{
    VdSystem *system = data;

    for (guint i = 0; i < VD_N_CODECS; i++) {
        system->codecs[i].decoder = find_decoder((VdCodec)i);
        find_encoders((VdCodec)i, &system->codecs[i]);
    }
    vd_lock(&system->lock);
    system->known = true;
    g_autoptr(GArray) waiting = g_steal_pointer(&system->waiting);
    vd_unlock(&system->lock);
    for (guint i = 0; i < waiting->len; i++) {
        const Question *question = &g_array_index(waiting, Question, i);

        answer(system, question->max_viewers, question->ticket);
    }
    return NULL;
}

void vd_system_ask(VdSystem *system, guint max_viewers, VdTicket *ticket)
{
    vd_lock(&system->lock);
    bool known = system->known;
    if (!known) {
        Question question = {vd_ticket_ref(ticket), max_viewers};

        g_array_append_val(system->waiting, question);
        if (system->looking == NULL)
            system->looking = g_thread_new("system", look, system);
    }
    vd_unlock(&system->lock);
    if (known)
        answer(system, max_viewers, ticket);
}

static void question_clear(void *question)
{
    vd_ticket_unref(((Question *)question)->ticket);
}

VdSystem *vd_system_new(void)
{
    VdSystem *system = g_new0(VdSystem, 1);

    vd_lock_init(&system->lock);
    system->waiting = g_array_new(FALSE, FALSE, sizeof(Question));
    g_array_set_clear_func(system->waiting, question_clear);
    return system;
}

void vd_system_free(VdSystem *system)
{
    if (system == NULL)
        return;
    if (system->looking != NULL)
        g_thread_join(system->looking);
    if (system->waiting != NULL)
        g_array_unref(system->waiting);
    for (guint i = 0; i < VD_N_CODECS; i++) {
        g_free(system->codecs[i].software);
        g_free(system->codecs[i].gpu);
    }
    vd_lock_clear(&system->lock);
    g_free(system);
}
