#include <chrono>
#include <utility>

#include "libcuda.h"

using namespace vdk_emu;

struct CUstream_st {
    CUcontext context;
    bool blocks; /* waits for the default stream, and that for it */
    std::shared_ptr<Queue> queue;
};

using Clock = std::chrono::steady_clock;

/* What an event has recorded: the piece of a queue that notes the time. */
struct Mark {
    std::shared_ptr<Queue> queue;
    uint64_t number;
    Clock::time_point time;
};

struct CUevent_st {
    CUcontext context;
    bool timed;
    std::shared_ptr<Mark> mark; /* nullptr: never recorded, which counts as done */
};

static thread_local bool in_host_function;

namespace vdk_emu
{

/* --- queues --- */

void Queue::push(std::function<void()> piece, bool lasts)
{
    waiting.push_back({std::move(piece), lasts});
    n_submitted++;
}

void Queue::run_one()
{
    if (waiting.empty())
        return;
    Piece piece = std::move(waiting.front());

    waiting.pop_front();
    if (piece.lasts || lasting_error() == CUDA_SUCCESS)
        piece.work();
    n_done++;
}

void Queue::run_until(uint64_t number)
{
    while (n_done < number && !waiting.empty())
        run_one();
}

void Queue::run_all()
{
    run_until(n_submitted);
}

uint64_t Queue::submitted() const
{
    return n_submitted;
}

bool Queue::has_done(uint64_t number) const
{
    return n_done >= number;
}

void Queue::fail_late(CUresult error)
{
    if (late == CUDA_SUCCESS)
        late = error;
}

CUresult Queue::late_error()
{
    return std::exchange(late, CUDA_SUCCESS);
}

/* --- order between streams --- */

static bool is_eager()
{
    static bool eager = number_from_environment("VEDETTE_EMU_EAGER", 0) != 0;

    return eager;
}

static const std::shared_ptr<Queue> &queue_of(CUstream stream)
{
    return stream ? stream->queue : current_context()->queue;
}

/*
 * What `queue` does from now on comes after what `other` has been given so far. That never goes in
 * a circle, since `other` was given it earlier.
 */
static void wait_for(Queue *queue, const std::shared_ptr<Queue> &other, uint64_t number)
{
    if (!other->has_done(number))
        queue->push([other, number] { other->run_until(number); }, true);
}

static void wait_as_default_streams_do(CUstream stream)
{
    CUcontext context = current_context();
    Queue *queue = queue_of(stream).get();

    if (stream && stream->blocks)
        wait_for(queue, context->queue, context->queue->submitted());
    if (!stream)
        for (CUstream other : live<CUstream>())
            if (other->context == context && other->blocks)
                wait_for(queue, other->queue, other->queue->submitted());
}

CUresult submit(CUstream stream, std::function<void()> work, bool lasts)
{
    if (stream && !is_live(stream))
        return INVALID_HANDLE;
    if (stream && stream->context != current_context())
        return INVALID_HANDLE;
    wait_as_default_streams_do(stream);
    queue_of(stream)->push(std::move(work), lasts);
    queue_of(stream)->fail_late(injected_late());
    if (is_eager())
        queue_of(stream)->run_all();
    return CUDA_SUCCESS;
}

CUresult submit_and_wait(std::function<void()> work)
{
    CUresult result = submit(nullptr, std::move(work));

    if (result == CUDA_SUCCESS) {
        current_context()->queue->run_all();
        result = lasting_error();
    }
    return result;
}

void run_context(CUcontext context)
{
    context->queue->run_all();
    for (CUstream stream : live<CUstream>())
        if (stream->context == context)
            stream->queue->run_all();
}

void run_stream(CUcontext context, CUstream stream)
{
    for (CUstream other : live<CUstream>())
        if (!stream && other->context == context && other->blocks)
            other->queue->run_all();
    if (!stream || stream->blocks)
        context->queue->run_all();
    if (stream)
        stream->queue->run_all();
}

template <class Handle> static void drop_handles(CUcontext context)
{
    for (auto i = live<Handle>().begin(); i != live<Handle>().end();) {
        Handle handle = *i;

        i = handle->context == context ? live<Handle>().erase(i) : std::next(i);
        if (handle->context == context)
            delete handle;
    }
}

void drop_streams(CUcontext context)
{
    drop_handles<CUstream>(context);
    drop_handles<CUevent>(context);
}

bool is_in_host_function()
{
    return in_host_function;
}

} // namespace vdk_emu

/* --- streams --- */

CUresult cuStreamCreate(CUstream *result, unsigned flags)
{
    ENTER(CONTEXT);
    if (!result || flags & ~(unsigned)CU_STREAM_NON_BLOCKING)
        return INVALID_VALUE;
    *result = new CUstream_st{current_context(), flags == 0, std::make_shared<Queue>()};
    live<CUstream>().insert(*result);
    return CUDA_SUCCESS;
}

CUresult cuStreamDestroy_v2(CUstream stream)
{
    ENTER(INIT | RELEASES);
    if (!is_live(stream))
        return INVALID_HANDLE;
    if (lasting_error(stream->context->device) == CUDA_SUCCESS) /* else it does no more work */
        stream->queue->run_all();
    live<CUstream>().erase(stream);
    delete stream;
    return lasting_error();
}

CUresult cuStreamDestroy(CUstream stream)
{
    return cuStreamDestroy_v2(stream);
}

/* A piece is done only after the answer, so that nobody finds it done who does not ask again. */
CUresult cuStreamQuery(CUstream stream)
{
    ENTER(CONTEXT);
    if (stream && !is_live(stream))
        return INVALID_HANDLE;

    Queue *queue = queue_of(stream).get();
    bool done = queue->has_done(queue->submitted());

    queue->run_one();
    return done ? lasting_error() : CUDA_ERROR_NOT_READY;
}

CUresult cuStreamSynchronize(CUstream stream)
{
    ENTER(CONTEXT);
    if (stream && !is_live(stream))
        return INVALID_HANDLE;
    counters.syncs++;
    wait_as_default_streams_do(stream);
    queue_of(stream)->run_all();

    CUresult late = queue_of(stream)->late_error();
    return late != CUDA_SUCCESS ? late : lasting_error();
}

CUresult cuStreamWaitEvent(CUstream stream, CUevent event, [[maybe_unused]] unsigned flags)
{
    ENTER(CONTEXT);
    if (!is_live(event) || (stream && !is_live(stream)))
        return INVALID_HANDLE;
    if (event->mark)
        wait_for(queue_of(stream).get(), event->mark->queue, event->mark->number);
    return CUDA_SUCCESS;
}

CUresult cuLaunchHostFunc(CUstream stream, CUhostFn *function, void *data)
{
    ENTER(CONTEXT);
    if (!function)
        return INVALID_VALUE;
    return submit(stream, [function, data] {
        in_host_function = true;
        function(data);
        in_host_function = false;
    });
}

/* Unlike host functions, callbacks are called after an error too, and told. */
CUresult cuStreamAddCallback(CUstream stream, CUstreamCallback *callback, void *data,
                             [[maybe_unused]] unsigned flags)
{
    ENTER(CONTEXT);
    if (!callback)
        return INVALID_VALUE;
    return submit(
        stream,
        [stream, callback, data] {
            in_host_function = true;
            callback(stream, lasting_error(), data);
            in_host_function = false;
        },
        true);
}

/* --- events --- */

CUresult cuEventCreate(CUevent *result, unsigned flags)
{
    ENTER(CONTEXT);
    if (!result)
        return INVALID_VALUE;
    *result = new CUevent_st{current_context(), !(flags & CU_EVENT_DISABLE_TIMING), nullptr};
    live<CUevent>().insert(*result);
    return CUDA_SUCCESS;
}

CUresult cuEventDestroy_v2(CUevent event)
{
    ENTER(INIT | RELEASES);
    if (!is_live(event))
        return INVALID_HANDLE;
    live<CUevent>().erase(event);
    delete event;
    return lasting_error();
}

CUresult cuEventRecord(CUevent event, CUstream stream)
{
    ENTER(CONTEXT);
    auto mark = std::make_shared<Mark>();

    if (!is_live(event) || (stream && !is_live(stream)))
        return INVALID_HANDLE;
    CUresult result = submit(stream, [mark] { mark->time = Clock::now(); });

    if (result != CUDA_SUCCESS)
        return result;
    mark->queue = queue_of(stream);
    mark->number = mark->queue->submitted();
    event->mark = mark;
    return CUDA_SUCCESS;
}

static bool has_happened(CUevent event)
{
    return !event->mark || event->mark->queue->has_done(event->mark->number);
}

CUresult cuEventQuery(CUevent event)
{
    ENTER(INIT);
    if (!is_live(event))
        return INVALID_HANDLE;
    if (has_happened(event))
        return lasting_error();
    event->mark->queue->run_one();
    return CUDA_ERROR_NOT_READY;
}

CUresult cuEventSynchronize(CUevent event)
{
    ENTER(INIT);
    if (!is_live(event))
        return INVALID_HANDLE;
    counters.syncs++;
    if (event->mark)
        event->mark->queue->run_until(event->mark->number);
    return lasting_error();
}

CUresult cuEventElapsedTime(float *ms, CUevent start, CUevent end)
{
    ENTER(INIT);
    if (!ms)
        return INVALID_VALUE;
    for (CUevent event : {start, end})
        if (!is_live(event) || !event->timed || !event->mark)
            return INVALID_HANDLE;
    if (!has_happened(start) || !has_happened(end))
        return CUDA_ERROR_NOT_READY;
    *ms = std::chrono::duration<float, std::milli>(end->mark->time - start->mark->time).count();
    return CUDA_SUCCESS;
}
