/* A text with holes: the words are looked for once, copies are put together from pieces. */
#include "core/sim/stencil.h"

#include <stdlib.h>
#include <string.h>

#include "core/sim/sim.h"

/* The longest word that begins at p; -1 = none. */
static int word_at(const char *p, const char *const words[STENCIL_WORDS], const size_t len[STENCIL_WORDS])
{
    int best = -1;
    for (int i = 0; i < STENCIL_WORDS; i++)
        if (len[i] && *p == *words[i] && (best < 0 || len[i] > len[best]) && strncmp(p, words[i], len[i]) == 0)
            best = i;
    return best;
}

void stencil_init(struct stencil *t, const char *text, const char *const words[STENCIL_WORDS])
{
    size_t len[STENCIL_WORDS], from = 0, i = 0;
    *t = (struct stencil){.text = sim_strdup(text)};
    for (int k = 0; k < STENCIL_WORDS; k++)
        len[k] = words[k] ? strlen(words[k]) : 0;
    for (bool more = true; more;) {
        int w = text[i] ? word_at(text + i, words, len) : -1;
        more = text[i] != 0;
        if (w >= 0 || !more) {
            t->piece = sim_grow(t->piece, &t->cap, t->n + 1, sizeof(*t->piece));
            t->piece[t->n].from = from;
            t->piece[t->n].len = i - from;
            t->piece[t->n++].word = w;
            from = i += w >= 0 ? len[w] : 0;
        } else {
            i++;
        }
    }
}

char *stencil_fill(const struct stencil *t, const char *const words[STENCIL_WORDS], size_t *len)
{
    size_t n = 0, size[STENCIL_WORDS];
    for (int k = 0; k < STENCIL_WORDS; k++)
        size[k] = words[k] ? strlen(words[k]) : 0;
    for (size_t i = 0; i < t->n; i++)
        n += t->piece[i].len + (t->piece[i].word >= 0 ? size[t->piece[i].word] : 0);
    char *out = sim_alloc(n + 1), *p = out;
    for (size_t i = 0; i < t->n; i++) {
        int w = t->piece[i].word;
        memcpy(p, t->text + t->piece[i].from, t->piece[i].len);
        p += t->piece[i].len;
        if (w >= 0 && size[w]) {
            memcpy(p, words[w], size[w]);
            p += size[w];
        }
    }
    *p = 0;
    *len = n;
    return out;
}

void stencil_release(struct stencil *t)
{
    free(t->text);
    free(t->piece);
}
