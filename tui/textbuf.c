/* Lines of text: index, search, drawing. */
#include "tui/textbuf.h"

#include <stdint.h>
#include <string.h>

#include "strata/mem.h"
#include "strata/text.h"
#include "tui/theme.h"

void textbuf_release(struct textbuf *t)
{
    mem_free(t->text);
    mem_free(t->line);
    *t = (struct textbuf){0};
}

bool textbuf_set(struct textbuf *t, char *text, size_t len)
{
    mem_free(t->text);
    t->text = text;
    t->len = text ? len : 0;
    while (t->len && text[t->len - 1] == '\n')
        t->len--;
    t->nlines = 0;
    for (size_t at = 0; text && at <= t->len;) {
        if (!mem_grow(&t->line, &t->cap_lines, t->nlines + 2, sizeof(*t->line))) {
            textbuf_release(t);
            return false;
        }
        t->line[t->nlines++] = at;
        const char *nl = memchr(text + at, '\n', t->len - at);
        at = nl ? (size_t)(nl - text) + 1 : t->len + 1;
        t->line[t->nlines] = at;
    }
    return true;
}

const char *textbuf_line(const struct textbuf *t, size_t i, size_t *len)
{
    if (i >= t->nlines) {
        *len = 0;
        return "";
    }
    *len = t->line[i + 1] - t->line[i] - 1;
    return t->text + t->line[i];
}

size_t textbuf_search(const struct textbuf *t, const char *needle, size_t from, bool back)
{
    size_t n = strlen(needle), len;
    for (size_t k = 1; n && k <= t->nlines; k++) {
        size_t i = back ? (from + t->nlines - k % t->nlines) % t->nlines : (from + k) % t->nlines;
        const char *s = textbuf_line(t, i, &len);
        if (text_casestr(s, len, needle, n))
            return i;
    }
    return SIZE_MAX;
}

/* Cells that the rows after the first are indented by: to the column that stands there, or a little further than the line. */
static int hang_of(const char *s, size_t len, int w, enum text_wrap wrap)
{
    size_t lead = 0;
    while (lead < len && s[lead] == ' ')
        lead++;
    size_t at = lead;
    for (size_t i = lead; wrap == TEXT_WORDS && i + 2 < len && i < (size_t)w * 4; i++)
        if (s[i] == ' ' && s[i + 1] == ' ' && s[i + 2] != ' ' && text_width(s, i + 2) <= w * 9 / 20)
            at = i + 2;
    int hang = at > lead ? text_width(s, at) : (int)lead + 2;
    return wrap != TEXT_WORDS || hang > w * 9 / 20 ? 0 : hang;
}

/* Bytes of the next row; the blanks it is broken at are not shown. */
static size_t next_row(const char *s, size_t len, int w, enum text_wrap wrap, size_t *blanks)
{
    size_t n = text_fit(s, len, w, NULL), cut = n, lead = 0;
    *blanks = 0;
    if (!n)
        return len;
    if (wrap != TEXT_WORDS || n == len)
        return n;
    while (lead < n && s[lead] == ' ')
        lead++;
    while (cut > lead && s[cut] != ' ')
        cut--;
    if (cut > lead)
        n = cut;
    while (n + *blanks < len && s[n + *blanks] == ' ')
        ++*blanks;
    return n;
}

int text_line_rows(const char *s, size_t len, int w, enum text_wrap wrap)
{
    int rows = 0, hang = wrap ? hang_of(s, len, w, wrap) : 0;
    if (!wrap)
        return 1;
    do {
        size_t blanks, n = next_row(s, len, rows ? w - hang : w, wrap, &blanks) + blanks;
        s += n;
        len -= n;
        rows++;
    } while (len);
    return rows;
}

size_t textbuf_last_top(const struct textbuf *t, int w, int h, enum text_wrap wrap)
{
    size_t i = t->nlines, len;
    for (int rows = 0; i > 0; i--) {
        const char *s = textbuf_line(t, i - 1, &len);
        rows += text_line_rows(s, len, w, wrap);
        if (rows > h)
            break;
    }
    return i < t->nlines || !i ? i : i - 1;
}

static uint16_t style_at(const struct text_span *spans, size_t n, size_t at, uint16_t style, size_t *until)
{
    for (size_t i = 0; i < n; i++) {
        if (at < spans[i].from) {
            *until = spans[i].from < *until ? spans[i].from : *until;
        } else if (at < spans[i].to) {
            *until = spans[i].to < *until ? spans[i].to : *until;
            return spans[i].style;
        }
    }
    return style;
}

/* One row: pieces of one style, then the matches over it. */
static void draw_piece(struct canvas *c, int x, int y, int w, const char *line, size_t from, size_t to, uint16_t style,
                       const struct text_span *spans, size_t nspans, const char *needle)
{
    int at_x = x;
    for (size_t at = from; at < to && at_x < x + w;) {
        size_t until = to;
        uint16_t st = style_at(spans, nspans, at, style, &until);
        at_x += canvas_text(c, at_x, y, x + w - at_x, st, line + at, until - at);
        at = until;
    }
    size_t n = needle ? strlen(needle) : 0;
    for (size_t at = from; n && at < to;) {
        const char *p = text_casestr(line + at, to - at, needle, n);
        if (!p)
            break;
        size_t off = (size_t)(p - line);
        int px = x + text_width(line + from, off - from), pw = text_width(p, n);
        canvas_over(c, (struct rect){px, y, px + pw > x + w ? x + w - px : pw, 1}, ROLE_MATCH);
        at = off + n;
    }
}

int text_draw_line(struct canvas *c, struct rect r, int y, const char *s, size_t len, uint16_t style, const struct text_span *spans,
                   size_t nspans, const char *needle, enum text_wrap wrap, int left)
{
    int rows = 0, used = 0, hang = wrap ? hang_of(s, len, r.w, wrap) : 0;
    size_t at = 0;
    if (!wrap) {
        at = text_fit(s, len, left, &used);
        draw_piece(c, r.x, y, r.w, s, at, len, style, spans, nspans, needle);
        return 1;
    }
    do {
        int in = rows ? hang : 0;
        size_t blanks, n = next_row(s + at, len - at, r.w - in, wrap, &blanks);
        if (y + rows < r.y + r.h)
            draw_piece(c, r.x + in, y + rows, r.w - in, s, at, at + n, style, spans, nspans, needle);
        at += n + blanks;
        rows++;
    } while (at < len && y + rows < r.y + r.h);
    return rows;
}

/* Long sentences wrap: they say what to do. Returns the lines used. */
int text_words_rows(const char *s, size_t len, int w)
{
    int rows = 0;
    for (; len && w > 0; rows++) {
        int used = 0;
        size_t n = text_fit(s, len, w, &used), cut = n;
        if (n < len) {
            while (cut > 0 && s[cut] != ' ') cut--;
            if (cut) n = cut;
        }
        if (n == 0) break;
        s += n;
        len -= n;
        while (len && *s == ' ') s++, len--;
    }
    return rows ? rows : 1;
}

int text_draw_words(struct canvas *c, struct rect r, uint16_t st, const char *s, int max_lines)
{
    size_t len = strlen(s);
    int y = 0;
    for (; len && y < max_lines && y < r.h; y++) {
        int used = 0;
        size_t n = text_fit(s, len, r.w, &used), cut = n;
        if (n < len) {
            while (cut > 0 && s[cut] != ' ') cut--;
            if (cut) n = cut;
        }
        if (n == 0) break;
        if (y + 1 == max_lines && n < len) canvas_ellipsis(c, r.x, r.y + y, r.w, st, s, len);
        else canvas_text(c, r.x, r.y + y, r.w, st, s, n);
        s += n;
        len -= n;
        while (len && *s == ' ') s++, len--;
    }
    return y;
}
