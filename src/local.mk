include src/base/local.mk
include src/config/local.mk
include src/media/local.mk
include src/camera/local.mk
include src/api/local.mk
include src/http/local.mk

bin_PROGRAMS += src/vedetted
src_vedetted_SOURCES = src/daemon.c src/daemon.h src/files.c src/files.h src/gstreamer.c \
	src/gstreamer.h src/main.c src/service.c src/service.h
src_vedetted_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(GST_CFLAGS) $(SYSTEMD_CFLAGS)
src_vedetted_LDADD = src/libvdhttp.la src/libvdapi.la $(SYSTEMD_LIBS) $(GLIB_LIBS) $(GST_LIBS)
