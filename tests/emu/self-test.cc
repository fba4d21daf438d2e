/* self-test.cu as the emulated driver runs it: device.h stands in front of this file. */
#include "tests/emu/self-test.cu"
