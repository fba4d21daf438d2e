#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <ffnvcodec/dynlink_cuda.h>
#include <ffnvcodec/dynlink_cuviddec.h>
#include <optional>
#include <vector>

namespace vdk_emu
{

/* One picture's bytes. */
struct Unit {
    std::vector<uint8_t> bytes;
    std::vector<unsigned> slices;    /* where each begins in bytes; a JPEG has one */
    std::vector<uint8_t> parameters; /* its sequence parameter sets, one behind the other */
    bool begins;                     /* decoding can begin here, and what came before is unneeded */
    std::optional<int64_t> timestamp;
};

/*
 * Cuts H.264 and H.265 byte streams and rows of JPEGs, which come in any pieces, into pictures
 * (H.264 7.4.1.2.3, H.265 7.4.2.4.4). A unit has the timestamp of the last piece that begins before
 * it or with it, as long as no other unit has had it.
 */
class Units
{
  public:
    explicit Units(cudaVideoCodec codec);
    void add(const uint8_t *data, size_t size, std::optional<int64_t> timestamp);
    /* A picture whose end is known, because another has begun. */
    std::optional<Unit> next();
    /* What is left of it: no more comes. */
    std::optional<Unit> finish();
    void forget();

  private:
    struct Nal {
        size_t start; /* of its start code */
        size_t header;
        bool picture, opens, parameters, key;
    };
    struct Stamp {
        size_t offset;
        int64_t timestamp;
    };
    bool find_nal(bool complete, Nal *nal);
    void classify(Nal *nal) const;
    std::optional<size_t> find_cut(bool complete);
    std::optional<size_t> find_jpeg_cut();
    Unit cut(size_t end);

    cudaVideoCodec codec;
    std::vector<uint8_t> bytes;
    std::vector<Nal> nals; /* of the unit that is being gathered */
    std::deque<Stamp> stamps;
    size_t scanned;
    bool has_picture;
};

} // namespace vdk_emu
