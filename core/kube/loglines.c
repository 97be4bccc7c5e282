/*
 * Splits log streams into lines. The API server is always asked for timestamps: they tell, after a stream broke,
 * which of the lines that come again were shown before.
 */
#include "core/kube/loglines.h"

#include <string.h>

#include "strata/text.h"

enum { STAMP_MAX = 40 };
static const char ellipsis[] = "\xe2\x80\xa6";

void loglines_init(struct loglines *ll, void (*emit)(void *, int64_t, const char *, size_t), void *arg)
{
    *ll = (struct loglines){.emit = emit, .arg = arg, .time_ns = LOGLINES_NO_TIME, .last_ns = LOGLINES_NO_TIME,
                            .cut_ns = LOGLINES_NO_TIME};
    str_init(&ll->raw, 4 * LOGLINES_PIECE);
    str_init(&ll->clean, 16 * LOGLINES_PIECE);
}

void loglines_release(struct loglines *ll)
{
    str_release(&ll->raw);
    str_release(&ll->clean);
}

bool loglines_stamp(const char *s, size_t len, int64_t *ns)
{
    int64_t ms;
    if (len < 20 || len > STAMP_MAX || s[4] != '-' || s[10] != 'T' || !text_parse_time(s, len, &ms))
        return false;
    int64_t sec = ms >= 0 ? ms / 1000 : -((-ms + 999) / 1000), frac = 0;
    if (s[19] == '.') {
        int64_t unit = 100000000;
        for (size_t i = 20; i < len && s[i] >= '0' && s[i] <= '9'; i++, unit /= 10)
            frac += (s[i] - '0') * unit;
    }
    if (sec > INT64_MAX / 1000000000 - 1 || sec < INT64_MIN / 1000000000 + 1)
        return false;
    *ns = sec * 1000000000 + frac;
    return true;
}

/* Was this line delivered before the stream broke? */
static bool seen_before(struct loglines *ll)
{
    if (!ll->skipping)
        return false;
    if (ll->time_ns == LOGLINES_NO_TIME || ll->time_ns < ll->skip_ns)
        return true;
    if (ll->time_ns == ll->skip_ns && ll->skip_count) {
        ll->skip_count--;
        return true;
    }
    if (ll->time_ns > ll->skip_ns)
        ll->skipping = false;
    return false;
}

static void count_stamp(struct loglines *ll)
{
    if (ll->time_ns == LOGLINES_NO_TIME)
        return;
    if (ll->time_ns != ll->last_ns)
        ll->last_count = 0;
    ll->last_ns = ll->time_ns;
    ll->last_count++;
}

/* Takes the stamp off the front of a new line. */
static void begin_line(struct loglines *ll)
{
    struct str *raw = &ll->raw;
    size_t max = raw->len < STAMP_MAX + 1 ? raw->len : STAMP_MAX + 1;
    const char *sp = max ? memchr(raw->data, ' ', max) : NULL;
    size_t n = sp ? (size_t)(sp - raw->data) : raw->len;
    ll->in_line = true;
    ll->continued = false;
    ll->time_ns = LOGLINES_NO_TIME;
    if (loglines_stamp(raw->data, n, &ll->time_ns) && !ll->keep_stamp)
        str_cut(raw, sp ? n + 1 : n);
    ll->drop = seen_before(ll);
    ll->pieces = 0;
    if (ll->drop)
        return;
    count_stamp(ll);
    if (ll->time_ns != ll->cut_ns)
        ll->skip_pieces = 0;
    ll->cut_ns = LOGLINES_NO_TIME;
}

static void emit_piece(struct loglines *ll, size_t n, bool last)
{
    if (n && last && !ll->as_sent && ll->raw.data[n - 1] == '\r')
        n--;
    if (ll->drop)
        return;
    ll->pieces++;
    if (ll->skip_pieces) {
        ll->skip_pieces--;
        ll->continued = true;
        return;
    }
    if (ll->as_sent) {
        if (ll->raw.failed)
            ll->lost++;
        else
            ll->emit(ll->arg, ll->time_ns, n ? ll->raw.data : "", n);
        ll->continued = true;
        return;
    }
    str_clear(&ll->clean);
    if (ll->continued)
        str_adds(&ll->clean, ellipsis);
    text_clean(&ll->clean, ll->raw.data, n, 0);
    if (!last)
        str_adds(&ll->clean, ellipsis);
    if (ll->clean.failed || ll->raw.failed)
        ll->lost++;
    else
        ll->emit(ll->arg, ll->time_ns, ll->clean.data, ll->clean.len);
    ll->continued = true;
}

/* Bytes of the longest prefix that does not cut a character. */
static size_t whole_chars(const char *s, size_t n)
{
    size_t back = 0;
    while (back < 4 && back < n && ((unsigned char)s[n - 1 - back] & 0xc0) == 0x80)
        back++;
    if (back < n && ((unsigned char)s[n - 1 - back] & 0xc0) == 0xc0)
        return n - 1 - back > 0 ? n - 1 - back : n;
    return n;
}

static void end_line(struct loglines *ll, bool ended)
{
    if (!ll->in_line)
        begin_line(ll);
    ll->more = !ended;
    emit_piece(ll, ll->raw.len, true);
    str_clear(&ll->raw);
    ll->in_line = false;
}

/* Bounded: as soon as a piece is full it goes out. */
static void add_bytes(struct loglines *ll, const char *data, size_t len)
{
    while (len) {
        size_t room = LOGLINES_PIECE + STAMP_MAX + 1 - ll->raw.len, n = len < room ? len : room;
        str_add(&ll->raw, data, n);
        data += n;
        len -= n;
        if (ll->raw.len <= LOGLINES_PIECE + STAMP_MAX)
            continue;
        if (!ll->in_line)
            begin_line(ll);
        size_t cut = whole_chars(ll->raw.data, ll->raw.len < LOGLINES_PIECE ? ll->raw.len : LOGLINES_PIECE);
        ll->more = true;
        emit_piece(ll, cut, false);
        str_cut(&ll->raw, cut);
    }
}

void loglines_feed(struct loglines *ll, const char *data, size_t len)
{
    while (len) {
        const char *nl = memchr(data, '\n', len);
        size_t n = nl ? (size_t)(nl - data) : len;
        add_bytes(ll, data, n);
        if (ll->raw.failed) {                  /* out of memory: this line is gone, not the ones after it */
            str_clear(&ll->raw);
            ll->lost++;
        }
        if (!nl)
            return;
        end_line(ll, true);
        data += n + 1;
        len -= n + 1;
    }
}

void loglines_end(struct loglines *ll)
{
    if (ll->raw.len || ll->in_line)
        end_line(ll, false);
}

void loglines_resume(struct loglines *ll)
{
    if (ll->in_line && !ll->drop && ll->time_ns != LOGLINES_NO_TIME) {    /* only its beginning was shown */
        ll->last_count--;
        ll->cut_ns = ll->time_ns;
        ll->skip_pieces = ll->pieces;
    }
    str_clear(&ll->raw);
    ll->in_line = ll->continued = ll->drop = false;
    ll->skipping = ll->last_ns != LOGLINES_NO_TIME;
    ll->skip_ns = ll->last_ns;
    ll->skip_count = ll->last_count;
}
