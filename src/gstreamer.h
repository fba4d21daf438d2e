#pragma once

#include <glib.h>
#include <stdbool.h>

/*
 * Starts GStreamer with our elements, and logs which of those that we need are not there. Its list
 * of plug-ins is kept in a file of our own, named after the GPU driver: one made without a driver
 * would hide the GPU's elements when there is one. What the user has set in the environment is left
 * alone. [main] before there are threads
 */
bool vd_gstreamer_start(GError **error);
