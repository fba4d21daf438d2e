#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <elf.h>
#include <map>
#include <string>

#include "libcuda.h"
#include "memory.h"
#include "scheduler.h"

using namespace vdk_emu;

struct CUfunc_st {
    CUcontext context;
    std::string name;
    const Kernel *kernel;
};

struct CUmod_st {
    CUcontext context;
    std::string image;
    std::map<std::string, std::unique_ptr<CUfunc_st>> functions;
};

/* What a fat binary starts with. */
struct FatHeader {
    uint32_t magic;
    uint16_t version, header_size;
    uint64_t size; /* of what follows the header */
};

constexpr uint32_t FAT_MAGIC = 0xba55ed50;
constexpr uint16_t CUDA_MACHINE = 190; /* EM_CUDA */
constexpr unsigned MAX_BLOCK = 1024, MAX_BLOCK_DEPTH = 64;
constexpr unsigned MAX_GRID_WIDTH = 0x7fffffff, MAX_GRID = 65535;
constexpr unsigned MAX_SHARED = 48 * 1024;

/* --- kernels --- */

namespace vdk_emu
{

/* Loaders open this library for themselves only, and close it. */
void become_global()
{
    static void *self;
    Dl_info info;

    if (!self && dladdr(reinterpret_cast<void *>(become_global), &info))
        self = dlopen(info.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_GLOBAL | RTLD_NODELETE);
}

} // namespace vdk_emu

static bool load_object(const std::string &path)
{
    if (dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE))
        return true;
    report("VEDETTE_EMU_KERNELS: %s", dlerror());
    return false;
}

static bool load_objects()
{
    const char *text = getenv("VEDETTE_EMU_KERNELS");
    std::string paths = text ? text : "";

    if (paths.empty()) {
        report("VEDETTE_EMU_KERNELS names no object with kernels");
        return false;
    }
    for (size_t from = 0; from < paths.size();) {
        size_t colon = std::min(paths.find(':', from), paths.size());

        if (colon > from && !load_object(paths.substr(from, colon - from)))
            return false;
        from = colon + 1;
    }
    return true;
}

static bool kernels_are_loaded()
{
    static bool loaded = load_objects();

    return loaded;
}

/* --- images --- */

static size_t fat_size(const char *image)
{
    FatHeader header;

    memcpy(&header, image, sizeof(header));
    if (header.magic != FAT_MAGIC || header.header_size != sizeof(header) || header.size == 0)
        return 0;
    return sizeof(header) + header.size;
}

/* The tables of headers stand last. */
static size_t cubin_size(const char *image)
{
    Elf64_Ehdr header;

    memcpy(&header, image, sizeof(header));
    if (memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_machine != CUDA_MACHINE ||
        header.e_ident[EI_CLASS] != ELFCLASS64)
        return 0;
    return std::max(header.e_shoff + (size_t)header.e_shnum * header.e_shentsize,
                    header.e_phoff + (size_t)header.e_phnum * header.e_phentsize);
}

/* Text that starts with comments or directives and has the two that all must have. */
static size_t ptx_size(const char *image)
{
    if (!strchr("./ \t\r\n", *image) || *image == '\0')
        return 0;
    return strstr(image, ".version") && strstr(image, ".target") ? strlen(image) : 0;
}

/* Bytes of an image, 0 for what is none. Its first ones tell how far it may be read. */
static size_t image_size(const char *image)
{
    uint32_t magic;

    memcpy(&magic, image, sizeof(magic));
    if (magic == FAT_MAGIC)
        return fat_size(image);
    if (memcmp(image, ELFMAG, SELFMAG) == 0)
        return cubin_size(image);
    return ptx_size(image);
}

static bool is_name_character(char c)
{
    return c == '_' || c == '$' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z');
}

/* Names stand in the image's string tables or its text, unless nvcc has compressed them. */
static bool has_name(const std::string &image, const std::string &name)
{
    for (size_t at = image.find(name); at != std::string::npos; at = image.find(name, at + 1)) {
        size_t end = at + name.size();
        bool starts = at == 0 || !is_name_character(image[at - 1]);

        if (starts && (end == image.size() || !is_name_character(image[end])))
            return true;
    }
    return false;
}

/* --- modules --- */

static CUresult load(CUmodule *result, const void *image)
{
    if (!result || !image)
        return INVALID_VALUE;

    const char *bytes = static_cast<const char *>(image);
    size_t size = image_size(bytes);

    if (size == 0)
        return INVALID_IMAGE;
    if (!kernels_are_loaded())
        return NO_KERNELS;
    *result = new CUmod_st{current_context(), std::string(bytes, size), {}};
    live<CUmodule>().insert(*result);
    return CUDA_SUCCESS;
}

static void unload(CUmodule module)
{
    for (auto &[name, function] : module->functions)
        live<CUfunction>().erase(function.get());
    live<CUmodule>().erase(module);
    delete module;
}

namespace vdk_emu
{

void drop_modules(CUcontext context)
{
    std::vector<CUmodule> modules(live<CUmodule>().begin(), live<CUmodule>().end());

    for (CUmodule module : modules)
        if (module->context == context)
            unload(module);
}

} // namespace vdk_emu

CUresult cuModuleLoadData(CUmodule *module, const void *image)
{
    ENTER(CONTEXT);
    return load(module, image);
}

CUresult cuModuleLoadDataEx(CUmodule *module, const void *image,
                            [[maybe_unused]] unsigned n_options,
                            [[maybe_unused]] CUjit_option *options, [[maybe_unused]] void **values)
{
    ENTER(CONTEXT);
    return load(module, image);
}

CUresult cuModuleUnload(CUmodule module)
{
    ENTER(CONTEXT | RELEASES);
    if (!is_live(module))
        return INVALID_HANDLE;
    unload(module);
    return lasting_error();
}

CUresult cuModuleGetFunction(CUfunction *result, CUmodule module, const char *name)
{
    ENTER(CONTEXT);
    if (!result || !name)
        return INVALID_VALUE;
    if (!is_live(module))
        return INVALID_HANDLE;
    if (!has_name(module->image, name))
        return NOT_FOUND;

    const Kernel *kernel = find_kernel(name);

    /* The image has it, so the host's object should: a VDK_KERNEL() has been forgotten. */
    if (!kernel) {
        report("kernel %s is not in VEDETTE_EMU_KERNELS", name);
        return NOT_FOUND;
    }
    auto &function = module->functions[name];

    if (!function)
        function.reset(new CUfunc_st{module->context, name, kernel});
    live<CUfunction>().insert(function.get());
    *result = function.get();
    return CUDA_SUCCESS;
}

/* --- launches --- */

static bool block_ok(const dim3 &size)
{
    return size.x >= 1 && size.y >= 1 && size.z >= 1 && size.x <= MAX_BLOCK &&
           size.y <= MAX_BLOCK && size.z <= MAX_BLOCK_DEPTH &&
           (uint64_t)size.x * size.y * size.z <= MAX_BLOCK;
}

static bool grid_ok(const dim3 &size)
{
    return size.x >= 1 && size.y >= 1 && size.z >= 1 && size.x <= MAX_GRID_WIDTH &&
           size.y <= MAX_GRID && size.z <= MAX_GRID;
}

static void run_kernel(const std::string &name, const Body &body, const dim3 &grid,
                       const dim3 &block)
{
    std::string error;

    if (run_grid(body, grid, block, &error))
        return;
    report("%s: %s", name.c_str(), error.c_str());
    make_lasting(LAUNCH_FAILED);
}

static CUresult launch(CUfunction function, const dim3 &grid, const dim3 &block, CUstream stream,
                       void **arguments)
{
    std::string name = function->name;

    take_foreign_addresses();
    Body body = function->kernel->bind(arguments);

    /* A GPU would find out when the kernel uses it. */
    if (take_foreign_addresses() > 0) {
        report("%s: an argument is an address of the host", name.c_str());
        body = [] { make_lasting(ILLEGAL_ADDRESS); };
    }
    counters.launches++;
    return submit(stream, [=] { run_kernel(name, body, grid, block); });
}

CUresult cuLaunchKernel(CUfunction function, unsigned grid_x, unsigned grid_y, unsigned grid_z,
                        unsigned block_x, unsigned block_y, unsigned block_z, unsigned shared_bytes,
                        CUstream stream, void **arguments, void **extra)
{
    ENTER(CONTEXT);
    dim3 grid(grid_x, grid_y, grid_z), block(block_x, block_y, block_z);

    if (!is_live(function) || function->context != current_context() ||
        (stream && !is_live(stream)))
        return INVALID_HANDLE;
    if (!grid_ok(grid) || !block_ok(block) || shared_bytes > MAX_SHARED)
        return INVALID_VALUE;
    /* Arguments packed into a buffer are not supported. */
    if (extra || (!arguments && function->kernel->n_arguments > 0))
        return INVALID_VALUE;
    return launch(function, grid, block, stream, arguments);
}
