/* Bytes of the terminal: read as they come, cut into keys by key.c; a lone ESC is settled by time. */
#include "tui/term_input.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void term_input_seq(struct term_input *in, const char *seq, uint32_t key)
{
    struct key_seq *to = &in->seqs[in->nseqs];
    if (in->nseqs == sizeof in->seqs / sizeof *in->seqs || seq[0] != '\x1b' || strlen(seq) >= sizeof to->seq) return;
    memcpy(to->seq, seq, strlen(seq));
    to->key = key;
    in->nseqs++;
}

bool term_input_read(struct term_input *in, int fd)
{
    if (in->at) {
        memmove(in->bytes, in->bytes + in->at, in->len - in->at);
        in->len -= in->at;
        in->at = 0;
    }
    struct pollfd p = {.fd = fd, .events = POLLIN};
    if (poll(&p, 1, 0) <= 0) return true;
    if (in->len == sizeof in->bytes) in->len = 0;              /* cannot happen: the decoder gives up earlier */
    ssize_t n = read(fd, in->bytes + in->len, sizeof in->bytes - in->len);
    if (n < 0) return errno == EINTR || errno == EAGAIN;
    if (n == 0) return false;
    in->len += (size_t)n;
    return true;
}

bool term_input_next(struct term_input *in, bool final, struct input *out)
{
    size_t left = in->len - in->at;
    if (!left) return false;
    size_t n = key_decode(in->bytes + in->at, left, final || left > sizeof in->bytes - 4096, in->seqs, in->nseqs, out);
    if (!n) return false;
    in->at += n;
    return true;
}

int term_input_pending_ms(const struct term_input *in)
{
    if (in->len == in->at) return -1;
    const char *s = getenv("ESCDELAY");
    int ms = s ? atoi(s) : 0;
    if (ms > 0) return ms > 1000 ? 1000 : ms;
    /* Locally a sequence comes in one read; a network may cut it. */
    return getenv("SSH_CONNECTION") || in->len - in->at > 1 ? 30 : 4;
}
