#include "scheduler.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>
#include <numeric>
#include <random>
#include <vector>

#include "fiber.h"

namespace vdk_emu
{

enum class State : uint8_t { NEW, READY, AT_BARRIER, AT_WARP, STUCK, GONE };
enum class WarpOp : uint8_t { SYNC, BALLOT, SHUFFLE };
enum class Order : uint8_t { FORWARD, REVERSE, SHUFFLE };

struct WarpCall {
    WarpOp op;
    unsigned mask, source;
    uint64_t value, result;
};

struct Thread {
    Fiber *fiber;
    State state;
    int line; /* of the barrier it is at */
    uint3 place;
    WarpCall call;
};

/* Lanes of a warp, a bit each. */
struct Warp {
    unsigned living; /* exist and have not returned */
    unsigned waiting;
};

/* The block that is running. */
struct Block {
    const Body *body;
    std::vector<Thread> threads;
    std::vector<Warp> warps;
    std::vector<unsigned> order;
    size_t next;      /* in order: the first that has not begun */
    unsigned current; /* thread */
    unsigned at_barrier, gone;
    std::string fault;
};

/* What a shuffle gives that reads a lane which takes no part: undefined in CUDA, so never 0. */
constexpr uint64_t NOISE = 0xa5a5a5a5a5a5a5a5;
constexpr unsigned WARP_SIZE = 32;

Place here;

static Block block;
static Order order_kind;
static unsigned order_seed;

/* --- kernels --- */

static std::map<std::string, Kernel> &kernels()
{
    static std::map<std::string, Kernel> table;

    return table;
}

void add_kernel(const char *name, Kernel kernel)
{
    kernels()[name] = std::move(kernel);
}

const Kernel *find_kernel(const std::string &name)
{
    auto found = kernels().find(name);

    return found == kernels().end() ? nullptr : &found->second;
}

/* --- order --- */

bool set_order(const char *order)
{
    std::string text = order ? order : "forward";
    const std::string shuffle = "shuffle:";
    char *end = nullptr;

    if (text == "forward") {
        order_kind = Order::FORWARD;
    } else if (text == "reverse") {
        order_kind = Order::REVERSE;
    } else if (text.compare(0, shuffle.size(), shuffle) == 0 && text.size() > shuffle.size()) {
        unsigned long seed = strtoul(text.c_str() + shuffle.size(), &end, 10);

        if (*end)
            return false;
        order_kind = Order::SHUFFLE;
        order_seed = (unsigned)seed;
    } else {
        return false;
    }
    return true;
}

static void arrange(std::vector<unsigned> *list, size_t n, std::mt19937 *random)
{
    list->resize(n);
    std::iota(list->begin(), list->end(), 0);
    if (order_kind == Order::REVERSE)
        std::reverse(list->begin(), list->end());
    else if (order_kind == Order::SHUFFLE)
        std::shuffle(list->begin(), list->end(), *random);
}

/* --- fibers --- */

struct Fibers {
    std::vector<std::unique_ptr<Fiber>> all;
    std::vector<Fiber *> idle;
};

/* Never destroyed: they are kept for the next grid, whoever launches it. */
static Fibers &fibers()
{
    static Fibers *kept = new Fibers;

    return *kept;
}

static void occupy(unsigned t)
{
    block.current = t;
    here.thread = block.threads[t].place;
    here.lane = t % WARP_SIZE;
}

static void settle_others(unsigned t);

static void finish(unsigned t)
{
    Warp &warp = block.warps[t / WARP_SIZE];

    block.threads[t].state = State::GONE;
    block.gone++;
    warp.living &= ~(1u << t % WARP_SIZE);
    if (warp.waiting)
        settle_others(t);
}

/*
 * The life of a fiber: thread after thread, until one has to wait. A kernel without barriers is run
 * by a single fiber that never switches.
 */
static void take_threads()
{
    for (;;) {
        while (block.next < block.order.size() && block.fault.empty()) {
            unsigned t = block.order[block.next++];

            block.threads[t].fiber = Fiber::current();
            block.threads[t].state = State::READY;
            occupy(t);
            (*block.body)();
            finish(t);
        }
        fibers().idle.push_back(Fiber::current());
        Fiber::current()->leave();
    }
}

static Fiber *idle_fiber()
{
    Fibers &f = fibers();

    if (f.idle.empty()) {
        f.all.push_back(std::make_unique<Fiber>(take_threads));
        return f.all.back().get();
    }
    Fiber *fiber = f.idle.back();

    f.idle.pop_back();
    return fiber;
}

/* After a fault: threads that never came back keep no fiber. */
static void abandon_threads()
{
    Fibers &f = fibers();

    f.idle.clear();
    for (auto &fiber : f.all) {
        fiber->restart();
        f.idle.push_back(fiber.get());
    }
}

/* Until somebody makes the thread READY and the scheduler comes by. */
static void wait_as(State state)
{
    Thread &me = block.threads[block.current];

    me.state = state;
    me.fiber->leave();
}

/* --- block barriers --- */

void barrier(int line)
{
    block.threads[block.current].line = line;
    block.at_barrier++;
    wait_as(State::AT_BARRIER);
}

static std::string divergence()
{
    size_t in_warps = 0;
    std::string text = "divergent barrier: of " + std::to_string(block.threads.size()) +
                       " threads " + std::to_string(block.at_barrier) + " are at __syncthreads";
    int line = 0;

    for (const Thread &thread : block.threads)
        if (thread.state == State::AT_BARRIER && thread.line != line) {
            text += (line ? " and line " : " in line ") + std::to_string(thread.line);
            if (line)
                break;
            line = thread.line;
        }
    for (const Warp &warp : block.warps)
        in_warps += (size_t)__builtin_popcount(warp.waiting);
    text += ", " + std::to_string(in_warps) + " wait in their warp and " +
            std::to_string(block.gone) + " have returned";
    return text;
}

/* When nobody can go on: lets all pass the barrier that all of them are at, or it is a fault. */
static void release_barrier()
{
    int line = block.threads[0].line;
    bool all = block.at_barrier == block.threads.size();

    for (const Thread &thread : block.threads)
        all = all && thread.line == line;
    if (!all) {
        block.fault = divergence();
        return;
    }
    for (Thread &thread : block.threads)
        thread.state = State::READY;
    block.at_barrier = 0;
}

/* --- warps --- */

/* The sources are read before any of the lanes can call again. */
static void give_results(Thread *threads, unsigned lanes)
{
    unsigned votes = 0;

    for (unsigned i = 0; i < WARP_SIZE; i++)
        if ((lanes >> i & 1) && threads[i].call.value)
            votes |= 1u << i;
    for (unsigned i = 0; i < WARP_SIZE; i++) {
        if (!(lanes >> i & 1))
            continue;
        WarpCall &call = threads[i].call;
        bool there = call.source < WARP_SIZE && (lanes >> call.source & 1);

        if (call.op == WarpOp::SHUFFLE)
            call.result = there ? threads[call.source].call.value : NOISE;
        else
            call.result = votes;
        threads[i].state = State::READY;
    }
}

/* Lets the lanes of a mask go on once all of them wait with it. false: not yet. */
static bool settle(unsigned w, unsigned mask)
{
    Warp &warp = block.warps[w];
    Thread *threads = &block.threads[w * WARP_SIZE];
    unsigned lanes = warp.living & mask;
    int leader = __builtin_ctz(lanes);

    if ((warp.waiting & lanes) != lanes)
        return false;
    for (unsigned i = 0; i < WARP_SIZE; i++)
        if ((lanes >> i & 1) && threads[i].call.mask != mask)
            return false;
    for (unsigned i = 0; i < WARP_SIZE; i++)
        if ((lanes >> i & 1) && threads[i].call.op != threads[leader].call.op) {
            block.fault = "lanes of a warp wait in different functions for each other";
            return false;
        }
    give_results(threads, lanes);
    warp.waiting &= ~lanes;
    return true;
}

/* Lanes that waited for thread t need not any more: it has returned. */
static void settle_others(unsigned t)
{
    unsigned w = t / WARP_SIZE;

    for (unsigned i = 0; i < WARP_SIZE; i++) {
        if (!(block.warps[w].waiting >> i & 1))
            continue;
        unsigned mask = block.threads[w * WARP_SIZE + i].call.mask;

        if (mask >> t % WARP_SIZE & 1)
            settle(w, mask);
    }
}

static uint64_t call_warp(WarpOp op, unsigned mask, uint64_t value, unsigned source)
{
    unsigned t = block.current;
    Thread &me = block.threads[t];

    if (!(mask >> t % WARP_SIZE & 1)) {
        block.fault = "a lane is not in the mask that it waits with";
        wait_as(State::STUCK);
    }
    me.call = {op, mask, source, value, 0};
    block.warps[t / WARP_SIZE].waiting |= 1u << t % WARP_SIZE;
    /* The last to arrive need not leave. */
    if (!settle(t / WARP_SIZE, mask))
        wait_as(State::AT_WARP);
    return me.call.result;
}

void warp_sync(unsigned mask)
{
    call_warp(WarpOp::SYNC, mask, 0, 0);
}

unsigned warp_ballot(unsigned mask, bool vote)
{
    return (unsigned)call_warp(WarpOp::BALLOT, mask, vote, 0);
}

uint64_t warp_shuffle(unsigned mask, uint64_t value, unsigned source)
{
    return call_warp(WarpOp::SHUFFLE, mask, value, source);
}

/* --- grids --- */

static bool resume_threads()
{
    bool resumed = false;

    for (unsigned t : block.order)
        if (block.threads[t].state == State::READY && block.fault.empty()) {
            resumed = true;
            occupy(t);
            block.threads[t].fiber->enter();
        }
    return resumed;
}

static bool run_block()
{
    block.next = 0;
    block.at_barrier = block.gone = 0;
    for (Warp &warp : block.warps)
        warp = {0xffffffff, 0};
    if (unsigned rest = block.threads.size() % WARP_SIZE)
        block.warps.back().living = (1u << rest) - 1;
    for (Thread &thread : block.threads) {
        thread.fiber = nullptr;
        thread.state = State::NEW;
        thread.line = 0;
    }
    while (block.next < block.order.size() && block.fault.empty())
        idle_fiber()->enter();
    while (block.gone < block.threads.size() && block.fault.empty())
        if (!resume_threads())
            release_barrier();
    return block.fault.empty();
}

static void shape_block(const dim3 &size)
{
    block.threads.assign((size_t)size.x * size.y * size.z, Thread());
    block.warps.resize((block.threads.size() + WARP_SIZE - 1) / WARP_SIZE);
    for (unsigned t = 0; t < block.threads.size(); t++)
        block.threads[t].place = {t % size.x, t / size.x % size.y, t / (size.x * size.y)};
}

bool run_grid(const Body &body, const dim3 &grid_size, const dim3 &block_size, std::string *error)
{
    std::mt19937 random(order_seed);
    std::vector<unsigned> blocks;

    block.body = &body;
    block.fault.clear();
    here.grid_size = grid_size;
    here.block_size = block_size;
    shape_block(block_size);
    arrange(&blocks, (size_t)grid_size.x * grid_size.y * grid_size.z, &random);
    for (unsigned b : blocks) {
        here.block = {b % grid_size.x, b / grid_size.x % grid_size.y,
                      b / grid_size.x / grid_size.y};
        arrange(&block.order, block.threads.size(), &random);
        if (!run_block()) {
            *error = "block " + std::to_string(here.block.x) + ", " + std::to_string(here.block.y) +
                     ", " + std::to_string(here.block.z) + ": " + block.fault;
            abandon_threads();
            return false;
        }
    }
    return true;
}

} // namespace vdk_emu
