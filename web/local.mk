# The pages, compiled into the daemon.
web_files = web/index.html web/app.js web/parts.js web/style.css web/icon.svg
EXTRA_DIST += web/web.gresource.xml $(web_files)
BUILT_SOURCES += web/resources.c web/resources.h
CLEANFILES += web/resources.c web/resources.h
compile_web = $(MKDIR_P) web && $(GLIB_COMPILE_RESOURCES) --target=$@ --c-name vd_web --internal \
	--sourcedir='$(srcdir)/web' '$(srcdir)/web/web.gresource.xml'
web/resources.c: web/web.gresource.xml $(web_files)
	$(AM_V_GEN)$(compile_web) --generate-source
web/resources.h: web/web.gresource.xml $(web_files)
	$(AM_V_GEN)$(compile_web) --generate-header
