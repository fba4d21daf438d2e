LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
# What a test says on standard error, a sanitizer's report above all, stands in its log.
AM_LOG_DRIVER_FLAGS = --merge
EXTRA_DIST += tests/documents.h tests/lsan.supp tests/tsan.supp
if SANITIZED
# gcc 12's runtimes take some blocks of thread-local memory for ones with a header of an older libc,
# and nonsense for their size: none is looked at.
tests_sanitizers = ASAN_OPTIONS="$${ASAN_OPTIONS-fast_unwind_on_malloc=0:intercept_tls_get_addr=0}" \
	LSAN_OPTIONS='suppressions="$(abs_top_srcdir)/tests/lsan.supp":print_suppressions=0' \
	$(tests_tsan)
endif
if SANITIZED_THREAD
# Not itself instrumented; its calls must be seen to come from it, so none may be a jump.
check_LTLIBRARIES += tests/libtsanglib.la
tests_libtsanglib_la_SOURCES = tests/tsan-glib.c
tests_libtsanglib_la_CFLAGS = -std=gnu11 $(WARN_CFLAGS) $(GST_CFLAGS) -fno-optimize-sibling-calls \
	-fno-sanitize=thread
tests_libtsanglib_la_LDFLAGS = -module -avoid-version -rpath /nowhere
tests_tsan = TSAN_OPTIONS="$${TSAN_OPTIONS-suppressions=\"$(abs_top_srcdir)/tests/tsan.supp\":history_size=4:print_suppressions=0:intercept_tls_get_addr=0}" \
	LD_PRELOAD='$(abs_top_builddir)/tests/.libs/libtsanglib.so'
else
EXTRA_DIST += tests/tsan-glib.c
endif
AM_TESTS_ENVIRONMENT = \
	export top_srcdir='$(abs_top_srcdir)' top_builddir='$(abs_top_builddir)' \
	G_TEST_SRCDIR='$(abs_top_srcdir)/tests' G_TEST_BUILDDIR='$(abs_top_builddir)/tests' \
	$(tests_sanitizers) G_SLICE=always-malloc G_DEBUG=fatal-criticals GST_PLUGIN_PATH='$(abs_top_builddir)/plugins/.libs' \
	GST_REGISTRY='$(abs_top_builddir)/tests/gst-registry.bin' GST_REGISTRY_FORK=no \
	VEDETTE_SHARED="$${VEDETTE_SHARED-$(abs_top_srcdir)/../shared}" ;
CLEANFILES += tests/gst-registry.bin

# the longest first
include tests/daemon/local.mk
include tests/web/local.mk
include tests/base/local.mk
include tests/access/local.mk
include tests/config/local.mk
include tests/tracks/local.mk
include tests/emu/local.mk
include tests/emu/codecs.mk
include tests/kernels/local.mk
include tests/plugins/local.mk
include tests/media/local.mk
include tests/events/local.mk
include tests/camera/local.mk
include tests/api/local.mk
include tests/http/local.mk
include tests/ctl/local.mk
include tests/replay/local.mk
include tests/fuzz/local.mk
include tests/gpu/local.mk
include tests/bench/local.mk

# What `make distcheck` of .ci/run runs of it: make distcheck TESTS='$(quick_tests)' VEDETTE_TESTS=short
quick_tests = $(tests_base_programs) $(tests_access_programs) $(tests_config_programs) $(tests_tracks_programs) tests/config/test-units \
	$(tests_http_programs) $(tests_ctl_programs) tests/kernels/test-shape tests/kernels/test-scale \
	tests/plugins/test-vdtestsrc tests/plugins/test-vdcompose tests/plugins/test-launch-lines.sh \
	tests/media/test-frame tests/media/test-ring tests/media/test-ingest-file \
	$(tests_fuzz_programs) $(tests_daemon_short)
