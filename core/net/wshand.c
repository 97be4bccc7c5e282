/* The opening handshake of a WebSocket: SHA-1 of the key, and a bounded reader of the server's answer. */
#include "core/net/wshand.h"

#include <string.h>
#include <strings.h>

static uint32_t rol(uint32_t v, int n)
{
    return v << n | v >> (32 - n);
}

static void sha1_block(uint32_t h[5], const unsigned char *p)
{
    uint32_t w[80], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
    for (int i = 0; i < 16; i++)
        w[i] = (uint32_t)p[4 * i] << 24 | (uint32_t)p[4 * i + 1] << 16 | (uint32_t)p[4 * i + 2] << 8 | p[4 * i + 3];
    for (int i = 16; i < 80; i++)
        w[i] = rol(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    for (int i = 0; i < 80; i++) {
        uint32_t f = i < 20 ? (b & c) | (~b & d) : i < 40 || i >= 60 ? b ^ c ^ d : (b & c) | (b & d) | (c & d);
        static const uint32_t k[4] = {0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6};
        uint32_t t = rol(a, 5) + f + e + k[i / 20] + w[i];
        e = d;
        d = c;
        c = rol(b, 30);
        b = a;
        a = t;
    }
    h[0] += a;
    h[1] += b;
    h[2] += c;
    h[3] += d;
    h[4] += e;
}

/* Of a short text (fewer than 120 bytes): no secret hangs on it, the protocol wants it. */
static void sha1(const char *text, size_t n, unsigned char out[20])
{
    uint32_t h[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
    unsigned char buf[128] = {0};
    size_t total = n < 56 ? 64 : 128;
    memcpy(buf, text, n);
    buf[n] = 0x80;
    buf[total - 2] = (unsigned char)(n * 8 >> 8);
    buf[total - 1] = (unsigned char)(n * 8);
    for (size_t at = 0; at < total; at += 64)
        sha1_block(h, buf + at);
    for (int i = 0; i < 20; i++)
        out[i] = (unsigned char)(h[i / 4] >> (24 - 8 * (i % 4)));
}

void ws_base64(char *out, const unsigned char *p, size_t n)
{
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < n; i += 3) {
        uint32_t v = (uint32_t)p[i] << 16 | (i + 1 < n ? (uint32_t)p[i + 1] << 8 : 0) | (i + 2 < n ? p[i + 2] : 0);
        *out++ = digit[v >> 18];
        *out++ = digit[v >> 12 & 63];
        *out++ = i + 1 < n ? digit[v >> 6 & 63] : '=';
        *out++ = i + 2 < n ? digit[v & 63] : '=';
    }
    *out = '\0';
}

void ws_accept_key(const char *key, char out[WS_ACCEPT_SIZE])
{
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    char text[64 + sizeof guid];
    unsigned char sum[20];
    size_t n = strnlen(key, 64);
    memcpy(text, key, n);
    memcpy(text + n, guid, sizeof guid);
    sha1(text, n + sizeof guid - 1, sum);
    ws_base64(out, sum, sizeof sum);
}

/* ---- the answer's head ---- */

static bool is(const char *line, size_t n, const char *name, const char **value, size_t *nvalue)
{
    size_t k = strlen(name);
    if (n <= k || line[k] != ':' || strncasecmp(line, name, k) != 0)
        return false;
    line += k + 1;
    n -= k + 1;
    while (n && (*line == ' ' || *line == '\t'))
        line++, n--;
    while (n && (line[n - 1] == ' ' || line[n - 1] == '\t'))
        n--;
    *value = line;
    *nvalue = n;
    return true;
}

static bool has_token(const char *v, size_t n, const char *token)
{
    size_t k = strlen(token);
    for (size_t i = 0; i < n;) {
        while (i < n && (v[i] == ' ' || v[i] == ',' || v[i] == '\t'))
            i++;
        size_t start = i;
        while (i < n && v[i] != ',' && v[i] != ' ' && v[i] != '\t')
            i++;
        if (i - start == k && strncasecmp(v + start, token, k) == 0)
            return true;
    }
    return false;
}

static void keep(char *to, size_t size, const char *v, size_t n)
{
    n = n < size - 1 ? n : size - 1;
    memcpy(to, v, n);
    to[n] = '\0';
}

static bool number(const char *v, size_t n, int64_t *out)
{
    *out = 0;
    for (size_t i = 0; i < n; i++) {
        if (v[i] < '0' || v[i] > '9' || *out > INT64_MAX / 20)
            return false;
        *out = *out * 10 + (v[i] - '0');
    }
    return n > 0;
}

static bool status_line(struct ws_head *h, const char *line, size_t n)
{
    if (n < 12 || memcmp(line, "HTTP/1.", 7) != 0 || line[8] != ' ' || (n > 12 && line[12] != ' '))
        return false;
    for (int i = 9; i < 12; i++) {
        if (line[i] < '0' || line[i] > '9')
            return false;
        h->status = h->status * 10 + (line[i] - '0');
    }
    return h->status >= 100;
}

static bool header(struct ws_head *h, const char *line, size_t n)
{
    const char *v;
    size_t k;
    if (!memchr(line, ':', n) || memchr(line, '\0', n))
        return false;
    if (is(line, n, "Upgrade", &v, &k))
        h->upgrade |= has_token(v, k, "websocket");
    else if (is(line, n, "Connection", &v, &k))
        h->connection |= has_token(v, k, "upgrade");
    else if (is(line, n, "Sec-WebSocket-Accept", &v, &k))
        keep(h->accept, sizeof h->accept, v, k);
    else if (is(line, n, "Sec-WebSocket-Protocol", &v, &k))
        keep(h->protocol, sizeof h->protocol, v, k);
    else if (is(line, n, "Sec-WebSocket-Extensions", &v, &k))
        h->extensions = k > 0;
    else if (is(line, n, "Transfer-Encoding", &v, &k))
        h->chunked |= has_token(v, k, "chunked");
    else if (is(line, n, "Content-Length", &v, &k))
        return number(v, k, &h->length);
    return true;
}

enum ws_head_state ws_head_read(struct ws_head *h, const char *data, size_t len)
{
    *h = (struct ws_head){.length = -1};
    for (size_t at = 0; at < len;) {
        const char *line = data + at, *nl = memchr(line, '\n', len - at);
        if (!nl)
            break;
        size_t n = (size_t)(nl - line);
        at += n + 1;
        if (n && line[n - 1] == '\r')
            n--;
        if (!n && h->status == 0)
            return WS_HEAD_BAD;
        if (!n) {
            h->len = at;
            return WS_HEAD_DONE;
        }
        if (h->status == 0 ? !status_line(h, line, n) : !header(h, line, n))
            return WS_HEAD_BAD;
    }
    return len >= WS_HEAD_MAX ? WS_HEAD_BAD : WS_HEAD_MORE;
}

size_t ws_dechunk(char *data, size_t len, bool *end)
{
    size_t at = 0, out = 0;
    *end = false;
    while (at < len) {
        size_t size = 0, digits = 0;
        for (; at < len && digits < 8; at++, digits++) {
            const char *hex = "0123456789abcdef0123456789ABCDEF", *d = data[at] ? strchr(hex, data[at]) : NULL;
            if (!d)
                break;
            size = size * 16 + (size_t)((d - hex) % 16);
        }
        const char *nl = memchr(data + at, '\n', len - at);
        if (!nl && len - at < 256)
            return out;                  /* the size is not all here */
        if (!nl || !digits || size == 0) {
            *end = true;
            return out;
        }
        at = (size_t)(nl - data) + 1;
        size_t n = size < len - at ? size : len - at;
        memmove(data + out, data + at, n);
        out += n;
        at += n;
        if (n < size)
            return out;
        while (at < len && (data[at] == '\r' || data[at] == '\n'))
            at++;
    }
    return out;
}
