noinst_LTLIBRARIES += kernels/libvdk.la
kernels_libvdk_la_SOURCES = \
	kernels/blend-cpu.c kernels/blend-pixel.h kernels/both.h kernels/compare-cpu.c \
	kernels/component-pixel.h kernels/components-cpu.c kernels/convert-cpu.c kernels/convert-cpu.h kernels/convert-pixel.h kernels/cpu.c kernels/cpu.h \
	kernels/fft-pixel.h kernels/fill-cpu.c kernels/image.c kernels/image.h kernels/jpeg-pixel.h kernels/jpeg-tables.c \
	kernels/jpeg-tables.h kernels/learn-cpu.c kernels/light-cpu.c kernels/light-pixel.h \
	kernels/motion-cpu.c kernels/motion-memory.c kernels/motion-pixel.h kernels/motion-plan.h kernels/motion-state.h \
	kernels/pixelate-cpu.c kernels/quality-cpu.c kernels/quality-job.h kernels/quality-pixel.h kernels/scale-cpu.c kernels/scale-pixel.h kernels/shape.c \
	kernels/shrink-cpu.c kernels/span.h kernels/vdk.h
kernels_libvdk_la_CFLAGS = $(AM_CFLAGS) -O3
if SANITIZED
kernels_libvdk_la_CFLAGS += -DVDK_PLAIN
endif
if SANITIZED_THREAD
# Arithmetic of one thread on memory that others hand it: watched, a picture would take seconds.
kernels_libvdk_la_CFLAGS += -fno-sanitize=thread
endif

# The GPU's code: nvcc makes an image of each .cu, and the assembler takes it in as vdk_fatbin_NAME.
# Uncompressed, the names of its kernels can be looked for in it.
EXTRA_DIST += kernels/fatbin.S
if HAVE_CUDA
noinst_LTLIBRARIES += kernels/libvdkcuda.la
kernels_libvdkcuda_la_SOURCES = \
	kernels/cuda.c kernels/cuda.h kernels/cuda-driver.h kernels/device.h kernels/draw-cuda.c \
	kernels/draw-cuda.h kernels/draw-device.h kernels/jpeg-cuda.c kernels/jpeg-cuda.h kernels/motion-cuda.c kernels/motion-cuda.h kernels/quality-cuda.c kernels/scale-cuda.c \
	kernels/motion-labels.h kernels/blend.cu kernels/fill.cu kernels/jpeg.cu kernels/motion-compare.cu \
	kernels/motion-finish.cu kernels/motion-match.cu kernels/motion-shrink.cu kernels/pixelate.cu kernels/quality.cu kernels/scale.cu
SUFFIXES += .cu
.cu.lo:
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
	"$(NVCC)" $(CUDA_GENCODE) -O3 -std=c++20 --no-compress --Werror all-warnings $(NVCCFLAGS) \
	  -I$(top_srcdir) -MMD -MF $*.fatbin.d -MT $@ --fatbin -o $*.fatbin $< && \
	$(LIBTOOL) $(AM_V_lt) --tag=CC --mode=compile $(CC) $(CFLAGS) -DFATBIN='"$*.fatbin"' \
	  -DSYMBOL=vdk_fatbin_`echo $(*F) | tr - _` -c -o $@ $(top_srcdir)/kernels/fatbin.S
CLEANFILES += kernels/*.fatbin kernels/*.fatbin.d
-include $(wildcard kernels/*.fatbin.d)
endif
