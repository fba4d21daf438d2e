noinst_LTLIBRARIES += src/libvdapi.la
src_libvdapi_la_SOURCES = src/api/api.h src/api/local.c src/api/local.h src/api/process.c \
	src/api/process.h src/api/roster.c src/api/roster.h
src_libvdapi_la_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(GST_CFLAGS) $(JANSSON_CFLAGS)
src_libvdapi_la_LIBADD = src/libvdcamera.la $(JANSSON_LIBS)
