/* The user's own columns as plain lines: read at the start, written whenever they change. */
#include "tui/colprefs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "strata/mem.h"

void colprefs_release(struct colprefs *p)
{
    for (size_t i = 0; i < p->n; i++) mem_free(p->e[i]);
    mem_free(p->e);
    *p = (struct colprefs){0};
}

struct colpref *colprefs_find(const struct colprefs *p, const char *kind)
{
    for (size_t i = 0; i < p->n; i++)
        if (!strcmp(p->e[i]->kind, kind)) return p->e[i];
    return NULL;
}

struct colpref *colprefs_get(struct colprefs *p, const char *kind)
{
    struct colpref *c = colprefs_find(p, kind);
    if (c || !mem_grow(&p->e, &p->cap, p->n + 1, sizeof *p->e)) return c;
    if (!(c = mem_zalloc(sizeof *c))) return NULL;
    snprintf(c->kind, sizeof c->kind, "%s", kind);
    p->e[p->n++] = c;
    return c;
}

void colprefs_drop(struct colprefs *p, const char *kind)
{
    for (size_t i = 0; i < p->n; i++) {
        if (strcmp(p->e[i]->kind, kind)) continue;
        mem_free(p->e[i]);
        memmove(&p->e[i], &p->e[i + 1], sizeof *p->e * (p->n - i - 1));
        p->n--;
        return;
    }
}

bool colprefs_take(struct colprefs *p, const struct colprefs *mine, const char *kind)
{
    const struct colpref *c = colprefs_find(mine, kind);
    struct colpref *to = c ? colprefs_get(p, kind) : NULL;
    if (!c)
        colprefs_drop(p, kind);
    else if (to)
        *to = *c;
    return !c || to;
}

int colpref_width(const struct colpref *c, const char *id)
{
    for (int i = 0; c && i < c->nwidth; i++)
        if (!strcmp(c->width[i].id, id)) return c->width[i].cells;
    return 0;
}

void colpref_set_width(struct colpref *c, const char *id, int cells)
{
    int i = 0;
    if (cells && cells < COLPREF_WIDTH_MIN) cells = COLPREF_WIDTH_MIN;
    if (cells > COLPREF_WIDTH_MAX) cells = COLPREF_WIDTH_MAX;
    while (i < c->nwidth && strcmp(c->width[i].id, id)) i++;
    if (cells == 0) {
        if (i == c->nwidth) return;
        memmove(&c->width[i], &c->width[i + 1], sizeof c->width[0] * (size_t)(c->nwidth - i - 1));
        c->nwidth--;
        return;
    }
    if (i == COLPREF_COLUMNS) return;
    if (i == c->nwidth) snprintf(c->width[c->nwidth++].id, COLPREF_ID, "%s", id);
    c->width[i].cells = cells;
}

bool colpref_show(struct colpref *c, const char *id)
{
    for (int i = 0; i < c->nshow; i++)
        if (!strcmp(c->show[i], id)) return true;
    if (c->nshow == COLPREF_COLUMNS || strlen(id) >= COLPREF_ID) return false;
    snprintf(c->show[c->nshow++], COLPREF_ID, "%s", id);
    return true;
}

static void parse_line(struct colprefs *p, char *line)
{
    char *save = NULL, *what = strtok_r(line, " \t\r", &save), *kind = what ? strtok_r(NULL, " \t\r", &save) : NULL;
    char *id = kind && *what != '#' ? strtok_r(NULL, " \t\r", &save) : NULL;
    if (!id || strlen(kind) >= sizeof ((struct colpref *)0)->kind) return;
    if (!strcmp(what, "show")) {
        struct colpref *c = colprefs_get(p, kind);
        if (c) c->nshow = 0;
        for (; c && id; id = strtok_r(NULL, " \t\r", &save)) colpref_show(c, id);
    } else if (!strcmp(what, "width") && strlen(id) < COLPREF_ID) {
        const char *cells = strtok_r(NULL, " \t\r", &save);
        int n = cells ? atoi(cells) : 0;
        struct colpref *c = n > 0 ? colprefs_get(p, kind) : NULL;
        if (c) colpref_set_width(c, id, n);
    }
}

void colprefs_parse(struct colprefs *p, const char *text)
{
    while (*text) {
        size_t n = strcspn(text, "\n");
        char line[4096];
        if (n < sizeof line) {
            memcpy(line, text, n);
            line[n] = '\0';
            parse_line(p, line);
        }
        text += n + (text[n] == '\n');
    }
}

void colprefs_print(const struct colprefs *p, struct str *out)
{
    str_adds(out, "# strata: columns as chosen with :columns (shift-c)\n");
    for (size_t i = 0; i < p->n; i++) {
        const struct colpref *c = p->e[i];
        if (c->nshow) str_addf(out, "show %s", c->kind);
        for (int k = 0; k < c->nshow; k++) str_addf(out, " %s", c->show[k]);
        if (c->nshow) str_addc(out, '\n');
        for (int k = 0; k < c->nwidth; k++) str_addf(out, "width %s %s %d\n", c->kind, c->width[k].id, c->width[k].cells);
    }
}
