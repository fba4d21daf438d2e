#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace vdk_emu
{

/* What a session asks of whoever encodes in NVENC's place. */
struct CoderSettings {
    unsigned width, height;
    unsigned fps_num, fps_den;
    unsigned gop;     /* pictures from one IDR to the next; 0: only where one is asked for */
    unsigned bitrate; /* a second; 0: a quantiser instead */
    int qp;
    const char *profile; /* in the library's words; nullptr: any */
    bool repeat_headers; /* with every IDR; else they are nowhere */
    bool delimiters;
    bool full_range;
};

struct Nv12 {
    const uint8_t *luma, *chroma;
    size_t pitch;
};

struct Coded {
    std::vector<uint8_t> bytes;
    bool idr, intra;
    unsigned qp;
};

/* Each picture comes out at once: no B pictures, no looking ahead. */
class Coder
{
  public:
    virtual ~Coder() = default;
    virtual bool encode(const Nv12 &picture, bool idr, Coded *coded) = 0;
    /* Parameter sets, in Annex B. */
    virtual std::vector<uint8_t> headers() = 0;
};

/* nullptr where the library refuses the settings. */
std::unique_ptr<Coder> open_x264(const CoderSettings &settings);
std::unique_ptr<Coder> open_x265(const CoderSettings &settings);

} // namespace vdk_emu
