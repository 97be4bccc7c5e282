/*
 * Purpose:   colour themes as data: every role of the screen with foreground, background, attributes.
 * Thread:    ui.
 * Ownership: struct theme is a plain value.
 * Errors:    ERR_CONFIG with file:line (or theme name:line) in one sentence; ERR_NOTFOUND names the known themes.
 *
 * A theme file has lines `role foreground background [attributes...]`, '#' at the line's start (then a blank) comments.
 * Colours: #rrggbb, a number 0..255, a name (red, bright-red, ...), `default`, or `-` (what lies below).
 * "#rrggbb/N": N (a number or name) is used where there are only 16 colours; else the nearest is computed.
 * Attributes: bold dim italic underline reverse; after `mono:` those for terminals without colours.
 */
#ifndef STRATA_TUI_THEME_H
#define STRATA_TUI_THEME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "strata/err.h"
#include "strata/kind.h"
#include "strata/str.h"

#define TA_BOLD 1u
#define TA_DIM 2u
#define TA_ITALIC 4u
#define TA_UNDERLINE 8u
#define TA_REVERSE 16u

/* id, name, role it falls back to when a theme does not name it, attributes without colours */
#define ROLE_LIST(XX)                                              \
    XX(TEXT, "text", TEXT, 0)                                      \
    XX(DIM, "dim", TEXT, TA_DIM)                                   \
    XX(STRONG, "strong", TEXT, TA_BOLD)                            \
    XX(LOGO, "logo", STRONG, TA_BOLD)                              \
    XX(TITLE, "title", TEXT, 0)                                    \
    XX(TITLE_FOCUS, "title.focus", STRONG, TA_BOLD)                \
    XX(TITLE_COUNT, "title.count", TITLE, 0)                       \
    XX(BORDER, "border", DIM, TA_DIM)                              \
    XX(BORDER_FOCUS, "border.focus", STRONG, TA_BOLD)              \
    XX(HEADER, "header", TEXT, 0)                                  \
    XX(HEADER_DIM, "header.dim", DIM, TA_DIM)                      \
    XX(HEADER_OK, "header.ok", OK, 0)                              \
    XX(HEADER_WARN, "header.warn", WARN, TA_BOLD)                  \
    XX(HEADER_BAD, "header.bad", BAD, TA_REVERSE)                  \
    XX(COLUMN, "column", STRONG, TA_BOLD)                          \
    XX(COLUMN_SORT, "column.sort", COLUMN, TA_BOLD | TA_UNDERLINE) \
    XX(NAME, "name", STRONG, 0)                                    \
    XX(MINOR, "minor", DIM, 0)                                     \
    XX(OK, "ok", TEXT, 0)                                          \
    XX(BUSY, "busy", TEXT, 0)                                      \
    XX(WARN, "warn", TEXT, TA_BOLD)                                \
    XX(BAD, "bad", TEXT, TA_BOLD | TA_UNDERLINE)                   \
    XX(UNKNOWN, "unknown", TEXT, TA_DIM)                           \
    XX(DONE, "done", DIM, TA_DIM)                                  \
    XX(HEAD, "head", STRONG, TA_BOLD)                              \
    XX(DELETING, "deleting", DIM, TA_DIM)                          \
    XX(STALE, "stale", WARN, TA_REVERSE)                           \
    XX(MARK, "mark", STRONG, TA_BOLD)                              \
    XX(NEW, "new", STRONG, 0)                                      \
    XX(CURSOR, "cursor", TEXT, TA_REVERSE)                         \
    XX(CURSOR_OFF, "cursor.off", TEXT, TA_UNDERLINE)               \
    XX(CURSOR_LINK, "cursor.link", TEXT, TA_BOLD)                  \
    XX(MATCH, "match", STRONG, TA_BOLD | TA_UNDERLINE)             \
    XX(KEY, "key", STRONG, TA_BOLD)                                \
    XX(KEY_TEXT, "key.text", DIM, 0)                               \
    XX(TICKER, "ticker", DIM, 0)                                   \
    XX(TICKER_TIME, "ticker.time", DIM, TA_DIM)                    \
    XX(TAB, "tab", DIM, 0)                                         \
    XX(TAB_FOCUS, "tab.focus", TITLE_FOCUS, TA_REVERSE)            \
    XX(DIALOG, "dialog", TEXT, 0)                                  \
    XX(DIALOG_BODY, "dialog.body", DIALOG, 0)                      \
    XX(DIALOG_BORDER, "dialog.border", BORDER_FOCUS, TA_BOLD)      \
    XX(DIALOG_TITLE, "dialog.title", TITLE_FOCUS, TA_BOLD)         \
    XX(DIALOG_DANGER, "dialog.danger", BAD, TA_BOLD)               \
    XX(BUTTON, "button", DIALOG, 0)                                \
    XX(BUTTON_FOCUS, "button.focus", CURSOR, TA_REVERSE)           \
    XX(INPUT, "input", TEXT, 0)                                    \
    XX(INPUT_PROMPT, "input.prompt", KEY, TA_BOLD)                 \
    XX(INPUT_HINT, "input.hint", DIM, TA_DIM)                      \
    XX(SECTION, "section", STRONG, TA_BOLD | TA_UNDERLINE)         \
    XX(FIELD, "field", DIM, 0)                                     \
    XX(YAML_KEY, "yaml.key", FIELD, TA_BOLD)                       \
    XX(YAML_STRING, "yaml.string", TEXT, 0)                        \
    XX(YAML_NUMBER, "yaml.number", TEXT, 0)                        \
    XX(YAML_LITERAL, "yaml.literal", TEXT, 0)                      \
    XX(SCROLLBAR, "scrollbar", DIM, 0)                             \
    XX(ERROR, "error", BAD, TA_REVERSE)                            \
    XX(INFO, "info", STRONG, 0)                                    \
    XX(ORIGIN_1, "origin.1", STRONG, 0) XX(ORIGIN_2, "origin.2", STRONG, 0) XX(ORIGIN_3, "origin.3", STRONG, 0) \
    XX(ORIGIN_4, "origin.4", STRONG, 0) XX(ORIGIN_5, "origin.5", STRONG, 0) XX(ORIGIN_6, "origin.6", STRONG, 0)
enum role {
    ROLE_NONE,      /* as an overlay: none */
#define XX(id, name, fallback, mono) ROLE_##id,
    ROLE_LIST(XX)
#undef XX
    ROLE_COUNT
};

#define COLOR_KEEP (-2)       /* `-` */
#define COLOR_TERM (-1)       /* `default` */
#define COLOR_INDEX 0x1000000 /* | 0..255: a palette colour; else 0xrrggbb */
struct theme_style {
    int32_t fg, bg;           /* as written */
    int16_t fg16, bg16;       /* written for 16 colours, or -1 */
    uint8_t attrs, mono;
    bool set;
};
struct theme {
    char name[32];
    bool light;               /* made for a light background */
    struct theme_style style[ROLE_COUNT];
};

enum term_depth { DEPTH_MONO, DEPTH_8, DEPTH_16, DEPTH_256, DEPTH_RGB };
struct term_style { int fg, bg; unsigned attrs; };   /* -1 = default; palette index, or 0xrrggbb in DEPTH_RGB */

/* By name: the user's directory, the installed directory, the built-in ones; or a path with a '/'. */
enum err_code theme_load(struct theme *t, const char *name, struct err *err);
enum err_code theme_parse(struct theme *t, const char *text, size_t len, const char *where, struct err *err);
void theme_names(struct str *out);                   /* one a line, sorted, each once */
/* What role and overlay come to at a depth. */
struct term_style theme_resolve(const struct theme *t, enum term_depth depth, int role, int over);
int color_nearest(int rgb, int ncolors);             /* 0xrrggbb -> index in the xterm palette of 8, 16 or 256 */
enum role role_of_health(enum health h);

#endif
