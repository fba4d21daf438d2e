EXTRA_DIST += tests/plugins/no-fonts.conf tests/plugins/test-launch-lines.sh

check_LTLIBRARIES += tests/plugins/libsupport.la
tests_plugins_libsupport_la_SOURCES = tests/plugins/support.c tests/plugins/support.h
tests_plugins_libsupport_la_CFLAGS = $(AM_CFLAGS) $(GST_CFLAGS) $(GST_CHECK_CFLAGS)
tests_plugins_libsupport_la_LIBADD = plugins/libvdelements.la $(GST_CHECK_LIBS)

tests_plugins_programs = \
	tests/plugins/test-vd-text tests/plugins/test-vdcompose tests/plugins/test-vdjpegenc tests/plugins/test-vdmask \
	tests/plugins/test-vdmotion tests/plugins/test-vdscale tests/plugins/test-vdtamper tests/plugins/test-vdtestsrc
check_PROGRAMS += $(tests_plugins_programs)
TESTS += $(tests_plugins_programs)
# The tools of GStreamer cannot load a module that wants a sanitizer's runtime.
if !SANITIZED
TESTS += tests/plugins/test-launch-lines.sh
endif

tests_plugins_cflags = $(AM_CFLAGS) $(GST_CFLAGS) $(GST_CHECK_CFLAGS)
tests_plugins_test_vd_text_CFLAGS = $(tests_plugins_cflags) $(PANGO_CFLAGS)
tests_plugins_test_vd_text_LDADD = tests/plugins/libsupport.la $(PANGO_LIBS)
tests_plugins_test_vdcompose_CFLAGS = $(tests_plugins_cflags) $(PANGO_CFLAGS)
tests_plugins_test_vdcompose_LDADD = tests/plugins/libsupport.la
tests_plugins_test_vdjpegenc_CFLAGS = $(tests_plugins_cflags) $(LIBJPEG_CFLAGS)
tests_plugins_test_vdjpegenc_LDADD = tests/plugins/libsupport.la tests/kernels/libjpegpeer.la $(LIBJPEG_LIBS)
tests_plugins_test_vdmask_CFLAGS = $(tests_plugins_cflags)
tests_plugins_test_vdmask_LDADD = tests/plugins/libsupport.la
tests_plugins_test_vdmotion_CFLAGS = $(tests_plugins_cflags)
tests_plugins_test_vdmotion_LDADD = tests/plugins/libsupport.la
tests_plugins_test_vdscale_CFLAGS = $(tests_plugins_cflags)
tests_plugins_test_vdscale_LDADD = tests/plugins/libsupport.la
tests_plugins_test_vdtamper_CFLAGS = $(tests_plugins_cflags)
tests_plugins_test_vdtamper_LDADD = tests/plugins/libsupport.la -lm
tests_plugins_test_vdtestsrc_CFLAGS = $(tests_plugins_cflags)
tests_plugins_test_vdtestsrc_LDADD = tests/plugins/libsupport.la

# What objects are found with; without ONNX Runtime all but its own.
tests_plugins_objects_programs = tests/plugins/test-vd-class-names tests/plugins/test-vd-regions \
	tests/plugins/test-vd-yolox
if HAVE_ONNXRUNTIME
tests_plugins_objects_programs += tests/plugins/test-vd-onnx tests/plugins/test-vddetect
check_LTLIBRARIES += tests/plugins/libonnxmaker.la
tests_plugins_libonnxmaker_la_SOURCES = tests/plugins/onnx-maker.c tests/plugins/onnx-maker.h
tests_plugins_libonnxmaker_la_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_plugins_libonnxmaker_la_LIBADD = $(GLIB_LIBS)
tests_plugins_test_vddetect_CFLAGS = $(tests_plugins_cflags)
tests_plugins_test_vddetect_LDADD = tests/plugins/libonnxmaker.la tests/plugins/libsupport.la -lm
tests_plugins_test_vd_onnx_CFLAGS = $(AM_CFLAGS) $(GST_CFLAGS)
tests_plugins_test_vd_onnx_LDADD = tests/plugins/libonnxmaker.la plugins/libvddetect.la
endif
check_PROGRAMS += $(tests_plugins_objects_programs)
TESTS += $(tests_plugins_objects_programs)
tests_plugins_test_vd_class_names_CFLAGS = $(AM_CFLAGS) $(GST_CFLAGS)
tests_plugins_test_vd_class_names_LDADD = plugins/libvdobjects.la
tests_plugins_test_vd_regions_CFLAGS = $(AM_CFLAGS) $(GST_CFLAGS)
tests_plugins_test_vd_regions_LDADD = plugins/libvdobjects.la
tests_plugins_test_vd_yolox_CFLAGS = $(AM_CFLAGS) $(GST_CFLAGS)
tests_plugins_test_vd_yolox_LDADD = plugins/libvdobjects.la -lm

if HAVE_CUDA
tests_plugins_cuda_programs = \
	tests/plugins/test-cuda-drawing tests/plugins/test-cuda-elements tests/plugins/test-cuda-jpegenc \
	tests/plugins/test-cuda-vdmotion \
	tests/plugins/test-cuda-vdscale tests/plugins/test-cuda-vdtamper
if HAVE_ONNXRUNTIME
tests_plugins_cuda_programs += tests/plugins/test-cuda-vddetect
tests_plugins_test_cuda_vddetect_CFLAGS = $(tests_plugins_cuda_cflags)
tests_plugins_test_cuda_vddetect_LDADD = tests/plugins/libcudarig.la tests/plugins/libonnxmaker.la -lm
endif
check_PROGRAMS += $(tests_plugins_cuda_programs)
if !SANITIZED_THREAD
TESTS += $(tests_plugins_cuda_programs)
endif
check_LTLIBRARIES += tests/plugins/libcudarig.la
tests_plugins_cuda_cflags = $(tests_plugins_cflags) $(GST_CUDA_CFLAGS)
tests_plugins_libcudarig_la_SOURCES = tests/plugins/cuda-rig.c tests/plugins/cuda-rig.h
tests_plugins_libcudarig_la_CFLAGS = $(tests_plugins_cuda_cflags)
tests_plugins_libcudarig_la_LIBADD = tests/plugins/libsupport.la tests/emu/libopen.la $(GST_CUDA_LIBS)
tests_plugins_test_cuda_drawing_CFLAGS = $(tests_plugins_cuda_cflags)
tests_plugins_test_cuda_drawing_LDADD = tests/plugins/libcudarig.la
tests_plugins_test_cuda_elements_CFLAGS = $(tests_plugins_cuda_cflags)
tests_plugins_test_cuda_elements_LDADD = tests/plugins/libcudarig.la
tests_plugins_test_cuda_vdtamper_CFLAGS = $(tests_plugins_cuda_cflags)
tests_plugins_test_cuda_vdtamper_LDADD = tests/plugins/libcudarig.la
tests_plugins_test_cuda_jpegenc_CFLAGS = $(tests_plugins_cuda_cflags)
tests_plugins_test_cuda_jpegenc_LDADD = tests/plugins/libcudarig.la tests/kernels/libjpegpeer.la
tests_plugins_test_cuda_vdmotion_CFLAGS = $(tests_plugins_cuda_cflags)
tests_plugins_test_cuda_vdmotion_LDADD = tests/plugins/libcudarig.la
tests_plugins_test_cuda_vdscale_CFLAGS = $(tests_plugins_cuda_cflags)
tests_plugins_test_cuda_vdscale_LDADD = tests/plugins/libcudarig.la
endif

if HAVE_LIBAVCODEC
tests_plugins_codec_programs = tests/plugins/test-vd-sessions tests/plugins/test-vdvideoenc
check_PROGRAMS += $(tests_plugins_codec_programs)
TESTS += $(tests_plugins_codec_programs)
check_LTLIBRARIES += tests/plugins/libvideorig.la
tests_plugins_libvideorig_la_SOURCES = tests/plugins/video-rig.c tests/plugins/video-rig.h
tests_plugins_libvideorig_la_CFLAGS = $(tests_plugins_cflags) $(LIBAVCODEC_CFLAGS)
tests_plugins_libvideorig_la_LIBADD = tests/plugins/libsupport.la $(LIBAVCODEC_LIBS) -lm
tests_plugins_test_vd_sessions_SOURCES = tests/plugins/test-vd-sessions.c plugins/vd-sessions.c
tests_plugins_test_vd_sessions_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_plugins_test_vd_sessions_LDADD = $(GLIB_LIBS)
tests_plugins_test_vdvideoenc_CFLAGS = $(tests_plugins_cflags) $(LIBAVCODEC_CFLAGS)
tests_plugins_test_vdvideoenc_LDADD = tests/plugins/libvideorig.la
endif

# vdh264enc and vdh265enc on the emulated encoder.
if HAVE_EMU_ENCODER
tests_plugins_nvenc_programs = tests/plugins/test-cuda-videoenc
check_PROGRAMS += $(tests_plugins_nvenc_programs)
if !SANITIZED_THREAD
TESTS += $(tests_plugins_nvenc_programs)
endif
tests_plugins_test_cuda_videoenc_CFLAGS = $(tests_plugins_cuda_cflags) $(LIBAVCODEC_CFLAGS)
tests_plugins_test_cuda_videoenc_LDADD = tests/plugins/libcudarig.la tests/plugins/libvideorig.la
endif
