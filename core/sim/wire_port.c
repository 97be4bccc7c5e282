/* The ports of a container: those that it names answer HTTP, the others refuse, as the kubelet tells it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/wire.h"

struct ports { int port; bool open; struct str in; };

static void start(struct wire *w)
{
    struct ports *p = w->impl = sim_alloc(sizeof(*p));
    struct res *pods = store_find_res(w->sim, "", "v1", "pods");
    struct obj *pod = store_get(pods, w->ns, w->pod);
    const json_t *list = pod ? jat(obj_read(pod), "spec.containers") : NULL;
    str_init(&p->in, 1u << 20);
    p->port = w->port;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *ports = jat(json_array_get(list, i), "ports");
        for (size_t k = 0; k < json_array_size(ports); k++)
            p->open |= jint(json_array_get(ports, k), "containerPort") == p->port;
    }
    unsigned char number[2] = {(unsigned char)p->port, (unsigned char)(p->port >> 8)};
    wire_send(w, 0, number, 2);
    wire_send(w, 1, number, 2);
    if (!p->open) {
        char text[200];
        int n = snprintf(text, sizeof(text), "an error occurred forwarding %d -> %d: dial tcp4 127.0.0.1:%d: connect: connection refused", p->port, p->port, p->port);
        wire_send(w, 1, text, (size_t)n);
        wire_close(w);
    }
}

static void data(struct wire *w, unsigned channel, const char *text, size_t len)
{
    struct ports *p = w->impl;
    char *end;
    if (channel != 0 || !p->open)
        return;
    str_add(&p->in, text, len);
    while (p->in.len && (end = memmem(p->in.data, p->in.len, "\r\n\r\n", 4))) {
        bool last = memmem(p->in.data, (size_t)(end - p->in.data), "Connection: close", 17) != NULL;
        char path[200] = "", body[400], head[600];
        sscanf(p->in.data, "%*s %199s", path);
        int n = snprintf(body, sizeof(body), "%s of %s, port %d\n", path, w->pod, p->port);
        int k = snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n%s\r\n%s", n, last ? "Connection: close\r\n" : "", body);
        wire_send(w, 0, head, (size_t)k);
        str_cut(&p->in, (size_t)(end - p->in.data) + 4);
        if (last) {
            wire_close(w);
            return;
        }
    }
}

static void closed(struct wire *w, unsigned channel)
{
    (void)w;
    (void)channel;
}

static void done(struct wire *w)
{
    struct ports *p = w->impl;
    str_release(&p->in);
    free(p);
}

const struct wire_end wire_port = {start, data, closed, NULL, done};
