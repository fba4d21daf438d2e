#include "nvcuvid-units.h"

namespace vdk_emu
{

/* Behind the start code of 3 bytes: what tells one NAL unit from another. */
constexpr size_t CODE = 3, NEEDED = 3;

Units::Units(cudaVideoCodec codec_) : codec(codec_), scanned(0), has_picture(false)
{
}

void Units::add(const uint8_t *data, size_t size, std::optional<int64_t> timestamp)
{
    if (timestamp)
        stamps.push_back({bytes.size(), *timestamp});
    bytes.insert(bytes.end(), data, data + size);
}

void Units::forget()
{
    bytes.clear();
    nals.clear();
    stamps.clear();
    scanned = 0;
    has_picture = false;
}

/* --- NAL units --- */

void Units::classify(Nal *nal) const
{
    const uint8_t *at = bytes.data() + nal->header;
    unsigned type = codec == cudaVideoCodec_HEVC ? at[0] >> 1 & 63 : at[0] & 31;

    if (codec == cudaVideoCodec_HEVC) {
        nal->picture = type < 32;
        nal->opens = type < 32 ? at[2] & 0x80
                               : type <= 35 || type == 39 || (type >= 41 && type <= 44) ||
                                     (type >= 48 && type <= 55);
        nal->parameters = type == 33;
        nal->key = type >= 16 && type <= 21;
    } else {
        nal->picture = type >= 1 && type <= 5;
        nal->opens = type == 1 || type == 2 || type == 5
                         ? at[1] & 0x80
                         : (type >= 6 && type <= 9) || (type >= 14 && type <= 18);
        nal->parameters = type == 7;
        nal->key = type == 5;
    }
}

/* The next one from `scanned` on. complete: what is too short to be told will not grow. */
bool Units::find_nal(bool complete, Nal *nal)
{
    for (; scanned + CODE + NEEDED <= bytes.size(); scanned++) {
        const uint8_t *at = bytes.data() + scanned;

        if (at[0] != 0 || at[1] != 0 || at[2] != 1)
            continue;
        *nal = {scanned, scanned + CODE, false, false, false, false};
        if (scanned > 0 && at[-1] == 0)
            nal->start--;
        classify(nal);
        scanned += CODE;
        return true;
    }
    if (complete)
        scanned = bytes.size();
    return false;
}

std::optional<size_t> Units::find_cut(bool complete)
{
    Nal nal;

    while (find_nal(complete, &nal)) {
        bool ends = has_picture && nal.opens;

        if (ends) {
            scanned = nal.header - CODE;
            return nal.start;
        }
        has_picture = has_picture || nal.picture;
        nals.push_back(nal);
    }
    return std::nullopt;
}

/* --- JPEG --- */

/* Between an end and a beginning; a thumbnail inside has other bytes around it. */
std::optional<size_t> Units::find_jpeg_cut()
{
    static const uint8_t border[] = {0xff, 0xd9, 0xff, 0xd8};

    for (; scanned + sizeof(border) <= bytes.size(); scanned++) {
        const uint8_t *at = bytes.data() + scanned;

        if (at[0] == border[0] && at[1] == border[1] && at[2] == border[2] && at[3] == border[3])
            return scanned + 2;
    }
    return std::nullopt;
}

/* --- units --- */

Unit Units::cut(size_t end)
{
    bool jpeg = codec == cudaVideoCodec_JPEG;
    Unit unit = {{bytes.begin(), bytes.begin() + (ptrdiff_t)end}, {}, {}, jpeg, std::nullopt};

    if (jpeg)
        unit.slices.push_back(0);
    for (size_t i = 0; i < nals.size(); i++) {
        const Nal &nal = nals[i];
        size_t nal_end = i + 1 < nals.size() ? nals[i + 1].start : end;

        unit.begins = unit.begins || nal.key;
        if (nal.picture)
            unit.slices.push_back((unsigned)nal.header - CODE);
        if (nal.parameters)
            unit.parameters.insert(unit.parameters.end(), bytes.begin() + (ptrdiff_t)nal.header,
                                   bytes.begin() + (ptrdiff_t)nal_end);
    }
    for (; !stamps.empty() && stamps.front().offset == 0; stamps.pop_front())
        unit.timestamp = stamps.front().timestamp;
    for (Stamp &stamp : stamps)
        stamp.offset = stamp.offset > end ? stamp.offset - end : 0;
    bytes.erase(bytes.begin(), bytes.begin() + (ptrdiff_t)end);
    scanned = scanned > end ? scanned - end : 0;
    nals.clear();
    has_picture = false;
    return unit;
}

std::optional<Unit> Units::next()
{
    std::optional<size_t> end = codec == cudaVideoCodec_JPEG ? find_jpeg_cut() : find_cut(false);

    return end ? std::optional(cut(*end)) : std::nullopt;
}

std::optional<Unit> Units::finish()
{
    if (std::optional<Unit> unit = next())
        return unit;
    if (codec != cudaVideoCodec_JPEG)
        find_cut(true);
    return bytes.empty() ? std::nullopt : std::optional(cut(bytes.size()));
}

} // namespace vdk_emu
