# what vedettectl replay runs; its parts are a library for their tests
noinst_LTLIBRARIES += src/libvdreplay.la
src_libvdreplay_la_SOURCES = src/replay/difference.c src/replay/difference.h src/replay/judge.c src/replay/judge.h \
	src/replay/options.c src/replay/options.h src/replay/pixels.c src/replay/pixels.h \
	src/replay/run.c src/replay/run.h src/replay/say.c src/replay/say.h \
	src/replay/settings.c src/replay/settings.h src/replay/visits.c src/replay/visits.h
src_libvdreplay_la_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(GST_CFLAGS) $(JANSSON_CFLAGS)
src_libvdreplay_la_LIBADD = src/libvdmedia.la src/libvdevents.la $(JANSSON_LIBS) -lm

pkglibexec_PROGRAMS += src/vedette-replay
src_vedette_replay_SOURCES = src/replay/main.c src/gst-environment.c src/gst-environment.h
src_vedette_replay_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(GST_CFLAGS) $(JANSSON_CFLAGS)
src_vedette_replay_LDADD = src/libvdreplay.la $(JANSSON_LIBS) $(GLIB_LIBS) $(GST_LIBS)
