# Fuzz targets. One is three lines: its name, its headers and what it links; the source is
# tests/fuzz/fuzz-NAME.c (automake's default) with LLVMFuzzerTestOneInput(). Its corpus is
# tests/fuzz/corpus/NAME/: `make check` replays it; with --enable-fuzz (CC=clang) the same program is
# a libFuzzer one: tests/fuzz/fuzz-NAME -max_total_time=60 NEW_FOLDER tests/fuzz/corpus/NAME
tests_fuzz_programs =
tests_fuzz_programs += tests/fuzz/fuzz-uri
tests_fuzz_fuzz_uri_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_fuzz_fuzz_uri_LDADD = src/libvdbase.la $(FUZZ_MAIN)
tests_fuzz_programs += tests/fuzz/fuzz-config
tests_fuzz_fuzz_config_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_fuzz_fuzz_config_LDADD = src/libvdconfig.la $(FUZZ_MAIN)
tests_fuzz_programs += tests/fuzz/fuzz-credentials
tests_fuzz_fuzz_credentials_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_fuzz_fuzz_credentials_LDADD = src/libvdaccess.la $(FUZZ_MAIN)
tests_fuzz_programs += tests/fuzz/fuzz-changes
tests_fuzz_fuzz_changes_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_fuzz_fuzz_changes_LDADD = src/libvdconfig.la $(FUZZ_MAIN)
tests_fuzz_programs += tests/fuzz/fuzz-edit
tests_fuzz_fuzz_edit_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JANSSON_CFLAGS)
tests_fuzz_fuzz_edit_LDADD = src/libvdconfig.la $(FUZZ_MAIN) $(JANSSON_LIBS)
tests_fuzz_programs += tests/fuzz/fuzz-http
tests_fuzz_fuzz_http_SOURCES = tests/fuzz/fuzz-http.c tests/http/fake-api.c tests/http/fake-api.h
tests_fuzz_fuzz_http_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_fuzz_fuzz_http_LDADD = src/libvdhttp.la $(FUZZ_MAIN)
tests_fuzz_programs += tests/fuzz/fuzz-multipart
tests_fuzz_fuzz_multipart_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_fuzz_fuzz_multipart_LDADD = src/libvdmedia.la $(FUZZ_MAIN)
tests_fuzz_programs += tests/fuzz/fuzz-rtsp-wire
tests_fuzz_fuzz_rtsp_wire_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_fuzz_fuzz_rtsp_wire_LDADD = src/libvdmedia.la $(FUZZ_MAIN)
tests_fuzz_programs += tests/fuzz/fuzz-rtp
tests_fuzz_fuzz_rtp_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(GST_CFLAGS)
tests_fuzz_fuzz_rtp_LDADD = src/libvdmedia.la $(FUZZ_MAIN) $(GST_LIBS)
tests_fuzz_programs += tests/fuzz/fuzz-test-uri
tests_fuzz_fuzz_test_uri_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_fuzz_fuzz_test_uri_LDADD = src/libvdconfig.la $(FUZZ_MAIN)
tests_fuzz_programs += tests/fuzz/fuzz-visits
tests_fuzz_fuzz_visits_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JANSSON_CFLAGS)
tests_fuzz_fuzz_visits_LDADD = src/libvdreplay.la $(FUZZ_MAIN)
tests_fuzz_programs += tests/fuzz/fuzz-yolox
tests_fuzz_fuzz_yolox_CFLAGS = $(AM_CFLAGS) $(GST_CFLAGS)
tests_fuzz_fuzz_yolox_LDADD = plugins/libvdobjects.la $(FUZZ_MAIN) -lm

check_PROGRAMS += $(tests_fuzz_programs)
check_LTLIBRARIES += tests/fuzz/libfuzzmain.la
tests_fuzz_libfuzzmain_la_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
FUZZ_MAIN = tests/fuzz/libfuzzmain.la $(FUZZ_ENGINE) $(GLIB_LIBS)
EXTRA_DIST += tests/fuzz/corpus
if ENABLE_FUZZ
tests_fuzz_libfuzzmain_la_SOURCES =
EXTRA_DIST += tests/fuzz/run-corpus.c
else
tests_fuzz_libfuzzmain_la_SOURCES = tests/fuzz/run-corpus.c
TESTS += $(tests_fuzz_programs)
endif
