#include "memory.h"

#include <cstdlib>
#include <cstring>
#include <map>
#include <sanitizer/asan_interface.h>
#include <sys/mman.h>
#include <unistd.h>

#include "device.h"

namespace vdk_emu
{

/*
 * On the device it lies in a room of its own: a gap, its bytes, and what is left, which is at least
 * a gap.
 */
struct Allocation {
    size_t size;
    const void *owner;
};

constexpr size_t WINDOW = (size_t)64 << 30;
constexpr size_t GAP = MEMORY_ALIGNMENT;
constexpr size_t GROWTH = (size_t)4 << 20;
constexpr unsigned char NEW_BYTE = 0xa5;
constexpr unsigned char FREED_BYTE = 0xdb;
constexpr unsigned char GAP_BYTE = 0xfd;

static char *device_base, *view_base;
static size_t used_end, mapped_end; /* offsets in the window */
static unsigned foreign_addresses;

/* By offset. Never destroyed, as the mutex. */
static auto &allocations = *new std::map<size_t, Allocation>;
/* Rooms to use again, by their size: offset of the bytes. */
static auto &free_rooms = *new std::multimap<size_t, size_t>;
static auto &host_allocations = *new std::map<uint64_t, Allocation>;

/* --- the window --- */

static bool open_window()
{
    int file = memfd_create("vedette-emu", MFD_CLOEXEC);

    if (file < 0 || ftruncate(file, (off_t)WINDOW) != 0)
        return false;
    void *device =
        mmap(nullptr, WINDOW, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    void *seen = mmap(nullptr, WINDOW, PROT_NONE, MAP_SHARED | MAP_NORESERVE, file, 0);

    close(file);
    if (device == MAP_FAILED || seen == MAP_FAILED)
        return false;
    device_base = static_cast<char *>(device);
    view_base = static_cast<char *>(seen);
    return true;
}

/* Pages beyond the last allocation stay closed: a kernel far off its memory crashes. */
static bool open_pages(size_t end)
{
    size_t wanted = (end + GROWTH - 1) / GROWTH * GROWTH;

    if (end > WINDOW)
        return false;
    if (wanted > mapped_end) {
        if (mprotect(view_base, wanted, PROT_READ | PROT_WRITE) != 0)
            return false;
        mapped_end = wanted;
    }
    return true;
}

bool is_device_address(uint64_t address)
{
    return device_base && address - (uint64_t)device_base < WINDOW;
}

static size_t offset_of(CUdeviceptr address)
{
    return address - (uint64_t)device_base;
}

void *view(uint64_t address)
{
    return is_device_address(address) ? view_base + offset_of(address) : nullptr;
}

/* --- rooms --- */

static size_t rounded(size_t size)
{
    return (size + MEMORY_ALIGNMENT - 1) / MEMORY_ALIGNMENT * MEMORY_ALIGNMENT;
}

/* From the bytes' end to the room's. */
static size_t tail_of(size_t size)
{
    return rounded(size) + GAP - size;
}

/* Answers how many of the bytes are not as they were, and where the first is. */
static size_t count_changed(const char *at, size_t size, unsigned char expected, size_t *first)
{
    size_t changed = 0;

    if (size == 0 || ((unsigned char)at[0] == expected && memcmp(at, at + 1, size - 1) == 0))
        return 0;
    for (size_t i = size; i-- > 0;)
        if ((unsigned char)at[i] != expected) {
            changed++;
            *first = i;
        }
    return changed;
}

static bool gaps_are_whole(size_t offset, size_t size)
{
    const char *bytes = view_base + offset;
    size_t at = 0, n;

    ASAN_UNPOISON_MEMORY_REGION(bytes - GAP, GAP);
    ASAN_UNPOISON_MEMORY_REGION(bytes + size, tail_of(size));
    if ((n = count_changed(bytes - GAP, GAP, GAP_BYTE, &at)) > 0)
        report("%zu bytes written before an allocation of %zu, the first %zu before it", n, size,
               GAP - at);
    else if ((n = count_changed(bytes + size, tail_of(size), GAP_BYTE, &at)) > 0)
        report("%zu bytes written behind an allocation of %zu, the first %zu behind its end", n,
               size, at);
    return n == 0;
}

/* A room that nobody has written to since it was freed; others are reported and let go. */
static bool reuse_room(size_t size, size_t *offset)
{
    for (auto room = free_rooms.find(rounded(size)); room != free_rooms.end();
         room = free_rooms.find(rounded(size))) {
        size_t at = 0;

        *offset = room->second;
        free_rooms.erase(room);
        ASAN_UNPOISON_MEMORY_REGION(view_base + *offset, rounded(size));
        if (count_changed(view_base + *offset, rounded(size), FREED_BYTE, &at) == 0)
            return true;
        report("memory written after it was freed, at byte %zu", at);
        make_lasting(ILLEGAL_ADDRESS);
    }
    return false;
}

static bool find_room(size_t size, size_t *offset)
{
    size_t end = used_end + GAP + size + tail_of(size);

    if (reuse_room(size, offset))
        return true;
    if (!open_pages(end))
        return false;
    *offset = used_end + GAP;
    used_end = end;
    return true;
}

/* --- device memory --- */

size_t memory_size()
{
    static size_t size = number_from_environment("VEDETTE_EMU_MEMORY", (uint64_t)8 << 30);

    return size;
}

CUresult allocate(size_t size, const void *owner, CUdeviceptr *result)
{
    size_t offset;

    if (size == 0)
        return INVALID_VALUE;
    if (size > memory_size() || counters.live_bytes > memory_size() - size)
        return OUT_OF_MEMORY;
    if ((!device_base && !open_window()) || !find_room(size, &offset))
        return OUT_OF_MEMORY;

    char *bytes = view_base + offset;

    ASAN_UNPOISON_MEMORY_REGION(bytes - GAP, GAP + size + tail_of(size));
    memset(bytes - GAP, GAP_BYTE, GAP);
    memset(bytes, NEW_BYTE, size);
    memset(bytes + size, GAP_BYTE, tail_of(size));
    ASAN_POISON_MEMORY_REGION(bytes - GAP, GAP);
    ASAN_POISON_MEMORY_REGION(bytes + size, tail_of(size));
    allocations[offset] = {size, owner};
    counters.live_bytes += size;
    *result = (CUdeviceptr)(uintptr_t)(device_base + offset);
    return CUDA_SUCCESS;
}

CUresult deallocate(CUdeviceptr address)
{
    auto found =
        is_device_address(address) ? allocations.find(offset_of(address)) : allocations.end();

    if (found == allocations.end()) {
        report("free of 0x%llx, which is not allocated", address);
        return INVALID_VALUE;
    }

    size_t offset = found->first, size = found->second.size;
    bool whole = gaps_are_whole(offset, size);

    memset(view_base + offset, FREED_BYTE, rounded(size));
    ASAN_POISON_MEMORY_REGION(view_base + offset - GAP, GAP + size + tail_of(size));
    free_rooms.emplace(rounded(size), offset);
    counters.live_bytes -= size;
    allocations.erase(found);
    if (!whole)
        make_lasting(GUARD_DAMAGED);
    return whole ? CUDA_SUCCESS : GUARD_DAMAGED;
}

CUresult deallocate_all(const void *owner)
{
    CUresult result = CUDA_SUCCESS;

    for (auto i = allocations.begin(); i != allocations.end();) {
        auto gone = i++;

        if (gone->second.owner != owner)
            continue;
        CUresult one = deallocate((CUdeviceptr)(uintptr_t)(device_base + gone->first));

        result = result == CUDA_SUCCESS ? one : result;
    }
    for (auto i = host_allocations.begin(); i != host_allocations.end();) {
        auto gone = i++;

        if (gone->second.owner == owner)
            deallocate_host(reinterpret_cast<void *>(gone->first));
    }
    return result;
}

bool is_allocated(CUdeviceptr address, size_t size)
{
    if (!is_device_address(address))
        return false;

    size_t offset = offset_of(address);
    auto after = allocations.upper_bound(offset);

    if (after == allocations.begin())
        return false;

    const auto &[start, allocation] = *--after;

    return offset - start <= allocation.size && size <= allocation.size - (offset - start);
}

/* --- host memory --- */

CUresult allocate_host(size_t size, const void *owner, void **result)
{
    void *memory = nullptr;

    if (size == 0)
        return INVALID_VALUE;
    if (posix_memalign(&memory, 4096, size) != 0)
        return OUT_OF_MEMORY;
    memset(memory, NEW_BYTE, size);
    host_allocations[(uint64_t)memory] = {size, owner};
    *result = memory;
    return CUDA_SUCCESS;
}

CUresult deallocate_host(void *memory)
{
    if (host_allocations.erase((uint64_t)memory) == 0) {
        report("free of host memory %p, which is not allocated", memory);
        return INVALID_VALUE;
    }
    free(memory);
    return CUDA_SUCCESS;
}

bool is_locked_host_address(uint64_t address)
{
    auto after = host_allocations.upper_bound(address);

    if (after == host_allocations.begin())
        return false;
    --after;
    return address - after->first <= after->second.size;
}

/* --- arguments of kernels --- */

void *view_argument(const void *address)
{
    uint64_t value = (uint64_t)address;

    if (is_device_address(value))
        return view(value);
    if (address && !is_locked_host_address(value))
        foreign_addresses++;
    return const_cast<void *>(address);
}

unsigned take_foreign_addresses()
{
    unsigned n = foreign_addresses;

    foreign_addresses = 0;
    return n;
}

} // namespace vdk_emu

void *vedette_emu_view(unsigned long long device)
{
    vdk_emu::Lock lock(vdk_emu::engine());

    return vdk_emu::view(device);
}
