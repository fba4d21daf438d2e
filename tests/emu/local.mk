# The emulated CUDA driver, with the real one's soname, and the very kernels as host code.
if HAVE_CUDA
emu_ldflags = -shared -rpath /nowhere
emu_kernels_cxxflags = $(AM_CXXFLAGS) -Wno-unknown-pragmas -ftls-model=initial-exec \
	-include $(top_srcdir)/tests/emu/device.h
check_LTLIBRARIES += tests/emu/libcuda.la tests/emu/libkernels.la tests/emu/libselftest.la \
	tests/emu/libopen.la
tests_emu_libcuda_la_SOURCES = \
	tests/emu/control.cc tests/emu/control.h tests/emu/device.h tests/emu/emu.h \
	tests/emu/fiber.cc tests/emu/fiber.h tests/emu/libcuda-memory.cc tests/emu/libcuda-modules.cc \
	tests/emu/libcuda-streams.cc tests/emu/libcuda-unused.cc tests/emu/libcuda.cc \
	tests/emu/libcuda.h tests/emu/memory.cc tests/emu/memory.h tests/emu/scheduler.cc \
	tests/emu/scheduler.h
tests_emu_libcuda_la_CXXFLAGS = $(AM_CXXFLAGS) $(FFNVCODEC_CFLAGS) -ftls-model=initial-exec
tests_emu_libcuda_la_LDFLAGS = $(emu_ldflags) -version-info 1:0:0
tests_emu_libkernels_la_SOURCES = tests/emu/kernels.cc
tests_emu_libkernels_la_CXXFLAGS = $(emu_kernels_cxxflags)
tests_emu_libkernels_la_LDFLAGS = $(emu_ldflags) -module -avoid-version
tests_emu_libselftest_la_SOURCES = tests/emu/self-test.cc
tests_emu_libselftest_la_CXXFLAGS = $(emu_kernels_cxxflags)
tests_emu_libselftest_la_LDFLAGS = $(emu_ldflags) -module -avoid-version
tests_emu_libopen_la_SOURCES = tests/emu/open.c tests/emu/open.h
tests_emu_libopen_la_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_emu_libopen_la_LIBADD = $(GLIB_LIBS)

tests_emu_programs = tests/emu/test-emu tests/emu/test-emu-driver
check_PROGRAMS += $(tests_emu_programs)
if !SANITIZED_THREAD
TESTS += $(tests_emu_programs)
endif
tests_emu_test_emu_SOURCES = tests/emu/test-emu.c tests/emu/rig.c tests/emu/rig.h
tests_emu_test_emu_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(FFNVCODEC_CFLAGS)
tests_emu_test_emu_LDADD = tests/emu/libopen.la $(GLIB_LIBS)
tests_emu_test_emu_driver_SOURCES = tests/emu/test-emu-driver.c tests/emu/rig.c tests/emu/rig.h
tests_emu_test_emu_driver_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(FFNVCODEC_CFLAGS)
tests_emu_test_emu_driver_LDADD = tests/emu/libopen.la $(GLIB_LIBS)
endif
EXTRA_DIST += tests/emu/self-test.cu
