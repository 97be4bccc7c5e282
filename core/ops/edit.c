/* An edited text and what it becomes. */
#include "strata/edit.h"

#include <string.h>

#include "core/base/json_read.h"
#include "core/config/yaml_json.h"
#include "core/ops/change.h"
#include "core/ops/kube_write.h"
#include "strata/mem.h"
#include "strata/text.h"
#include "strata/yaml_emit.h"

#define WIDTH 100

/* ---- Secrets ---- */

static bool is_secret(const json_t *o)
{
    return !strcmp(act_str(o, "kind"), "Secret");
}

static int digit(char c)
{
    return c >= 'A' && c <= 'Z' ? c - 'A' : c >= 'a' && c <= 'z' ? c - 'a' + 26 : c >= '0' && c <= '9' ? c - '0' + 52 : c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Plain text of base64; NULL: it is none, or no text. */
static json_t *plain_of(const char *b64)
{
    struct str s;
    unsigned bits = 0, n = 0;
    json_t *out = NULL;
    bool ok = strlen(b64) % 4 == 0;
    str_init(&s, 4 << 20);
    for (const char *p = b64; ok && *p && *p != '='; p++) {
        int d = digit(*p);
        ok = d >= 0;
        bits = bits << 6 | (unsigned)(d & 63);
        n += 6;
        if (ok && n >= 8) {
            n -= 8;
            str_addc(&s, (char)(bits >> n & 255));
        }
    }
    if (ok && !s.failed && !memchr(s.data ? s.data : "", 0, s.len))
        out = json_stringn(s.data ? s.data : "", s.len);
    str_release_secret(&s);
    return out;
}

static json_t *base64_of(const json_t *text)
{
    static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *p = (const unsigned char *)json_string_value(text);
    size_t len = json_string_length(text);
    struct str s;
    str_init(&s, 8 << 20);
    for (size_t i = 0; i < len; i += 3) {
        unsigned v = (unsigned)p[i] << 16 | (i + 1 < len ? (unsigned)p[i + 1] << 8 : 0) | (i + 2 < len ? p[i + 2] : 0);
        char four[4] = {set[v >> 18], set[v >> 12 & 63], i + 1 < len ? set[v >> 6 & 63] : '=', i + 2 < len ? set[v & 63] : '='};
        str_add(&s, four, 4);
    }
    json_t *out = s.failed ? NULL : json_string(s.data ? s.data : "");
    str_release(&s);
    return out;
}

/* data -> stringData, where it is text. */
static void decode_secret(json_t *o)
{
    json_t *data = json_object_get(o, "data"), *plain = json_object(), *v;
    const char *key;
    void *tmp;
    json_object_foreach_safe(data, tmp, key, v) {
        json_t *text = json_is_string(v) ? plain_of(json_string_value(v)) : NULL;
        if (text && !json_object_set_new(plain, key, text))
            json_object_del(data, key);
    }
    if (json_object_size(plain))
        json_object_set(o, "stringData", plain);
    if (data && !json_object_size(data))
        json_object_del(o, "data");
    json_decref(plain);
}

/* stringData -> data, as the server does. */
static void encode_secret(json_t *o)
{
    json_t *plain = json_object_get(o, "stringData"), *data = json_object_get(o, "data"), *v;
    const char *key;
    if (!json_is_object(plain))
        return;
    if (!json_is_object(data)) {
        data = json_object();
        json_object_set_new(o, "data", data);
    }
    json_object_foreach(plain, key, v)
        if (json_is_string(v))
            json_object_set_new(data, key, base64_of(v));
    json_object_del(o, "stringData");
}

/* ---- texts ---- */

static void comments(struct str *out, const char *words)
{
    while (words && *words) {
        size_t len = strcspn(words, "\n"), at = 0;
        do {
            size_t n = len - at;
            if (n > WIDTH) {
                for (n = WIDTH; n > WIDTH / 2 && words[at + n] != ' ';)
                    n--;
                if (words[at + n] != ' ')
                    for (n = WIDTH; at + n < len && ((unsigned char)words[at + n] & 0xc0) == 0x80;)
                        n++;
            }
            str_addf(out, n ? "# %.*s\n" : "#\n", (int)n, words + at);
            at += n + (at + n < len && words[at + n] == ' ');
        } while (at < len);
        words += len + (words[len] == '\n');
    }
}

static json_t *read_one(const char *text, size_t len, const char *what, struct err *err)
{
    json_t *j = yaml_json_one(text, len, what, err);
    if (j && !json_is_object(j)) {
        json_decref(j);
        j = NULL;
        err_set(err, ERR_PARSE, 0, "%s: this is no object", what);
    }
    return j;
}

enum err_code edit_text(struct str *out, const char *yaml, const char *words, bool decode, struct err *err)
{
    *err = (struct err)ERR_INIT;
    comments(out, words);
    json_t *o = decode ? read_one(yaml, strlen(yaml), "the object", err) : NULL;
    if (err->code)
        return err->code;
    if (o && is_secret(o)) {
        decode_secret(o);
        yaml_emit(out, o);
    } else {
        str_adds(out, yaml);
    }
    json_decref(o);
    return out->failed ? err_set(err, ERR_NOMEM, 0, "out of memory") : ERR_OK;
}

/* ---- what it becomes ---- */

/* Of which object it is cannot be edited. */
static bool same_identity(const json_t *was, const json_t *is, struct err *err)
{
    static const char *const fields[] = {"apiVersion", "kind", "metadata.name", "metadata.namespace", "metadata.uid"};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (strcmp(act_str(was, fields[i]), act_str(is, fields[i])) != 0) {
            err_set(err, ERR_USAGE, 0, "%s cannot be changed by an edit: it says which object this is", fields[i]);
            return false;
        }
    return true;
}

/* Both as objects; false: err, or (OK) all was deleted. */
static bool read_both(const char *yaml, const char *edited, size_t len, json_t **was, json_t **is, struct err *err)
{
    *err = (struct err)ERR_INIT;
    *is = NULL;
    *was = read_one(yaml, strlen(yaml), "the object", err);
    if (!*was)
        return false;
    *is = read_one(edited, len, "line", err);
    if (*is && is_secret(*is)) {
        encode_secret(*is);
        encode_secret(*was);
    }
    return *is && same_identity(*was, *is, err);
}

enum err_code edit_document(const char *yaml, const char *edited, size_t len, struct str *document, char mark[40], bool *same, struct err *err)
{
    json_t *was, *is, *patch = NULL;
    *same = false;
    mark[0] = '\0';
    if (read_both(yaml, edited, len, &was, &is, err)) {
        const char *version = act_str(was, "metadata.resourceVersion");
        json_object_set(json_object_get(is, "metadata"), "resourceVersion", json_object_get(json_object_get(was, "metadata"), "resourceVersion"));
        patch = change_patch(was, is);
        *same = patch && !json_object_size(patch);
        if (patch && !*same && *version) {
            if (!json_is_object(json_object_get(patch, "metadata")))
                json_object_set_new(patch, "metadata", json_object());
            json_object_set_new(json_object_get(patch, "metadata"), "resourceVersion", json_string(version));
        }
        kube_edit_mark(was, mark, 40);
        char *text = patch ? json_dumps(patch, JSON_COMPACT) : NULL;
        if (!text || !str_adds(document, text))
            err_set(err, ERR_NOMEM, 0, "out of memory");
        if (text)
            explicit_bzero(text, strlen(text));
        json_text_free(text);
    } else if (!err->code) {
        *same = true;
    }
    json_decref(patch);
    json_decref(was);
    json_decref(is);
    return err->code;
}

enum err_code edit_again(const char *yaml, const char *edited, size_t len, const char *now, struct str *text, struct str *words, struct err *err)
{
    json_t *was, *is, *theirs = NULL, *out = NULL;
    struct str clashes, changes;
    str_init(&clashes, 65536);
    str_init(&changes, 65536);
    if (read_both(yaml, edited, len, &was, &is, err) && (theirs = read_one(now, strlen(now), "the object", err))) {
        static const char *const own[] = {"resourceVersion", "generation", "managedFields"};
        out = change_merge(was, is, theirs, &clashes);
        for (size_t i = 0; out && i < 3; i++) {
            json_t *meta = json_object_get(out, "metadata"), *v = json_object_get(json_object_get(theirs, "metadata"), own[i]);
            if (v)
                json_object_set(meta, own[i], v);
            json_object_del(json_object_get(was, "metadata"), own[i]);
            json_object_del(json_object_get(theirs, "metadata"), own[i]);
        }
        json_object_del(was, "status");
        json_object_del(theirs, "status");
        size_t n = change_words(&changes, was, theirs, 30);
        str_addf(words, n ? "It was changed on the server meanwhile; your changes are kept below, on its new version. Changed there:\n%s"
                          : "It was written on the server meanwhile, but nothing that can be edited is different; your changes are below.\n",
                 changes.data ? changes.data : "");
        if (clashes.len)
            str_addf(words, "Changed by both, yours stands below:\n%s", clashes.data);
        if (!out || !yaml_emit(text, out))
            err_set(err, ERR_NOMEM, 0, "out of memory");
    } else if (!err->code) {
        err_set(err, ERR_USAGE, 0, "nothing is left of the text");
    }
    str_release(&clashes);
    str_release(&changes);
    json_decref(out);
    json_decref(theirs);
    json_decref(was);
    json_decref(is);
    return err->code;
}
