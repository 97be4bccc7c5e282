/*
 * Purpose:   the channels of a Kubernetes stream over a WebSocket (v5.channel.k8s.io, v4.channel.k8s.io): the first byte of
 *            each message says which. For exec, attach and port-forward.
 * Thread:    net thread.
 */
#ifndef STRATA_KUBE_STREAM_H
#define STRATA_KUBE_STREAM_H

#include <stddef.h>

#include "strata/err.h"

enum { CHANNEL_STDIN, CHANNEL_STDOUT, CHANNEL_STDERR, CHANNEL_ERROR, CHANNEL_RESIZE, CHANNEL_CLOSE = 255 };

/* The server's last word on the error channel (a metav1.Status): ERR_OK with the command's exit code, or why it did not run. */
void kube_stream_status(const char *text, size_t len, int *exit_code, struct err *err);

#endif
