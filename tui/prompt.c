/* The input line at the bottom: editing, history (kept in XDG_STATE_HOME), completion shown as a ghost and taken by tab. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "strata/mem.h"
#include "strata/text.h"
#include "tui/app_int.h"

static struct history *history_of(struct app *a)
{
    const char *h = a->prompt.ops->history;
    return !h ? NULL : &a->history[!strcmp(h, "search")];
}

bool state_path(char *buf, size_t size, const char *name, bool make)
{
    const char *xdg = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    char dir[400];
    int n = xdg && *xdg == '/' ? snprintf(dir, sizeof dir, "%s/strata", xdg)
          : home && *home ? snprintf(dir, sizeof dir, "%s/.local/state/strata", home) : -1;
    if (n < 0 || (size_t)n >= sizeof dir) return false;
    for (char *p = dir + 1; make && *p; p++) {
        if (*p != '/') continue;
        *p = '\0';
        mkdir(dir, 0700);
        *p = '/';
    }
    if (make && mkdir(dir, 0700) < 0 && errno != EEXIST) return false;
    n = snprintf(buf, size, "%s/%s", dir, name);
    return n > 0 && (size_t)n < size;
}

bool state_write(const char *path, const char *text, size_t len)
{
    char tmp[560];
    snprintf(tmp, sizeof tmp, "%s.%ld.new", path, (long)getpid());
    int fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
    if (!f) {
        if (fd >= 0) close(fd);
        return false;
    }
    bool ok = fwrite(text, 1, len, f) == len;
    ok = !fclose(f) && ok && !rename(tmp, path);
    if (!ok) unlink(tmp);
    return ok;
}

static const char *history_name(bool search)
{
    return search ? "search-history" : "history";
}

static void history_add(struct history *h, const char *text)
{
    for (int i = 0; i < h->n; i++) {
        if (strcmp(h->items[i], text)) continue;
        char *same = h->items[i];
        memmove(&h->items[i], &h->items[i + 1], sizeof *h->items * (size_t)(h->n - i - 1));
        h->items[h->n - 1] = same;
        return;
    }
    if (h->n == HISTORY_MAX) {
        mem_free(h->items[0]);
        memmove(&h->items[0], &h->items[1], sizeof *h->items * (HISTORY_MAX - 1));
        h->n--;
    }
    char *copy = mem_strdup(text);
    if (copy) h->items[h->n++] = copy;
}

static void history_load(struct history *h, bool search)
{
    char path[512], line[1024];
    if (h->loaded) return;
    h->loaded = true;
    FILE *f = state_path(path, sizeof path, history_name(search), false) ? fopen(path, "re") : NULL;
    while (f && fgets(line, sizeof line, f)) {
        struct str clean;
        str_init(&clean, 2048);
        text_clean(&clean, line, strcspn(line, "\n"), 0);
        if (clean.len && clean.len < sizeof ((struct lineedit *)0)->text) history_add(h, clean.data);
        str_release(&clean);
    }
    if (f) fclose(f);
}

static void history_save(struct history *h, bool search)
{
    char path[512];
    struct str text;
    if (!state_path(path, sizeof path, history_name(search), true)) return;
    str_init(&text, 1 << 20);
    for (int i = 0; i < h->n; i++) str_addf(&text, "%s\n", h->items[i]);
    if (!text.failed) state_write(path, text.data, text.len);
    str_release(&text);
}

static void complete(struct app *a)
{
    struct prompt *p = &a->prompt;
    p->ghost[0] = '\0';
    p->candidate = -1;
    str_clear(&p->candidates);
    if (!p->ops->complete || p->edit.cursor != p->edit.len) return;
    p->ops->complete(a, p->arg, p->edit.text, p->edit.cursor, &p->candidates);
    size_t word = p->edit.len;
    while (word > 0 && p->edit.text[word - 1] != ' ' && p->edit.text[word - 1] != ',' && p->edit.text[word - 1] != '@') word--;
    size_t typed = p->edit.len - word, len = strcspn(p->candidates.data, "\n");
    if (len > typed && typed > 0) snprintf(p->ghost, sizeof p->ghost, "%.*s", (int)(len - typed), p->candidates.data + typed);
}

static void changed(struct app *a)
{
    struct prompt *p = &a->prompt;
    complete(a);
    if (p->ops->changed) p->ops->changed(a, p->arg, p->edit.text);
    app_dirty(a);
}

void prompt_again(struct app *a)
{
    if (!a->prompt.ops || a->prompt.candidate >= 0) return;
    complete(a);
    app_dirty(a);
}

void app_prompt(struct app *a, const struct prompt_ops *ops, void *arg, const char *initial)
{
    struct prompt *p = &a->prompt;
    if (p->ops) prompt_key(a, K_ESC);
    p->ops = ops;
    p->label[0] = '\0';
    p->arg = arg;
    str_init(&p->candidates, 65536);
    lineedit_set(&p->edit, initial ? initial : "");
    struct history *h = history_of(a);
    if (h) history_load(h, h == &a->history[1]);
    p->hist = h ? h->n : 0;
    p->kept[0] = '\0';
    complete(a);
    app_dirty(a);
}

void app_prompt_labelled(struct app *a, const struct prompt_ops *ops, void *arg, const char *label, const char *initial)
{
    app_prompt(a, ops, arg, initial);
    snprintf(a->prompt.label, sizeof a->prompt.label, "%s", label);
}

bool app_prompting(const struct app *a)
{
    return a->prompt.ops != NULL;
}

void prompt_release(struct app *a)
{
    str_release(&a->prompt.candidates);
    a->prompt.ops = NULL;
    for (int k = 0; k < 2; k++) {
        for (int i = 0; i < a->history[k].n; i++) mem_free(a->history[k].items[i]);
        a->history[k].n = 0;
    }
}

static void finish(struct app *a, bool ok)
{
    struct prompt *p = &a->prompt;
    const struct prompt_ops *ops = p->ops;
    struct history *h = history_of(a);
    char text[sizeof p->edit.text];
    memcpy(text, p->edit.text, sizeof text);
    str_release(&p->candidates);
    p->ops = NULL;
    namespaces_rest(a);
    if (ok && h && *text && text[0] != ' ') {
        history_add(h, text);
        history_save(h, h == &a->history[1]);
    }
    ops->done(a, p->arg, text, ok);
    app_dirty(a);
}

static void history_go(struct app *a, int by)
{
    struct prompt *p = &a->prompt;
    struct history *h = history_of(a);
    if (!h || p->hist + by < 0 || p->hist + by > h->n) return;
    if (p->hist == h->n) snprintf(p->kept, sizeof p->kept, "%s", p->edit.text);
    p->hist += by;
    lineedit_set(&p->edit, p->hist == h->n ? p->kept : h->items[p->hist]);
    changed(a);
}

static void take_candidate(struct app *a, int by)
{
    struct prompt *p = &a->prompt;
    struct str *cs = &p->candidates;
    int n = 0, want;
    for (const char *s = cs->data; *s; s++) n += *s == '\n';
    if (n == 0) return;
    want = (p->candidate + by + (p->candidate < 0 && by < 0 ? 1 : 0) + n) % n;
    const char *s = cs->data;
    for (int i = 0; i < want; i++) s = strchr(s, '\n') + 1;
    size_t word = p->edit.len;
    while (word > 0 && p->edit.text[word - 1] != ' ' && p->edit.text[word - 1] != ',' && p->edit.text[word - 1] != '@') word--;
    p->edit.len = p->edit.cursor = word;
    p->edit.text[word] = '\0';
    lineedit_insert(&p->edit, s, strcspn(s, "\n"));
    p->candidate = want;
    p->ghost[0] = '\0';
    if (p->ops->changed) p->ops->changed(a, p->arg, p->edit.text);
    app_dirty(a);
}

bool prompt_key(struct app *a, uint32_t key)
{
    struct prompt *p = &a->prompt;
    if (key == K_ENTER || key == (K_CTRL | 'j')) finish(a, true);
    else if (key == K_ESC || key == (K_CTRL | 'c') || key == (K_CTRL | 'g')) finish(a, false);
    else if (key == K_BACKSPACE && p->edit.len == 0) finish(a, false);
    else if (key == K_UP || key == (K_CTRL | 'p')) history_go(a, -1);
    else if (key == K_DOWN || key == (K_CTRL | 'n')) history_go(a, 1);
    else if (key == K_TAB) take_candidate(a, 1);
    else if (key == (K_TAB | K_SHIFT)) take_candidate(a, -1);
    else if (key == K_RIGHT && *p->ghost && p->edit.cursor == p->edit.len) take_candidate(a, 1);
    else if (key == (K_CTRL | 'q')) lineedit_set(&p->edit, ""), changed(a);
    else {
        char before[sizeof p->edit.text];
        memcpy(before, p->edit.text, sizeof before);
        if (!lineedit_key(&p->edit, key)) return false;
        if (strcmp(before, p->edit.text)) changed(a);
        else app_dirty(a);
    }
    return true;
}

void prompt_paste(struct app *a, const char *clean, size_t len)
{
    if (lineedit_insert(&a->prompt.edit, clean, len)) changed(a);
}

void prompt_draw(struct app *a, struct rect r)
{
    struct canvas *c = &a->canvas;
    struct prompt *p = &a->prompt;
    canvas_fill(c, r, STYLE(ROLE_INPUT));
    int x = r.x + 1 + canvas_puts(c, r.x + 1, r.y, r.w - 2, STYLE(ROLE_INPUT_PROMPT), *p->label ? p->label : p->ops->label);
    int room = r.x + r.w - x - 1, at = text_width(p->edit.text, p->edit.cursor);
    const char *s = p->edit.text;
    size_t len = p->edit.len;
    while (room > 0 && at >= room && len) {                  /* the cursor stays in sight */
        int w = 0;
        size_t n = text_next(s, len, &w);
        if (!n) break;
        s += n, len -= n, at -= w;
    }
    int used = canvas_text(c, x, r.y, room, STYLE(ROLE_INPUT), s, len);
    used += canvas_puts(c, x + used, r.y, room - used, STYLE(ROLE_INPUT_HINT), p->ghost);
    a->cursor_x = x + at < r.x + r.w ? x + at : r.x + r.w - 1;
    a->cursor_y = r.y;
    int cx = x + used + 3, i = 0;                            /* the other candidates, as far as there is room */
    for (const char *k = p->candidates.data; k && *k && cx < r.x + r.w - 2; i++) {
        size_t n = strcspn(k, "\n");
        uint16_t st = STYLE(ROLE_INPUT_HINT) | (i == p->candidate ? OVER(ROLE_CURSOR) : 0);
        int w = canvas_text(c, cx, r.y, r.x + r.w - 2 - cx, st, k, n);
        cx += w + 2;
        k += n + (k[n] == '\n');
    }
}
