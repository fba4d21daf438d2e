# What works on pictures, for the elements of either module.
noinst_LTLIBRARIES += plugins/libvdengine.la
plugins_libvdengine_la_SOURCES = \
	plugins/vd-engine.c plugins/vd-engine.h plugins/vd-engine-cpu.c plugins/vd-image.c plugins/vd-image.h \
	plugins/vd-libjpeg.c plugins/vd-libjpeg.h plugins/vd-messages.h plugins/vd-tally.c plugins/vd-tally.h
plugins_libvdengine_la_CFLAGS = $(AM_CFLAGS) $(GST_CFLAGS) $(LIBJPEG_CFLAGS)
plugins_libvdengine_la_LIBADD = kernels/libvdk.la $(GST_LIBS) $(LIBJPEG_LIBS)
if HAVE_CUDA
plugins_libvdengine_la_SOURCES += \
	plugins/vd-engine-cuda.c plugins/vd-engine-cuda.h plugins/vd-engine-cuda-draw.c \
	plugins/vd-engine-cuda-jpeg.c plugins/vd-engine-cuda-kernels.c plugins/vd-engine-cuda-memory.c \
	plugins/vd-engine-cuda-motion.c
plugins_libvdengine_la_CFLAGS += $(GST_CUDA_CFLAGS)
plugins_libvdengine_la_LIBADD += kernels/libvdkcuda.la $(GST_CUDA_LIBS)
endif

# The elements are a library of their own: the module and the tests link the same objects.
noinst_LTLIBRARIES += plugins/libvdelements.la
plugins_libvdelements_la_SOURCES = \
	plugins/gstvdcompose.c plugins/gstvdcompose.h plugins/gstvddrawing.c plugins/gstvddrawing.h \
	plugins/gstvdjpegenc.c plugins/gstvdjpegenc.h plugins/gstvdmask.c plugins/gstvdmask.h \
	plugins/gstvdmotion.c plugins/gstvdmotion.h plugins/gstvdscale.c plugins/gstvdscale.h \
	plugins/gstvdtamper.c plugins/gstvdtamper.h plugins/gstvdtestsrc.c plugins/gstvdtestsrc.h plugins/vd-caption.c plugins/vd-caption.h \
	plugins/vd-labels.c plugins/vd-labels.h plugins/vd-zone-marks.c plugins/vd-zone-marks.h \
	plugins/vd-elements.h plugins/vd-polygons.c plugins/vd-polygons.h plugins/vd-scene.c plugins/vd-scene.h \
	plugins/vd-text.c plugins/vd-text.h
plugins_libvdelements_la_CFLAGS = $(AM_CFLAGS) $(GST_CFLAGS) $(PANGO_CFLAGS)
plugins_libvdelements_la_LIBADD = plugins/libvdengine.la $(GST_LIBS) $(PANGO_LIBS) -lm
if HAVE_CUDA
plugins_libvdelements_la_CFLAGS += $(GST_CUDA_CFLAGS)
endif

gstplugin_LTLIBRARIES += plugins/libgstvedette.la
plugins_libgstvedette_la_SOURCES = plugins/plugin.c
plugins_libgstvedette_la_CFLAGS = $(AM_CFLAGS) $(GST_CFLAGS)
plugins_libgstvedette_la_LIBADD = plugins/libvdelements.la
plugins_libgstvedette_la_LDFLAGS = $(plugins_ldflags)
plugins_ldflags = $(AM_LDFLAGS) -module -avoid-version -export-symbols-regex '^gst_plugin_' \
	-no-undefined
if !SANITIZED
plugins_ldflags += -Wl,--no-undefined
endif

# The encoders are a module of their own, because a machine may lack libavcodec.
if HAVE_LIBAVCODEC
gstplugin_LTLIBRARIES += plugins/libgstvedettecodec.la
plugins_libgstvedettecodec_la_SOURCES = \
	plugins/gstvdh264enc.c plugins/gstvdh264enc.h plugins/gstvdh265enc.c plugins/gstvdh265enc.h \
	plugins/gstvdvideoenc.c plugins/gstvdvideoenc.h plugins/plugin-codec.c plugins/vd-avcodec.c \
	plugins/vd-avcodec.h plugins/vd-av-image.c plugins/vd-av-image.h plugins/vd-encoders.c \
	plugins/vd-encoders.h plugins/vd-sessions.c plugins/vd-sessions.h plugins/vd-software.c \
	plugins/vd-software.h
plugins_libgstvedettecodec_la_CFLAGS = $(AM_CFLAGS) $(GST_CFLAGS) $(LIBAVCODEC_CFLAGS)
plugins_libgstvedettecodec_la_LIBADD = plugins/libvdengine.la $(GST_LIBS) $(LIBAVCODEC_LIBS)
plugins_libgstvedettecodec_la_LDFLAGS = $(plugins_ldflags)
if HAVE_CUDA
plugins_libgstvedettecodec_la_SOURCES += plugins/vd-cuda-picture.c plugins/vd-cuda-picture.h \
	plugins/vd-nvenc.c plugins/vd-nvenc.h plugins/vd-nvenc-ask.c plugins/vd-nvenc-ask.h
plugins_libgstvedettecodec_la_CFLAGS += $(GST_CUDA_CFLAGS) $(FFNVCODEC_CFLAGS)
endif
endif

# Objects are one, too: their library is opened at run time, but its header is needed here. What only
# computes is apart, and always built and tested.
noinst_LTLIBRARIES += plugins/libvdobjects.la
plugins_libvdobjects_la_SOURCES = \
	plugins/vd-class-names.c plugins/vd-class-names.h plugins/vd-letterbox.c plugins/vd-letterbox.h \
	plugins/vd-messages.h plugins/vd-regions.c plugins/vd-regions.h plugins/vd-yolox.c plugins/vd-yolox.h
plugins_libvdobjects_la_CFLAGS = $(AM_CFLAGS) $(GST_CFLAGS)
plugins_libvdobjects_la_LIBADD = $(GST_LIBS) -lm
if HAVE_ONNXRUNTIME
noinst_LTLIBRARIES += plugins/libvddetect.la
plugins_libvddetect_la_SOURCES = \
	plugins/gstvddetect.c plugins/gstvddetect.h plugins/vd-detector.c plugins/vd-detector.h \
	plugins/vd-look.c plugins/vd-look.h plugins/vd-onnx.c plugins/vd-onnx.h
plugins_libvddetect_la_CFLAGS = $(AM_CFLAGS) $(GST_CFLAGS) $(ONNXRUNTIME_CFLAGS)
plugins_libvddetect_la_LIBADD = plugins/libvdobjects.la plugins/libvdengine.la $(GST_LIBS)
gstplugin_LTLIBRARIES += plugins/libgstvedettedetect.la
plugins_libgstvedettedetect_la_SOURCES = plugins/plugin-detect.c
plugins_libgstvedettedetect_la_CFLAGS = $(AM_CFLAGS) $(GST_CFLAGS)
plugins_libgstvedettedetect_la_LIBADD = plugins/libvddetect.la
plugins_libgstvedettedetect_la_LDFLAGS = $(plugins_ldflags)
endif

# GStreamer loads a module by its own name; libtool's file beside it is nobody's.
install-data-hook:
	rm -f '$(DESTDIR)$(gstplugindir)'/libgstvedette*.la
uninstall-hook:
	rm -f '$(DESTDIR)$(gstplugindir)/libgstvedette.so' '$(DESTDIR)$(gstplugindir)/libgstvedettecodec.so' \
		'$(DESTDIR)$(gstplugindir)/libgstvedettedetect.so'
