/* Draws the stage's lanes: the workload's pods, OpenStack's services and the watched server, what happened. They are as high as they are: the stage scrolls. */
#include <stdio.h>
#include <string.h>

#include "tui/stage_draw.h"
#include "tui/textbuf.h"
#include "tui/theme.h"

int stage_draw_pods(struct canvas *c, struct rect r, const struct stage_snap *s)
{
    bool going = s->phase == STAGE_DELETING || s->phase == STAGE_HEALING;
    const char *const role_word[] = {[STAGE_POD_OTHER] = "", [STAGE_POD_OLD] = going ? "old" : "next", [STAGE_POD_NEW] = "NEW"};
    int y = r.y, status = 0;
    canvas_printf(c, r.x, y++, r.w, STYLE(ROLE_SECTION), "Pods of the workload [%zu]", s->npods);
    for (size_t i = 0; i < s->npods; i++)
        if ((int)strlen(s->pod[i].status) > status)
            status = (int)strlen(s->pod[i].status);
    if (status > r.w / 2)
        status = r.w / 2;
    int name = r.w - status - 8, longest = 0;
    for (size_t i = 0; i < s->npods; i++)
        if ((int)strlen(s->pod[i].name) > longest)
            longest = (int)strlen(s->pod[i].name);
    if (name > longest)
        name = longest;
    for (size_t i = 0; i < s->npods; i++, y++) {
        const struct stage_pod *p = &s->pod[i];
        bool old = s->stale_us > 0;    /* nobody knows what it is now */
        uint16_t style = STYLE(old ? ROLE_DIM : p->role == STAGE_POD_OLD && going ? ROLE_DELETING : p->role == STAGE_POD_NEW ? ROLE_NEW : ROLE_TEXT);
        canvas_glyph(c, r.x, y, STYLE(old ? ROLE_UNKNOWN : role_of_health(p->health)), old ? GLYPH_UNKNOWN : p->ready ? GLYPH_OK : p->terminating ? GLYPH_DONE : GLYPH_BUSY);
        stage_draw_name(c, r.x + 2, y, name, style, p->name);
        canvas_puts(c, r.x + 3 + name, y, 4, STYLE(p->role == STAGE_POD_NEW ? ROLE_OK : ROLE_DIM), role_word[p->role]);
        canvas_ellipsis(c, r.x + 8 + name, y, r.w - 8 - name, STYLE(old ? ROLE_DIM : role_of_health(p->health)), p->status, strlen(p->status));
    }
    return y - r.y;
}

/* A run that is not the last: as they were at its end. */
static int rows_head(struct canvas *c, struct rect r, const struct stage_look *l, const struct stage_run *was)
{
    int n = canvas_puts(c, r.x, r.y, r.w, STYLE(ROLE_SECTION), "OpenStack services and VM") + 1, room = r.w - n;
    int64_t age = l->snap->rows_us ? (l->now_us - l->snap->rows_us) / 1000000 : -1;
    if (was)
        canvas_printf(c, r.x + n, r.y, room, STYLE(ROLE_DIM), "at the end of run %u", was->number);
    else if (age >= 0)
        canvas_printf(c, r.x + n, r.y, room, STYLE(age > 15 ? ROLE_WARN : ROLE_DIM), "read %lld s ago", (long long)age);
    return 1;
}

int stage_draw_rows(struct canvas *c, struct rect r, const struct stage_look *l)
{
    const struct stage_snap *s = l->snap;
    const struct stage_run *was = l->run && s->nruns && l->run != s->run[s->nruns - 1] ? l->run : NULL;
    const struct stage_row *row = was ? was->row : s->row;
    size_t n = was ? was->nrows : s->nrows;
    int y = r.y, name = 0;
    if (!n && !*s->rows_note)
        return 0;
    y += rows_head(c, (struct rect){r.x, y, r.w, 1}, l, was);
    if (!n)
        return y - r.y + text_draw_words(c, (struct rect){r.x + 2, y, r.w - 2, 4}, STYLE(ROLE_DIM), was ? "nothing was read" : s->rows_note, 4);
    for (size_t i = 0; i < n; i++)
        if ((int)strlen(row[i].name) > name)
            name = (int)strlen(row[i].name);
    if (name > r.w * 40 / 100)
        name = r.w * 40 / 100;
    for (size_t i = 0; i < n; i++) {
        const struct stage_row *p = &row[i];
        bool ghost = p->role == STAGE_ROW_GHOST, bad = p->health >= HEALTH_BAD;
        uint16_t style = STYLE(ghost ? ROLE_DIM : p->role == STAGE_ROW_OLD ? ROLE_MINOR : p->role == STAGE_ROW_NEW ? ROLE_NEW : ROLE_TEXT);
        canvas_glyph(c, r.x, y, STYLE(ghost ? ROLE_DIM : role_of_health(p->health)), ghost ? GLYPH_DONE : bad ? GLYPH_BAD : p->health == HEALTH_OK ? GLYPH_OK : p->health == HEALTH_UNKNOWN ? GLYPH_UNKNOWN : GLYPH_WARN);
        stage_draw_name(c, r.x + 2, y, name, style, p->name);
        int rows = text_draw_words(c, (struct rect){r.x + 3 + name, y, r.w - 3 - name, 3}, STYLE(ghost ? ROLE_DIM : role_of_health(p->health)), p->text, 3);
        y += rows > 1 ? rows : 1;
    }
    return y - r.y;
}

int stage_draw_events(struct canvas *c, struct rect r, const struct stage_run *run)
{
    int y = r.y;
    if (!run || !run->nnotes)
        return 0;
    canvas_puts(c, r.x, y++, r.w, STYLE(ROLE_SECTION), "Events, newest first");
    for (size_t i = run->nnotes; i-- > 0; y++) {
        const struct stage_note *n = &run->note[i];
        const char *text = n->text, *blank = n->marker ? NULL : strchr(text, ' ');
        int x = r.x + canvas_printf(c, r.x, y, 10, STYLE(ROLE_DIM), "%+7.1f s ", (double)(n->at_us - run->t0_us) / 1e6), name = r.w > 80 ? 40 : 10;
        if (blank && x + name < r.x + r.w) {                   /* "POD REASON: message": the reason must be seen */
            char pod[160];
            snprintf(pod, sizeof(pod), "%.*s", (int)(blank - text), text);
            stage_draw_name(c, x, y, name, STYLE(ROLE_DIM), pod);
            x += ((int)strlen(pod) < name ? (int)strlen(pod) : name) + 1;
            text = blank + 1;
        }
        canvas_ellipsis(c, x, y, r.x + r.w - x, STYLE(n->marker ? ROLE_MARK : n->warning ? ROLE_WARN : ROLE_TEXT), text, strlen(text));
    }
    return y - r.y;
}
