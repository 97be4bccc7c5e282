/*
 * Purpose:   exec, attach and portforward of the demo cloud: a WebSocket after the upgrade (wire.c), and what answers at the
 *            other end: a small shell (wire_shell.c) or the ports of a container (wire_port.c).
 * Thread:    the one.
 * Ownership: wire.c owns wires; `impl` is freed by its end.
 */
#ifndef STRATA_SIM_WIRE_H
#define STRATA_SIM_WIRE_H

#include <poll.h>

#include "core/sim/kube_sim.h"

struct wire;
struct wire_end {                                              /* who answers */
    void (*start)(struct wire *w);
    void (*data)(struct wire *w, unsigned channel, const char *data, size_t len);
    void (*closed)(struct wire *w, unsigned channel);          /* v5: the client ended a channel */
    void (*more)(struct wire *w);                              /* there is room for more output; may be NULL */
    void (*free)(struct wire *w);
};
struct wire {
    struct wire *next;
    struct sim *sim;
    const struct wire_end *end;
    void *impl;
    char *ns, *pod, *uid, *container;
    char **argv;                                               /* NULL-terminated */
    bool tty, in, v5, over, bare;                              /* bare: an image without programs */
    int port;                                                  /* of portforward */
    struct wslay_event_context *ctx;
    struct MHD_UpgradeResponseHandle *urh;
    int fd;
    struct gnutls_session_int *tls;
    bool reading, held;                                        /* by us, not by the daemon; what was to be sent waits in the session */
    size_t turn;                                               /* bytes that came in this one */
    struct str early;                                          /* came with the handshake */
    size_t early_at;
    bool lost;
};
void wire_send(struct wire *w, unsigned channel, const void *data, size_t len);
size_t wire_queued(const struct wire *w);
void wire_exit(struct wire *w, int code);                      /* the command's end: the last word, then a close frame */
void wire_fail(struct wire *w, const char *message);           /* the runtime could not start it */
void wire_close(struct wire *w);

extern const struct wire_end wire_shell, wire_port;

void kube_upgrade(struct req *r, struct obj *pod, const char *sub);
int wires_fds(const struct world *w, struct pollfd *fd, int max);
void wires_serve(struct world *w);
void wires_drop(struct world *w, const struct sim *of);        /* NULL: all */

#endif
