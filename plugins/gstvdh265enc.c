/**
 * SECTION:element-vdh265enc
 * @title: vdh265enc
 * @short_description: H.265, by NVENC where it can
 *
 * One picture in is one access unit out, at once: no B pictures, no looking ahead, parameter sets
 * in front of every key picture. Key pictures come every #GstVdVideoenc:gop-size pictures and where
 * a GstForceKeyUnit event asks for one. The last column and row of odd sizes are left out, as 4:2:0
 * has none.
 *
 * Pictures in CUDA memory are encoded by libavcodec's hevc_nvenc in their own context: NV12 where
 * it lies, I420 from a surface of the encoder's to which it is converted on the GPU. What leaves
 * the GPU are access units.
 *
 * Where there is no NVENC, or no session left, or it fails, libx265 of the same libavcodec goes on
 * with a key picture of the very picture that was at hand, so that none is lost; pictures in CUDA
 * memory are then fetched, once each. #GstVdVideoenc:why-software says why, and a message tells
 * when it changes. NVENC is tried again at a key picture, 10 s of the stream's time later at first,
 * twice as long after each failure up to 10 minutes, and as soon as a session of this process has
 * ended when it was for want of one.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 vdtestsrc num-buffers=25 ! vdh265enc bitrate=1000 ! h265parse ! fakesink
 * ]|
 * On a machine with an NVIDIA GPU, in its memory:
 * |[
 * gst-launch-1.0 vdtestsrc num-buffers=25 ! cudaupload ! "video/x-raw(memory:CUDAMemory)" ! \
 *     vdh265enc ! h265parse ! fakesink
 * ]|
 */
#include "plugins/gstvdh265enc.h"

#include "plugins/vd-messages.h"

#define OUTPUT_CAPS                                                                           \
    "video/x-h265, stream-format = (string) byte-stream, alignment = (string) au, profile = " \
    "(string) main"

struct _GstVdH265enc {
    GstVdVideoenc parent;
};

G_DEFINE_TYPE(GstVdH265enc, gst_vd_h265enc, GST_TYPE_VD_VIDEOENC)
GST_ELEMENT_REGISTER_DEFINE(vdh265enc, VD_H265ENC_FACTORY, GST_RANK_NONE, GST_TYPE_VD_H265ENC)

static void gst_vd_h265enc_class_init(GstVdH265encClass *klass)
{
    gst_vd_videoenc_class_set_codec(GST_VD_VIDEOENC_CLASS(klass), VD_AVCODEC_H265, "H.265",
                                    OUTPUT_CAPS);
}

static void gst_vd_h265enc_init(GstVdH265enc *self)
{
}
