/*
 * Purpose:   the opening handshake of a WebSocket (RFC 6455, 4): keys, and the head of the server's answer.
 * Thread:    any (no state).
 * Ownership: the head's fields are its own.
 */
#ifndef STRATA_WSHAND_H
#define STRATA_WSHAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WS_HEAD_MAX ((size_t)64 << 10)
#define WS_ACCEPT_SIZE 29                /* base64 of 20 bytes, and NUL */

void ws_base64(char *out, const unsigned char *data, size_t n);      /* out: 4 * ((n + 2) / 3) + 1 */
void ws_accept_key(const char *key, char out[WS_ACCEPT_SIZE]);       /* what the server must answer to key */

struct ws_head {
    int status;
    size_t len;                          /* of the head: what follows is frames, or an error text */
    bool upgrade, connection;            /* Upgrade: websocket; Connection: ... upgrade ... */
    bool extensions;                     /* the server uses one, and none was offered */
    bool chunked;
    int64_t length;                      /* Content-Length, -1 none */
    char accept[64], protocol[128];
};
enum ws_head_state { WS_HEAD_MORE, WS_HEAD_DONE, WS_HEAD_BAD };
enum ws_head_state ws_head_read(struct ws_head *h, const char *data, size_t len);
/* What there is so far of a chunked body, decoded in place; its length. *end: it is complete (or spoiled). */
size_t ws_dechunk(char *data, size_t len, bool *end);

#endif
