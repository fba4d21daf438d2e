noinst_LTLIBRARIES += src/libvdhttp.la
src_libvdhttp_la_SOURCES = src/http/client.c src/http/client.h src/http/control.c src/http/control.h src/http/certificate.c src/http/certificate.h src/http/exchange.c src/http/exchange.h src/http/feed.c src/http/feed.h src/http/handlers.c \
	src/http/handlers.h src/http/handshake.c src/http/handshake.h src/http/headers.c src/http/headers.h src/http/heads.c src/http/heads.h src/http/http.h src/http/listen.c src/http/listen.h src/http/listener.c src/http/listener.h src/http/part.c src/http/guard.c src/http/guard.h \
	src/http/part.h src/http/pipe.c src/http/pipe.h src/http/query.c src/http/query.h src/http/reply.c src/http/reply.h \
	src/http/route.c src/http/route.h src/http/server.c src/http/session.c src/http/session.h src/http/streams.c src/http/streams.h \
	src/http/https.c src/http/https.h src/http/wire.c src/http/wire.h
nodist_src_libvdhttp_la_SOURCES = web/resources.c web/resources.h
src_libvdhttp_la_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(MHD_CFLAGS) $(GNUTLS_CFLAGS) $(JANSSON_CFLAGS)
src_libvdhttp_la_LIBADD = src/libvdaccess.la src/libvdbase.la $(MHD_LIBS) $(GNUTLS_LIBS) $(JANSSON_LIBS)
$(src_libvdhttp_la_OBJECTS): web/resources.h
