#pragma once

#include <cstdint>
#include <ffnvcodec/dynlink_cuda.h>
#include <mutex>
#include <string>

#include "emu.h"

/* What a test sets and reads: errors, failures on demand, counters. See emu.h. */
namespace vdk_emu
{

/* ffnvcodec's header names few. All stay below 1024, which is as far as its enum may hold. */
constexpr CUresult INVALID_VALUE = CUresult(1);
constexpr CUresult OUT_OF_MEMORY = CUresult(2);
constexpr CUresult NOT_INITIALIZED = CUresult(3);
constexpr CUresult INVALID_DEVICE = CUresult(101);
constexpr CUresult INVALID_IMAGE = CUresult(200);
constexpr CUresult INVALID_CONTEXT = CUresult(201);
constexpr CUresult NO_KERNELS = CUresult(303); /* a shared object failed to load */
constexpr CUresult INVALID_HANDLE = CUresult(400);
constexpr CUresult NOT_FOUND = CUresult(500);
constexpr CUresult ILLEGAL_ADDRESS = CUresult(700);
constexpr CUresult CONTEXT_IS_DESTROYED = CUresult(709);
constexpr CUresult GUARD_DAMAGED = CUresult(716); /* by its real name a misaligned address */
constexpr CUresult LAUNCH_FAILED = CUresult(719);
constexpr CUresult NOT_PERMITTED = CUresult(800);
constexpr CUresult NOT_SUPPORTED = CUresult(801);

/* One engine: held by every function of the driver. */
using Lock = std::lock_guard<std::recursive_mutex>;
std::recursive_mutex &engine();

/* [engine] */
extern VedetteEmuCounters counters;

/* Reads the environment, once. */
void configure();

/* The failure that is due in this call of the function, if any; counts the call. */
CUresult injected(const std::string &function);
/* The failure of this call's work, which succeeds; once. */
CUresult injected_late();
/*
 * The error that stays with a device, or with the current context's; without a context it is for
 * all devices, and is found by all. Later ones do not replace it.
 */
CUresult lasting_error(CUdevice device);
CUresult lasting_error();
void make_lasting(CUresult error);

/* A mistake of the program: a line on standard error, and a counter that tests look at. */
void report(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Ends the process: what the variable says cannot be read. */
[[noreturn]] void refuse_environment(const char *name);
/* A whole number from the environment, or the default. Ends the process when it is none. */
uint64_t number_from_environment(const char *name, uint64_t otherwise);

} // namespace vdk_emu
