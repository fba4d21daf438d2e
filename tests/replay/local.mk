tests_replay_programs = tests/replay/test-labels
check_PROGRAMS += $(tests_replay_programs)
TESTS += $(tests_replay_programs)
tests_replay_test_labels_SOURCES = tests/replay/test-labels.c
tests_replay_test_labels_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(GST_CFLAGS) $(JANSSON_CFLAGS)
tests_replay_test_labels_LDADD = src/libvdreplay.la $(JANSSON_LIBS) $(GST_LIBS) $(GLIB_LIBS)
