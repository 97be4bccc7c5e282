/* Draws the stage's strips: one cell a probe, and the words beside them. */
#include <string.h>

#include "tui/stage_draw.h"
#include "tui/theme.h"

#define STRIP_LABEL 15

static void sample_mark(const struct stage_sample *p, enum glyph *g, enum role *role)
{
    static const struct { enum glyph g; enum role role; } marks[STAGE_CLASSES] = {
        [STAGE_OK] = {GLYPH_BLOCK, ROLE_OK}, [STAGE_HTTP_5XX] = {GLYPH_BAD, ROLE_BAD}, [STAGE_HTTP_4XX] = {GLYPH_WARN, ROLE_WARN},
        [STAGE_REFUSED_CONN] = {GLYPH_BAD, ROLE_BAD}, [STAGE_RESET] = {GLYPH_BAD, ROLE_BAD}, [STAGE_TIMEOUT] = {GLYPH_BAD, ROLE_BAD},
        [STAGE_DNS] = {GLYPH_BAD, ROLE_BAD}, [STAGE_OTHER] = {GLYPH_BAD, ROLE_BAD}, [STAGE_NOT_SENT] = {GLYPH_UNKNOWN, ROLE_UNKNOWN},
        [STAGE_PENDING] = {GLYPH_DOT, ROLE_DIM}};
    *g = marks[p->class].g;
    *role = marks[p->class].role;
}

/* The presenter's marker lies between the sample before and this one. */
static bool marked(const struct stage_run *run, const struct stage_strip *s, size_t i)
{
    for (size_t k = 0; run && i && i < s->n && k < run->nnotes; k++)
        if (run->note[k].marker && run->note[k].at_us > s->sample[i - 1].slot_us && run->note[k].at_us <= s->sample[i].slot_us)
            return true;
    return false;
}

/* One cell a probe. The bar where the pod was deleted stands in the same column in all strips, until what came after it
 * needs the room; then the newest is at the right. */
static void draw_cells(struct canvas *c, struct rect r, const struct stage_strip *s, const struct stage_run *run)
{
    int64_t t0_us = run && run->t0_us ? run->asked_us : 0;
    size_t before = 0, left = (size_t)(r.w / 4 < 25 ? r.w / 4 : 25), room = (size_t)r.w, marks = 0;
    while (t0_us && before < s->n && s->sample[before].slot_us < t0_us)
        before++;
    for (size_t i = before; t0_us && i < s->n; i++)
        marks += marked(run, s, i);
    size_t after = s->n - before + marks, from = 0;
    int x = r.x;
    if (!t0_us) {
        from = s->n > room ? s->n - room : 0;
    } else if (after + left + 1 <= room) {
        from = before > left ? before - left : 0;
        x += (int)(left - (before - from));
    } else {
        size_t keep = after + 1 < room ? room - after - 1 : 0;
        from = keep ? before > keep ? before - keep : 0 : s->n - (room > marks ? room - marks : 0);
    }
    for (size_t i = from; i <= s->n && x < r.x + r.w; i++) {
        enum glyph g;
        enum role role;
        if (t0_us && i == before)
            canvas_glyph(c, x++, r.y, STYLE(ROLE_STRONG), GLYPH_V);
        if (t0_us && i >= before && x < r.x + r.w && marked(run, s, i))
            canvas_glyph(c, x++, r.y, STYLE(ROLE_MARK), GLYPH_FOLD);
        if (i == s->n || x >= r.x + r.w)
            break;
        sample_mark(&s->sample[i], &g, &role);
        canvas_glyph(c, x++, r.y, STYLE(role), g);
    }
}

int stage_strip_rows(const struct stage_strip *strip, size_t n, int high, bool words)
{
    int rows = 0;
    for (size_t i = 0; i < n; i++)
        rows += strip[i].n ? high + words : 1;                 /* without a probe: only why */
    return rows;
}

void stage_draw_strips(struct canvas *c, struct rect r, const struct stage_strip *strip, size_t n, const struct stage_run *run, int high, bool words)
{
    int y = r.y;
    for (size_t i = 0; i < n && y < r.y + r.h; i++) {
        const struct stage_strip *s = &strip[i];
        struct rect cells = {r.x + STRIP_LABEL, y, r.w - STRIP_LABEL, 1};
        const char *none = *s->note ? s->note : "no probe yet";
        canvas_ellipsis(c, r.x, y, STRIP_LABEL - 1, STYLE(ROLE_FIELD), s->label, strlen(s->label));
        for (int row = 0; s->n && row < high; row++)
            draw_cells(c, (struct rect){cells.x, y + row, cells.w, 1}, s, run);
        if (!s->n)
            canvas_ellipsis(c, cells.x, y, cells.w, STYLE(ROLE_DIM), none, strlen(none));
        y += s->n ? high : 1;
        if (words && s->n && y < r.y + r.h) {
            int x = cells.x + canvas_ellipsis(c, cells.x, y, cells.w, STYLE(s->num.failed ? ROLE_BAD : ROLE_MINOR), s->words, strlen(s->words)) + 2;
            if (x + 12 < r.x + r.w)
                canvas_ellipsis(c, x, y, r.x + r.w - x, STYLE(ROLE_DIM), s->target, strlen(s->target));
            y++;
        }
    }
}
