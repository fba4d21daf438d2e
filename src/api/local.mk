noinst_LTLIBRARIES += src/libvdapi.la
src_libvdapi_la_SOURCES = src/api/api.h src/api/change.c src/api/change.h src/api/configuration.c src/api/configuration.h src/api/explain.c src/api/explain.h src/api/figures.c src/api/figures.h src/api/history.c src/api/history.h src/api/incidents.c src/api/incidents.h src/api/list.c src/api/list.h src/api/local.c src/api/local.h \
	src/api/orders.c src/api/orders.h src/api/probes.c src/api/probes.h src/api/process.c src/api/process.h src/api/roster.c src/api/roster.h \
	src/api/viewers.c src/api/viewers.h src/api/metrics.c src/api/metrics.h src/api/system.c src/api/system.h
src_libvdapi_la_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(GST_CFLAGS) $(JANSSON_CFLAGS)
src_libvdapi_la_LIBADD = src/libvdcamera.la $(JANSSON_LIBS)
