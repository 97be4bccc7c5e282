/* The panes: frames with titles, tabs on narrow screens, focus and sizes; and the commands for them. */
#include "tui/deck.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "strata/mem.h"
#include "strata/text.h"
#include "tui/app_int.h"
#include "tui/table.h"

struct pane *deck_focus(const struct deck *d)
{
    return d->n ? d->pane[d->focus] : NULL;
}

static void close_stack(struct pane *p)
{
    while (p->top) {
        struct screen *s = p->top;
        p->top = s->below;
        s->ops->close(s);
    }
    p->table = NULL;
}

bool deck_add(struct app *a, struct deck *d, const char *kind)
{
    if (d->n >= DECK_PANES) return false;
    char ns[256] = "";
    if (a->opt->all_namespaces) snprintf(ns, sizeof ns, "*");
    for (size_t i = 0; !a->opt->all_namespaces && i < a->opt->namespaces.count; i++) {
        size_t len = strlen(ns);
        snprintf(ns + len, sizeof ns - len, "%s%s", len ? "," : "", a->opt->namespaces.items[i]);
    }
    struct pane *p = mem_zalloc(sizeof *p);
    struct screen *s = p ? table_new(a, kind, ns, "") : NULL;
    if (!s) {
        mem_free(p);
        return false;
    }
    s->pane = p;
    p->top = p->table = s;
    p->weight = 100;
    int at = d->n ? d->focus + 1 : 0;
    memmove(&d->pane[at + 1], &d->pane[at], sizeof d->pane[0] * (size_t)(d->n - at));
    d->pane[at] = p;
    d->n++;
    d->focus = at;
    return true;
}

void deck_close(struct app *a, struct deck *d, int i)
{
    if (i < 0 || i >= d->n) return;
    close_stack(d->pane[i]);
    mem_free(d->pane[i]);
    memmove(&d->pane[i], &d->pane[i + 1], sizeof d->pane[0] * (size_t)(d->n - i - 1));
    d->n--;
    if (d->focus > i || d->focus >= d->n) d->focus -= d->focus > 0;
    app_dirty(a);
}

void deck_release(struct deck *d)
{
    for (int i = 0; i < d->n; i++) {
        close_stack(d->pane[i]);
        mem_free(d->pane[i]);
    }
    *d = (struct deck){0};
}

/* The title with the count apart: "[12]" in its own colour. */
static void draw_title(struct canvas *c, int x, int y, int max, const struct str *title, bool focus)
{
    uint16_t st = STYLE(focus ? ROLE_TITLE_FOCUS : ROLE_TITLE);
    const char *open = strrchr(title->data, '['), *close = open ? strchr(open, ']') : NULL;
    if (!open || !close || text_width(title->data, title->len) > max) {
        /* the count stays to be seen: the name is what gets shorter */
        size_t tail = open ? strlen(open) : 0, head = title->len - tail;
        int tw = open ? text_width(open, tail) : 0, room = max - tw;
        if (open && room > 4) {
            int n = canvas_ellipsis(c, x, y, room, st, title->data, head);
            canvas_text(c, x + n, y, tw, STYLE(ROLE_TITLE_COUNT), open, tail);
        } else canvas_ellipsis(c, x, y, max, st, title->data, title->len);
        return;
    }
    int n = canvas_text(c, x, y, max, st, title->data, (size_t)(open - title->data));
    n += canvas_text(c, x + n, y, max - n, STYLE(ROLE_TITLE_COUNT), open, (size_t)(close + 1 - open));
    canvas_puts(c, x + n, y, max - n, STYLE(ROLE_WARN), close + 1);
}

static void draw_pane(struct app *a, struct pane *p, int number, bool focus)
{
    struct canvas *c = &a->canvas;
    struct rect r = p->frame, in = {r.x + 1, r.y + 1, r.w - 2, r.h - 2}, old;
    uint16_t border = STYLE(focus ? ROLE_BORDER_FOCUS : ROLE_BORDER);
    struct screen *s = p->top;
    while (s->ops->popup && s->below) s = s->below;
    bool framed = r.w >= 4 && r.h >= 3;
    if (!framed) in = r;
    old = canvas_clip(c, r);
    if (framed) {
        struct str title;
        canvas_box(c, r, border);
        str_init(&title, 1024);
        s->ops->title(s, &title);
        int x = r.x + 2;
        (void)number;
        canvas_puts(c, x, r.y, 1, border, " ");
        draw_title(c, x + 1, r.y, r.w - 6, &title, focus);
        int w = text_width(title.data, title.len);
        if (w > r.w - 6) w = r.w - 6;
        if (w > 0) canvas_puts(c, x + 1 + w, r.y, 1, border, " ");
        str_release(&title);
    }
    s->ops->draw(s, c, in, focus && s == p->top);
    for (; s != p->top;) {                                   /* popups of this pane, bottom up */
        struct screen *up = p->top;
        while (up->below != s) up = up->below;
        s = up;
        s->ops->draw(s, c, in, focus && s == p->top);
    }
    canvas_unclip(c, old);
}

static void draw_tabs(struct app *a, struct deck *d, struct rect r)
{
    struct canvas *c = &a->canvas;
    int x = r.x;
    canvas_fill(c, (struct rect){r.x, r.y, r.w, 1}, STYLE(ROLE_TAB));
    for (int i = 0; i < d->n && x < r.x + r.w; i++) {
        struct str title;
        str_init(&title, 1024);
        d->pane[i]->table->ops->title(d->pane[i]->table, &title);
        int share = r.w / d->n, room = share - 1;
        uint16_t st = STYLE(i == d->focus ? ROLE_TAB_FOCUS : ROLE_TAB);
        canvas_fill(c, (struct rect){x, r.y, share, 1}, st);
        int n = canvas_printf(c, x, r.y, room, st, " %d ", i + 1);
        /* without the place: what counts here is the kind and how many */
        char *open = strrchr(title.data, '['), *colon = strstr(title.data, ": "), *end = open && colon && colon < open ? colon : open;
        size_t tail = open ? strcspn(open, "]") + 1 : 0;
        if (open) {
            if (end == open && end > title.data) end--;
            n += canvas_ellipsis(c, x + n, r.y, room - n - (int)tail - 1, st, title.data, (size_t)(end - title.data)) + 1;
            canvas_text(c, x + n, r.y, room - n, st, open, tail);
        } else canvas_ellipsis(c, x + n, r.y, room - n, st, title.data, title.len);
        d->pane[i]->frame = (struct rect){x, r.y, 0, 1};     /* for the mouse */
        str_release(&title);
        x += share;
    }
}

/* Is something to read (logs, YAML) open in this pane, and not only a popup over its table? */
static bool reads(const struct pane *p)
{
    const struct screen *s = p->top;
    while (s->ops->popup && s->below) s = s->below;
    return s != p->table;
}

void deck_draw(struct app *a, struct deck *d, struct rect r, bool focus)
{
    int weights[DECK_PANES];
    struct layout l;
    for (int i = 0; i < d->n; i++) weights[i] = d->pane[i]->weight;
    layout_make(&l, r, weights, d->n, d->focus, d->zoom);
    if (d->n > 0 && reads(d->pane[d->focus])) layout_reading(&l, r, d->focus);
    if (l.tab_line) draw_tabs(a, d, r);
    for (int i = 0; i < d->n; i++) {
        if (l.frame[i].w > 0) d->pane[i]->frame = l.frame[i];
        else if (!l.tab_line) d->pane[i]->frame = (struct rect){0};
        if (l.frame[i].w > 0 && l.frame[i].h > 0) draw_pane(a, d->pane[i], i + 1, focus && i == d->focus);
    }
}

bool deck_mouse(struct app *a, struct deck *d, const struct input *in)
{
    for (int i = d->n - 1; i >= 0; i--) {
        struct pane *p = d->pane[i];
        struct rect f = p->frame;
        bool tab = f.w == 0 && f.h == 1 && in->y == f.y && in->x >= f.x;
        bool hit = f.w > 0 && in->x >= f.x && in->x < f.x + f.w && in->y >= f.y && in->y < f.y + f.h;
        if (!tab && !hit) continue;
        if (in->mouse == MOUSE_PRESS || tab) d->focus = i;
        app_dirty(a);
        struct rect r = {f.x + 1, f.y + 1, f.w - 2, f.h - 2};
        if (hit && p->top->ops->mouse) p->top->ops->mouse(p->top, in, r);
        return true;
    }
    return false;
}

/* ---- commands ---- */

static void focus_to(struct app *a, int i)
{
    if (i < 0 || i >= a->deck.n) return;
    a->deck.focus = i;
    app_dirty(a);
}

static void resize(struct app *a, int by)
{
    struct deck *d = &a->deck;
    struct pane *p = deck_focus(d);
    if (!p || d->n < 2) return;
    p->weight += by * p->weight / 100 > 0 || by < 0 ? by * p->weight / 100 : by;
    if (p->weight < 20) p->weight = 20;
    if (p->weight > 1000) p->weight = 1000;
    app_dirty(a);
}

static void run_pane(struct app *a, struct screen *s, const char *args)
{
    struct deck *d = &a->deck;
    char word[24], kind[80] = "pods";
    (void)s;
    snprintf(word, sizeof word, "%.*s", (int)strcspn(args, " "), args);
    const char *rest = args + strlen(word);
    while (*rest == ' ') rest++;
    if (!strcmp(word, "next") && d->n) focus_to(a, (d->focus + 1) % d->n);
    else if (!strcmp(word, "previous") && d->n) focus_to(a, (d->focus + d->n - 1) % d->n);
    else if (!strcmp(word, "zoom")) d->zoom = !d->zoom;
    else if (!strcmp(word, "wider")) resize(a, 12);
    else if (!strcmp(word, "narrower")) resize(a, -11);
    else if (!strcmp(word, "equal")) for (int i = 0; i < d->n; i++) d->pane[i]->weight = 100;
    else if (!strcmp(word, "close")) {
        if (d->n > 1) deck_close(a, d, d->focus);
        else app_error(a, "this is the last pane; q leaves strata");
    } else if (!strcmp(word, "add")) {
        struct pane *p = deck_focus(d);
        if (*rest) snprintf(kind, sizeof kind, "%.79s", rest);
        else if (p && table_of(p->table)) snprintf(kind, sizeof kind, "%s", table_of(p->table)->kind_name);
        if (!deck_add(a, d, kind)) app_error(a, "no room for more panes (%d)", DECK_PANES);
    } else if (word[0] >= '1' && word[0] <= '9' && !word[1]) focus_to(a, word[0] - '1');
    else app_error(a, "pane: add [KIND], close, zoom, next, previous, wider, narrower, equal or 1..9");
    app_dirty(a);
}

static void run_view(struct app *a, struct screen *s, const char *args)
{
    char list[256], *save = NULL;
    (void)s;
    if (!*args) return app_error(a, "view KIND[,KIND...]: the panes of the deck");
    deck_release(&a->deck);
    snprintf(list, sizeof list, "%.255s", args);
    for (char *w = strtok_r(list, ", ", &save); w; w = strtok_r(NULL, ", ", &save)) deck_add(a, &a->deck, w);
    a->deck.focus = 0;
    app_dirty(a);
}

const struct command deck_commands[] = {
    {"pane", NULL, NULL, "add [KIND] | close | zoom | next | previous | wider | narrower | equal | 1..9", "Panes side by side.", 0,
     COMPLETE_KIND, run_pane, NULL},
    {"view", "views", NULL, "KIND[,KIND...]", "Replaces the panes of the deck.", 0, COMPLETE_KIND, run_view, NULL},
    {0},
};
