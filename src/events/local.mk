noinst_LTLIBRARIES += src/libvdevents.la
src_libvdevents_la_SOURCES = src/events/crossings.c src/events/crossings.h src/events/event.c src/events/event.h src/events/events.c src/events/events.h src/events/hub.c src/events/hub.h \
	src/events/journal.c src/events/journal.h src/events/light.c src/events/light.h src/events/mqtt.c src/events/mqtt.h src/events/mqtt-link.c src/events/mqtt-link.h src/events/mqtt-topics.c src/events/mqtt-topics.h src/events/reason.c src/events/reason.h src/events/reason-json.c src/events/reason-text.c src/events/reasons.c src/events/reasons.h src/events/rules.c src/events/rules.h src/events/sink.h src/events/store.c src/events/store.h src/events/tampering.c src/events/tampering.h \
	src/events/webhooks.c src/events/webhooks.h
src_libvdevents_la_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JANSSON_CFLAGS) $(SQLITE_CFLAGS) $(LIBCURL_CFLAGS) \
	$(MOSQUITTO_CFLAGS)
src_libvdevents_la_LIBADD = src/libvdconfig.la $(GLIB_LIBS) $(JANSSON_LIBS) $(SQLITE_LIBS) \
	$(LIBCURL_LIBS) $(MOSQUITTO_LIBS) -lm
