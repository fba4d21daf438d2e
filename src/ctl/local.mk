noinst_LTLIBRARIES += src/libvdctl.la
src_libvdctl_la_SOURCES = src/ctl/accounts.c src/ctl/change.c src/ctl/commands.c src/ctl/configuration.c src/ctl/ctl.h src/ctl/explain.c \
	src/ctl/line.c src/ctl/line.h src/ctl/look.c src/ctl/request.c src/ctl/request.h \
	src/ctl/replay.c src/ctl/replay-text.c src/ctl/replay-text.h \
	src/ctl/say.c src/ctl/secret-line.c src/ctl/secret-line.h src/ctl/snapshot.c src/ctl/table.c \
	src/ctl/table.h src/ctl/watch.c
src_libvdctl_la_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JANSSON_CFLAGS) $(LIBCURL_CFLAGS)
src_libvdctl_la_LIBADD = src/libvdconfig.la src/libvdaccess.la src/libvdbase.la $(LIBCURL_LIBS) \
	$(JANSSON_LIBS) $(GLIB_LIBS)

bin_PROGRAMS += src/vedettectl
src_vedettectl_SOURCES = src/ctl/main.c
src_vedettectl_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JANSSON_CFLAGS)
src_vedettectl_LDADD = src/libvdctl.la $(JANSSON_LIBS) $(GLIB_LIBS)

completionsdir = $(datadir)/bash-completion/completions
dist_completions_DATA = src/ctl/vedettectl
