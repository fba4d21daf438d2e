noinst_LTLIBRARIES += src/libvdcamera.la
src_libvdcamera_la_SOURCES = src/camera/audience.c src/camera/audience.h src/camera/backoff.c \
	src/camera/backoff.h src/camera/camera.c src/camera/camera.h src/camera/cameras.c \
	src/camera/cameras.h src/camera/news.c src/camera/news.h \
	src/camera/overlay.c src/camera/overlay.h src/camera/probe.c src/camera/probe.h src/camera/receiver.c src/camera/reporter.c src/camera/reporter.h \
	src/camera/receiver.h src/camera/state.c src/camera/state.h src/camera/status.c \
	src/camera/status.h src/camera/status-json.c src/camera/status-json.h
src_libvdcamera_la_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(GST_CFLAGS) $(JANSSON_CFLAGS)
src_libvdcamera_la_LIBADD = src/libvdmedia.la src/libvdevents.la $(JANSSON_LIBS)
