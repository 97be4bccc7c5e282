/* The line editor of prompts and dialog fields. Text is always clean and whole: cursor stops are graphemes. */
#include "tui/lineedit.h"

#include <string.h>

#include "strata/str.h"
#include "strata/text.h"
#include "tui/key.h"

void lineedit_set(struct lineedit *e, const char *clean)
{
    e->len = e->cursor = 0;
    e->text[0] = '\0';
    lineedit_insert(e, clean, strlen(clean));
}

bool lineedit_insert(struct lineedit *e, const char *clean, size_t len)
{
    if (len == 0 || e->len + len >= sizeof e->text) return false;
    memmove(e->text + e->cursor + len, e->text + e->cursor, e->len - e->cursor + 1);
    memcpy(e->text + e->cursor, clean, len);
    e->len += len;
    e->cursor += len;
    return true;
}

static size_t next_stop(const struct lineedit *e)
{
    int w;
    size_t n = text_next(e->text + e->cursor, e->len - e->cursor, &w);
    return e->cursor + n;
}

static size_t previous_stop(const struct lineedit *e)
{
    size_t at = 0, last = 0;
    int w;
    while (at < e->cursor) {
        size_t n = text_next(e->text + at, e->len - at, &w);
        if (n == 0) break;
        last = at;
        at += n;
    }
    return last;
}

static void cut(struct lineedit *e, size_t from, size_t to)
{
    memmove(e->text + from, e->text + to, e->len - to + 1);
    e->len -= to - from;
    e->cursor = from;
}

static size_t word_start(const struct lineedit *e)
{
    size_t i = e->cursor;
    while (i > 0 && e->text[i - 1] == ' ') i--;
    while (i > 0 && e->text[i - 1] != ' ') i--;
    return i;
}

static size_t word_end(const struct lineedit *e)
{
    size_t i = e->cursor;
    while (i < e->len && e->text[i] == ' ') i++;
    while (i < e->len && e->text[i] != ' ') i++;
    return i;
}

static bool type(struct lineedit *e, uint32_t cp)
{
    char raw[4];
    size_t n = 0;
    if (cp < 0x80) raw[n++] = (char)cp;
    else if (cp < 0x800) raw[n++] = (char)(0xc0 | cp >> 6), raw[n++] = (char)(0x80 | (cp & 63));
    else if (cp < 0x10000)
        raw[n++] = (char)(0xe0 | cp >> 12), raw[n++] = (char)(0x80 | (cp >> 6 & 63)), raw[n++] = (char)(0x80 | (cp & 63));
    else
        raw[n++] = (char)(0xf0 | cp >> 18), raw[n++] = (char)(0x80 | (cp >> 12 & 63)), raw[n++] = (char)(0x80 | (cp >> 6 & 63)),
        raw[n++] = (char)(0x80 | (cp & 63));
    struct str clean;
    str_init(&clean, 64);
    text_clean(&clean, raw, n, 0);
    bool ok = lineedit_insert(e, clean.data, clean.len);
    str_release(&clean);
    return ok;
}

bool lineedit_key(struct lineedit *e, uint32_t key)
{
    switch (key) {
    case K_LEFT: case K_CTRL | 'b': e->cursor = previous_stop(e); return true;
    case K_RIGHT: case K_CTRL | 'f': e->cursor = next_stop(e); return true;
    case K_HOME: case K_CTRL | 'a': e->cursor = 0; return true;
    case K_END: case K_CTRL | 'e': e->cursor = e->len; return true;
    case K_LEFT | K_CTRL: case K_ALT | 'b': e->cursor = word_start(e); return true;
    case K_RIGHT | K_CTRL: case K_ALT | 'f': e->cursor = word_end(e); return true;
    case K_BACKSPACE: if (e->cursor) cut(e, previous_stop(e), e->cursor); return true;
    case K_DEL: case K_CTRL | 'd': if (e->cursor < e->len) cut(e, e->cursor, next_stop(e)); return true;
    case K_CTRL | 'u': cut(e, 0, e->cursor); return true;
    case K_CTRL | 'k': e->len = e->cursor; e->text[e->len] = '\0'; return true;
    case K_CTRL | 'w': case K_ALT | K_BACKSPACE: cut(e, word_start(e), e->cursor); return true;
    default:
        if (key >= 0x20 && key < K_FIRST_NAMED) {
            type(e, key);
            return true;
        }
        return false;
    }
}
