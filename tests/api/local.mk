tests_api_programs = tests/api/test-docs tests/api/test-events tests/api/test-local tests/api/test-probes tests/api/test-roster tests/api/test-metrics
check_PROGRAMS += $(tests_api_programs)
TESTS += $(tests_api_programs)
tests_api_test_local_SOURCES = tests/api/test-local.c tests/api/answers.h
tests_api_test_local_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(GST_CFLAGS) $(JANSSON_CFLAGS)
tests_api_test_local_LDADD = src/libvdapi.la $(GST_LIBS) $(GLIB_LIBS) $(JANSSON_LIBS)

tests_api_test_probes_SOURCES = tests/api/test-probes.c
tests_api_test_probes_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(GST_CFLAGS) $(JANSSON_CFLAGS)
tests_api_test_probes_LDADD = src/libvdapi.la $(GST_LIBS) $(GLIB_LIBS) $(JANSSON_LIBS)

tests_api_test_roster_SOURCES = tests/api/test-roster.c
tests_api_test_roster_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(GST_CFLAGS)
tests_api_test_roster_LDADD = src/libvdapi.la $(GST_LIBS) $(GLIB_LIBS)

tests_api_test_docs_SOURCES = tests/api/test-docs.c tests/api/answers.h
tests_api_test_docs_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(GST_CFLAGS) $(JANSSON_CFLAGS)
tests_api_test_docs_LDADD = src/libvdapi.la $(GST_LIBS) $(GLIB_LIBS) $(JANSSON_LIBS)

tests_api_test_events_SOURCES = tests/api/test-events.c
tests_api_test_events_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(GST_CFLAGS) $(JANSSON_CFLAGS)
tests_api_test_events_LDADD = src/libvdapi.la $(GST_LIBS) $(GLIB_LIBS) $(JANSSON_LIBS)
tests_api_test_metrics_SOURCES = tests/api/test-metrics.c
tests_api_test_metrics_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(GST_CFLAGS) $(JANSSON_CFLAGS)
tests_api_test_metrics_LDADD = src/libvdapi.la $(GST_LIBS) $(GLIB_LIBS)
