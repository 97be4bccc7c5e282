/* Cells: clipped drawing with wide characters whole or not at all. Combining marks are interned in `extra`, so frames
 * compare by memcmp. */
#include "tui/canvas.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "strata/mem.h"
#include "strata/text.h"

#define EXTRA_MAX 4096    /* distinct combined characters kept; beyond that marks are left out */

static const char *const glyphs[GLYPH_COUNT][2] = {
#define XX(name, utf8, ascii) [GLYPH_##name] = {utf8, ascii},
    GLYPH_LIST(XX)
#undef XX
};

void canvas_init(struct canvas *c)
{
    *c = (struct canvas){0};
}

void canvas_release(struct canvas *c)
{
    mem_free(c->cells);
    mem_free(c->extra);
    canvas_init(c);
}

bool canvas_resize(struct canvas *c, int w, int h)
{
    if (w < 0) w = 0;
    if (h < 0) h = 0;
    if (c->cells && w == c->w && h == c->h) return true;
    mem_free(c->cells);
    c->cells = w && h ? mem_zalloc((size_t)w * (size_t)h * sizeof *c->cells) : NULL;
    if (!c->cells) w = h = 0;
    c->w = w;
    c->h = h;
    c->clip = (struct rect){0, 0, w, h};
    canvas_fill(c, c->clip, 0);
    return c->cells != NULL;
}

static struct rect intersect(struct rect a, struct rect b)
{
    int x1 = a.x > b.x ? a.x : b.x, y1 = a.y > b.y ? a.y : b.y;
    int x2 = a.x + a.w < b.x + b.w ? a.x + a.w : b.x + b.w, y2 = a.y + a.h < b.y + b.h ? a.y + a.h : b.y + b.h;
    return (struct rect){x1, y1, x2 > x1 ? x2 - x1 : 0, y2 > y1 ? y2 - y1 : 0};
}

struct rect canvas_clip(struct canvas *c, struct rect r)
{
    struct rect old = c->clip;
    c->clip = intersect(old, r);
    return old;
}

void canvas_unclip(struct canvas *c, struct rect old)
{
    c->clip = old;
}

static struct ccell *at(const struct canvas *c, int x, int y)
{
    return &c->cells[(size_t)y * (size_t)c->w + (size_t)x];
}

static bool inside(const struct canvas *c, int x, int y)
{
    return x >= c->clip.x && x < c->clip.x + c->clip.w && y >= c->clip.y && y < c->clip.y + c->clip.h;
}

/* Writes one cell. What is left of a wide character that is cut in two becomes a blank. */
static void put(struct canvas *c, int x, int y, struct ccell v)
{
    struct ccell *p = at(c, x, y);
    if (p->width == 0 && x > 0 && v.width != 0) {
        p[-1].ch = ' ';
        p[-1].width = 1;
    }
    if (p->width == 2 && x + 1 < c->w && v.width != 2) {
        p[1].ch = ' ';
        p[1].width = 1;
    }
    *p = v;
}

static void put_wide(struct canvas *c, int x, int y, struct ccell v)
{
    struct ccell *right = at(c, x + 1, y);
    if (right->width == 2 && x + 2 < c->w) {
        right[1].ch = ' ';
        right[1].width = 1;
    }
    put(c, x, y, v);
    *right = (struct ccell){0, v.style, 0};
}

void canvas_fill(struct canvas *c, struct rect r, uint16_t style)
{
    r = intersect(r, c->clip);
    for (int y = r.y; y < r.y + r.h; y++)
        for (int x = r.x; x < r.x + r.w; x++) put(c, x, y, (struct ccell){' ', style, 1});
}

void canvas_over(struct canvas *c, struct rect r, int role)
{
    r = intersect(r, c->clip);
    for (int y = r.y; y < r.y + r.h; y++)
        for (int x = r.x; x < r.x + r.w; x++) {
            struct ccell *p = at(c, x, y);
            p->style = (uint16_t)(STYLE(STYLE_ROLE(p->style)) | OVER(role));
        }
}

void canvas_restyle(struct canvas *c, struct rect r, uint16_t style)
{
    r = intersect(r, c->clip);
    for (int y = r.y; y < r.y + r.h; y++)
        for (int x = r.x; x < r.x + r.w; x++) at(c, x, y)->style = style;
}

static int decode(const char *s, size_t len, uint32_t *cp)
{
    unsigned char b = (unsigned char)s[0];
    int n = b < 0x80 ? 1 : b < 0xe0 ? 2 : b < 0xf0 ? 3 : 4;
    if ((size_t)n > len) {
        *cp = 0xfffd;
        return (int)len;
    }
    *cp = n == 1 ? b : b & (0x7fu >> n);
    for (int i = 1; i < n; i++) *cp = *cp << 6 | ((unsigned char)s[i] & 0x3f);
    return n;
}

static uint32_t intern(struct canvas *c, const struct ccell_extra *e)
{
    for (size_t i = 0; i < c->nextra; i++)
        if (!memcmp(&c->extra[i], e, sizeof *e)) return CELL_EXTRA | (uint32_t)i;
    if (c->nextra >= EXTRA_MAX || !mem_grow(&c->extra, &c->cap_extra, c->nextra + 1, sizeof *c->extra)) return e->cp[0];
    c->extra[c->nextra] = *e;
    return CELL_EXTRA | (uint32_t)c->nextra++;
}

static uint32_t grapheme(struct canvas *c, const char *s, size_t n)
{
    struct ccell_extra e = {{0}};
    size_t used = 0;
    int k = 0;
    while (used < n && k < CELL_MARKS) used += (size_t)decode(s + used, n - used, &e.cp[k++]);
    if (c->ascii && e.cp[0] > 0x7e) return '?';
    return k > 1 ? intern(c, &e) : e.cp[0];
}

int canvas_text(struct canvas *c, int x, int y, int max, uint16_t style, const char *s, size_t len)
{
    int used = 0;
    size_t i = 0;
    if (y < c->clip.y || y >= c->clip.y + c->clip.h) max = 0;
    while (i < len && used < max) {
        unsigned char b = (unsigned char)s[i];
        if (b >= 0x20 && b < 0x7f && (i + 1 == len || (unsigned char)s[i + 1] < 0x80)) {  /* nearly all text */
            if (inside(c, x + used, y)) put(c, x + used, y, (struct ccell){b, style, 1});
            used++;
            i++;
            continue;
        }
        int w = 0;
        size_t n = text_next(s + i, len - i, &w);
        if (n == 0) break;
        if (w < 0) w = 0;
        if (w > 2) w = 2;
        if (w > 0 && used + w > max) {                       /* half a wide character: a blank */
            if (inside(c, x + used, y)) put(c, x + used, y, (struct ccell){' ', style, 1});
            used++;
            break;
        }
        if (w > 0) {
            uint32_t ch = grapheme(c, s + i, n);
            bool left = inside(c, x + used, y), right = w == 1 || inside(c, x + used + 1, y);
            if (w == 1 && left) put(c, x + used, y, (struct ccell){ch, style, 1});
            else if (w == 2 && left && right && !c->ascii) put_wide(c, x + used, y, (struct ccell){ch, style, 2});
            else if (w == 2)
                for (int k = 0; k < 2; k++)
                    if (inside(c, x + used + k, y))
                        put(c, x + used + k, y, (struct ccell){c->ascii ? '?' : ' ', style, 1});
        }
        used += w;
        i += n;
    }
    return used;
}

int canvas_puts(struct canvas *c, int x, int y, int max, uint16_t style, const char *s)
{
    return canvas_text(c, x, y, max, style, s, strlen(s));
}

int canvas_ellipsis(struct canvas *c, int x, int y, int max, uint16_t style, const char *s, size_t len)
{
    int used = 0;
    if (max <= 0) return 0;
    if (len <= (size_t)max || text_fit(s, len, max, &used) == len) return canvas_text(c, x, y, max, style, s, len);
    size_t n = text_fit(s, len, max - 1, &used);
    used = canvas_text(c, x, y, max - 1, style, s, n);
    canvas_glyph(c, x + used, y, style, GLYPH_ELLIPSIS);
    return used + 1;
}

int canvas_printf(struct canvas *c, int x, int y, int max, uint16_t style, const char *fmt, ...)
{
    char buf[512];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(buf, sizeof buf, fmt, ap);
    va_end(ap);
    return canvas_puts(c, x, y, max, style, buf);
}

const char *glyph(const struct canvas *c, enum glyph g)
{
    return glyphs[g][c->ascii];
}

void canvas_glyph(struct canvas *c, int x, int y, uint16_t style, enum glyph g)
{
    uint32_t cp;
    const char *s = glyph(c, g);
    if (!inside(c, x, y)) return;
    decode(s, strlen(s), &cp);
    put(c, x, y, (struct ccell){cp, style, 1});
}

void canvas_hline(struct canvas *c, int x, int y, int w, uint16_t style)
{
    for (int i = 0; i < w; i++) canvas_glyph(c, x + i, y, style, GLYPH_H);
}

void canvas_box(struct canvas *c, struct rect r, uint16_t style)
{
    if (r.w < 2 || r.h < 2) return;
    int right = r.x + r.w - 1, bottom = r.y + r.h - 1;
    canvas_hline(c, r.x + 1, r.y, r.w - 2, style);
    canvas_hline(c, r.x + 1, bottom, r.w - 2, style);
    for (int y = r.y + 1; y < bottom; y++) {
        canvas_glyph(c, r.x, y, style, GLYPH_V);
        canvas_glyph(c, right, y, style, GLYPH_V);
    }
    canvas_glyph(c, r.x, r.y, style, GLYPH_TL);
    canvas_glyph(c, right, r.y, style, GLYPH_TR);
    canvas_glyph(c, r.x, bottom, style, GLYPH_BL);
    canvas_glyph(c, right, bottom, style, GLYPH_BR);
}

static size_t encode(uint32_t cp, char *out)
{
    if (cp < 0x80) {
        out[0] = (char)cp;
        return 1;
    }
    int n = cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
    for (int i = n - 1; i > 0; i--, cp >>= 6) out[i] = (char)(0x80 | (cp & 0x3f));
    out[0] = (char)((n == 2 ? 0xc0 : n == 3 ? 0xe0 : 0xf0) | cp);
    return (size_t)n;
}

size_t canvas_cell_text(const struct canvas *c, const struct ccell *cell, char buf[24])
{
    size_t n = 0;
    if (cell->width == 0) n = 0;
    else if (cell->ch & CELL_EXTRA) {
        const struct ccell_extra *e = &c->extra[cell->ch & ~CELL_EXTRA];
        for (int i = 0; i < CELL_MARKS && e->cp[i]; i++) n += encode(e->cp[i], buf + n);
    } else n = encode(cell->ch, buf);
    buf[n] = '\0';
    return n;
}
