#pragma once

#include "media/source-kind.h"

/*
 * [any] A source could not connect and keeps to itself why. Ends the feed at once, finds the reason
 * by a connection of its own on which nothing is said, and tells it then: the host is not known,
 * nobody takes connections there, or it does not answer. Who does take it is lost by `taken`, with
 * taken_text (a %s in it is the host).
 */
void vd_source_probe(const VdSourceSettings *settings, VdSourceFeed *feed, VdLoss taken,
                     const char *taken_text);
