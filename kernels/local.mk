noinst_LTLIBRARIES += kernels/libvdk.la
kernels_libvdk_la_SOURCES = \
	kernels/blend-cpu.c kernels/blend-pixel.h kernels/both.h kernels/compare-cpu.c \
	kernels/component-pixel.h kernels/components-cpu.c kernels/convert-cpu.c kernels/convert-cpu.h kernels/convert-pixel.h kernels/cpu.c kernels/cpu.h \
	kernels/fill-cpu.c kernels/image.c kernels/image.h kernels/learn-cpu.c kernels/light-cpu.c kernels/light-pixel.h \
	kernels/motion-cpu.c kernels/motion-memory.c kernels/motion-pixel.h kernels/motion-plan.h kernels/motion-state.h \
	kernels/pixelate-cpu.c kernels/scale-cpu.c kernels/scale-pixel.h kernels/shape.c \
	kernels/shrink-cpu.c kernels/span.h kernels/vdk.h
kernels_libvdk_la_CFLAGS = $(AM_CFLAGS) -O3
if SANITIZED
kernels_libvdk_la_CFLAGS += -DVDK_PLAIN
endif
