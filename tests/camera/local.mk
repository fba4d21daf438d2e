tests_camera_programs = tests/camera/test-audience tests/camera/test-backoff \
	tests/camera/test-camera tests/camera/test-news tests/camera/test-probe tests/camera/test-receiver tests/camera/test-reporter tests/camera/test-soak \
	tests/camera/test-state tests/camera/test-status
check_PROGRAMS += $(tests_camera_programs)
TESTS += $(tests_camera_programs)
tests_camera_cflags = $(AM_CFLAGS) $(GLIB_CFLAGS) $(GST_CFLAGS) $(JANSSON_CFLAGS)
tests_camera_libs = src/libvdcamera.la $(GST_LIBS) $(GLIB_LIBS) $(JANSSON_LIBS)
tests_camera_test_audience_SOURCES = tests/camera/test-audience.c
tests_camera_test_audience_CFLAGS = $(tests_camera_cflags)
tests_camera_test_audience_LDADD = $(tests_camera_libs)
tests_camera_test_backoff_SOURCES = tests/camera/test-backoff.c
tests_camera_test_backoff_CFLAGS = $(tests_camera_cflags)
tests_camera_test_backoff_LDADD = $(tests_camera_libs)
tests_camera_test_camera_SOURCES = tests/camera/test-camera.c
tests_camera_test_camera_CFLAGS = $(tests_camera_cflags)
tests_camera_test_camera_LDADD = $(tests_camera_libs)
tests_camera_test_news_SOURCES = tests/camera/test-news.c
tests_camera_test_news_CFLAGS = $(tests_camera_cflags)
tests_camera_test_news_LDADD = $(tests_camera_libs)
tests_camera_test_probe_SOURCES = tests/camera/test-probe.c tests/camera/fake-media.c \
	tests/camera/fake-media.h
tests_camera_test_probe_CFLAGS = $(tests_camera_cflags)
tests_camera_test_probe_LDADD = $(tests_camera_libs)
tests_camera_test_receiver_SOURCES = tests/camera/test-receiver.c tests/camera/fake-media.c \
	tests/camera/fake-media.h
tests_camera_test_receiver_CFLAGS = $(tests_camera_cflags)
tests_camera_test_receiver_LDADD = $(tests_camera_libs)
tests_camera_test_reporter_SOURCES = tests/camera/test-reporter.c
tests_camera_test_reporter_CFLAGS = $(tests_camera_cflags)
tests_camera_test_reporter_LDADD = $(tests_camera_libs)
tests_camera_test_soak_SOURCES = tests/camera/test-soak.c
tests_camera_test_soak_CFLAGS = $(tests_camera_cflags)
tests_camera_test_soak_LDADD = $(tests_camera_libs)
tests_camera_test_state_SOURCES = tests/camera/test-state.c
tests_camera_test_state_CFLAGS = $(tests_camera_cflags)
tests_camera_test_state_LDADD = $(tests_camera_libs)
tests_camera_test_status_SOURCES = tests/camera/test-status.c
tests_camera_test_status_CFLAGS = $(tests_camera_cflags)
tests_camera_test_status_LDADD = $(tests_camera_libs)
