/**
 * SECTION:element-vdh264enc
 * @title: vdh264enc
 * @short_description: H.264, by NVENC where it can
 *
 * One picture in is one access unit out, at once: no B pictures, no looking ahead, parameter sets
 * in front of every key picture. Key pictures come every #GstVdVideoenc:gop-size pictures and where
 * a GstForceKeyUnit event asks for one. The last column and row of odd sizes are left out, as 4:2:0
 * has none.
 *
 * Pictures in CUDA memory are encoded by libavcodec's h264_nvenc in their own context: NV12 where
 * it lies, I420 from a surface of the encoder's to which it is converted on the GPU. What leaves
 * the GPU are access units.
 *
 * Where there is no NVENC, or no session left, or it fails, libx264 of the same libavcodec goes on
 * with a key picture of the very picture that was at hand, so that none is lost; pictures in CUDA
 * memory are then fetched, once each. #GstVdVideoenc:why-software says why, and a message tells
 * when it changes. NVENC is tried again at a key picture, 10 s of the stream's time later at first,
 * twice as long after each failure up to 10 minutes, and as soon as a session of this process has
 * ended when it was for want of one.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 vdtestsrc num-buffers=25 ! vdh264enc bitrate=1000 ! h264parse ! fakesink
 * ]|
 * On a machine with an NVIDIA GPU, in its memory:
 * |[
 * gst-launch-1.0 vdtestsrc num-buffers=25 ! cudaupload ! "video/x-raw(memory:CUDAMemory)" ! \
 *     vdh264enc ! h264parse ! fakesink
 * ]|
 */
#include "plugins/gstvdh264enc.h"

#include "plugins/vd-messages.h"

#define OUTPUT_CAPS                                                                           \
    "video/x-h264, stream-format = (string) byte-stream, alignment = (string) au, profile = " \
    "(string) main"

struct _GstVdH264enc {
    GstVdVideoenc parent;
};

G_DEFINE_TYPE(GstVdH264enc, gst_vd_h264enc, GST_TYPE_VD_VIDEOENC)
GST_ELEMENT_REGISTER_DEFINE(vdh264enc, VD_H264ENC_FACTORY, GST_RANK_NONE, GST_TYPE_VD_H264ENC)

static void gst_vd_h264enc_class_init(GstVdH264encClass *klass)
{
    gst_vd_videoenc_class_set_codec(GST_VD_VIDEOENC_CLASS(klass), VD_AVCODEC_H264, "H.264",
                                    OUTPUT_CAPS);
}

static void gst_vd_h264enc_init(GstVdH264enc *self)
{
}
