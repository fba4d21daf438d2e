#include "plugins/vd-onnx.h"

#include <dlfcn.h>
#include <errno.h>
#include <onnxruntime_c_api.h>
#include <string.h>
#include <sys/stat.h>

/* All that is called here is in the interface since then, which later libraries give as well. */
#define INTERFACE_VERSION 12

static const char *const libraries[] = {"libonnxruntime.so.1", "libonnxruntime.so"};

enum { INPUT, OUTPUT, N_ENDS };
static const char *const end_names[] = {"input", "output"};

struct VdOnnx {
    const OrtApi *api;
    char *version;
    OrtEnv *env;
    OrtSession *session;
    OrtMemoryInfo *memory;
    OrtAllocator *allocator; /* (transfer none) */
    VdYoloxModel model;
    char *names[N_ENDS];
    float *numbers[N_ENDS];
    OrtValue *values[N_ENDS]; /* on these numbers */
    OrtRunOptions *run;       /* what ends a run from outside */

    GMutex lock;
    gint64 begun_us; /* [lock] the run under way; 0: there is none */
    bool stopped;    /* [lock] */
};

typedef struct End {
    size_t n; /* inputs, or outputs, of the model */
    ONNXTensorElementDataType type;
    size_t dimensions;
    int64_t sizes[4];
} End;

/* --- errors ----------------------------------------------------------------------------------- */

G_GNUC_PRINTF(3, 4)
static bool refuse(GError **error, int code, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_set_error_literal(error, GST_RESOURCE_ERROR, code, text);
    return false;
}

/* Whether it went well; the first line of the library's own words goes behind ours. */
static bool went_well(const VdOnnx *onnx, OrtStatus *status, const char *what, GError **error)
{
    if (status == NULL)
        return true;
    const char *said = onnx->api->GetErrorMessage(status);
    refuse(error, GST_RESOURCE_ERROR_FAILED, "%s: %.*s", what, (int)strcspn(said, "\n"), said);
    onnx->api->ReleaseStatus(status);
    return false;
}

/* --- the library ------------------------------------------------------------------------------ */

/* It keeps threads and thread-local memory, so once it is there it stays. */
static void *open_library(const char *library, GError **error)
{
    gsize n = library != NULL ? 1 : G_N_ELEMENTS(libraries);

    for (gsize i = 0; i < n; i++) {
        void *handle =
            dlopen(library != NULL ? library : libraries[i], RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
        if (handle != NULL)
            return handle;
    }
    refuse(error, GST_RESOURCE_ERROR_NOT_FOUND, "ONNX Runtime cannot be opened: %s", dlerror());
    return NULL;
}

static bool find_interface(VdOnnx *onnx, const char *library, GError **error)
{
    void *handle = open_library(library, error);

    if (handle == NULL)
        return false;
    const OrtApiBase *(*base)(void) = dlsym(handle, "OrtGetApiBase");
    if (base == NULL) {
        dlclose(handle);
        refuse(error, GST_RESOURCE_ERROR_NOT_FOUND, "%s is not ONNX Runtime",
               library != NULL ? library : libraries[0]);
        return false;
    }
    onnx->version = g_strdup(base()->GetVersionString());
    onnx->api = base()->GetApi(INTERFACE_VERSION);
    dlclose(handle);
    if (onnx->api == NULL)
        refuse(error, GST_RESOURCE_ERROR_SETTINGS,
               "ONNX Runtime %s is too old: 1.%d or newer is needed", onnx->version,
               INTERFACE_VERSION);
    return onnx->api != NULL;
}

/* --- the model -------------------------------------------------------------------------------- */

static bool is_readable(const char *path, GError **error)
{
    struct stat status;

    if (stat(path, &status) != 0)
        return refuse(error, GST_RESOURCE_ERROR_NOT_FOUND, "The model %s cannot be read: %s", path,
                      g_strerror(errno));
    if (!S_ISREG(status.st_mode))
        return refuse(error, GST_RESOURCE_ERROR_OPEN_READ, "The model %s is not a file", path);
    if ((guint64)status.st_size > VD_ONNX_MAX_MODEL)
        return refuse(error, GST_RESOURCE_ERROR_OPEN_READ,
                      "The model %s has more than %" G_GUINT64_FORMAT " MiB", path,
                      VD_ONNX_MAX_MODEL / 1024 / 1024);
    return true;
}

/* Threads that wait sleep: others want the processor. */
static OrtStatus *set_options(const OrtApi *api, OrtSessionOptions *options, int threads)
{
    OrtStatus *status = api->SetIntraOpNumThreads(options, threads);

    if (status == NULL)
        status = api->SetInterOpNumThreads(options, 1);
    if (status == NULL)
        status = api->AddSessionConfigEntry(options, "session.intra_op.allow_spinning", "0");
    return status;
}

static bool open_session(VdOnnx *onnx, const char *model, int threads, GError **error)
{
    const OrtApi *api = onnx->api;
    OrtSessionOptions *options = NULL;
    g_autofree char *what = g_strdup_printf("%s is not a model that ONNX Runtime takes", model);

    if (!went_well(onnx, api->CreateEnv(ORT_LOGGING_LEVEL_FATAL, "vedette", &onnx->env),
                   "ONNX Runtime does not start", error) ||
        !went_well(onnx, api->CreateSessionOptions(&options), "ONNX Runtime does not start", error))
        return false;
    bool done =
        went_well(onnx, set_options(api, options, threads),
                  "ONNX Runtime does not take its settings", error) &&
        went_well(onnx, api->CreateSession(onnx->env, model, options, &onnx->session), what, error);
    api->ReleaseSessionOptions(options);
    return done;
}

/* --- what it takes and gives ------------------------------------------------------------------ */

static OrtStatus *ask_tensor(const OrtApi *api, const OrtTypeInfo *info, End *end)
{
    const OrtTensorTypeAndShapeInfo *tensor = NULL; /* NULL still: it is none */
    OrtStatus *status = api->CastTypeInfoToTensorInfo(info, &tensor);

    if (status != NULL || tensor == NULL)
        return status;
    status = api->GetTensorElementType(tensor, &end->type);
    if (status == NULL)
        status = api->GetDimensionsCount(tensor, &end->dimensions);
    if (status == NULL)
        status =
            api->GetDimensions(tensor, end->sizes, MIN(end->dimensions, G_N_ELEMENTS(end->sizes)));
    return status;
}

static OrtStatus *ask_first(const VdOnnx *onnx, int which, OrtTypeInfo **info, char **name)
{
    const OrtApi *api = onnx->api;
    OrtStatus *status = which == INPUT ? api->SessionGetInputTypeInfo(onnx->session, 0, info)
                                       : api->SessionGetOutputTypeInfo(onnx->session, 0, info);

    if (status != NULL)
        return status;
    return which == INPUT ? api->SessionGetInputName(onnx->session, 0, onnx->allocator, name)
                          : api->SessionGetOutputName(onnx->session, 0, onnx->allocator, name);
}

static OrtStatus *ask_end(VdOnnx *onnx, int which, End *end)
{
    const OrtApi *api = onnx->api;
    OrtTypeInfo *info = NULL;
    OrtStatus *status = which == INPUT ? api->SessionGetInputCount(onnx->session, &end->n)
                                       : api->SessionGetOutputCount(onnx->session, &end->n);

    if (status != NULL || end->n < 1)
        return status;
    status = ask_first(onnx, which, &info, &onnx->names[which]);
    if (status == NULL)
        status = ask_tensor(api, info, end);
    if (info != NULL)
        api->ReleaseTypeInfo(info);
    return status;
}

static char *shape_text(const End *end)
{
    GString *text = g_string_new(NULL);

    for (size_t i = 0; i < MIN(end->dimensions, G_N_ELEMENTS(end->sizes)); i++)
        if (end->sizes[i] < 0)
            g_string_append_printf(text, "%s?", i > 0 ? "x" : "");
        else
            g_string_append_printf(text, "%s%" G_GINT64_FORMAT, i > 0 ? "x" : "", end->sizes[i]);
    return g_string_free(text, FALSE);
}

/* One tensor of that many dimensions, the first of them the one picture at a time. */
static bool check_end(const End *end, int which, size_t dimensions, const char *path,
                      GError **error)
{
    if (end->n != 1)
        return refuse(error, GST_RESOURCE_ERROR_SETTINGS, "The model %s has %zu %ss and not one",
                      path, end->n, end_names[which]);
    if (end->type != ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT)
        return refuse(error, GST_RESOURCE_ERROR_SETTINGS,
                      "The model %s has an %s that is not of 32-bit floating-point numbers", path,
                      end_names[which]);
    if (end->dimensions == dimensions && end->sizes[0] == 1)
        return true;
    g_autofree char *text = shape_text(end);
    return refuse(error, GST_RESOURCE_ERROR_SETTINGS,
                  "The model %s has an %s of %s, and a YOLOX of one picture has one of %s", path,
                  end_names[which], text, which == INPUT ? "1x3xHEIGHTxWIDTH" : "1xROWSxNUMBERS");
}

static bool check_input(VdOnnx *onnx, const End *end, const char *path, GError **error)
{
    if (!check_end(end, INPUT, 4, path, error))
        return false;
    if (end->sizes[1] == 3 && end->sizes[2] <= VD_YOLOX_MAX_SIZE &&
        end->sizes[3] <= VD_YOLOX_MAX_SIZE &&
        vd_yolox_rows((int)end->sizes[3], (int)end->sizes[2]) > 0) {
        onnx->model.width = (int)end->sizes[3];
        onnx->model.height = (int)end->sizes[2];
        return true;
    }
    g_autofree char *text = shape_text(end);
    return refuse(error, GST_RESOURCE_ERROR_SETTINGS,
                  "The model %s has an input of %s: no YOLOX takes such pictures", path, text);
}

static bool check_output(VdOnnx *onnx, const End *end, const char *path, GError **error)
{
    int rows = vd_yolox_rows(onnx->model.width, onnx->model.height);

    if (!check_end(end, OUTPUT, 3, path, error))
        return false;
    if (end->sizes[1] == rows && end->sizes[2] > 5 && end->sizes[2] <= 5 + VD_YOLOX_MAX_CLASSES) {
        onnx->model.classes = (int)end->sizes[2] - 5;
        return true;
    }
    g_autofree char *text = shape_text(end);
    return refuse(error, GST_RESOURCE_ERROR_SETTINGS,
                  "The model %s has an output of %s, and a YOLOX of its size has one of 1x%dx"
                  "(5 + classes)",
                  path, text, rows);
}

static bool learn_shape(VdOnnx *onnx, const char *path, GError **error)
{
    End ends[N_ENDS] = {{0}};

    return went_well(onnx, onnx->api->GetAllocatorWithDefaultOptions(&onnx->allocator),
                     "ONNX Runtime has no memory", error) &&
           went_well(onnx, ask_end(onnx, INPUT, &ends[INPUT]), "The model's input", error) &&
           went_well(onnx, ask_end(onnx, OUTPUT, &ends[OUTPUT]), "The model's output", error) &&
           check_input(onnx, &ends[INPUT], path, error) &&
           check_output(onnx, &ends[OUTPUT], path, error);
}

/* --- its memory ------------------------------------------------------------------------------- */

/* Both ends are memory of ours: a run allocates neither. */
static OrtStatus *make_value(VdOnnx *onnx, int which, const int64_t *sizes, size_t dimensions)
{
    size_t n = 1;

    for (size_t i = 0; i < dimensions; i++)
        n *= (size_t)sizes[i];
    onnx->numbers[which] = g_new0(float, n);
    return onnx->api->CreateTensorWithDataAsOrtValue(
        onnx->memory, onnx->numbers[which], n * sizeof(float), sizes, dimensions,
        ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, &onnx->values[which]);
}

static bool make_values(VdOnnx *onnx, GError **error)
{
    const VdYoloxModel *model = &onnx->model;
    int64_t in[] = {1, 3, model->height, model->width};
    int64_t out[] = {1, vd_yolox_rows(model->width, model->height), 5 + model->classes};
    OrtStatus *status =
        onnx->api->CreateCpuMemoryInfo(OrtArenaAllocator, OrtMemTypeDefault, &onnx->memory);

    if (status == NULL)
        status = make_value(onnx, INPUT, in, G_N_ELEMENTS(in));
    if (status == NULL)
        status = make_value(onnx, OUTPUT, out, G_N_ELEMENTS(out));
    return went_well(onnx, status, "ONNX Runtime has no memory", error);
}

static bool open_all(VdOnnx *onnx, const char *library, const char *model, int threads,
                     GError **error)
{
    return is_readable(model, error) && find_interface(onnx, library, error) &&
           open_session(onnx, model, threads, error) && learn_shape(onnx, model, error) &&
           make_values(onnx, error) &&
           went_well(onnx, onnx->api->CreateRunOptions(&onnx->run), "ONNX Runtime has no memory",
                     error);
}

VdOnnx *vd_onnx_open(const char *library, const char *model, int threads, GError **error)
{
    VdOnnx *onnx = g_new0(VdOnnx, 1);

    g_mutex_init(&onnx->lock);
    if (open_all(onnx, library, model, threads, error))
        return onnx;
    vd_onnx_free(onnx);
    return NULL;
}

static void free_end(VdOnnx *onnx, int which)
{
    if (onnx->values[which] != NULL)
        onnx->api->ReleaseValue(onnx->values[which]);
    if (onnx->names[which] != NULL) {
        OrtStatus *status = onnx->api->AllocatorFree(onnx->allocator, onnx->names[which]);

        if (status != NULL)
            onnx->api->ReleaseStatus(status);
    }
    g_free(onnx->numbers[which]);
}

void vd_onnx_free(VdOnnx *onnx)
{
    if (onnx == NULL)
        return;
    for (int which = 0; which < N_ENDS; which++)
        free_end(onnx, which);
    if (onnx->run != NULL)
        onnx->api->ReleaseRunOptions(onnx->run);
    if (onnx->memory != NULL)
        onnx->api->ReleaseMemoryInfo(onnx->memory);
    if (onnx->session != NULL)
        onnx->api->ReleaseSession(onnx->session);
    if (onnx->env != NULL)
        onnx->api->ReleaseEnv(onnx->env);
    g_mutex_clear(&onnx->lock);
    g_free(onnx->version);
    g_free(onnx);
}

const VdYoloxModel *vd_onnx_model(const VdOnnx *onnx)
{
    return &onnx->model;
}

const char *vd_onnx_version(const VdOnnx *onnx)
{
    return onnx->version;
}

float *vd_onnx_input(VdOnnx *onnx)
{
    return onnx->numbers[INPUT];
}

/* --- a run ------------------------------------------------------------------------------------ */

/* How long the last one took, us. */
static gint64 note_run(VdOnnx *onnx, gint64 begun_us, bool *stopped)
{
    g_mutex_lock(&onnx->lock);
    gint64 took_us = g_get_monotonic_time() - onnx->begun_us;
    onnx->begun_us = begun_us;
    *stopped = onnx->stopped;
    g_mutex_unlock(&onnx->lock);
    return took_us;
}

const float *vd_onnx_run(VdOnnx *onnx, GError **error)
{
    const char *const in = onnx->names[INPUT], *const out = onnx->names[OUTPUT];
    const OrtValue *input = onnx->values[INPUT];
    bool stopped;

    note_run(onnx, g_get_monotonic_time(), &stopped);
    OrtStatus *status =
        onnx->api->Run(onnx->session, onnx->run, &in, &input, 1, &out, 1, &onnx->values[OUTPUT]);
    gint64 took_us = note_run(onnx, 0, &stopped);
    if (status == NULL || !stopped)
        return went_well(onnx, status, "The model does not run", error) ? onnx->numbers[OUTPUT]
                                                                        : NULL;
    onnx->api->ReleaseStatus(status);
    refuse(error, GST_RESOURCE_ERROR_BUSY,
           "The model was stopped after it had run for %" G_GINT64_FORMAT " ms", took_us / 1000);
    return NULL;
}

gint64 vd_onnx_running_us(VdOnnx *onnx)
{
    g_mutex_lock(&onnx->lock);
    gint64 us = onnx->begun_us != 0 ? g_get_monotonic_time() - onnx->begun_us : 0;
    g_mutex_unlock(&onnx->lock);
    return us;
}

static void set_stopped(VdOnnx *onnx, bool stopped)
{
    g_mutex_lock(&onnx->lock);
    onnx->stopped = stopped;
    OrtStatus *status = stopped ? onnx->api->RunOptionsSetTerminate(onnx->run)
                                : onnx->api->RunOptionsUnsetTerminate(onnx->run);
    g_mutex_unlock(&onnx->lock);
    if (status != NULL)
        onnx->api->ReleaseStatus(status);
}

void vd_onnx_stop(VdOnnx *onnx)
{
    set_stopped(onnx, true);
}

void vd_onnx_go_on(VdOnnx *onnx)
{
    set_stopped(onnx, false);
}
