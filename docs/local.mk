dist_man_MANS += docs/vedetted.8 docs/vedette.conf.5
EXTRA_DIST += docs/architecture.md docs/http-api.md docs/page.png docs/performance.md COPYING
