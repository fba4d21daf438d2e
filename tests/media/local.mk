# frames: decoding, analysis, views
tests_media_frame_programs = tests/media/test-frame tests/media/test-frame-pool \
	tests/media/test-decoder \
	tests/media/test-analysis \
	tests/media/test-analysis-motion tests/media/test-flow tests/media/test-rate tests/media/test-view \
	tests/media/test-view-life tests/media/test-view-video tests/media/test-mp4 \
	tests/media/test-timeline \
	tests/media/test-warm-up
check_PROGRAMS += $(tests_media_frame_programs)
TESTS += $(tests_media_frame_programs)
tests_media_made = tests/media/made.c tests/media/made.h
tests_media_frame_cflags = $(AM_CFLAGS) -I$(srcdir)/tests/media $(GLIB_CFLAGS) $(GST_CFLAGS) $(GST_APP_CFLAGS)
tests_media_frame_ldadd = src/libvdmedia.la $(GST_APP_LIBS) $(GST_LIBS) $(GLIB_LIBS)
tests_media_test_frame_SOURCES = tests/media/test-frame.c
tests_media_test_frame_CFLAGS = $(tests_media_frame_cflags)
tests_media_test_frame_LDADD = $(tests_media_frame_ldadd)
tests_media_test_frame_pool_SOURCES = tests/media/test-frame-pool.c
tests_media_test_frame_pool_CFLAGS = $(tests_media_frame_cflags)
tests_media_test_frame_pool_LDADD = $(tests_media_frame_ldadd)
tests_media_test_decoder_SOURCES = tests/media/test-decoder.c
tests_media_test_decoder_CFLAGS = $(tests_media_frame_cflags)
tests_media_test_decoder_LDADD = $(tests_media_frame_ldadd)
tests_media_analysis_rig = tests/media/analysis-rig.c tests/media/analysis-rig.h $(tests_media_made)
tests_media_test_analysis_SOURCES = tests/media/test-analysis.c $(tests_media_analysis_rig)
tests_media_test_analysis_CFLAGS = $(tests_media_frame_cflags)
tests_media_test_analysis_LDADD = $(tests_media_frame_ldadd)
tests_media_test_analysis_motion_SOURCES = tests/media/test-analysis-motion.c $(tests_media_analysis_rig)
tests_media_test_analysis_motion_CFLAGS = $(tests_media_frame_cflags)
tests_media_test_analysis_motion_LDADD = $(tests_media_frame_ldadd)
if HAVE_EMU_DECODER
tests_media_test_analysis_gpus_SOURCES = tests/media/test-analysis-gpus.c \
	$(tests_media_analysis_rig) $(emu_codec_rig)
tests_media_test_analysis_gpus_CFLAGS = $(tests_media_frame_cflags) \
	$(FFNVCODEC_CFLAGS)
tests_media_test_analysis_gpus_LDADD = tests/emu/libopen.la $(tests_media_frame_ldadd)
tests_media_test_gpu_faults_SOURCES = tests/media/test-gpu-faults.c \
	tests/media/fault-site.c tests/media/fault-site.h $(tests_media_analysis_rig) $(emu_codec_rig)
tests_media_test_gpu_faults_CFLAGS = $(tests_media_frame_cflags) \
	$(FFNVCODEC_CFLAGS)
tests_media_test_gpu_faults_LDADD = tests/emu/libopen.la $(tests_media_frame_ldadd)
tests_media_test_gpu_memory_SOURCES = tests/media/test-gpu-memory.c $(tests_media_made) $(emu_codec_rig)
tests_media_test_gpu_memory_CFLAGS = $(tests_media_frame_cflags) \
	$(FFNVCODEC_CFLAGS)
tests_media_test_gpu_memory_LDADD = tests/emu/libopen.la $(tests_media_frame_ldadd)
else
tests_media_test_analysis_gpus_SOURCES = tests/emu/left-out.c
tests_media_test_gpu_faults_SOURCES = tests/emu/left-out.c
tests_media_test_gpu_memory_SOURCES = tests/emu/left-out.c
endif
check_PROGRAMS += tests/media/test-analysis-gpus tests/media/test-gpu-faults \
	tests/media/test-gpu-memory
if !SANITIZED_THREAD
TESTS += tests/media/test-analysis-gpus
endif
# A lost GPU's decoder stays in memory on purpose, which a search for leaks takes for one; emulated
# pictures of 1920x1080 take a sanitizer too long.
if !SANITIZED
TESTS += tests/media/test-gpu-faults tests/media/test-gpu-memory
endif
tests_media_test_flow_SOURCES = tests/media/test-flow.c
tests_media_test_flow_CFLAGS = $(tests_media_frame_cflags)
tests_media_test_flow_LDADD = $(tests_media_frame_ldadd)
tests_media_test_rate_SOURCES = tests/media/test-rate.c
tests_media_test_rate_CFLAGS = $(tests_media_frame_cflags)
tests_media_test_rate_LDADD = $(tests_media_frame_ldadd)
tests_media_view_rig = tests/media/view-rig.c tests/media/view-rig.h $(tests_media_made)
tests_media_test_view_SOURCES = tests/media/test-view.c $(tests_media_view_rig)
tests_media_test_view_CFLAGS = $(tests_media_frame_cflags)
tests_media_test_view_LDADD = $(tests_media_frame_ldadd) -lm
tests_media_test_view_life_SOURCES = tests/media/test-view-life.c $(tests_media_view_rig)
tests_media_test_view_life_CFLAGS = $(tests_media_frame_cflags)
tests_media_test_view_life_LDADD = $(tests_media_frame_ldadd) -lm
tests_media_test_view_video_SOURCES = tests/media/test-view-video.c tests/media/boxes.c \
	tests/media/boxes.h $(tests_media_view_rig)
tests_media_test_view_video_CFLAGS = $(tests_media_frame_cflags)
tests_media_test_view_video_LDADD = $(tests_media_frame_ldadd) -lm
tests_media_test_mp4_SOURCES = tests/media/test-mp4.c tests/media/boxes.c tests/media/boxes.h
tests_media_test_mp4_CFLAGS = $(tests_media_frame_cflags)
tests_media_test_mp4_LDADD = $(tests_media_frame_ldadd)
tests_media_test_timeline_SOURCES = tests/media/test-timeline.c
tests_media_test_timeline_CFLAGS = $(tests_media_frame_cflags)
tests_media_test_timeline_LDADD = $(tests_media_frame_ldadd)
tests_media_test_warm_up_SOURCES = tests/media/test-warm-up.c
tests_media_test_warm_up_CFLAGS = $(tests_media_frame_cflags)
tests_media_test_warm_up_LDADD = $(tests_media_frame_ldadd)

# ingest: from a source to the ring
tests_media_ingest_programs = \
	tests/media/test-ingest-file tests/media/test-ingest-http \
	tests/media/test-multipart tests/media/test-reaper tests/media/test-ring \
	tests/media/test-gpu tests/media/test-gpu-balance tests/media/test-rtcp tests/media/test-rtp-order \
	tests/media/test-rtsp-sdp tests/media/test-rtsp-wire tests/media/test-source-entry \
	tests/media/test-source-errand tests/media/test-source-time
check_PROGRAMS += $(tests_media_ingest_programs) tests/media/test-rtsp-tcp
TESTS += $(tests_media_ingest_programs)
# GIO unloads its TLS module at the end, and LeakSanitizer stumbles over what that leaves behind.
if !SANITIZED
TESTS += tests/media/test-rtsp-tcp
endif
tests_media_ingest_cflags = $(AM_CFLAGS) $(GLIB_CFLAGS) $(GST_CFLAGS)
tests_media_ingest_libs = src/libvdmedia.la $(GST_LIBS) $(GLIB_LIBS)
tests_media_test_multipart_CFLAGS = $(tests_media_ingest_cflags)
tests_media_test_multipart_LDADD = $(tests_media_ingest_libs)
tests_media_test_reaper_CFLAGS = $(tests_media_ingest_cflags)
tests_media_test_reaper_LDADD = $(tests_media_ingest_libs)
tests_media_test_ring_CFLAGS = $(tests_media_ingest_cflags)
tests_media_test_ring_LDADD = $(tests_media_ingest_libs)
tests_media_test_source_entry_SOURCES = tests/media/test-source-entry.c $(tests_media_made)
tests_media_test_source_entry_CFLAGS = $(tests_media_frame_cflags)
tests_media_test_source_entry_LDADD = $(tests_media_frame_ldadd)
tests_media_test_source_errand_SOURCES = tests/media/test-source-errand.c tests/media/ingest-kit.c \
	tests/media/ingest-kit.h
tests_media_test_source_errand_CFLAGS = $(tests_media_ingest_cflags)
tests_media_test_source_errand_LDADD = $(tests_media_ingest_libs)
tests_media_test_source_time_CFLAGS = $(tests_media_ingest_cflags)
tests_media_test_source_time_LDADD = $(tests_media_ingest_libs)
tests_media_test_gpu_CFLAGS = $(tests_media_ingest_cflags)
tests_media_test_gpu_LDADD = $(tests_media_ingest_libs)
tests_media_test_gpu_balance_CFLAGS = $(tests_media_ingest_cflags)
tests_media_test_gpu_balance_LDADD = $(tests_media_ingest_libs)
tests_media_test_rtcp_CFLAGS = $(tests_media_ingest_cflags)
tests_media_test_rtcp_LDADD = $(tests_media_ingest_libs)
tests_media_test_rtp_order_CFLAGS = $(tests_media_ingest_cflags)
tests_media_test_rtp_order_LDADD = $(tests_media_ingest_libs)
tests_media_test_rtsp_sdp_CFLAGS = $(tests_media_ingest_cflags) $(GST_APP_CFLAGS)
tests_media_test_rtsp_sdp_LDADD = $(tests_media_ingest_libs) $(GST_APP_LIBS)
tests_media_test_rtsp_wire_CFLAGS = $(tests_media_ingest_cflags)
tests_media_test_rtsp_wire_LDADD = $(tests_media_ingest_libs)
tests_media_ingest_kit = tests/media/ingest-kit.c tests/media/ingest-kit.h
tests_media_test_ingest_http_SOURCES = tests/media/test-ingest-http.c $(tests_media_ingest_kit)
tests_media_test_ingest_http_CFLAGS = $(tests_media_ingest_cflags)
tests_media_test_ingest_http_LDADD = $(tests_media_ingest_libs)
tests_media_test_ingest_file_SOURCES = tests/media/test-ingest-file.c $(tests_media_ingest_kit)
tests_media_test_ingest_file_CFLAGS = $(tests_media_ingest_cflags)
tests_media_test_ingest_file_LDADD = $(tests_media_ingest_libs)
tests_media_test_rtsp_tcp_SOURCES = tests/media/test-rtsp-tcp.c $(tests_media_ingest_kit) \
	tests/media/halting-camera.c tests/media/halting-camera.h
tests_media_test_rtsp_tcp_CFLAGS = $(tests_media_ingest_cflags) $(GST_APP_CFLAGS)
tests_media_test_rtsp_tcp_LDADD = $(tests_media_ingest_libs) $(GST_APP_LIBS)

if HAVE_RTSP_SERVER
check_PROGRAMS += tests/media/test-ingest-rtsp
# The camera beside it is gst-rtsp-server and GIO, which the sanitizer of threads cannot follow.
if !SANITIZED_THREAD
TESTS += tests/media/test-ingest-rtsp
endif
endif
tests_media_test_ingest_rtsp_SOURCES = tests/media/test-ingest-rtsp.c $(tests_media_ingest_kit) \
	tests/daemon/camera/clip.c tests/daemon/camera/clip.h \
	tests/daemon/camera/door.c tests/daemon/camera/door.h \
	tests/daemon/camera/mount.c tests/daemon/camera/mount.h
tests_media_test_ingest_rtsp_CFLAGS = $(tests_media_ingest_cflags) -I$(top_srcdir)/tests \
	$(GST_APP_CFLAGS) $(RTSP_SERVER_CFLAGS)
tests_media_test_ingest_rtsp_LDADD = $(tests_media_ingest_libs) $(RTSP_SERVER_LIBS) $(GST_APP_LIBS)
