/* When credentials end: notAfter of a PEM certificate, exp of a JWT. Just enough DER for that; no crypto. */
#include <jansson.h>
#include <string.h>

#include "core/base/json_read.h"
#include "core/kube/kube_priv.h"
#include "strata/mem.h"
#include "strata/text.h"

static int b64_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '+' || c == '-')
        return 62;
    if (c == '/' || c == '_')
        return 63;
    return -1;
}

/* Both alphabets; anything else between is skipped. Stops when out is full. */
static size_t b64_decode(const char *in, size_t len, unsigned char *out, size_t size)
{
    size_t n = 0;
    unsigned acc = 0;
    int bits = 0;
    for (size_t i = 0; i < len && n < size; i++) {
        int v = b64_value(in[i]);
        if (v < 0)
            continue;
        acc = (acc << 6 | (unsigned)v) & 0xffffff;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out[n++] = (unsigned char)(acc >> bits);
        }
    }
    return n;
}

struct der { const unsigned char *p, *end; };

/* Takes one element off d; its content in *in. Returns the tag or -1. */
static int der_take(struct der *d, struct der *in)
{
    if (d->end - d->p < 2)
        return -1;
    int tag = *d->p++;
    size_t len = *d->p++;
    if (len & 0x80) {
        unsigned n = len & 0x7f;
        if (n == 0 || n > 4 || (size_t)(d->end - d->p) < n)
            return -1;
        for (len = 0; n; n--)
            len = len << 8 | *d->p++;
    }
    if ((size_t)(d->end - d->p) < len)
        return -1;
    *in = (struct der){d->p, d->p + len};
    d->p += len;
    return tag;
}

/* UTCTime (YYMMDDhhmmssZ) or GeneralizedTime (YYYYMMDDhhmmssZ) */
static bool der_time(int tag, const struct der *t, int64_t *ms)
{
    char iso[32];
    const char *s = (const char *)t->p;
    size_t len = (size_t)(t->end - t->p);
    int year;
    for (size_t i = 0; i + 1 < len; i++)
        if (s[i] < '0' || s[i] > '9')
            return false;
    if (tag == 0x17 && len == 13) {
        year = (s[0] - '0') * 10 + s[1] - '0';
        year += year < 50 ? 2000 : 1900;
        s += 2;
    } else if (tag == 0x18 && len == 15) {
        year = (s[0] - '0') * 1000 + (s[1] - '0') * 100 + (s[2] - '0') * 10 + s[3] - '0';
        s += 4;
    } else {
        return false;
    }
    int n = snprintf(iso, sizeof iso, "%04d-%.2s-%.2sT%.2s:%.2s:%.2sZ", year, s, s + 2, s + 4, s + 6, s + 8);
    return n > 0 && text_parse_time(iso, (size_t)n, ms);
}

bool kube_cert_expiry(const char *pem, size_t len, int64_t *ms)
{
    static const char begin[] = "-----BEGIN CERTIFICATE-----";
    const char *b = memmem(pem, len, begin, sizeof begin - 1);
    if (!b)
        return false;
    b += sizeof begin - 1;
    const char *e = memchr(b, '-', len - (size_t)(b - pem));
    if (!e)
        return false;
    size_t cap = (size_t)(e - b);
    unsigned char *buf = mem_alloc(cap + 1);
    if (!buf)
        return false;
    struct der all = {buf, buf + b64_decode(b, cap, buf, cap)}, cert, tbs, x;
    bool ok = false;
    int tag;
    if (der_take(&all, &cert) == 0x30 && der_take(&cert, &tbs) == 0x30) {
        tag = der_take(&tbs, &x);                        /* [0] version, else this is the serial */
        if (tag == 0xa0)
            tag = der_take(&tbs, &x);
        struct der validity;
        if (tag == 0x02 && der_take(&tbs, &x) == 0x30 && der_take(&tbs, &x) == 0x30 &&
            der_take(&tbs, &validity) == 0x30 && der_take(&validity, &x) > 0) {
            tag = der_take(&validity, &x);
            ok = tag > 0 && der_time(tag, &x, ms);
        }
    }
    mem_free(buf);
    return ok;
}

bool kube_jwt_expiry(const char *token, int64_t *ms)
{
    const char *dot = strchr(token, '.');
    const char *end = dot ? strchr(dot + 1, '.') : NULL;
    if (!end || end - dot > 16384)
        return false;
    size_t cap = (size_t)(end - dot - 1);
    unsigned char *buf = mem_alloc(cap + 1);
    if (!buf)
        return false;
    size_t n = b64_decode(dot + 1, cap, buf, cap);
    json_t *doc = json_read((const char *)buf, n, 0, NULL);
    json_t *exp = json_object_get(doc, "exp");
    bool ok = json_is_number(exp) && json_number_value(exp) > 0 && json_number_value(exp) < 1e12;
    if (ok)
        *ms = (int64_t)(json_number_value(exp) * 1000);
    json_decref(doc);
    mem_free(buf);
    return ok;
}
