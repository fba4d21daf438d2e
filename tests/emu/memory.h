#pragma once

#include <cstddef>

#include "control.h"

/*
 * Device memory: addresses without pages, which the program gets, and the pages themselves, which
 * only the emulator knows the place of. [engine]
 */
namespace vdk_emu
{

constexpr size_t MEMORY_ALIGNMENT = 512;

/* What the device has, by VEDETTE_EMU_MEMORY. */
size_t memory_size();

/* owner: the context that it goes with. */
CUresult allocate(size_t size, const void *owner, CUdeviceptr *result);
/* GUARD_DAMAGED: it is freed all the same. */
CUresult deallocate(CUdeviceptr address);
/* All that an owner still has. The first error met. */
CUresult deallocate_all(const void *owner);

/* Whether size bytes at the address lie in one allocation. */
bool is_allocated(CUdeviceptr address, size_t size);
/* Whether it is in the device's address range, allocated or not. */
bool is_device_address(uint64_t address);

/* Page-locked host memory: ordinary, but kernels may have its address. */
CUresult allocate_host(size_t size, const void *owner, void **result);
CUresult deallocate_host(void *memory);
bool is_locked_host_address(uint64_t address);

/* Addresses of the host found among a kernel's arguments since the last call. */
unsigned take_foreign_addresses();

} // namespace vdk_emu
