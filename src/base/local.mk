noinst_LTLIBRARIES += src/libvdbase.la
src_libvdbase_la_SOURCES = src/base/address.c src/base/address.h src/base/clock.c src/base/clock.h src/base/command.c src/base/command.h src/base/error.c src/base/error.h src/base/limits.h src/base/lock.c src/base/lock.h src/base/log.c src/base/log.h src/base/mailbox.c src/base/mailbox.h src/base/picture.c src/base/picture.h src/base/uri.c src/base/uri.h src/base/words.c src/base/words.h 
src_libvdbase_la_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(GST_CFLAGS) $(SYSTEMD_CFLAGS)
src_libvdbase_la_LIBADD = $(GLIB_LIBS) $(GST_LIBS) $(SYSTEMD_LIBS)
