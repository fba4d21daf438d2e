# The RTSP test camera, and the running daemon driven by pytest.
if HAVE_RTSP_SERVER
check_PROGRAMS += tests/daemon/rtsp-camera
endif
tests_daemon_rtsp_camera_SOURCES = tests/daemon/rtsp-camera.c \
	tests/daemon/camera/clip.c tests/daemon/camera/clip.h \
	tests/daemon/camera/door.c tests/daemon/camera/door.h \
	tests/daemon/camera/mount.c tests/daemon/camera/mount.h
tests_daemon_rtsp_camera_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(GST_CFLAGS) $(GST_APP_CFLAGS) \
	$(RTSP_SERVER_CFLAGS)
tests_daemon_rtsp_camera_LDADD = $(RTSP_SERVER_LIBS) $(GST_APP_LIBS) $(GST_LIBS) $(GLIB_LIBS)

check_PROGRAMS += tests/daemon/tamper-run
tests_daemon_tamper_run_SOURCES = tests/daemon/tamper-run.c
tests_daemon_tamper_run_CFLAGS = $(AM_CFLAGS) $(GST_CFLAGS) $(JANSSON_CFLAGS)
tests_daemon_tamper_run_LDADD = src/libvdevents.la $(GST_LIBS) $(JANSSON_LIBS)
check_PROGRAMS += tests/daemon/motion-run
tests_daemon_motion_run_SOURCES = tests/daemon/motion-run.c
tests_daemon_motion_run_CFLAGS = $(AM_CFLAGS) $(GST_CFLAGS)
tests_daemon_motion_run_LDADD = $(GST_LIBS)

# Preloaded into the daemon by test_clock.py.
check_LTLIBRARIES += tests/daemon/wall-clock.la
tests_daemon_wall_clock_la_SOURCES = tests/daemon/wall-clock.c
tests_daemon_wall_clock_la_CFLAGS = -D_GNU_SOURCE $(WARN_CFLAGS)
tests_daemon_wall_clock_la_LDFLAGS = -module -avoid-version -rpath /nowhere

# Each file is a test of its own, so that make -j runs them side by side; the longest come first.
# Those of the first list have tests that builds with a sanitizer and distributions run, too.
TEST_EXTENSIONS = .py
PY_LOG_DRIVER = $(LOG_DRIVER)
PY_LOG_COMPILER = $(SHELL) $(srcdir)/tests/daemon/run-suite
tests_daemon_short = \
	tests/daemon/test_rtsp.py tests/daemon/test_hostile_http.py tests/daemon/test_serving.py \
	tests/daemon/test_service.py tests/daemon/test_peers.py tests/daemon/test_analysis.py \
	tests/daemon/test_web.py tests/daemon/test_events.py tests/daemon/test_sinks.py tests/daemon/test_config.py tests/daemon/test_video.py \
	tests/daemon/test_changes.py tests/daemon/test_control.py tests/daemon/test_metrics.py tests/daemon/test_access.py \
	tests/daemon/test_ctl.py tests/daemon/test_tls.py tests/daemon/test_openapi.py \
	tests/daemon/test_probe.py tests/daemon/test_documents.py tests/daemon/test_explain.py tests/daemon/test_zones.py tests/daemon/test_replay.py \
	tests/daemon/test_objects.py tests/daemon/test_tracking.py tests/daemon/test_lines.py tests/daemon/test_tampering.py
tests_daemon_long = \
	tests/daemon/test_soak.py tests/daemon/test_hostile.py tests/daemon/test_page.py \
	tests/daemon/test_udp.py tests/daemon/test_gpu.py tests/daemon/test_gpus.py \
	tests/daemon/test_gpubench.py tests/daemon/test_gpu_bundle.py tests/daemon/test_trust.py \
	tests/daemon/test_formats.py tests/daemon/test_clock.py \
	tests/daemon/test_administration.py
TESTS += $(tests_daemon_short)
if !SANITIZED
TESTS += $(tests_daemon_long)
endif
EXTRA_DIST += tests/daemon/run-suite tests/daemon/registry tests/daemon/conftest.py tests/daemon/pytest.ini \
	$(tests_daemon_short) $(tests_daemon_long) $(tests_daemon_kit)
CLEANFILES += tests/gst-registry-daemon.bin tests/gst-registry-daemon.bin.lock tests/page.png
tests_daemon_kit = \
	tests/daemon/kit/__init__.py tests/daemon/kit/browser.py tests/daemon/kit/camera.py \
	tests/daemon/kit/certificate.py tests/daemon/kit/web.py \
	tests/daemon/kit/daemon.py tests/daemon/kit/gpu.py \
	tests/daemon/kit/fields.py tests/daemon/kit/hostile.py tests/daemon/kit/listener.py tests/daemon/kit/meter.py \
	tests/daemon/kit/notified.py tests/daemon/kit/openapi.py tests/daemon/kit/process.py tests/daemon/kit/soak.py \
	tests/daemon/kit/stream.py tests/daemon/kit/udp.py tests/daemon/kit/video.py tests/daemon/kit/wait.py
