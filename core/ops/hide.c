/* The one place that hides secrets in what is shown and kept of requests. */
#include <stdio.h>
#include <string.h>

#include "core/base/json_read.h"
#include "core/ops/op.h"
#include "strata/text.h"

bool hide_name(const char *name)
{
    static const char *const words[] = {"password", "passwd", "adminpass", "secret", "token", "credential", "private_key", "privatekey",
                                        "user_data", "passphrase", "personality", "last-applied-configuration"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (text_casestr(name, strlen(name), words[i], strlen(words[i])))
            return true;
    return false;
}

/* A console's URL opens it for who has it: what follows the question mark is the key. */
static json_t *without_query(json_t *v)
{
    const char *s = json_string_value(v), *at = s ? strchr(s, '?') : NULL;
    char head[200];
    if (!at || !strstr(s, "://") || (size_t)(at - s) > sizeof(head) - 8)
        return json_incref(v);
    snprintf(head, sizeof(head), "%.*s?***", (int)(at - s), s);
    return json_string(head);
}

/* A file in a ConfigMap, an argument: what stands in it gives it away. "password = x", a private key, an address with a password. */
static bool looks_secret(const char *s)
{
    if (strstr(s, "PRIVATE KEY-----"))
        return true;
    for (const char *at = s; (at = strstr(at, "://")); at += 3) {
        const char *host = at + 3, *user = memchr(host, '@', strcspn(host, "/?# \n\"'"));
        if (user && memchr(host, ':', (size_t)(user - host)))
            return true;
    }
    for (const char *at = s; *at; at += strcspn(at, "=:\n"), at += *at != '\0') {       /* what stands before a = or : names what follows */
        size_t n = strcspn(at, "=:\n");
        char name[120];
        if (at[n] != '=' && (at[n] != ':' || !strchr(" \t\"'", at[n + 1])))        /* an image has a : as well */
            continue;
        snprintf(name, sizeof(name), "%.*s", (int)(n < sizeof(name) ? n : sizeof(name) - 1), n < sizeof(name) ? at : at + n - sizeof(name) + 1);
        if (hide_name(name) && at[n + 1] && at[n + 1] != '\n')
            return true;
    }
    return false;
}

static json_t *text_kept(json_t *v)
{
    const char *s = json_string_value(v);
    return s && looks_secret(s) ? json_string("***") : without_query(v);
}

static json_t *hidden(const json_t *j, bool all, int depth)
{
    const char *key;
    json_t *v, *copy;
    size_t i;
    if (depth > 40)
        return json_string("...");
    if (json_is_object(j)) {
        const char *name = json_string_value(json_object_get(j, "name"));      /* {"name":"DB_PASSWORD","value":"x"} of an environment */
        const char *path = json_string_value(json_object_get(j, "path"));      /* {"op":"add","path":"/data/password","value":"x"} of a patch */
        bool named = (name && hide_name(name)) || (path && hide_name(path));
        copy = json_object();
        json_object_foreach((json_t *)j, key, v) {
            bool secret = all || hide_name(key) || (named && !strcmp(key, "value"));
            json_t *kept = json_is_object(v) || json_is_array(v) ? hidden(v, secret, depth + 1)
                           : secret && !json_is_null(v) && !json_is_boolean(v) ? json_string("***") : text_kept(v);
            json_object_set_new(copy, key, kept);
        }
        return copy;
    }
    if (json_is_array(j)) {
        copy = json_array();
        json_array_foreach((json_t *)j, i, v)
            json_array_append_new(copy, hidden(v, all, depth + 1));
        return copy;
    }
    return all ? json_string("***") : text_kept((json_t *)j);
}

bool hide_json(struct str *out, const json_t *j, const char *path)
{
    bool kube_secret = path && strstr(path, "/secrets");
    json_t *h = hidden(j, false, 0);
    if (kube_secret && json_is_object(h)) {
        static const char *const values[] = {"data", "stringData"};
        for (size_t i = 0; i < 2; i++)
            if (json_object_get(h, values[i]))
                json_object_set_new(h, values[i], json_string("***"));
    }
    for (size_t i = 0; kube_secret && i < json_array_size(h); i++)      /* a JSON patch */
        if (json_object_get(json_array_get(h, i), "value"))
            json_object_set_new(json_array_get(h, i), "value", json_string("***"));
    char *text = h ? json_dumps(h, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    json_decref(h);
    if (text)
        str_adds(out, text);
    json_text_free(text);
    return text && !out->failed;
}
