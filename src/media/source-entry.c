#include "media/source-entry.h"

#include <string.h>

#define RECOVERY_POINT 6 /* an SEI message's type */

/* One NAL unit behind its start code, and how far it was read. */
typedef struct Nal {
    const guint8 *at, *end;
    guint zeros; /* in a row before `at` */
    guint8 byte;
    guint bits; /* of byte that are still to be read */
} Nal;

/* What a NAL unit says of its picture. */
typedef enum Word { NOTHING, YES, NO } Word;

/* The next byte without what was put in to prevent start codes; 0 behind the end. */
static guint8 next_byte(Nal *nal)
{
    if (nal->zeros >= 2 && nal->at < nal->end && *nal->at == 3) {
        nal->at++;
        nal->zeros = 0;
    }
    if (nal->at >= nal->end)
        return 0;
    guint8 byte = *nal->at++;
    nal->zeros = byte == 0 ? nal->zeros + 1 : 0;
    return byte;
}

static guint next_bit(Nal *nal)
{
    if (nal->bits == 0) {
        nal->byte = next_byte(nal);
        nal->bits = 8;
    }
    return nal->byte >> --nal->bits & 1;
}

/* An Exp-Golomb number. */
static guint32 next_number(Nal *nal)
{
    guint length = 0;
    guint32 number = 1;

    while (next_bit(nal) == 0)
        if (++length == 32 || nal->at >= nal->end)
            return G_MAXUINT32;
    for (guint i = 0; i < length; i++)
        number = number << 1 | next_bit(nal);
    return number - 1;
}

/* Types and sizes in SEI go on as long as a byte is 255. */
static gsize next_long(Nal *nal)
{
    gsize sum = 0;
    guint8 byte;

    do {
        byte = next_byte(nal);
        sum += byte;
    } while (byte == 255);
    return sum;
}

static Word sei_word(Nal *nal)
{
    while (nal->end - nal->at > 2) {
        gsize type = next_long(nal);
        gsize size = next_long(nal);

        if (type == RECOVERY_POINT)
            return YES;
        while (size-- > 0 && nal->at < nal->end)
            next_byte(nal);
    }
    return NOTHING;
}

static Word h264_word(Nal *nal)
{
    switch (next_byte(nal) & 0x1f) {
    case 5: /* IDR */
        return YES;
    case 6:
        return sei_word(nal);
    case 1: /* a slice */
    case 2: /* its first partition */
        next_number(nal);
        /* 2 and 7: I; 4 and 9: SI */
        switch (next_number(nal)) {
        case 2:
        case 4:
        case 7:
        case 9:
            return YES;
        default:
            return NO;
        }
    default:
        return NOTHING;
    }
}

static Word h265_word(Nal *nal)
{
    guint8 type = next_byte(nal) >> 1 & 0x3f;

    next_byte(nal);
    if (type >= 16 && type <= 21) /* BLA, IDR, CRA */
        return YES;
    if (type == 39) /* SEI before the picture */
        return sei_word(nal);
    return type < 32 ? NO : NOTHING;
}

/* The three bytes of the next start code, or the end. */
static const guint8 *find_code(const guint8 *at, const guint8 *end)
{
    while (end - at > 3) {
        const guint8 *one = memchr(at + 2, 1, (gsize)(end - at - 2));

        if (one == NULL)
            break;
        if (one[-1] == 0 && one[-2] == 0)
            return one - 2;
        at = one - 1;
    }
    return end;
}

static bool begins(const guint8 *data, gsize size, Word (*word_of)(Nal *nal))
{
    const guint8 *end = data + size;
    const guint8 *code = find_code(data, end);

    while (code < end) {
        const guint8 *next = find_code(code + 3, end);
        Nal nal = {.at = code + 3, .end = next};
        Word word = word_of(&nal);

        if (word != NOTHING)
            return word == YES;
        code = next;
    }
    return false;
}

bool vd_source_entry(GstBuffer *unit, GstCaps *caps)
{
    const GstStructure *structure = gst_caps_get_structure(caps, 0);
    bool h264 = gst_structure_has_name(structure, "video/x-h264");
    GstMapInfo map;

    if (!h264 && !gst_structure_has_name(structure, "video/x-h265"))
        return true;
    if (g_strcmp0(gst_structure_get_string(structure, "stream-format"), "byte-stream") != 0)
        return true;
    if (!gst_buffer_map(unit, &map, GST_MAP_READ))
        return false;
    bool entry = begins(map.data, map.size, h264 ? h264_word : h265_word);
    gst_buffer_unmap(unit, &map);
    return entry;
}
