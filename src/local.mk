include src/base/local.mk
include src/access/local.mk
include src/config/local.mk
include src/tracks/local.mk
include src/media/local.mk
include src/events/local.mk
include src/camera/local.mk
include src/api/local.mk
include src/http/local.mk
include src/ctl/local.mk
include src/replay/local.mk

bin_PROGRAMS += src/vedetted
src_vedetted_SOURCES = src/daemon.c src/daemon.h src/files.c src/files.h src/gst-environment.c src/gst-environment.h src/gstreamer.c \
	src/gstreamer.h src/main.c src/service.c src/service.h src/settings.c src/settings.h
src_vedetted_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(GST_CFLAGS) $(SYSTEMD_CFLAGS)
src_vedetted_LDADD = src/libvdhttp.la src/libvdapi.la $(SYSTEMD_LIBS) $(GLIB_LIBS) $(GST_LIBS)

if HAVE_CUDA
bin_PROGRAMS += src/vedette-gpubench
src_vedette_gpubench_SOURCES = src/gpubench/camera.c src/gpubench/camera.h src/gpubench/cameras.c \
	src/gpubench/cameras.h src/gpubench/clip.c src/gpubench/clip.h src/gpubench/codecs.c src/gpubench/codecs.h src/gpubench/context.c \
	src/gpubench/context.h src/gpubench/gpu.c src/gpubench/gpu.h src/gpubench/lane.c \
	src/gpubench/lane.h src/gpubench/main.c src/gpubench/operators.c src/gpubench/operators.h \
	src/gpubench/report.c src/gpubench/report.h src/gpubench/scene.c src/gpubench/scene.h \
	src/gpubench/timing.c src/gpubench/timing.h src/gst-environment.c src/gst-environment.h
src_vedette_gpubench_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(GST_CFLAGS) $(GST_APP_CFLAGS) \
	$(GST_CUDA_CFLAGS) $(FFNVCODEC_CFLAGS) $(JANSSON_CFLAGS)
src_vedette_gpubench_LDADD = kernels/libvdkcuda.la kernels/libvdk.la $(GST_CUDA_LIBS) $(GST_APP_LIBS) \
	$(GST_LIBS) $(GLIB_LIBS) $(JANSSON_LIBS) -lm
endif
