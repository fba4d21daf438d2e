dist_man_MANS += docs/vedettectl.1 docs/vedetted.8 docs/vedette.conf.5
if HAVE_CUDA
dist_man_MANS += docs/vedette-gpubench.1
else
EXTRA_DIST += docs/vedette-gpubench.1
endif
EXTRA_DIST += docs/architecture.md docs/page.png docs/threat-model.md docs/performance.md COPYING
dist_doc_DATA = docs/http-api.md docs/openapi.yaml
