# The emulated decoder and encoder, with the sonames of the driver's. Each is left out where what
# decodes or encodes in its place is missing; its tests then say so.
if HAVE_CUDA
emu_codec_cxxflags = $(AM_CXXFLAGS) $(FFNVCODEC_CFLAGS) $(LIBAVCODEC_CFLAGS)
emu_codec_ldflags = $(emu_ldflags) -no-undefined -version-info 1:0:0
if HAVE_EMU_DECODER
check_LTLIBRARIES += tests/emu/libnvcuvid.la
tests_emu_libnvcuvid_la_SOURCES = \
	tests/emu/nvcuvid-decoder.cc tests/emu/nvcuvid-locks.cc tests/emu/nvcuvid-parser.cc \
	tests/emu/nvcuvid-units.cc tests/emu/nvcuvid-units.h tests/emu/nvcuvid.h
tests_emu_libnvcuvid_la_CXXFLAGS = $(emu_codec_cxxflags)
tests_emu_libnvcuvid_la_LDFLAGS = $(emu_codec_ldflags)
tests_emu_libnvcuvid_la_LIBADD = tests/emu/libcuda.la $(LIBAVCODEC_LIBS)
endif
if HAVE_EMU_ENCODER
check_LTLIBRARIES += tests/emu/libnvidia-encode.la
tests_emu_libnvidia_encode_la_SOURCES = \
	tests/emu/nvenc-coder.h tests/emu/nvenc-pictures.cc tests/emu/nvenc-session.cc \
	tests/emu/nvenc-x264.cc tests/emu/nvenc-x265.cc tests/emu/nvenc.h
tests_emu_libnvidia_encode_la_CXXFLAGS = $(emu_codec_cxxflags) $(X264_CFLAGS) $(X265_CFLAGS)
tests_emu_libnvidia_encode_la_LDFLAGS = $(emu_codec_ldflags)
tests_emu_libnvidia_encode_la_LIBADD = tests/emu/libcuda.la $(X264_LIBS) $(X265_LIBS)
endif

emu_codec_rig = tests/emu/codec-rig.c tests/emu/codec-rig.h
emu_codec_cflags = $(AM_CFLAGS) $(GST_CFLAGS) $(GST_APP_CFLAGS) $(FFNVCODEC_CFLAGS)
emu_codec_ldadd = tests/emu/libopen.la $(GST_APP_LIBS) $(GST_LIBS)
tests_emu_codec_programs = tests/emu/test-emu-cuvid tests/emu/test-emu-decoder \
	tests/emu/test-emu-encoder tests/emu/test-emu-encoder-sessions tests/emu/test-emu-pipelines
check_PROGRAMS += $(tests_emu_codec_programs)
if !SANITIZED_THREAD
TESTS += $(tests_emu_codec_programs)
endif
if HAVE_EMU_DECODER
tests_emu_test_emu_cuvid_SOURCES = tests/emu/test-emu-cuvid.c $(emu_codec_rig)
tests_emu_test_emu_cuvid_CFLAGS = $(emu_codec_cflags)
tests_emu_test_emu_cuvid_LDADD = $(emu_codec_ldadd)
tests_emu_test_emu_decoder_SOURCES = tests/emu/test-emu-decoder.c $(emu_codec_rig)
tests_emu_test_emu_decoder_CFLAGS = $(emu_codec_cflags)
tests_emu_test_emu_decoder_LDADD = $(emu_codec_ldadd)
tests_emu_test_emu_pipelines_SOURCES = tests/emu/test-emu-pipelines.c tests/gpu/ways.c tests/gpu/ways.h \
	$(emu_codec_rig)
tests_emu_test_emu_pipelines_CFLAGS = $(emu_codec_cflags)
tests_emu_test_emu_pipelines_LDADD = tests/kernels/libjpegpeer.la tests/kernels/libpictures.la $(emu_codec_ldadd)
else
tests_emu_test_emu_cuvid_SOURCES = tests/emu/left-out.c
tests_emu_test_emu_decoder_SOURCES = tests/emu/left-out.c
tests_emu_test_emu_pipelines_SOURCES = tests/emu/left-out.c
endif
if HAVE_EMU_ENCODER
emu_encoder_rig = tests/emu/encoder-rig.c tests/emu/encoder-rig.h $(emu_codec_rig)
tests_emu_test_emu_encoder_SOURCES = tests/emu/test-emu-encoder.c $(emu_encoder_rig)
tests_emu_test_emu_encoder_CFLAGS = $(emu_codec_cflags) $(LIBAVCODEC_CFLAGS)
tests_emu_test_emu_encoder_LDADD = $(emu_codec_ldadd) $(LIBAVCODEC_LIBS) -lm
tests_emu_test_emu_encoder_sessions_SOURCES = tests/emu/test-emu-encoder-sessions.c \
	$(emu_encoder_rig)
tests_emu_test_emu_encoder_sessions_CFLAGS = $(emu_codec_cflags) $(LIBAVCODEC_CFLAGS)
tests_emu_test_emu_encoder_sessions_LDADD = $(emu_codec_ldadd) $(LIBAVCODEC_LIBS) -lm
else
tests_emu_test_emu_encoder_SOURCES = tests/emu/left-out.c
tests_emu_test_emu_encoder_sessions_SOURCES = tests/emu/left-out.c
endif
endif
