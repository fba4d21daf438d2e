EXTRA_DIST += .clang-tidy tools/debian-packages tools/install tools/paths.sh tools/demo tools/check \
	tools/check-layers tools/check-size tools/lint .ci/run \
	tools/onnxruntime/fetch tools/onnxruntime/package.json tools/onnxruntime/package-lock.json
