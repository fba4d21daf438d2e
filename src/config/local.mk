noinst_LTLIBRARIES += src/libvdconfig.la
src_libvdconfig_la_SOURCES = src/config/build.h src/config/checks.c src/config/checks.h \
	src/config/config.c src/config/config.h src/config/file.c src/config/file.h \
	src/config/gpu-wish.c src/config/gpu-wish.h \
	src/config/load.c src/config/nearest.c src/config/nearest.h src/config/options.c \
	src/config/options.h src/config/polygons.c src/config/polygons.h src/config/print.c \
	src/config/reader.c src/config/reader.h src/config/test-uri.c src/config/test-uri.h \
	src/config/value.c src/config/value.h
src_libvdconfig_la_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
src_libvdconfig_la_LIBADD = src/libvdbase.la $(GLIB_LIBS)
