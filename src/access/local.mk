noinst_LTLIBRARIES += src/libvdaccess.la
src_libvdaccess_la_SOURCES = src/access/access.c src/access/access.h src/access/account.c \
	src/access/account.h src/access/attempts.c src/access/attempts.h src/access/credentials.c \
	src/access/credentials.h src/access/origin.c src/access/origin.h src/access/secret.c \
	src/access/secret.h src/access/sessions.c src/access/sessions.h src/access/users.c \
	src/access/users.h src/access/verifier.c src/access/verifier.h
src_libvdaccess_la_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(SODIUM_CFLAGS)
src_libvdaccess_la_LIBADD = src/libvdbase.la $(GLIB_LIBS) $(SODIUM_LIBS)
