/* Which part of a line of text has which colour. */
#include "tui/text_spans.h"

#include <string.h>

#include "tui/theme.h"

/* "  Key:  value" in describe: the key dim; a key alone on its line is a section. */
size_t spans_describe(const char *s, size_t len, struct text_span *sp)
{
    size_t in = 0;
    while (in < len && s[in] == ' ')
        in++;
    const char *colon = memchr(s + in, ':', len - in);
    if (!colon || colon == s + in || (size_t)(colon - s) - in > 40)
        return 0;
    size_t end = (size_t)(colon - s) + 1;
    if (end < len && s[end] != ' ')
        return 0;
    sp[0] = (struct text_span){in, end, end == len && !in ? STYLE(ROLE_SECTION) : STYLE(ROLE_FIELD)};
    return 1;
}

/* A word about how it went at the start, perhaps after the time: "12:03:04  fail  ...". */
size_t spans_words(const char *s, size_t len, struct text_span *sp)
{
    static const struct { const char *word; enum role role; } words[] = {
        {"ok ", ROLE_OK}, {"warn ", ROLE_WARN}, {"fail ", ROLE_BAD}, {"info ", ROLE_INFO}};
    size_t at = len > 10 && s[2] == ':' && s[5] == ':' ? 10 : 0, n = 0;
    if (at)
        sp[n++] = (struct text_span){0, 8, STYLE(ROLE_TICKER_TIME)};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t wl = strlen(words[i].word);
        if (len - at >= wl && !memcmp(s + at, words[i].word, wl))
            sp[n++] = (struct text_span){at, at + wl, STYLE(words[i].role)};
    }
    return n;
}

/* "  lost     DP  pod ...", and the verdict that ends the first line: how bad it is is seen before it is read. */
static size_t harm(const char *s, size_t len, struct text_span *sp)
{
    static const struct { const char *word; enum role role; } starts[] = {
        {"  lost ", ROLE_BAD}, {"  at risk ", ROLE_WARN}, {"  degraded ", ROLE_WARN}, {"  = ", ROLE_STRONG}},
        ends[] = {{"): red", ROLE_BAD}, {"): yellow", ROLE_WARN}, {"): green", ROLE_OK}};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        size_t n = strlen(starts[i].word);
        if (len < n || memcmp(s, starts[i].word, n) != 0)
            continue;
        sp[0] = (struct text_span){0, starts[i].role == ROLE_STRONG ? len : n, STYLE(starts[i].role)};
        return 1;
    }
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        size_t n = strlen(ends[i].word);
        if (len < n || memcmp(s + len - n, ends[i].word, n) != 0)
            continue;
        sp[0] = (struct text_span){len - n + 3, len, STYLE(ends[i].role)};
        return 1;
    }
    return 0;
}

/* "carries pod a/b (mgmt)   A E1 nodeName n1": the class of the link in its colour, what was seen dim. */
size_t spans_links(const char *s, size_t len, struct text_span *sp)
{
    static const struct { char letter; enum role role; } classes[] = {{'A', ROLE_OK}, {'B', ROLE_INFO}, {'C', ROLE_WARN}, {'X', ROLE_BAD}};
    size_t at = strspn(s, " "), n = harm(s, len, sp);
    if (n)
        return n;
    for (; at + 3 < len; at++)
        if (!memcmp(s + at, "   ", 3) && s[at + 3] != ' ')
            break;
    for (size_t i = 0; at + 3 < len && i < sizeof classes / sizeof *classes; i++) {
        if (s[at + 3] != classes[i].letter || (at + 4 < len && s[at + 4] != ' '))
            continue;
        sp[0] = (struct text_span){at + 3, at + 4, STYLE(classes[i].role)};
        sp[1] = (struct text_span){at + 4, len, STYLE(ROLE_DIM)};
        return 2;
    }
    return 0;
}

size_t spans_yaml(const char *s, size_t len, struct text_span *sp)
{
    size_t in = 0;
    while (in < len && (s[in] == ' ' || (s[in] == '-' && in + 1 < len && s[in + 1] == ' ')))
        in++;
    size_t end = in;
    while (end < len && !(s[end] == ':' && (end + 1 == len || s[end + 1] == ' ')))
        end++;
    size_t n = 0, value = in;
    if (end < len) {
        sp[n++] = (struct text_span){in, end + 1, STYLE(ROLE_YAML_KEY)};
        value = end + 1 + (end + 1 < len);
    }
    if (value >= len)
        return n;
    size_t vlen = len - value;
    uint16_t st = STYLE(ROLE_YAML_STRING);
    if (strspn(s + value, "0123456789.-+e") >= vlen)
        st = STYLE(ROLE_YAML_NUMBER);
    else if ((vlen == 4 && (!memcmp(s + value, "true", 4) || !memcmp(s + value, "null", 4))) || (vlen == 5 && !memcmp(s + value, "false", 5)))
        st = STYLE(ROLE_YAML_LITERAL);
    sp[n++] = (struct text_span){value, len, st};
    return n;
}
