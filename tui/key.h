/*
 * Purpose:   keys as numbers and names; decoding of the bytes a terminal sends (keys, mouse, paste, replies).
 * Thread:    ui.
 * Ownership: none; key_decode reads the caller's buffer.
 * Errors:    unknown sequences are swallowed whole, never typed as letters.
 */
#ifndef STRATA_TUI_KEY_H
#define STRATA_TUI_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A key is a code point or one of these, with modifiers. Shift of a letter is the capital letter ("shift-n" = 'N');
 * ctrl of a letter is the lower-case letter with K_CTRL. */
#define K_CTRL 0x01000000u
#define K_ALT 0x02000000u
#define K_SHIFT 0x04000000u
#define K_CODE(k) ((k)&0x00ffffffu)
/* id, name in key files and help */
#define KEY_LIST(XX)                                                                                              \
    XX(UP, "up") XX(DOWN, "down") XX(LEFT, "left") XX(RIGHT, "right") XX(HOME, "home") XX(END, "end")             \
    XX(PGUP, "pgup") XX(PGDN, "pgdn") XX(INS, "ins") XX(DEL, "del") XX(ENTER, "enter") XX(TAB, "tab")             \
    XX(ESC, "esc") XX(BACKSPACE, "backspace") XX(F1, "f1") XX(F2, "f2") XX(F3, "f3") XX(F4, "f4") XX(F5, "f5")    \
    XX(F6, "f6") XX(F7, "f7") XX(F8, "f8") XX(F9, "f9") XX(F10, "f10") XX(F11, "f11") XX(F12, "f12")
enum {
    K_FIRST_NAMED = 0x110000,
#define XX(id, name) K_##id,
    KEY_LIST(XX)
#undef XX
    K_LAST_NAMED
};
#define K_SPACE ' '

enum input_type { IN_NONE, IN_KEY, IN_MOUSE, IN_PASTE, IN_BACKGROUND };
enum mouse_what { MOUSE_PRESS, MOUSE_RELEASE, MOUSE_MOVE, MOUSE_WHEEL_UP, MOUSE_WHEEL_DOWN };
struct input {
    enum input_type type;
    uint32_t key;                      /* IN_KEY */
    int x, y, button;                  /* IN_MOUSE, from 0 */
    enum mouse_what mouse;
    const char *text; size_t len;      /* IN_PASTE: raw bytes, in the decoder's buffer */
    int r, g, b;                       /* IN_BACKGROUND: the terminal's background, 0..255 */
};

struct key_seq { char seq[16]; uint32_t key; };    /* what terminfo says besides the usual sequences */

/* Decodes the first input in buf. Returns bytes used, 0 = more bytes are needed (final: take what is there: a lone
 * ESC is the key esc). out->type IN_NONE: the bytes mean nothing to us. */
size_t key_decode(const char *buf, size_t len, bool final, const struct key_seq *seqs, size_t nseqs, struct input *out);

/* "ctrl-d", "shift-left", "N" or "shift-n", "alt-1", "space", ":"; 0 when it is not a key. */
uint32_t key_parse(const char *name);
void key_name(uint32_t key, char *buf, size_t size);

#endif
