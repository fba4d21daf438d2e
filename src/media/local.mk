noinst_LTLIBRARIES += src/libvdmedia.la
src_libvdmedia_la_SOURCES = src/media/analysis.h src/media/frame.h src/media/ingest.h src/media/reaper.h src/media/ring.h src/media/view.h 
src_libvdmedia_la_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(GST_CFLAGS) $(GST_APP_CFLAGS)
src_libvdmedia_la_LIBADD = src/libvdconfig.la src/libvdtracks.la $(GST_LIBS) $(GST_APP_LIBS)

# from a source to the ring
src_libvdmedia_la_SOURCES += \
	src/media/ingest.c src/media/reaper.c src/media/ring.c \
	src/media/source-check.c src/media/source-check.h \
	src/media/source-entry.c src/media/source-entry.h \
	src/media/source-errand.c src/media/source-errand.h \
	src/media/source-feed.c src/media/source-feed.h \
	src/media/source-file.c src/media/source-file.h src/media/source-file-kind.c src/media/source-file-type.c \
	src/media/multipart.c src/media/multipart.h \
	src/media/source-http.c src/media/source-jpeg.c src/media/source-jpeg.h \
	src/media/source-kind.h src/media/source-settings.c \
	src/media/source-pipe.c src/media/source-pipe.h \
	src/media/source-probe.c src/media/source-probe.h \
	src/media/source-rtcp.c src/media/source-rtcp.h \
	src/media/source-rtp-order.c src/media/source-rtp-order.h \
	src/media/source-rtp-ports.c src/media/source-rtp-ports.h \
	src/media/source-rtsp.c src/media/source-rtsp.h \
	src/media/source-rtsp-chain.c src/media/source-rtsp-chain.h \
	src/media/source-rtsp-sdp.c src/media/source-rtsp-sdp.h \
	src/media/source-rtsp-session.c src/media/source-rtsp-session.h \
	src/media/source-rtsp-tcp.c src/media/source-rtsp-udp.c \
	src/media/source-rtsp-transport.c src/media/source-rtsp-transport.h \
	src/media/source-rtsp-wire.c src/media/source-rtsp-wire.h \
	src/media/source-test.c \
	src/media/source-time.c src/media/source-time.h \
	src/media/source-trust.c src/media/source-trust.h \
	src/media/source-v4l2.c

# frames: decoding, analysis, views
src_libvdmedia_la_SOURCES += \
	src/media/analysis.c \
	src/media/card.c src/media/card.h \
	src/media/decoder.c src/media/decoder.h \
	src/media/detections.c src/media/detections.h \
	src/media/encode.c src/media/encode.h \
	src/media/intake.c src/media/intake.h src/media/lane.c src/media/lane.h \
	src/media/look.c src/media/look.h \
	src/media/mask-clip.c src/media/mask-clip.h src/media/mask-file.c src/media/mask-file.h \
	src/media/play.c src/media/play.h \
	src/media/mp4.c src/media/mp4.h \
	src/media/timeline.c src/media/timeline.h \
	src/media/turn.c src/media/turn.h \
	src/media/video-encoder.c src/media/video-encoder.h \
	src/media/frame.c src/media/frame-pool.c src/media/frame-pool.h \
	src/media/gate.c src/media/gate.h \
	src/media/flow.c src/media/flow.h \
	src/media/gpu.c src/media/gpu.h src/media/gpu-balance.c src/media/gpu-balance.h \
	src/media/gpu-device.h src/media/gpu-memory.c src/media/gpu-memory.h src/media/gpu-stream.c src/media/gpu-stream.h src/media/gpu-survey.c src/media/gpu-survey.h \
	src/media/rate.c src/media/rate.h \
	src/media/view.c \
	src/media/warm-up.c src/media/warm-up.h

if HAVE_CUDA
src_libvdmedia_la_SOURCES += src/media/gpu-device-cuda.c src/media/gpu-nvdec.c src/media/gpu-nvdec.h
src_libvdmedia_la_CFLAGS += $(GST_CUDA_CFLAGS) $(FFNVCODEC_CFLAGS)
src_libvdmedia_la_LIBADD += $(GST_CUDA_LIBS) -ldl
else
src_libvdmedia_la_SOURCES += src/media/gpu-device-none.c
endif
