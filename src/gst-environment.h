#pragma once

/*
 * Sets, before GStreamer starts, what is not set yet: its registry, one a version of the NVIDIA
 * driver because it remembers that there is none; where our own elements are; no resumed TLS
 * sessions; no settings of a desktop. [main]
 */
void vd_gst_environment_prepare(void);
