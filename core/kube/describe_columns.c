/* Elastic columns, as kubectl's describe sets them: a cell that ends in a tab is as wide as the widest below and above it. */
#include <string.h>

#include "core/kube/describe_out.h"
#include "strata/mem.h"
#include "strata/text.h"

enum { PADDING = 2, MAX_COLS = 24 };

struct tab_line {
    const char *s;
    size_t len;
    int cells;                   /* terminated by a tab; the rest of the line belongs to no column */
};

static bool nth_cell(const struct tab_line *l, int n, const char **s, size_t *len)
{
    const char *p = l->s, *end = l->s + l->len;
    for (; n > 0 && p; n--) {
        p = memchr(p, '\t', (size_t)(end - p));
        p = p ? p + 1 : NULL;
    }
    if (!p)
        return false;
    const char *t = memchr(p, '\t', (size_t)(end - p));
    *s = p;
    *len = (size_t)((t ? t : end) - p);
    return true;
}

static void out_line(struct str *out, const struct tab_line *l, const int *widths)
{
    size_t start = out->len;
    for (int c = 0; c <= l->cells; c++) {
        const char *s;
        size_t len;
        if (!nth_cell(l, c, &s, &len))
            break;
        str_add(out, s, len);
        if (c < l->cells)
            str_addf(out, "%*s", widths[c] - text_width(s, len) > 0 ? widths[c] - text_width(s, len) : 0, "");
    }
    while (!out->failed && out->len > start && out->data[out->len - 1] == ' ')
        out->data[--out->len] = '\0';
    str_addc(out, '\n');
}

/* Lines [a, b): the columns left of `col` have their widths. */
static void format_block(struct str *out, const struct tab_line *lines, size_t a, size_t b, int col, int *widths)
{
    while (a < b) {
        if (col >= MAX_COLS || lines[a].cells <= col) {
            out_line(out, &lines[a++], widths);
            continue;
        }
        size_t e = a;
        widths[col] = 0;
        while (e < b && lines[e].cells > col) {
            const char *s;
            size_t len;
            if (nth_cell(&lines[e++], col, &s, &len) && text_width(s, len) + PADDING > widths[col])
                widths[col] = text_width(s, len) + PADDING;
        }
        format_block(out, lines, a, e, col + 1, widths);
        a = e;
    }
}

bool d_columns(struct str *out, const char *raw, size_t len)
{
    struct tab_line *lines = NULL;
    size_t n = 0, cap = 0, first = 0;
    int widths[MAX_COLS + 1] = {0};
    while (len) {
        const char *nl = memchr(raw, '\n', len);
        size_t l = nl ? (size_t)(nl - raw) : len;
        if (!mem_grow(&lines, &cap, n + 1, sizeof *lines)) {
            mem_free(lines);
            return false;
        }
        if (l == 1 && *raw == '\f') {
            format_block(out, lines, first, n, 0, widths);
            first = n;
        } else {
            lines[n] = (struct tab_line){.s = raw, .len = l};
            for (size_t i = 0; i < l; i++)
                lines[n].cells += raw[i] == '\t';
            if (lines[n].cells > MAX_COLS)
                lines[n].cells = MAX_COLS;
            n++;
        }
        raw += l + (nl != NULL);
        len -= l + (nl != NULL);
    }
    format_block(out, lines, first, n, 0, widths);
    mem_free(lines);
    return !out->failed;
}
