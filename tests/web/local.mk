# The page in a real browser. Each file is a test of its own; pictures of what was seen stay in
# tests/web/pictures of the build's folder.
TEST_EXTENSIONS += .mjs
MJS_LOG_DRIVER = $(LOG_DRIVER)
MJS_LOG_COMPILER = $(SHELL) $(srcdir)/tests/web/run-flows
tests_web = \
	tests/web/wall.mjs tests/web/camera.mjs tests/web/events.mjs tests/web/explain.mjs tests/web/health.mjs \
	tests/web/settings.mjs tests/web/add.mjs tests/web/masks.mjs \
	tests/web/login.mjs tests/web/frame.mjs
if !SANITIZED
TESTS += $(tests_web)
endif
EXTRA_DIST += tests/web/run-flows tests/web/package.json tests/web/package-lock.json $(tests_web) \
	tests/web/kit/daemon.mjs tests/web/kit/flow.mjs tests/web/kit/look.mjs
clean-local: clean-web
clean-web:
	-rm -rf tests/web/pictures tests/web/packages
.PHONY: clean-web
