noinst_LTLIBRARIES += src/libvdconfig.la
src_libvdconfig_la_SOURCES = src/config/build.h src/config/changes.c src/config/changes.h \
	src/config/changes-json.c src/config/changes-json.h \
	src/config/checks.c src/config/checks.h src/config/config.c src/config/config.h \
	src/config/edit.c src/config/edit.h src/config/effective.c src/config/effective.h \
	src/config/etag.c src/config/etag.h src/config/file.c src/config/file.h src/config/foot.c src/config/foot.h \
	src/config/gpu-wish.c src/config/gpu-wish.h src/config/json.c src/config/json.h \
	src/config/lines.c src/config/lines.h src/config/lines-json.c src/config/lines-json.h src/config/load.c src/config/nearest.c src/config/nearest.h src/config/options.c \
	src/config/options.h src/config/plan.c src/config/plan.h src/config/polygons.c src/config/polygons.h src/config/print.c \
	src/config/schema.c src/config/schema.h \
	src/config/settings.c src/config/settings.h src/config/shapes-json.c src/config/shapes-json.h src/config/zones-json.c src/config/zones-json.h \
	src/config/tampers.c src/config/tampers.h src/config/store.c src/config/store.h src/config/test-uri.c src/config/test-uri.h \
	src/config/value.c src/config/value.h src/config/zones.c src/config/zones.h
src_libvdconfig_la_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JANSSON_CFLAGS)
src_libvdconfig_la_LIBADD = src/libvdbase.la $(GLIB_LIBS) $(JANSSON_LIBS)
