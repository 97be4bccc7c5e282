/*
 * Purpose:   the screen as cells: clipped drawing of clean text with style roles. A frame is drawn here; only cells
 *            that differ from the last frame reach the terminal (term_flush).
 * Thread:    ui.
 * Ownership: canvas_release frees. Text is copied into the cells.
 * Errors:    canvas_resize returns false when memory is out (the canvas is then 0x0: drawing does nothing).
 * Units:     cells; x to the right, y down, from 0.
 */
#ifndef STRATA_TUI_CANVAS_H
#define STRATA_TUI_CANVAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rect { int x, y, w, h; };

/* A style is a role (tui/theme.h) and, over it, an overlay role that lends its background and attributes
 * (and its foreground if it has one): STYLE(ROLE_BAD) | OVER(ROLE_CURSOR). */
#define STYLE(role) ((uint16_t)(role))
#define OVER(role) ((uint16_t)((role) << 8))
#define STYLE_ROLE(st) ((st)&0xff)
#define STYLE_OVER(st) ((st) >> 8)

#define CELL_EXTRA 0x80000000u    /* ch is an index into extra: a base with combining marks */
#define CELL_MARKS 5              /* base and at most 4 marks */
struct ccell {
    uint32_t ch;                  /* code point; 0 = right half of a wide character */
    uint16_t style;
    uint16_t width;               /* 1 or 2; 0 in the right half */
};
struct ccell_extra { uint32_t cp[CELL_MARKS]; };

struct canvas {
    struct ccell *cells;           /* w*h, row by row */
    int w, h;
    struct rect clip;             /* drawing outside changes nothing */
    struct ccell_extra *extra;     /* interned, so that equal cells are equal bytes */
    size_t nextra, cap_extra;
    bool ascii;                   /* glyphs from the ASCII column, other non-ASCII text as '?' */
};

void canvas_init(struct canvas *c);
void canvas_release(struct canvas *c);
bool canvas_resize(struct canvas *c, int w, int h);
struct rect canvas_clip(struct canvas *c, struct rect r);          /* narrows; returns the old one for canvas_unclip */
void canvas_unclip(struct canvas *c, struct rect old);
void canvas_fill(struct canvas *c, struct rect r, uint16_t style);  /* blanks */
void canvas_over(struct canvas *c, struct rect r, int role);        /* lays an overlay role over what is there */
void canvas_restyle(struct canvas *c, struct rect r, uint16_t style);
/* Clean text at x,y in at most `max` cells; returns the cells used. A wide character that does not fit is a blank. */
int canvas_text(struct canvas *c, int x, int y, int max, uint16_t style, const char *s, size_t len);
int canvas_puts(struct canvas *c, int x, int y, int max, uint16_t style, const char *s);
/* The same, ending in an ellipsis glyph when it does not fit. */
int canvas_ellipsis(struct canvas *c, int x, int y, int max, uint16_t style, const char *s, size_t len);
int canvas_printf(struct canvas *c, int x, int y, int max, uint16_t style, const char *fmt, ...)
    __attribute__((format(printf, 6, 7)));

/* name, UTF-8, ASCII (one cell each) */
#define GLYPH_LIST(XX)                                                                                       \
    XX(OK, "●", "o") XX(BUSY, "◐", "~") XX(WARN, "▲", "!") XX(BAD, "✗", "X") XX(UNKNOWN, "◌", "?")           \
    XX(DONE, "○", "-") XX(NONE, " ", " ") XX(CURSOR, "▌", ">") XX(MARK, "✓", "*")                            \
    XX(H, "─", "-") XX(V, "│", "|") XX(TL, "╭", "+") XX(TR, "╮", "+") XX(BL, "╰", "+") XX(BR, "╯", "+")      \
    XX(TEE, "├", "+") XX(RTEE, "┤", "+") XX(LAST, "└", "`") XX(UP, "▲", "^") XX(DOWN, "▼", "v")              \
    XX(LEFT, "‹", "<") XX(RIGHT, "›", ">") XX(ELLIPSIS, "…", "~") XX(DOT, "·", ".") XX(BLOCK, "█", "#")      \
    XX(THUMB, "┃", "#") XX(KUBE, "⎈", "K") XX(STACK, "≋", "O") XX(LOCK, "⊘", "R") XX(SHIELD, "◆", "P")       \
    XX(LAYERS, "≣", "=") XX(ARROW, "→", ">") XX(BULLET, "•", "*") XX(FOLD, "▾", "v") XX(HANGS_ON, "↓", "v") XX(CARRIES, "↑", "^") XX(SAME, "=", "=")
enum glyph {
#define XX(name, utf8, ascii) GLYPH_##name,
    GLYPH_LIST(XX)
#undef XX
    GLYPH_COUNT
};
const char *glyph(const struct canvas *c, enum glyph g);
void canvas_glyph(struct canvas *c, int x, int y, uint16_t style, enum glyph g);
void canvas_hline(struct canvas *c, int x, int y, int w, uint16_t style);
void canvas_box(struct canvas *c, struct rect r, uint16_t style);   /* the frame only */

/* What a cell shows, as UTF-8 with NUL (tests, term): bytes written without NUL. */
size_t canvas_cell_text(const struct canvas *c, const struct ccell *cell, char buf[24]);

#endif
