#include "media/mp4.h"

#include <string.h>

#define TIMESCALE    G_USEC_PER_SEC
#define TRACK        1
#define FULL_SIZE    0x00010000 /* 1, 16.16 */
#define RESOLUTION   0x00480000 /* 72 dpi, 16.16 */
#define UNDETERMINED 0x55c4     /* language "und" */
#define NEXT_TRACK   2

enum { /* flags of boxes and samples */
       TKHD_SHOWN = 0x3,
       URL_HERE = 0x1,
       VMHD_FLAGS = 0x1,
       TFHD_BASE_IS_MOOF = 0x020000,
       TRUN_OFFSET_DURATION_SIZE_FLAGS = 0x000701,
       SAMPLE_KEY = 0x02000000,   /* builds on no other */
       SAMPLE_DELTA = 0x01010000, /* builds on others, and is no place to begin */
};

static const struct {
    const char *entry, *config; /* boxes */
} kinds[VD_N_CODECS] = {
    [VD_CODEC_H264] = {"avc3", "avcC"},
    [VD_CODEC_H265] = {"hev1", "hvcC"},
};

/* --- parts ------------------------------------------------------------------------------------ */

static void put(GByteArray *out, const void *bytes, gsize size)
{
    g_byte_array_append(out, bytes, (guint)size);
}

static void put_u16(GByteArray *out, guint value)
{
    guint16 big = GUINT16_TO_BE((guint16)value);

    put(out, &big, sizeof big);
}

static void put_u32(GByteArray *out, guint32 value)
{
    guint32 big = GUINT32_TO_BE(value);

    put(out, &big, sizeof big);
}

static void put_u64(GByteArray *out, guint64 value)
{
    guint64 big = GUINT64_TO_BE(value);

    put(out, &big, sizeof big);
}

static void put_zeros(GByteArray *out, guint count)
{
    for (guint i = 0; i < count; i++)
        put(out, "", 1);
}

static void patch_u32(GByteArray *out, guint at, guint32 value)
{
    guint32 big = GUINT32_TO_BE(value);

    memcpy(out->data + at, &big, sizeof big);
}

/* Answers where it begins, for end(). */
static guint begin(GByteArray *out, const char *type)
{
    guint at = out->len;

    put_u32(out, 0);
    put(out, type, 4);
    return at;
}

static guint begin_full(GByteArray *out, const char *type, guint version, guint flags)
{
    guint at = begin(out, type);

    put_u32(out, version << 24 | flags);
    return at;
}

static void end(GByteArray *out, guint at)
{
    patch_u32(out, at, out->len - at);
}

/* --- the opening ------------------------------------------------------------------------------ */

static void put_ftyp(GByteArray *out)
{
    guint ftyp = begin(out, "ftyp");

    put(out, "iso6", 4);
    put_u32(out, 0);
    put(out, "iso6mp41", 8);
    end(out, ftyp);
}

static void put_matrix(GByteArray *out)
{
    static const guint32 unity[] = {FULL_SIZE, 0, 0, 0, FULL_SIZE, 0, 0, 0, 0x40000000};

    for (guint i = 0; i < G_N_ELEMENTS(unity); i++)
        put_u32(out, unity[i]);
}

static void put_mvhd(GByteArray *out)
{
    guint mvhd = begin_full(out, "mvhd", 0, 0);

    put_zeros(out, 8); /* created, modified */
    put_u32(out, TIMESCALE);
    put_u32(out, 0); /* duration: nobody knows */
    put_u32(out, FULL_SIZE);
    put_u16(out, 0x0100); /* volume */
    put_zeros(out, 10);
    put_matrix(out);
    put_zeros(out, 24);
    put_u32(out, NEXT_TRACK);
    end(out, mvhd);
}

static void put_tkhd(GByteArray *out, const VdMp4Track *track)
{
    guint tkhd = begin_full(out, "tkhd", 0, TKHD_SHOWN);

    put_zeros(out, 8);
    put_u32(out, TRACK);
    put_zeros(out, 24); /* duration, layer, group, volume */
    put_matrix(out);
    put_u32(out, (guint32)track->width << 16);
    put_u32(out, (guint32)track->height << 16);
    end(out, tkhd);
}

static void put_mdhd(GByteArray *out)
{
    guint mdhd = begin_full(out, "mdhd", 0, 0);

    put_zeros(out, 8);
    put_u32(out, TIMESCALE);
    put_u32(out, 0);
    put_u16(out, UNDETERMINED);
    put_u16(out, 0);
    end(out, mdhd);
}

static void put_hdlr(GByteArray *out)
{
    static const char name[] = "vedette";
    guint hdlr = begin_full(out, "hdlr", 0, 0);

    put_u32(out, 0);
    put(out, "vide", 4);
    put_zeros(out, 12);
    put(out, name, sizeof name);
    end(out, hdlr);
}

/* All that is shown lies in this file. */
static void put_dinf(GByteArray *out)
{
    guint dinf = begin(out, "dinf");
    guint dref = begin_full(out, "dref", 0, 0);

    put_u32(out, 1);
    end(out, begin_full(out, "url ", 0, URL_HERE));
    end(out, dref);
    end(out, dinf);
}

static void put_entry(GByteArray *out, const VdMp4Track *track)
{
    gsize size;
    const void *config = g_bytes_get_data(track->config, &size);
    guint entry = begin(out, kinds[track->codec].entry);

    put_zeros(out, 6);
    put_u16(out, 1); /* of dref */
    put_zeros(out, 16);
    put_u16(out, (guint)track->width);
    put_u16(out, (guint)track->height);
    put_u32(out, RESOLUTION);
    put_u32(out, RESOLUTION);
    put_u32(out, 0);
    put_u16(out, 1);    /* frames a sample */
    put_zeros(out, 32); /* the encoder's name */
    put_u16(out, 24);   /* depth */
    put_u16(out, 0xffff);
    guint box = begin(out, kinds[track->codec].config);
    put(out, config, size);
    end(out, box);
    end(out, entry);
}

/* The tables of samples are empty: those are in the fragments. */
static void put_stbl(GByteArray *out, const VdMp4Track *track)
{
    static const struct {
        const char *type;
        guint words;
    } tables[] = {{"stts", 1}, {"stsc", 1}, {"stsz", 2}, {"stco", 1}};
    guint stbl = begin(out, "stbl");
    guint stsd = begin_full(out, "stsd", 0, 0);

    put_u32(out, 1);
    put_entry(out, track);
    end(out, stsd);
    for (guint i = 0; i < G_N_ELEMENTS(tables); i++) {
        guint table = begin_full(out, tables[i].type, 0, 0);
        put_zeros(out, 4 * tables[i].words);
        end(out, table);
    }
    end(out, stbl);
}

static void put_mdia(GByteArray *out, const VdMp4Track *track)
{
    guint mdia = begin(out, "mdia");

    put_mdhd(out);
    put_hdlr(out);
    guint minf = begin(out, "minf");
    guint vmhd = begin_full(out, "vmhd", 0, VMHD_FLAGS);
    put_zeros(out, 8);
    end(out, vmhd);
    put_dinf(out);
    put_stbl(out, track);
    end(out, minf);
    end(out, mdia);
}

static void put_mvex(GByteArray *out)
{
    guint mvex = begin(out, "mvex");
    guint trex = begin_full(out, "trex", 0, 0);

    put_u32(out, TRACK);
    put_u32(out, 1); /* of stsd */
    put_zeros(out, 12);
    end(out, trex);
    end(out, mvex);
}

const char *vd_mp4_entry(VdCodec codec)
{
    return kinds[codec].entry;
}

GBytes *vd_mp4_opening(const VdMp4Track *track)
{
    GByteArray *out = g_byte_array_new();

    put_ftyp(out);
    guint moov = begin(out, "moov");
    put_mvhd(out);
    guint trak = begin(out, "trak");
    put_tkhd(out, track);
    put_mdia(out, track);
    end(out, trak);
    put_mvex(out);
    end(out, moov);
    return g_byte_array_free_to_bytes(out);
}

/* --- a fragment ------------------------------------------------------------------------------- */

/* Answers where the offset of the picture's bytes is to stand. */
static guint put_trun(GByteArray *out, const VdStep *step, bool delta, gsize size)
{
    guint trun = begin_full(out, "trun", 0, TRUN_OFFSET_DURATION_SIZE_FLAGS);

    put_u32(out, 1);
    guint offset = out->len;
    put_u32(out, 0);
    put_u32(out, (guint32)MIN(step->duration_us, G_MAXUINT32));
    put_u32(out, (guint32)size);
    put_u32(out, delta ? SAMPLE_DELTA : SAMPLE_KEY);
    end(out, trun);
    return offset;
}

/* Answers as put_trun() does. */
static guint put_traf(GByteArray *out, const VdStep *step, bool delta, gsize size)
{
    guint traf = begin(out, "traf");
    guint tfhd = begin_full(out, "tfhd", 0, TFHD_BASE_IS_MOOF);

    put_u32(out, TRACK);
    end(out, tfhd);
    guint tfdt = begin_full(out, "tfdt", 1, 0);
    put_u64(out, (guint64)step->at_us);
    end(out, tfdt);
    guint offset = put_trun(out, step, delta, size);
    end(out, traf);
    return offset;
}

GBytes *vd_mp4_fragment(const VdStep *step, bool delta, const void *unit, gsize size)
{
    GByteArray *out = g_byte_array_sized_new((guint)size + 256);
    guint moof = begin(out, "moof");
    guint mfhd = begin_full(out, "mfhd", 0, 0);

    put_u32(out, step->number);
    end(out, mfhd);
    guint offset = put_traf(out, step, delta, size);
    end(out, moof);
    guint mdat = begin(out, "mdat");
    patch_u32(out, offset, out->len);
    put(out, unit, size);
    end(out, mdat);
    return g_byte_array_free_to_bytes(out);
}
