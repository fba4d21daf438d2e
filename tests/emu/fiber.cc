#include "fiber.h"

#include <cstdio>
#include <cstdlib>
#include <sys/mman.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
#endif

namespace vdk_emu
{

/* Sanitizers make frames larger; pages that nobody touches cost nothing. */
constexpr size_t STACK_SIZE = 256 * 1024;
constexpr size_t GUARD_SIZE = 4096;

static Fiber *running; /* of the one grid that there is at a time */

#ifndef VDK_EMU_USES_UCONTEXT
extern "C" __attribute__((visibility("hidden"))) void vdk_emu_switch(void **save, void *to);

/*
 * What the ABI lets a called function change need not be saved; no kernel changes rounding modes. A
 * "ret" would always be predicted wrong.
 */
asm(R"(
    .text
    .globl vdk_emu_switch
    .hidden vdk_emu_switch
    .type vdk_emu_switch, @function
vdk_emu_switch:
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    popq %rcx
    jmp *%rcx
    .size vdk_emu_switch, . - vdk_emu_switch
)");
#endif

/* --- each switch, as the sanitizers see it --- */

static void tell_leaving([[maybe_unused]] void **fake, [[maybe_unused]] const void *stack,
                         [[maybe_unused]] size_t size, [[maybe_unused]] void *tsan)
{
#ifdef __SANITIZE_ADDRESS__
    __sanitizer_start_switch_fiber(fake, stack, size);
#endif
#ifdef __SANITIZE_THREAD__
    __tsan_switch_to_fiber(tsan, 0);
#endif
}

static void tell_arrived([[maybe_unused]] void *fake, [[maybe_unused]] const void **stack,
                         [[maybe_unused]] size_t *size)
{
#ifdef __SANITIZE_ADDRESS__
    __sanitizer_finish_switch_fiber(fake, stack, size);
#endif
}

/* --- fibers --- */

Fiber::Fiber(void (*main)()) : function(main), inside_tsan(nullptr), outside_tsan(nullptr)
{
    void *memory = mmap(nullptr, STACK_SIZE, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (memory == MAP_FAILED || mprotect(memory, GUARD_SIZE, PROT_NONE) != 0) {
        perror("emulated CUDA: stack of a thread");
        abort();
    }
    stack = static_cast<char *>(memory);
    restart();
}

Fiber::~Fiber()
{
#ifdef __SANITIZE_THREAD__
    __tsan_destroy_fiber(inside_tsan);
#endif
    munmap(stack, STACK_SIZE);
}

void Fiber::restart()
{
    inside_fake = outside_fake = nullptr;
#ifdef __SANITIZE_ADDRESS__
    __asan_unpoison_memory_region(stack + GUARD_SIZE, STACK_SIZE - GUARD_SIZE);
#endif
#ifdef __SANITIZE_THREAD__
    if (inside_tsan)
        __tsan_destroy_fiber(inside_tsan);
    inside_tsan = __tsan_create_fiber(0);
#endif
#ifdef VDK_EMU_USES_UCONTEXT
    getcontext(&inside);
    inside.uc_stack.ss_sp = stack + GUARD_SIZE;
    inside.uc_stack.ss_size = STACK_SIZE - GUARD_SIZE;
    inside.uc_link = nullptr;
    makecontext(&inside, begin, 0);
#else
    void **top = reinterpret_cast<void **>(stack + STACK_SIZE);

    /* As a call would: 16-byte aligned before it pushes where to return to, here nowhere. */
    *--top = nullptr;
    *--top = reinterpret_cast<void *>(begin);
    for (int i = 0; i < 6; i++)
        *--top = nullptr;
    inside = top;
#endif
}

void Fiber::begin()
{
    running->arrived();
    running->function();
    abort();
}

void Fiber::arrived()
{
    tell_arrived(inside_fake, &outside_stack, &outside_size);
}

void Fiber::enter()
{
    running = this;
#ifdef __SANITIZE_THREAD__
    outside_tsan = __tsan_get_current_fiber();
#endif
    tell_leaving(&outside_fake, stack + GUARD_SIZE, STACK_SIZE - GUARD_SIZE, inside_tsan);
#ifdef VDK_EMU_USES_UCONTEXT
    swapcontext(&outside, &inside);
#else
    vdk_emu_switch(&outside, inside);
#endif
    tell_arrived(outside_fake, nullptr, nullptr);
    running = nullptr;
}

void Fiber::leave()
{
    tell_leaving(&inside_fake, outside_stack, outside_size, outside_tsan);
#ifdef VDK_EMU_USES_UCONTEXT
    swapcontext(&inside, &outside);
#else
    vdk_emu_switch(&inside, outside);
#endif
    arrived();
}

Fiber *Fiber::current()
{
    return running;
}

} // namespace vdk_emu
