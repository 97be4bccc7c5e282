/* Keys: names both ways, and the decoder of terminal input. Sequences are recognised by shape (CSI, SS3, OSC, DCS), so an
 * unknown one is dropped whole instead of being typed. */
#include "tui/key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define PASTE_MAX 65536

static const struct { uint32_t key; const char *name; } names[] = {
#define XX(id, name) {K_##id, name},
    KEY_LIST(XX)
#undef XX
    {' ', "space"}, {K_PGUP, "pageup"}, {K_PGDN, "pagedown"}, {K_ENTER, "return"}, {K_ESC, "escape"}, {K_DEL, "delete"},
    {K_INS, "insert"}, {'<', "lt"}, {'>', "gt"},
};

static int utf8_decode(const char *s, size_t len, uint32_t *cp)
{
    unsigned char b = (unsigned char)s[0];
    int n = b < 0x80 ? 1 : b < 0xc2 ? -1 : b < 0xe0 ? 2 : b < 0xf0 ? 3 : b < 0xf5 ? 4 : -1;
    if (n < 0) return -1;
    if ((size_t)n > len) {
        for (size_t i = 1; i < len; i++)
            if (((unsigned char)s[i] & 0xc0) != 0x80) return -1;
        return 0;
    }
    *cp = n == 1 ? b : b & (0x7fu >> n);
    for (int i = 1; i < n; i++) {
        if (((unsigned char)s[i] & 0xc0) != 0x80) return -1;
        *cp = *cp << 6 | ((unsigned char)s[i] & 0x3f);
    }
    return n;
}

/* One byte or character without a prefix. 0 = more is needed. */
static size_t decode_plain(const char *buf, size_t len, bool final, uint32_t *key)
{
    unsigned char b = (unsigned char)buf[0];
    uint32_t cp = 0;
    if (b == '\r' || b == '\n') *key = K_ENTER;
    else if (b == '\t') *key = K_TAB;
    else if (b == 0x7f || b == 0x08) *key = K_BACKSPACE;
    else if (b == 0) *key = K_CTRL | ' ';
    else if (b == 0x1b) *key = K_ESC;
    else if (b < 0x1b) *key = K_CTRL | (b + 'a' - 1);
    else if (b < 0x20) *key = K_CTRL | (b + 0x40);           /* ctrl-\ ctrl-] ctrl-^ ctrl-_ */
    else {
        int n = utf8_decode(buf, len, &cp);
        if (n == 0 && !final) return 0;
        *key = n > 0 ? cp : 0;
        return n > 0 ? (size_t)n : 1;
    }
    return 1;
}

static uint32_t with_mods(uint32_t key, int param)
{
    int m = param > 1 ? param - 1 : 0;
    return key | (m & 1 ? K_SHIFT : 0) | (m & 2 ? K_ALT : 0) | (m & 4 ? K_CTRL : 0);
}

/* A character with modifiers (CSI u, modifyOtherKeys): in the form key_parse gives. */
static uint32_t char_with_mods(uint32_t cp, int param)
{
    uint32_t key = cp;
    if (cp == 13) key = K_ENTER;
    else if (cp == 9) key = K_TAB;
    else if (cp == 27) key = K_ESC;
    else if (cp == 127 || cp == 8) key = K_BACKSPACE;
    key = with_mods(key, param);
    if (K_CODE(key) < K_FIRST_NAMED && (key & K_SHIFT)) {
        uint32_t c = K_CODE(key);
        if (!(key & K_CTRL) && c >= 'a' && c <= 'z') key -= 32;
        if (c != ' ') key &= ~K_SHIFT;
    }
    return key;
}

static uint32_t letter_key(char c)
{
    switch (c) {
    case 'A': return K_UP;
    case 'B': return K_DOWN;
    case 'C': return K_RIGHT;
    case 'D': return K_LEFT;
    case 'F': return K_END;
    case 'H': return K_HOME;
    case 'M': return K_ENTER;
    case 'P': return K_F1;
    case 'Q': return K_F2;
    case 'R': return K_F3;
    case 'S': return K_F4;
    case 'Z': return K_TAB | K_SHIFT;
    default: return 0;
    }
}

static uint32_t tilde_key(int n)
{
    static const uint32_t keys[] = {
        [1] = K_HOME, [2] = K_INS, [3] = K_DEL, [4] = K_END, [5] = K_PGUP, [6] = K_PGDN, [7] = K_HOME, [8] = K_END,
        [11] = K_F1, [12] = K_F2, [13] = K_F3, [14] = K_F4, [15] = K_F5, [17] = K_F6, [18] = K_F7, [19] = K_F8,
        [20] = K_F9, [21] = K_F10, [23] = K_F11, [24] = K_F12,
    };
    return n >= 0 && (size_t)n < sizeof keys / sizeof *keys ? keys[n] : 0;
}

static void decode_mouse(struct input *out, const int *p, int np, char final)
{
    if (np < 3) return;
    int b = p[0];
    out->type = IN_MOUSE;
    out->x = p[1] - 1;
    out->y = p[2] - 1;
    out->button = b & 3;
    out->mouse = b & 64 ? (b & 1 ? MOUSE_WHEEL_DOWN : MOUSE_WHEEL_UP) : b & 32 ? MOUSE_MOVE
               : final == 'm' ? MOUSE_RELEASE : MOUSE_PRESS;
}

/* Bracketed paste: the text up to CSI 201~. */
static size_t decode_paste(const char *buf, size_t len, bool final, size_t start, struct input *out)
{
    static const char end[] = "\x1b[201~";
    const char *e = memmem(buf + start, len - start, end, sizeof end - 1);
    if (!e && !final && len - start < PASTE_MAX) return 0;
    out->type = IN_PASTE;
    out->text = buf + start;
    out->len = e ? (size_t)(e - buf) - start : len - start;
    return e ? (size_t)(e - buf) + sizeof end - 1 : len;
}

static size_t decode_csi(const char *buf, size_t len, bool final, struct input *out)
{
    size_t i = 2;
    int p[8] = {0}, np = 0;
    bool digit = false;
    char lead = 0;
    if (i < len && buf[i] >= '<' && buf[i] <= '?') lead = buf[i++];
    if (i < len && buf[i] == '[') {                           /* Linux console: CSI [ A..E = F1..F5 */
        if (i + 1 >= len) return final ? len : 0;
        if (buf[i + 1] >= 'A' && buf[i + 1] <= 'E') {
            out->type = IN_KEY;
            out->key = K_F1 + (uint32_t)(buf[i + 1] - 'A');
        }
        return i + 2;
    }
    for (; i < len && (unsigned char)buf[i] < 0x40 && (unsigned char)buf[i] >= 0x20; i++) {
        if (buf[i] >= '0' && buf[i] <= '9') {
            if (np < 8 && p[np] < 100000000) p[np] = p[np] * 10 + (buf[i] - '0');
            digit = true;
        } else if (buf[i] == ';' || buf[i] == ':') {
            if (np < 7) np++;
            digit = true;
        }
    }
    if (i >= len) return final || i > 64 ? len : 0;
    char c = buf[i++];
    if ((unsigned char)c < 0x40) return i - 1;                /* broken by a control byte: drop what came before */
    if (digit) np++;
    if (lead == '<' && (c == 'M' || c == 'm')) {
        decode_mouse(out, p, np, c);
        return i;
    }
    if (lead) return i;
    uint32_t key = 0;
    if (c == '~' && p[0] == 200) return decode_paste(buf, len, final, i, out);
    if (c == '~' && p[0] == 27 && np >= 3) key = char_with_mods((uint32_t)p[2], p[1]);
    else if (c == '~') key = with_mods(tilde_key(p[0]), np > 1 ? p[1] : 1);
    else if (c == 'u') key = char_with_mods((uint32_t)p[0], np > 1 ? p[1] : 1);
    else if (letter_key(c)) key = with_mods(letter_key(c), np > 1 ? p[1] : 1);
    if (K_CODE(key)) {
        out->type = IN_KEY;
        out->key = key;
    }
    return i;
}

static int hex_channel(const char **s)
{
    char *end;
    unsigned long v = strtoul(*s, &end, 16);
    size_t n = (size_t)(end - *s);
    *s = end;
    return n == 0 || n > 4 ? -1 : (int)(v * 255 / ((1ul << (4 * n)) - 1));
}

/* OSC, DCS, APC, PM, SOS: strings up to BEL or ST. Only the answer about the background means something. */
static size_t decode_string(const char *buf, size_t len, bool final, struct input *out)
{
    size_t i = 2, end = 0;
    for (; i < len && !end; i++) {
        if (buf[i] == '\a') end = i + 1;
        else if (buf[i] == '\x1b') {
            if (i + 1 >= len) break;
            end = buf[i + 1] == '\\' ? i + 2 : i;             /* another ESC: the string was cut */
        }
    }
    if (!end) return final || len > 4096 ? len : 0;
    if (buf[1] == ']' && len > 9 && !strncmp(buf + 2, "11;rgb:", 7)) {
        char tmp[24] = "";
        size_t n = end - 9 < sizeof tmp - 1 ? end - 9 : sizeof tmp - 1;
        memcpy(tmp, buf + 9, n);
        const char *s = tmp;
        int v[3] = {-1, -1, -1};
        for (int k = 0; k < 3; k++) {
            v[k] = hex_channel(&s);
            if (*s == '/') s++;
        }
        if (v[0] >= 0 && v[1] >= 0 && v[2] >= 0) *out = (struct input){.type = IN_BACKGROUND, .r = v[0], .g = v[1], .b = v[2]};
    }
    return end;
}

static size_t decode_known(const char *buf, size_t len, const struct key_seq *seqs, size_t nseqs, struct input *out)
{
    for (size_t i = 0; i < nseqs; i++) {
        size_t n = strnlen(seqs[i].seq, sizeof seqs[i].seq);
        if (n > 1 && n <= len && !memcmp(buf, seqs[i].seq, n)) {
            out->type = IN_KEY;
            out->key = seqs[i].key;
            return n;
        }
    }
    return 0;
}

size_t key_decode(const char *buf, size_t len, bool final, const struct key_seq *seqs, size_t nseqs, struct input *out)
{
    *out = (struct input){.type = IN_NONE};
    if (len == 0) return 0;
    if (buf[0] != '\x1b') {
        size_t n = decode_plain(buf, len, final, &out->key);
        if (n && out->key) out->type = IN_KEY;
        return n;
    }
    size_t known = decode_known(buf, len, seqs, nseqs, out);
    if (known) return known;
    if (len == 1) {
        if (!final) return 0;
        out->type = IN_KEY;
        out->key = K_ESC;
        return 1;
    }
    char c = buf[1];
    if ((c == '[' || c == 'O') && len == 2) {                 /* alt-[ and alt-O only when nothing follows */
        if (!final) return 0;
        out->type = IN_KEY;
        out->key = K_ALT | (unsigned char)c;
        return 2;
    }
    if (c == '[') return decode_csi(buf, len, final, out);
    if (c == 'O') {
        uint32_t key = letter_key(buf[2]);
        if (key) {
            out->type = IN_KEY;
            out->key = key;
        }
        return 3;
    }
    if (c == ']' || c == 'P' || c == '_' || c == '^' || c == 'X') {
        /* alt-X and the like are keys when nothing follows */
        if (len > 2 || !final) return decode_string(buf, len, final, out);
    }
    if (c == '\x1b') {                                        /* ESC ESC: the first one is the key */
        out->type = IN_KEY;
        out->key = K_ESC;
        return 1;
    }
    size_t n = decode_plain(buf + 1, len - 1, final, &out->key);
    if (n == 0) return 0;
    if (out->key) {
        out->type = IN_KEY;
        out->key |= K_ALT;
    }
    return n + 1;
}

uint32_t key_parse(const char *name)
{
    uint32_t mods = 0;
    for (;;) {
        if (!strncasecmp(name, "ctrl-", 5) && name[5]) mods |= K_CTRL, name += 5;
        else if (!strncasecmp(name, "alt-", 4) && name[4]) mods |= K_ALT, name += 4;
        else if (!strncasecmp(name, "shift-", 6) && name[6]) mods |= K_SHIFT, name += 6;
        else break;
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcasecmp(name, names[i].name)) return names[i].key | mods;
    uint32_t cp = 0;
    size_t len = strlen(name);
    if (len == 0 || utf8_decode(name, len, &cp) != (int)len || cp < 0x20) return 0;
    if ((mods & K_CTRL) && cp >= 'A' && cp <= 'Z') cp += 32;
    if (mods & K_SHIFT) {
        if (cp >= 'a' && cp <= 'z' && !(mods & K_CTRL)) cp -= 32;
        mods &= ~K_SHIFT;
    }
    return cp | mods;
}

void key_name(uint32_t key, char *buf, size_t size)
{
    char base[16] = "";
    uint32_t cp = K_CODE(key);
    for (size_t i = 0; i < sizeof names / sizeof *names && !*base; i++)
        if (names[i].key == cp && cp != '<' && cp != '>') snprintf(base, sizeof base, "%s", names[i].name);
    if (!*base && cp >= 'A' && cp <= 'Z') snprintf(base, sizeof base, "shift-%c", (char)(cp + 32));
    if (!*base && cp < 0x80) snprintf(base, sizeof base, "%c", (char)cp);
    if (!*base) snprintf(base, sizeof base, "U+%04X", cp);
    snprintf(buf, size, "%s%s%s%s", key & K_CTRL ? "ctrl-" : "", key & K_ALT ? "alt-" : "", key & K_SHIFT ? "shift-" : "", base);
}
