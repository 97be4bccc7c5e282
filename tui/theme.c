/* Themes: parse the data files, find them by name, resolve role + overlay to what a terminal of some depth can show. */
#include "tui/theme.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "strata/mem.h"
#include "strata/options.h"
#include "strata/text.h"

#define THEME_MAX_BYTES 65536
#define NO16 (-3)               /* no colour of its own for 16 colours */

struct theme_builtin { const char *name, *text; };
extern const struct theme_builtin themes_builtin[];     /* generated from themes/ */

static const struct { const char *name; uint8_t fallback, mono; } roles[ROLE_COUNT] = {
#define XX(id, name, fallback, mono) [ROLE_##id] = {name, ROLE_##fallback, mono},
    ROLE_LIST(XX)
#undef XX
};

static const char *const color_names[16] = {"black", "red", "green", "yellow", "blue", "magenta", "cyan", "white",
    "bright-black", "bright-red", "bright-green", "bright-yellow", "bright-blue", "bright-magenta", "bright-cyan", "bright-white"};
static const uint32_t palette16[16] = {0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5,
    0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00, 0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff};
static const struct { const char *name; uint8_t bit; } attr_names[] = {
    {"bold", TA_BOLD}, {"dim", TA_DIM}, {"italic", TA_ITALIC}, {"underline", TA_UNDERLINE}, {"reverse", TA_REVERSE},
};

static int palette_rgb(int i)
{
    static const int step[6] = {0, 95, 135, 175, 215, 255};
    if (i < 16) return (int)palette16[i];
    if (i >= 232) return (8 + (i - 232) * 10) * 0x010101;
    i -= 16;
    return step[i / 36] << 16 | step[i / 6 % 6] << 8 | step[i % 6];
}

static int distance(int a, int b)
{
    int r = (a >> 16 & 255) - (b >> 16 & 255), g = (a >> 8 & 255) - (b >> 8 & 255), l = (a & 255) - (b & 255);
    return 3 * r * r + 4 * g * g + 2 * l * l;             /* the eye sees green best */
}

int color_nearest(int rgb, int ncolors)
{
    /* With 256 colours the first 16 are left out: users change them. */
    int best = 0, best_d = INT32_MAX, from = ncolors > 16 ? 16 : 0;
    for (int i = from; i < ncolors && i < 256; i++) {
        int d = distance(rgb, palette_rgb(i));
        if (d < best_d) best_d = d, best = i;
    }
    return best;
}

static bool parse_base_color(const char *s, int32_t *out)
{
    char *end;
    if (!strcmp(s, "-")) return *out = COLOR_KEEP, true;
    if (!strcmp(s, "default")) return *out = COLOR_TERM, true;
    if (s[0] == '#' && strlen(s) == 7 && strspn(s + 1, "0123456789abcdefABCDEF") == 6)
        return *out = (int32_t)strtol(s + 1, NULL, 16), true;
    for (int i = 0; i < 16; i++)
        if (!strcmp(s, color_names[i])) return *out = COLOR_INDEX | i, true;
    long n = s[0] >= '0' && s[0] <= '9' ? strtol(s, &end, 10) : -1;
    if (n < 0 || n > 255 || *end) return false;
    return *out = COLOR_INDEX | (int32_t)n, true;
}

/* "COLOUR" or "COLOUR/COLOUR16" */
static bool parse_color(char *s, int32_t *color, int16_t *color16)
{
    char *slash = strchr(s, '/');
    int32_t c16;
    *color16 = NO16;
    if (slash) {
        *slash++ = '\0';
        if (!parse_base_color(slash, &c16) || (c16 >= 0 && (c16 < COLOR_INDEX || c16 > (COLOR_INDEX | 15)))) return false;
        *color16 = (int16_t)(c16 < 0 ? c16 : c16 & 0xff);
    }
    return parse_base_color(s, color);
}

static int role_find(const char *name)
{
    for (int i = 1; i < ROLE_COUNT; i++)
        if (!strcmp(roles[i].name, name)) return i;
    return 0;
}

static enum err_code parse_line(struct theme *t, char *line, const char *where, int no, struct err *err)
{
    char *save = NULL, *w[3] = {0}, *word;
    int n = 0;
    while (n < 3 && (word = strtok_r(n ? NULL : line, " \t\r", &save))) w[n++] = word;
    if (n == 0 || (w[0][0] == '#')) return ERR_OK;
    struct str shown;
    str_init(&shown, 64);
    text_clean(&shown, w[0], strnlen(w[0], 40), 0);
    char name[64];
    snprintf(name, sizeof name, "%s", shown.data);
    str_release(&shown);
    if (!strcmp(w[0], "light")) return t->light = true, ERR_OK;
    int role = role_find(w[0]);
    if (!role) return err_set(err, ERR_CONFIG, 0, "%s:%d: no role is called \"%s\"", where, no, name);
    if (n < 3) return err_set(err, ERR_CONFIG, 0, "%s:%d: %s needs a foreground and a background", where, no, name);
    struct theme_style st = {.set = true, .mono = roles[role].mono};
    if (!parse_color(w[1], &st.fg, &st.fg16) || !parse_color(w[2], &st.bg, &st.bg16))
        return err_set(err, ERR_CONFIG, 0, "%s:%d: %s: a colour is #rrggbb, 0..255, a name, default or -", where, no, name);
    bool mono = false;
    while ((word = strtok_r(NULL, " \t\r", &save))) {
        if (!strcmp(word, "mono:")) {
            mono = true;
            st.mono = 0;
            continue;
        }
        uint8_t bit = 0;
        for (size_t i = 0; i < sizeof attr_names / sizeof *attr_names; i++)
            if (!strcmp(word, attr_names[i].name)) bit = attr_names[i].bit;
        if (!bit) return err_set(err, ERR_CONFIG, 0, "%s:%d: %s: attributes are bold dim italic underline reverse", where, no, name);
        if (mono) st.mono |= bit;
        else st.attrs |= bit;
    }
    t->style[role] = st;
    return ERR_OK;
}

enum err_code theme_parse(struct theme *t, const char *text, size_t len, const char *where, struct err *err)
{
    if (len > THEME_MAX_BYTES) return err_set(err, ERR_TOOBIG, 0, "%s: more than %d bytes for a theme", where, THEME_MAX_BYTES);
    char *copy = mem_strndup(text, len);
    if (!copy) return err_set(err, ERR_NOMEM, 0, "out of memory reading a theme");
    enum err_code rc = ERR_OK;
    int no = 0;
    for (char *p = copy, *next; p && rc == ERR_OK; p = next) {
        next = strchr(p, '\n');
        if (next) *next++ = '\0';
        rc = parse_line(t, p, where, ++no, err);
    }
    mem_free(copy);
    return rc;
}

static bool theme_dir(char *buf, size_t size, int which)
{
    int n = -1;
    if (which == 0) return options_user_dir("themes", buf, size);
#ifdef STRATA_DATADIR
    if (which == 1) n = snprintf(buf, size, "%s/themes", STRATA_DATADIR);
#endif
    return n > 0 && (size_t)n < size;
}

static enum err_code load_file(struct theme *t, const char *path, struct err *err)
{
    FILE *f = fopen(path, "re");
    if (!f) return err_set(err, ERR_NOTFOUND, errno, "%s: %s", path, strerror(errno));
    char *buf = mem_alloc(THEME_MAX_BYTES + 2);
    size_t n = buf ? fread(buf, 1, THEME_MAX_BYTES + 1, f) : 0;
    enum err_code rc = !buf ? err_set(err, ERR_NOMEM, 0, "out of memory reading a theme")
                     : ferror(f) ? err_set(err, ERR_IO, errno, "%s: cannot be read", path) : theme_parse(t, buf, n, path, err);
    fclose(f);
    mem_free(buf);
    return rc;
}

enum err_code theme_load(struct theme *t, const char *name, struct err *err)
{
    struct theme out = {0};
    char dir[400], path[512];
    const char *slash = strrchr(name, '/'), *base = slash ? slash + 1 : name;
    size_t len = strcspn(base, ".");
    memcpy(out.name, base, len < sizeof out.name ? len : sizeof out.name - 1);
    enum err_code rc = ERR_NOTFOUND;
    if (strchr(name, '/')) {
        rc = load_file(&out, name, err);
    } else {
        for (int i = 0; i < 2 && rc == ERR_NOTFOUND; i++)
            if (theme_dir(dir, sizeof dir, i) && snprintf(path, sizeof path, "%s/%s.theme", dir, name) < (int)sizeof path)
                rc = load_file(&out, path, err);
        for (size_t i = 0; themes_builtin[i].name && rc == ERR_NOTFOUND; i++)
            if (!strcmp(themes_builtin[i].name, name))
                rc = theme_parse(&out, themes_builtin[i].text, strlen(themes_builtin[i].text), name, err);
        if (rc == ERR_NOTFOUND) {
            struct str known, shown;
            str_init(&known, 4096);
            str_init(&shown, 256);
            theme_names(&known);
            text_clean(&shown, name, strnlen(name, 60), 0);
            for (char *p = known.data; *p; p++)
                if (*p == '\n') *p = ' ';
            rc = err_set(err, ERR_NOTFOUND, 0, "no theme is called \"%s\"; there are: %s", shown.data, known.data);
            str_release(&known);
            str_release(&shown);
        }
    }
    if (rc == ERR_OK) *t = out;
    return rc;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void theme_names(struct str *out)
{
    char *list[64];
    size_t n = 0;
    for (size_t i = 0; themes_builtin[i].name && n < 64; i++) list[n++] = mem_strdup(themes_builtin[i].name);
    for (int w = 0; w < 2; w++) {
        char dir[400];
        DIR *d = theme_dir(dir, sizeof dir, w) ? opendir(dir) : NULL;
        struct dirent *e;
        while (d && n < 64 && (e = readdir(d))) {
            size_t len = strlen(e->d_name);
            if (len > 6 && len < 40 && !strcmp(e->d_name + len - 6, ".theme") && text_is_clean(e->d_name, len))
                list[n++] = mem_strndup(e->d_name, len - 6);
        }
        if (d) closedir(d);
    }
    size_t m = 0;
    for (size_t i = 0; i < n; i++)
        if (list[i]) list[m++] = list[i];
    qsort(list, m, sizeof *list, by_name);
    for (size_t i = 0; i < m; i++) {
        if (i == 0 || strcmp(list[i], list[i - 1])) str_addf(out, "%s\n", list[i]);
    }
    for (size_t i = 0; i < m; i++) mem_free(list[i]);
}

static const struct theme_style *style_of(const struct theme *t, int role)
{
    static const struct theme_style plain = {COLOR_TERM, COLOR_TERM, NO16, NO16, 0, 0, true};
    for (int guard = 0; guard < 8; guard++) {
        if (t->style[role].set) return &t->style[role];
        if (role == ROLE_TEXT || role == ROLE_NONE) break;
        role = roles[role].fallback;
    }
    return &plain;
}

static int at_depth(int32_t c, int16_t c16, enum term_depth depth)
{
    if (depth <= DEPTH_16 && c16 != NO16) c = c16 < 0 ? c16 : COLOR_INDEX | c16;
    if (c == COLOR_KEEP) return COLOR_KEEP;
    if (c < 0 || depth == DEPTH_MONO) return -1;
    if (depth == DEPTH_RGB) {
        int rgb = c >= COLOR_INDEX ? palette_rgb(c & 0xff) : c;
        return rgb < 8 ? 8 : rgb;                 /* direct-colour terminals take 0..7 as palette numbers */
    }
    if (depth == DEPTH_256) return c >= COLOR_INDEX ? c & 0xff : color_nearest(c, 256);
    int i = c >= COLOR_INDEX ? c & 0xff : color_nearest(c, 16);
    return i > 15 ? color_nearest(palette_rgb(i), 16) : i;
}

struct term_style theme_resolve(const struct theme *t, enum term_depth depth, int role, int over)
{
    const struct theme_style *text = style_of(t, ROLE_TEXT), *s = style_of(t, role > 0 && role < ROLE_COUNT ? role : ROLE_TEXT);
    struct term_style out = {at_depth(s->fg, s->fg16, depth), at_depth(s->bg, s->bg16, depth), s->attrs};
    uint8_t mono = s->set && s != text ? s->mono : 0;
    if (!t->style[role > 0 && role < ROLE_COUNT ? role : ROLE_TEXT].set && role > 0 && role < ROLE_COUNT) mono = roles[role].mono;
    if (over > 0 && over < ROLE_COUNT) {
        const struct theme_style *o = style_of(t, over);
        int fg = at_depth(o->fg, o->fg16, depth), bg = at_depth(o->bg, o->bg16, depth);
        if (fg != COLOR_KEEP) out.fg = fg;
        if (bg != COLOR_KEEP) out.bg = bg;
        out.attrs |= o->attrs;
        mono |= t->style[over].set ? o->mono : roles[over].mono;
    }
    if (out.fg == COLOR_KEEP) out.fg = at_depth(text->fg, text->fg16, depth);
    if (out.bg == COLOR_KEEP) out.bg = at_depth(text->bg, text->bg16, depth);
    if (out.fg == COLOR_KEEP) out.fg = -1;
    if (out.bg == COLOR_KEEP) out.bg = -1;
    if (depth == DEPTH_MONO) out = (struct term_style){-1, -1, mono};
    if (depth == DEPTH_8) {
        if (out.fg >= 8) out.fg -= 8, out.attrs |= TA_BOLD;
        if (out.bg >= 8) out.bg -= 8;
        if (out.fg == out.bg && out.fg >= 0) out.fg = out.bg == 0 ? 7 : 0;      /* grey on black: still to be read */
    }
    return out;
}

enum role role_of_health(enum health h)
{
    static const uint8_t map[] = {[HEALTH_NONE] = ROLE_TEXT, [HEALTH_DONE] = ROLE_DONE, [HEALTH_OK] = ROLE_OK,
        [HEALTH_BUSY] = ROLE_BUSY, [HEALTH_UNKNOWN] = ROLE_UNKNOWN, [HEALTH_WARN] = ROLE_WARN, [HEALTH_BAD] = ROLE_BAD};
    return (unsigned)h < sizeof map ? (enum role)map[h] : ROLE_TEXT;
}
