# The pages, compiled into the daemon.
web_files = web/index.html web/early.js web/app.js web/api.js web/ask.js web/chart.js web/dom.js web/feed.js web/fleet.js web/format.js \
	web/kinds.js web/memory.js web/metrics.js web/parts.js web/routes.js web/stream.js web/theme.js web/trial.js web/video.js \
	web/views/camera.js web/views/cameras.js web/views/events.js web/views/health.js \
	web/views/login.js \
	web/reasons.js web/views/explain.js web/fields.js web/polygons.js web/zones.js web/views/masks.js web/views/settings.js web/views/add.js \
	web/style.css web/views.css web/icon.svg web/icons.svg
EXTRA_DIST += web/web.gresource.xml $(web_files)
BUILT_SOURCES += web/resources.c web/resources.h
CLEANFILES += web/resources.c web/resources.h
compile_web = $(MKDIR_P) web && $(GLIB_COMPILE_RESOURCES) --target=$@ --c-name vd_web --internal \
	--sourcedir='$(srcdir)/web' '$(srcdir)/web/web.gresource.xml'
web/resources.c: web/web.gresource.xml $(web_files)
	$(AM_V_GEN)$(compile_web) --generate-source
web/resources.h: web/web.gresource.xml $(web_files)
	$(AM_V_GEN)$(compile_web) --generate-header
