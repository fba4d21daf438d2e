#pragma once

#include <cstddef>

#if !defined(__x86_64__) || defined(VDK_EMU_UCONTEXT)
#define VDK_EMU_USES_UCONTEXT
#include <ucontext.h>
#endif

namespace vdk_emu
{

/*
 * A stack that a function runs on until it leaves, to be entered again where it left. Fibers do not
 * enter each other. The function never returns.
 */
class Fiber
{
  public:
    explicit Fiber(void (*function)());
    ~Fiber();
    Fiber(const Fiber &) = delete;
    Fiber &operator=(const Fiber &) = delete;

    void enter();
    void leave();   /* called on the fiber */
    void restart(); /* forgets where it left; nothing on its stack is destroyed */

    static Fiber *current(); /* nullptr outside */

  private:
    static void begin();
    void arrived();

    void (*function)();
    char *stack;
#ifdef VDK_EMU_USES_UCONTEXT
    ucontext_t inside, outside;
#else
    void *inside, *outside; /* stack pointers */
#endif
    /* What a sanitizer wants to know. */
    void *inside_fake, *outside_fake;
    const void *outside_stack;
    size_t outside_size;
    void *inside_tsan, *outside_tsan;
};

} // namespace vdk_emu
