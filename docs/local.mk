dist_man_MANS += docs/vedetted.8 docs/vedette.conf.5
if HAVE_CUDA
dist_man_MANS += docs/vedette-gpubench.1
else
EXTRA_DIST += docs/vedette-gpubench.1
endif
EXTRA_DIST += docs/architecture.md docs/http-api.md docs/page.png docs/performance.md COPYING
