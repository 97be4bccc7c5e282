/* A status >= 400 as one error with the server's own words, whatever shape it wraps them in. */
#include <jansson.h>
#include <string.h>
#include <strings.h>

#include "core/base/json_read.h"
#include "strata/net.h"
#include "strata/str.h"
#include "strata/text.h"

#define BODY_LOOK ((size_t)1 << 20)   /* bigger ones are no error texts */
#define DEPTH 6

static const struct {
    int status;
    enum err_code code;
    const char *phrase;
} statuses[] = {
    {400, ERR_REQUEST, "bad request"},
    {401, ERR_AUTH, "not authenticated: sign in again or check the credentials"},
    {403, ERR_FORBIDDEN, "not allowed"},
    {404, ERR_NOTFOUND, "not found"},
    {405, ERR_UNSUPPORTED, "the server does not offer this operation"},
    {406, ERR_UNSUPPORTED, "the server does not offer this version or format"},
    {407, ERR_AUTH, "the proxy wants credentials"},
    {408, ERR_TIMEOUT, "the server gave up waiting"},
    {409, ERR_CONFLICT, "conflict: changed meanwhile or not possible in its state"},
    {410, ERR_GONE, "expired on the server"},
    {412, ERR_CONFLICT, "changed meanwhile"},
    {413, ERR_TOOBIG, "the request is too big"},
    {415, ERR_UNSUPPORTED, "the server does not take this format"},
    {422, ERR_REQUEST, "the request is not valid"},
    {429, ERR_THROTTLED, "the server asks to slow down"},
    {500, ERR_SERVER, "internal server error"},
    {501, ERR_UNSUPPORTED, "not implemented by the server"},
    {502, ERR_SERVER, "bad gateway: the service behind it does not answer"},
    {503, ERR_SERVER, "service unavailable"},
    {504, ERR_TIMEOUT, "gateway timeout: the service behind it is too slow"},
};

static enum err_code code_of(int status, const char **phrase)
{
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
        if (statuses[i].status == status) {
            *phrase = statuses[i].phrase;
            return statuses[i].code;
        }
    *phrase = status >= 500 ? "server error" : "request refused";
    return status >= 500 ? ERR_SERVER : ERR_REQUEST;
}

static bool find_message(const json_t *j, struct str *out, int depth);

static bool find_in_text(const char *text, size_t len, struct str *out, int depth)
{
    if (!len)
        return false;
    if ((*text == '{' || *text == '[') && depth > 0) {   /* Ironic: JSON in a string */
        json_t *inner = json_read(text, len, 0, NULL);
        bool found = inner && find_message(inner, out, depth - 1);
        json_decref(inner);
        if (found)
            return true;
    }
    return str_add(out, text, len);
}

/* {"errors":[{"detail":...}, ...]}: all of them, joined */
static bool find_in_array(const json_t *list, struct str *out, int depth)
{
    bool found = false;
    for (size_t i = 0; i < json_array_size(list) && i < 4; i++) {
        struct str one;
        str_init(&one, 0);
        if (find_message(json_array_get(list, i), &one, depth - 1)) {
            if (found)
                str_adds(out, "; ");
            str_add(out, one.data, one.len);
            found = true;
        }
        str_release(&one);
    }
    return found;
}

/* Kubernetes: what is missing in .message but told in .details.causes */
static void add_causes(const json_t *status, struct str *out)
{
    const json_t *causes = json_object_get(json_object_get(status, "details"), "causes");
    for (size_t i = 0; i < json_array_size(causes) && i < 4; i++) {
        const json_t *cause = json_array_get(causes, i);
        const char *m = json_string_value(json_object_get(cause, "message"));
        const char *f = json_string_value(json_object_get(cause, "field"));
        if (!m || strstr(out->data, m))
            continue;
        str_addf(out, f && *f ? "; %s: %s" : "; %s%s", f && *f ? f : "", m);
    }
}

/* The keys under which servers say what is wrong, the best first. */
static bool find_message(const json_t *j, struct str *out, int depth)
{
    static const char *const keys[] = {"message", "faultstring", "error_message", "NeutronError", "error", "errors", "detail",
                                       "error_description", "description", "explanation", "title", "reason", "msg"};
    if (depth <= 0)
        return false;
    if (json_is_string(j))
        return find_in_text(json_string_value(j), json_string_length(j), out, depth);
    if (json_is_array(j))
        return find_in_array(j, out, depth);
    if (!json_is_object(j))
        return false;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const json_t *v = json_object_get(j, keys[i]);
        if (strcmp(keys[i], "error") == 0 && json_is_string(v) && json_is_string(json_object_get(j, "error_description")))
            continue;   /* OAuth: the description is the sentence */
        if (v && find_message(v, out, depth - 1)) {
            add_causes(j, out);
            return true;
        }
    }
    /* {"itemNotFound": {...}}: the one member that is an object */
    const char *key;
    json_t *v;
    json_object_foreach((json_t *)j, key, v)
        if (json_is_object(v) && find_message(v, out, depth - 1))
            return true;
    return false;
}

/* One protobuf field; strings and messages only matter. Returns the bytes used, 0 when malformed. */
static size_t pb_field(const unsigned char *p, size_t len, unsigned *number, const unsigned char **data, size_t *n)
{
    uint64_t v[2] = {0, 0};
    size_t at = 0;
    *data = NULL;
    *n = 0;
    for (int part = 0; part < 2; part++) {
        for (unsigned shift = 0;; shift += 7) {
            if (at >= len || shift > 63)
                return 0;
            v[part] |= (uint64_t)(p[at] & 0x7F) << shift;
            if (!(p[at++] & 0x80))
                break;
        }
        unsigned wire = v[0] & 7;
        if (part == 0 && (wire == 1 || wire == 5)) {
            size_t fixed = wire == 1 ? 8 : 4;
            *number = (unsigned)(v[0] >> 3);
            return len - at >= fixed ? at + fixed : 0;
        }
        if (part == 0 && wire != 0 && wire != 2)
            return 0;
    }
    *number = (unsigned)(v[0] >> 3);
    if ((v[0] & 7) == 2) {
        if (v[1] > len - at)
            return 0;
        *data = p + at;
        *n = (size_t)v[1];
        at += *n;
    }
    return at;
}

static bool pb_find(const unsigned char *p, size_t len, unsigned want, const unsigned char **data, size_t *n)
{
    while (len) {
        unsigned number;
        size_t used = pb_field(p, len, &number, data, n);
        if (!used)
            return false;
        if (number == want && *data)
            return true;
        p += used;
        len -= used;
    }
    return false;
}

/* A Kubernetes Status in protobuf: "k8s\0", Unknown{raw=2} around Status{message=3, reason=4}. */
static bool find_in_protobuf(const char *body, size_t len, struct str *out)
{
    const unsigned char *raw, *text;
    size_t nraw, n;
    if (len < 4 || memcmp(body, "k8s", 4) != 0)
        return false;
    if (!pb_find((const unsigned char *)body + 4, len - 4, 2, &raw, &nraw))
        return false;
    if ((pb_find(raw, nraw, 3, &text, &n) && n) || (pb_find(raw, nraw, 4, &text, &n) && n))
        return str_add(out, (const char *)text, n);
    return false;
}

static bool tag_is(const char *tag, size_t len, const char *name)
{
    size_t n = strlen(name);
    return len >= n && strncasecmp(tag, name, n) == 0 && (len == n || !((tag[n] | 0x20) >= 'a' && (tag[n] | 0x20) <= 'z'));
}

/* Text of an HTML page: without tags, head, scripts. */
static void html_text(const char *s, size_t len, struct str *out)
{
    static const char *const hidden[] = {"head", "style", "script"};
    static const struct { const char *name, *text; } entities[] = {
        {"&lt;", "<"}, {"&gt;", ">"}, {"&amp;", "&"}, {"&quot;", "\""}, {"&#39;", "'"}, {"&nbsp;", " "}};
    const char *until = NULL;
    for (size_t i = 0; i < len;) {
        if (s[i] == '<') {
            const char *end = memchr(s + i, '>', len - i);
            if (!end)
                return;
            const char *tag = s + i + 1;
            size_t n = (size_t)(end - tag);
            if (until && *tag == '/' && tag_is(tag + 1, n - 1, until))
                until = NULL;
            for (size_t h = 0; !until && h < sizeof hidden / sizeof *hidden; h++)
                if (tag_is(tag, n, hidden[h]))
                    until = hidden[h];
            str_addc(out, ' ');
            i += n + 2;
            continue;
        }
        size_t step = 1;
        const char *text = s + i;
        for (size_t e = 0; s[i] == '&' && e < sizeof entities / sizeof *entities; e++) {
            size_t n = strlen(entities[e].name);
            if (len - i >= n && memcmp(s + i, entities[e].name, n) == 0) {
                text = entities[e].text;
                step = n;
            }
        }
        if (!until)
            str_add(out, text, 1);
        i += step;
    }
}

static bool find_in_plain(const char *body, size_t len, struct str *out)
{
    size_t look = len < 4096 ? len : 4096;
    if (memchr(body, '<', look) && (text_casestr(body, look, "<html", 5) || text_casestr(body, look, "<!doctype", 9) ||
                                    text_casestr(body, look, "<body", 5)))
        html_text(body, len < 65536 ? len : 65536, out);
    else if (!memchr(body, '\0', look))
        str_add(out, body, look);
    return out->len > 0;
}

/* Cleans, folds runs of spaces, and cuts at a length that fits a line or two. */
static void tidy(struct str *out, const char *s, size_t len)
{
    enum { MAX = 280 };
    struct str clean;
    str_init(&clean, 0);
    text_clean(&clean, s, len < 8192 ? len : 8192, 0);
    int width;
    for (size_t i = 0, n; (n = text_next(clean.data + i, clean.len - i, &width)); i += n) {
        bool space = clean.data[i] == ' ';
        if (space && (out->len == 0 || out->data[out->len - 1] == ' '))
            continue;
        if (out->len + n > MAX) {
            str_adds(out, "...");
            break;
        }
        str_add(out, clean.data + i, n);
    }
    while (out->len && out->data[out->len - 1] == ' ')
        out->data[--out->len] = '\0';
    str_release(&clean);
}

enum err_code net_status_err(struct err *err, int status, const char *body, size_t len)
{
    if (status < 400)
        return ERR_OK;
    const char *phrase;
    enum err_code code = code_of(status, &phrase);
    struct str raw, msg;
    str_init(&raw, 0);
    str_init(&msg, 0);
    if (body && len && len <= BODY_LOOK) {
        size_t skip = 0;
        while (skip < len && strchr(" \t\r\n", body[skip]) && body[skip])
            skip++;
        json_t *j = skip < len && (body[skip] == '{' || body[skip] == '[') ? json_read(body + skip, len - skip, 0, NULL) : NULL;
        if (j ? !find_message(j, &raw, DEPTH) : !find_in_protobuf(body, len, &raw) && !find_in_plain(body, len, &raw))
            str_clear(&raw);
        if (j && status == 413 && json_object_get(j, "overLimit"))
            code = raw.len && (strstr(raw.data, "uota") || strstr(raw.data, "LimitExceeded")) ? ERR_FORBIDDEN     /* Cinder's way to say: over the quota */
                                                                                             : ERR_THROTTLED;    /* Nova's old way to say 429 */
        json_decref(j);
        tidy(&msg, raw.data, raw.len);
    }
    /* a bare "Unauthorized" says less than we know */
    if (msg.len && !(status == 401 && strcasecmp(msg.data, "Unauthorized") == 0))
        err_set(err, code, status, "%s", msg.data);
    else
        err_set(err, code, status, "HTTP %d: %s", status, phrase);
    str_release(&raw);
    str_release(&msg);
    return code;
}
