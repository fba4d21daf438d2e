check_PROGRAMS += tests/bench/http-fanout
tests_bench_http_fanout_SOURCES = tests/bench/http-fanout.c tests/http/fake-api.c \
	tests/http/fake-api.h
tests_bench_http_fanout_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_bench_http_fanout_LDADD = src/libvdhttp.la $(GLIB_LIBS)

# Programs that measure; `tests/bench/run` builds what it needs and prints the table.
check_PROGRAMS += tests/bench/mjpeg-load
tests_bench_mjpeg_load_SOURCES = tests/bench/mjpeg-load.c \
	tests/bench/load/beacon.c tests/bench/load/beacon.h \
	tests/bench/load/histogram.c tests/bench/load/histogram.h \
	tests/bench/load/parts.c tests/bench/load/parts.h
tests_bench_mjpeg_load_CFLAGS = $(AM_CFLAGS)

check_PROGRAMS += tests/bench/hello
tests_bench_hello_SOURCES = tests/bench/hello.c
tests_bench_hello_CFLAGS = $(AM_CFLAGS) $(MHD_CFLAGS)
tests_bench_hello_LDADD = $(MHD_LIBS)

check_PROGRAMS += tests/bench/bare-fanout
tests_bench_bare_fanout_SOURCES = tests/bench/bare-fanout.c
tests_bench_bare_fanout_CFLAGS = $(AM_CFLAGS) $(LIBJPEG_CFLAGS)
tests_bench_bare_fanout_LDADD = $(LIBJPEG_LIBS)

EXTRA_DIST += tests/bench/accuracy tests/bench/mot.py tests/bench/tracking tests/bench/run tests/bench/rows.py tests/bench/servers.py tests/bench/clips.sh
check_PROGRAMS += tests/bench/bench-kernels
tests_bench_bench_kernels_SOURCES = tests/bench/bench-kernels.c
tests_bench_bench_kernels_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_bench_bench_kernels_LDADD = $(tests_kernels_ldadd)

check_PROGRAMS += tests/bench/bench-metrics
tests_bench_bench_metrics_SOURCES = tests/bench/bench-metrics.c
tests_bench_bench_metrics_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(GST_CFLAGS) $(JANSSON_CFLAGS)
tests_bench_bench_metrics_LDADD = src/libvdapi.la $(GST_LIBS) $(GLIB_LIBS)

check_PROGRAMS += tests/bench/bench-detection
tests_bench_bench_detection_SOURCES = tests/bench/bench-detection.c
tests_bench_bench_detection_CFLAGS = $(AM_CFLAGS) $(GST_CFLAGS)
tests_bench_bench_detection_LDADD = $(GST_LIBS)
EXTRA_DIST += tests/bench/detection tests/bench/tampering
