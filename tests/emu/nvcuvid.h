#pragma once

#include <ffnvcodec/dynlink_cuda.h>
#include <ffnvcodec/dynlink_cuviddec.h>
#include <ffnvcodec/dynlink_nvcuvid.h>

/*
 * The functions of libnvcuvid.so.1, and what its two halves share. The parser decodes with
 * libavcodec, because that is who knows in which order pictures come out; a decoder has the
 * surfaces, and gets a picture only for what cuvidDecodePicture() asked for. Between them goes a
 * ticket, which the parser writes into CUVIDPICPARAMS.Reserved.
 */
struct AVFrame;

extern "C" {
#pragma GCC visibility push(default)

/* nvcuvid-decoder.cc */
tcuvidGetDecoderCaps cuvidGetDecoderCaps;
tcuvidCreateDecoder cuvidCreateDecoder;
tcuvidDestroyDecoder cuvidDestroyDecoder;
tcuvidReconfigureDecoder cuvidReconfigureDecoder;
tcuvidDecodePicture cuvidDecodePicture;
tcuvidGetDecodeStatus cuvidGetDecodeStatus;
tcuvidMapVideoFrame64 cuvidMapVideoFrame64;
tcuvidUnmapVideoFrame64 cuvidUnmapVideoFrame64;

/* nvcuvid-locks.cc */
tcuvidCtxLockCreate cuvidCtxLockCreate;
tcuvidCtxLockDestroy cuvidCtxLockDestroy;
tcuvidCtxLock cuvidCtxLock;
tcuvidCtxUnlock cuvidCtxUnlock;

/* nvcuvid-parser.cc */
tcuvidCreateVideoParser cuvidCreateVideoParser;
tcuvidParseVideoData cuvidParseVideoData;
tcuvidDestroyVideoParser cuvidDestroyVideoParser;

#pragma GCC visibility pop
}

namespace vdk_emu
{

void write_ticket(CUVIDPICPARAMS *picture, uint64_t ticket);
/* The picture has come: its bytes go to the surface that was meant for it, if there is one. */
void deliver(uint64_t ticket, const AVFrame *frame);

} // namespace vdk_emu
