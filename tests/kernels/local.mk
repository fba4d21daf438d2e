tests_kernels_programs = \
	tests/kernels/test-draw tests/kernels/test-motion tests/kernels/test-motion-steps \
	tests/kernels/test-quality tests/kernels/test-scale tests/kernels/test-shape
check_PROGRAMS += $(tests_kernels_programs)
# Kernels know no threads, and take minutes under the sanitizer of threads.
if !SANITIZED_THREAD
TESTS += $(tests_kernels_programs)
endif
check_LTLIBRARIES += tests/kernels/libpictures.la
tests_kernels_libpictures_la_SOURCES = tests/kernels/pictures.c tests/kernels/pictures.h
tests_kernels_libpictures_la_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
check_LTLIBRARIES += tests/kernels/libjpegpeer.la
tests_kernels_libjpegpeer_la_SOURCES = tests/kernels/jpeg-peer.c tests/kernels/jpeg-peer.h
tests_kernels_libjpegpeer_la_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(LIBJPEG_CFLAGS)
tests_kernels_libjpegpeer_la_LIBADD = tests/kernels/libpictures.la $(LIBJPEG_LIBS) -lm
tests_kernels_ldadd = tests/kernels/libpictures.la kernels/libvdk.la $(GLIB_LIBS) -lm
tests_kernels_test_draw_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_kernels_test_draw_LDADD = $(tests_kernels_ldadd)
tests_kernels_test_quality_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_kernels_test_quality_LDADD = $(tests_kernels_ldadd)
tests_kernels_test_scale_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_kernels_test_scale_LDADD = $(tests_kernels_ldadd)
tests_kernels_test_shape_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_kernels_test_shape_LDADD = $(tests_kernels_ldadd)
tests_kernels_test_motion_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_kernels_test_motion_LDADD = $(tests_kernels_ldadd)
tests_kernels_test_motion_steps_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_kernels_test_motion_steps_LDADD = $(tests_kernels_ldadd)

if HAVE_CUDA
tests_cuda_programs = tests/kernels/test-cuda-draw tests/kernels/test-cuda-motion tests/kernels/test-cuda-quality
check_PROGRAMS += $(tests_cuda_programs)
if !SANITIZED_THREAD
TESTS += $(tests_cuda_programs)
endif
check_LTLIBRARIES += tests/kernels/libcudakit.la
tests_kernels_libcudakit_la_SOURCES = tests/kernels/cuda-kit.c tests/kernels/cuda-kit.h
tests_kernels_libcudakit_la_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(FFNVCODEC_CFLAGS)
tests_kernels_cuda_ldadd = tests/kernels/libcudakit.la tests/emu/libopen.la kernels/libvdkcuda.la $(tests_kernels_ldadd)
tests_kernels_test_cuda_draw_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_kernels_test_cuda_draw_LDADD = $(tests_kernels_cuda_ldadd)
tests_kernels_test_cuda_motion_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_kernels_test_cuda_motion_LDADD = $(tests_kernels_cuda_ldadd)
tests_kernels_test_cuda_quality_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_kernels_test_cuda_quality_LDADD = $(tests_kernels_cuda_ldadd)
tests_cuda_programs += tests/kernels/test-cuda-jpeg tests/kernels/test-cuda-jpeg-readers
check_LTLIBRARIES += tests/kernels/libjpegkit.la
tests_kernels_libjpegkit_la_SOURCES = tests/kernels/jpeg-kit.c tests/kernels/jpeg-kit.h
tests_kernels_libjpegkit_la_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(FFNVCODEC_CFLAGS)
tests_kernels_jpeg_ldadd = tests/kernels/libjpegkit.la tests/kernels/libjpegpeer.la $(tests_kernels_cuda_ldadd)
tests_kernels_test_cuda_jpeg_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_kernels_test_cuda_jpeg_LDADD = $(tests_kernels_jpeg_ldadd)
tests_kernels_test_cuda_jpeg_readers_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_kernels_test_cuda_jpeg_readers_LDADD = $(tests_kernels_jpeg_ldadd)
endif
