#include "plugins/vd-encoders.h"

#include "plugins/vd-software.h"
#ifdef HAVE_CUDA
#include "plugins/vd-cuda-picture.h"
#include "plugins/vd-nvenc-ask.h"
#include "plugins/vd-nvenc.h"

#include <gst/cuda/gstcudautils.h>
#endif

/* Less than that at the moment, and an encoder's "out of memory" is meant. */
#define MEMORY_OF_A_SESSION (32 * 1024 * 1024)

#define IN_SYSTEM_MEMORY    "pictures are in system memory"
#define TURNED_OFF          "encoding on the GPU is turned off"

struct VdEncoders {
    VdAvcodecKind kind;
    VdSessions *sessions;
    GstVideoInfo info;
    gint64 number; /* of the next picture */

    VdSoftware *software; /* NULL: NVENC made the last picture, or nobody yet */
#ifdef HAVE_CUDA
    VdNvenc *nvenc; /* NULL: as above */
    guint device;   /* whose session it is */
    bool limited;   /* the ledger or the driver had no session */
#endif
    GstClockTime retry_at, hold_off;

    const char *name;
    char *why; /* (nullable) */
};

VdEncoders *vd_encoders_new(VdAvcodecKind kind, VdSessions *sessions)
{
    VdEncoders *self = g_new0(VdEncoders, 1);

    self->kind = kind;
    self->sessions = sessions;
    self->hold_off = VD_ENCODERS_HOLD_OFF;
    return self;
}

static void take_reason(VdEncoders *self, char *why)
{
    g_free(self->why);
    self->why = why;
}

static VdAvcodecSettings settings_for(const VdEncoders *self, const VdEncodersRequest *request)
{
    return (VdAvcodecSettings){
        .info = &self->info,
        .width = self->info.width & ~1,
        .height = self->info.height & ~1,
        .bitrate = request->bitrate,
    };
}

char *vd_encoders_error_text(int error)
{
#ifdef HAVE_CUDA
    const char *name = NULL;

    if (error > 0 && CuGetErrorName((CUresult)error, &name) == CUDA_SUCCESS)
        return g_strdup(name);
#endif
    return vd_avcodec_error_text(error);
}

/* --- NVENC ----------------------------------------------------------------------------------- */

#ifdef HAVE_CUDA
static void close_nvenc(VdEncoders *self)
{
    if (self->nvenc == NULL)
        return;
    g_clear_pointer(&self->nvenc, vd_nvenc_close);
    vd_sessions_give_back(self->sessions, self->device);
}

static void hold_off(VdEncoders *self, GstClockTime pts)
{
    self->retry_at = (GST_CLOCK_TIME_IS_VALID(pts) ? pts : 0) + self->hold_off;
    self->hold_off = MIN(2 * self->hold_off, VD_ENCODERS_LONGEST);
}

static bool has_memory(GstCudaContext *context)
{
    CUdeviceptr address = 0;

    if (CuCtxPushCurrent(gst_cuda_context_get_handle(context)) != CUDA_SUCCESS)
        return false;
    bool enough = CuMemAlloc(&address, MEMORY_OF_A_SESSION) == CUDA_SUCCESS;
    if (enough)
        gst_cuda_result(CuMemFree(address));
    gst_cuda_result(CuCtxPopCurrent(NULL));
    return enough;
}

static char *limit_text(VdEncoders *self, guint device)
{
    int limit = vd_sessions_limit(self->sessions, device);

    if (limit <= 0)
        return g_strdup("other programs have all of the GPU's encoding sessions");
    return g_strdup_printf("the GPU's limit of %d encoding session%s is reached", limit,
                           limit == 1 ? "" : "s");
}

static char *no_encoder_text(guint number)
{
    char name[128] = "the GPU";
    CUdevice device = 0;

    if (CuDeviceGet(&device, (int)number) != CUDA_SUCCESS ||
        CuDeviceGetName(name, sizeof name, device) != CUDA_SUCCESS)
        g_strlcpy(name, "the GPU", sizeof name);
    return g_strdup_printf("%s has no encoder", name);
}

/* Gives the session that was taken back, and says why there is none. */
static void refuse(VdEncoders *self, GstCudaContext *context, guint device, int error)
{
    VdNvencRefusal refusal = vd_nvenc_ask(gst_cuda_context_get_handle(context));
    g_autofree char *text = vd_encoders_error_text(error);

    self->limited = refusal == VD_NVENC_NO_SESSION && has_memory(context);
    if (self->limited) {
        vd_sessions_refuse(self->sessions, device);
        take_reason(self, limit_text(self, device));
        return;
    }
    vd_sessions_give_back(self->sessions, device);
    if (refusal == VD_NVENC_NO_SESSION)
        take_reason(self, g_strdup("the GPU has no memory left for an encoder"));
    else if (refusal == VD_NVENC_NO_ENCODER)
        take_reason(self, no_encoder_text(device));
    else if (refusal == VD_NVENC_LIBRARY)
        take_reason(self, g_strdup("the driver's encoder (libnvidia-encode.so.1) is missing"));
    else
        take_reason(self, g_strdup_printf("NVENC does not open: %s", text));
}

/* False: not now. */
static bool take_session(VdEncoders *self, guint device, GstClockTime pts)
{
    bool due = GST_CLOCK_TIME_IS_VALID(pts) ? pts >= self->retry_at : self->retry_at == 0;

    if (!due && !self->limited)
        return false;
    if (vd_sessions_take(self->sessions, device, due && self->limited))
        return true;
    self->limited = true;
    take_reason(self, limit_text(self, device));
    if (due)
        hold_off(self, pts);
    return false;
}

static void open_nvenc(VdEncoders *self, GstCudaContext *context, const VdEncodersRequest *request)
{
    VdAvcodecSettings settings = settings_for(self, request);
    guint device = 0;

    g_object_get(context, "cuda-device-id", &device, NULL);
    if (!take_session(self, device, request->pts))
        return;
    int error = vd_nvenc_open(self->kind, &settings, context, &self->nvenc);
    if (error == 0) {
        self->device = device;
        self->limited = false;
    } else {
        refuse(self, context, device, error);
        hold_off(self, request->pts);
    }
}

/* Opens or closes NVENC, both in front of a key picture alone. */
static void prepare_nvenc(VdEncoders *self, GstCudaContext *context, VdEncodersRequest *request)
{
    if (self->nvenc != NULL && vd_nvenc_context(self->nvenc) != context) {
        close_nvenc(self);
        request->key = true;
    }
    if (!request->key)
        return;
    if (!request->hardware) {
        close_nvenc(self);
        take_reason(self, g_strdup(TURNED_OFF));
    } else if (self->nvenc == NULL) {
        open_nvenc(self, context, request);
    }
}

/* False: the other has to. */
static bool encode_on_gpu(VdEncoders *self, GstBuffer *buffer, VdEncodersRequest *request,
                          AVPacket **packet)
{
    GstCudaMemory *memory = vd_cuda_memory_of(buffer);

    if (memory == NULL) {
        close_nvenc(self);
        take_reason(self, g_strdup(IN_SYSTEM_MEMORY));
        return false;
    }
    prepare_nvenc(self, memory->context, request);
    if (self->nvenc == NULL)
        return false;
    vd_nvenc_set_bitrate(self->nvenc, request->bitrate);
    int error = vd_nvenc_encode(self->nvenc, buffer, self->number, request->key, packet);
    if (error == 0) {
        g_clear_pointer(&self->software, vd_software_close);
        self->name = vd_avcodec_name(self->kind, true);
        take_reason(self, NULL);
        return true;
    }
    g_autofree char *text = vd_encoders_error_text(error);
    take_reason(self, g_strdup_printf("NVENC failed: %s", text));
    close_nvenc(self);
    hold_off(self, request->pts);
    return false;
}
#else
static void close_nvenc(VdEncoders *self)
{
}

static bool encode_on_gpu(VdEncoders *self, GstBuffer *buffer, VdEncodersRequest *request,
                          AVPacket **packet)
{
    take_reason(self, g_strdup(IN_SYSTEM_MEMORY));
    return false;
}
#endif

/* --- software -------------------------------------------------------------------------------- */

static int encode_in_software(VdEncoders *self, GstBuffer *buffer, VdEncodersRequest *request,
                              AVPacket **packet)
{
    VdAvcodecSettings settings = settings_for(self, request);

    if (self->software != NULL && !vd_software_set_bitrate(self->software, request->bitrate))
        g_clear_pointer(&self->software, vd_software_close);
    if (self->software == NULL) {
        int error = vd_software_open(self->kind, &settings, &self->software);

        if (error < 0)
            return error;
        request->key = true;
    }
    self->name = vd_avcodec_name(self->kind, false);
    return vd_software_encode(self->software, buffer, self->number, request->key, packet);
}

/* --- both ------------------------------------------------------------------------------------ */

void vd_encoders_begin(VdEncoders *encoders, const GstVideoInfo *info)
{
    close_nvenc(encoders);
    g_clear_pointer(&encoders->software, vd_software_close);
    encoders->info = *info;
}

void vd_encoders_free(VdEncoders *encoders)
{
    if (encoders == NULL)
        return;
    close_nvenc(encoders);
    vd_software_close(encoders->software);
    g_free(encoders->why);
    g_free(encoders);
}

int vd_encoders_encode(VdEncoders *encoders, GstBuffer *buffer, const VdEncodersRequest *request,
                       AVPacket **packet)
{
    VdEncodersRequest now = *request;
    int error = 0;

    if (!encode_on_gpu(encoders, buffer, &now, packet))
        error = encode_in_software(encoders, buffer, &now, packet);
    encoders->number++;
    return error;
}

const char *vd_encoders_installed(VdAvcodecKind kind, bool hardware)
{
    bool there = vd_avcodec_is_there(kind, hardware);

#ifdef HAVE_CUDA
    there = there && (!hardware || vd_nvenc_is_there());
#else
    there = there && !hardware;
#endif
    return there ? vd_avcodec_name(kind, hardware) : NULL;
}

const char *vd_encoders_name(const VdEncoders *encoders)
{
    return encoders->name;
}

const char *vd_encoders_why(const VdEncoders *encoders)
{
    return encoders->why;
}
