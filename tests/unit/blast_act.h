/* An action on a world of links, and what its blast radius says of who is harmed. */
#ifndef TEST_BLAST_ACT_H
#define TEST_BLAST_ACT_H

#include "links_sandwich.h"

#include "strata/blast.h"

static inline const struct blast_item *harmed(const struct world *w, const struct blast *b, const char *uid, enum blast_plane plane)
{
    for (size_t i = 0; i < b->n; i++)
        if (b->item[i].plane == plane && !strcmp(links_row(w->links, b->item[i].node)->uid, uid))
            return &b->item[i];
    return NULL;
}

static inline struct blast act(const struct world *w, const char *action, uint16_t source, const char *kind, const char *uid, const char *said)
{
    struct blast_cut cut[64];
    struct blast b;
    struct str words;
    str_init(&words, 0);
    uint32_t node = links_find(w->links, source, world_kind(kind), uid);
    assert_int_not_equal(node, LINK_NO_NODE);
    assert_true(blast_known(action, world_kind(kind)));
    size_t n = blast_cuts(w->links, action, node, -1, cut, 64, &words);
    blast_place(w->links, cut, n, &words);
    assert_true(blast_make(&b, w->links, cut, n, (struct blast_pace){0}));
    assert_string_equal(words.data ? words.data : "", said);
    str_release(&words);
    return b;
}

static inline void assert_harm(const struct world *w, const struct blast *b, const char *uid, enum blast_plane plane, enum blast_harm want)
{
    const struct blast_item *it = harmed(w, b, uid, plane);
    if ((it ? it->harm : HARM_NONE) != (int)want)
        fail_msg("%s: harm %d, wanted %d", uid, it ? it->harm : 0, want);
}

static inline bool needs(const struct blast_need *need, size_t n, const char *kind, bool across, bool wide)
{
    for (size_t i = 0; i < n; i++)
        if (!strcmp(need[i].kind, kind))
            return need[i].across == across && need[i].wide == wide;
    return false;
}

#endif
