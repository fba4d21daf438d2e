# What runs on a real GPU: tests/gpu/bundle packs it, tests/gpu/run runs it there. The benchmark and the
# operators' tests are linked once more, with kernels that they share: a copy each would not fit.
EXTRA_DIST += tests/gpu/bundle tests/gpu/run
if HAVE_CUDA
check_LTLIBRARIES += tests/gpu/libgpukernels.la
tests_gpu_libgpukernels_la_SOURCES =
tests_gpu_libgpukernels_la_LIBADD = kernels/libvdkcuda.la kernels/libvdk.la
tests_gpu_libgpukernels_la_LDFLAGS = $(AM_LDFLAGS) -shared -avoid-version -rpath /nowhere
tests_gpu_ldadd = tests/kernels/libcudakit.la tests/emu/libopen.la tests/kernels/libpictures.la \
	tests/gpu/libgpukernels.la $(GLIB_LIBS) -lm

check_PROGRAMS += tests/gpu/test-gpu-draw tests/gpu/test-gpu-jpeg tests/gpu/test-gpu-motion \
	tests/gpu/test-gpu-pipelines tests/gpu/test-gpu-quality tests/gpu/vedette-gpubench
tests_gpu_test_gpu_draw_SOURCES = tests/kernels/test-cuda-draw.c
tests_gpu_test_gpu_draw_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_gpu_test_gpu_draw_LDADD = $(tests_gpu_ldadd)
tests_gpu_test_gpu_motion_SOURCES = tests/kernels/test-cuda-motion.c
tests_gpu_test_gpu_motion_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_gpu_test_gpu_motion_LDADD = $(tests_gpu_ldadd)
tests_gpu_test_gpu_quality_SOURCES = tests/kernels/test-cuda-quality.c
tests_gpu_test_gpu_quality_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_gpu_test_gpu_quality_LDADD = $(tests_gpu_ldadd)
tests_gpu_test_gpu_jpeg_SOURCES = tests/kernels/test-cuda-jpeg.c
tests_gpu_test_gpu_jpeg_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_gpu_test_gpu_jpeg_LDADD = tests/kernels/libjpegkit.la tests/kernels/libjpegpeer.la $(tests_gpu_ldadd)
tests_gpu_test_gpu_pipelines_SOURCES = tests/gpu/test-gpu-pipelines.c tests/gpu/ways.c tests/gpu/ways.h
tests_gpu_test_gpu_pipelines_CFLAGS = $(AM_CFLAGS) $(GST_CFLAGS) $(GST_APP_CFLAGS)
tests_gpu_test_gpu_pipelines_LDADD = tests/kernels/libjpegpeer.la tests/kernels/libpictures.la \
	tests/gpu/libgpukernels.la $(GST_APP_LIBS) $(GST_LIBS) $(GLIB_LIBS)
tests_gpu_vedette_gpubench_SOURCES =
tests_gpu_vedette_gpubench_LDADD = $(src_vedette_gpubench_OBJECTS) tests/gpu/libgpukernels.la \
	$(GST_CUDA_LIBS) $(GST_APP_LIBS) $(GST_LIBS) $(GLIB_LIBS) $(JANSSON_LIBS) -lm
endif
