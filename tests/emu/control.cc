#include "control.h"

#include <cerrno>
#include <cinttypes>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <utility>

#include "libcuda.h"
#include "scheduler.h"

namespace vdk_emu
{

struct Failure {
    std::string function; /* empty: none */
    uint64_t nth;         /* 0: each */
    uint64_t seen;
    CUresult code;
    bool sticky, late;
};

VedetteEmuCounters counters;

static Failure failure;
static CUresult late_error = CUDA_SUCCESS; /* of the call that is under way */

/* Never destroyed, as the engine. */
static auto &calls = *new std::map<std::string, uint64_t>;

constexpr CUdevice EVERY_DEVICE = -1;
static std::map<CUdevice, CUresult> lasting;

std::recursive_mutex &engine()
{
    /* Never destroyed: threads may outlive static variables. */
    static auto *mutex = new std::recursive_mutex;

    return *mutex;
}

/* --- settings --- */

static bool read_number(const std::string &text, uint64_t *number)
{
    if (text.empty() || text.find_first_not_of("0123456789") != std::string::npos)
        return false;
    errno = 0;
    *number = strtoull(text.c_str(), nullptr, 10);
    return errno == 0;
}

/* Takes what stands before the next colon off the text. */
static std::string next_word(std::string *text)
{
    size_t colon = text->find(':');
    std::string word = text->substr(0, colon);

    *text = colon == std::string::npos ? "" : text->substr(colon + 1);
    return word;
}

static bool read_failure(std::string text, Failure *result)
{
    std::string function = next_word(&text), nth = next_word(&text);
    std::string code = next_word(&text), kind = next_word(&text);
    uint64_t value = CUDA_ERROR_UNKNOWN;
    Failure read = {function, 0, 0, CUDA_ERROR_UNKNOWN, kind == "sticky", kind == "late"};

    if (function.empty() || !read_number(nth, &read.nth) || !text.empty())
        return false;
    if (!code.empty() && (!read_number(code, &value) || value < 1 || value > CUDA_ERROR_UNKNOWN))
        return false;
    if (!kind.empty() && !read.sticky && !read.late)
        return false;
    read.code = CUresult(value);
    *result = read;
    return true;
}

void refuse_environment(const char *name)
{
    fprintf(stderr, "emulated CUDA: %s=%s cannot be read\n", name, getenv(name));
    abort();
}

uint64_t number_from_environment(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    uint64_t number = otherwise;

    if (text && !read_number(text, &number))
        refuse_environment(name);
    return number;
}

static void print_counters()
{
    fprintf(stderr, "emulated CUDA: %s\n", vedette_emu_counters());
    fprintf(stderr, "calls of emulated CUDA: %s\n", vedette_emu_calls());
}

static bool read_environment()
{
    const char *spec = getenv("VEDETTE_EMU_FAIL");

    if (spec && !read_failure(spec, &failure))
        refuse_environment("VEDETTE_EMU_FAIL");
    if (!set_order(getenv("VEDETTE_EMU_ORDER")))
        refuse_environment("VEDETTE_EMU_ORDER");
    if (getenv("VEDETTE_EMU_PRINT"))
        atexit(print_counters);
    return true;
}

void configure()
{
    [[maybe_unused]] static bool done = read_environment();
}

/* --- errors --- */

static bool is_called(const std::string &name, const std::string &function)
{
    return function == name || function == name + "_v2";
}

CUresult injected(const std::string &function)
{
    calls[function]++;
    late_error = CUDA_SUCCESS;
    if (!is_called(failure.function, function))
        return CUDA_SUCCESS;
    failure.seen++;
    if (failure.nth != 0 && failure.seen != failure.nth)
        return CUDA_SUCCESS;
    if (failure.sticky)
        make_lasting(failure.code);
    if (!failure.late)
        return failure.code;
    late_error = failure.code;
    return CUDA_SUCCESS;
}

CUresult injected_late()
{
    return std::exchange(late_error, CUDA_SUCCESS);
}

static CUdevice current_device()
{
    CUcontext context = current_context();

    return context && is_live(context) ? context->device : EVERY_DEVICE;
}

CUresult lasting_error(CUdevice device)
{
    for (CUdevice where : {device, EVERY_DEVICE})
        if (auto found = lasting.find(where); found != lasting.end())
            return found->second;
    return CUDA_SUCCESS;
}

CUresult lasting_error()
{
    return lasting_error(current_device());
}

void make_lasting(CUresult error)
{
    lasting.emplace(current_device(), error);
}

void report(const char *format, ...)
{
    va_list arguments;

    counters.faults++;
    fputs("emulated CUDA: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

} // namespace vdk_emu

/* --- for tests --- */

using vdk_emu::counters;
using vdk_emu::engine;
using vdk_emu::Lock;

void vedette_emu_read(VedetteEmuCounters *result)
{
    Lock lock(engine());

    *result = counters;
}

const char *vedette_emu_counters(void)
{
    static thread_local std::string text;
    VedetteEmuCounters now;
    char line[320];

    vedette_emu_read(&now);
    snprintf(line, sizeof(line),
             "h2d=%" PRIu64 " d2h=%" PRIu64 " d2d=%" PRIu64 " launches=%" PRIu64
             " allocations=%" PRIu64 " frees=%" PRIu64 " live_bytes=%" PRIu64 " contexts=%" PRIu64
             " syncs=%" PRIu64 " faults=%" PRIu64,
             now.h2d, now.d2h, now.d2d, now.launches, now.allocations, now.frees, now.live_bytes,
             now.contexts, now.syncs, now.faults);
    text = line;
    return text.c_str();
}

const char *vedette_emu_calls(void)
{
    static thread_local std::string text;
    Lock lock(engine());

    text.clear();
    for (const auto &[function, count] : vdk_emu::calls)
        text += (text.empty() ? "" : " ") + function + "=" + std::to_string(count);
    return text.c_str();
}

void vedette_emu_reset(void)
{
    Lock lock(engine());
    uint64_t live_bytes = counters.live_bytes;

    vdk_emu::calls.clear();
    counters = {};
    counters.live_bytes = live_bytes;
}

int vedette_emu_fail(const char *spec)
{
    Lock lock(engine());
    vdk_emu::Failure wanted = {};

    vdk_emu::configure();
    if (spec && !vdk_emu::read_failure(spec, &wanted))
        return -EINVAL;
    vdk_emu::failure = wanted;
    vdk_emu::lasting.clear();
    return 0;
}

int vedette_emu_order(const char *order)
{
    Lock lock(engine());

    vdk_emu::configure();
    return vdk_emu::set_order(order) ? 0 : -EINVAL;
}
