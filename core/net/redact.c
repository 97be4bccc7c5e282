/* What a URL may show in a trace: no userinfo, no query values that look like secrets. */
#include <string.h>
#include <strings.h>

#include "net_priv.h"
#include "strata/text.h"

static bool looks_secret(const char *name, size_t len)
{
    static const char *const words[] = {"token", "secret", "password", "passwd", "signature", "sig", "key", "credential"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (text_casestr(name, len, words[i], strlen(words[i])))
            return true;
    return false;
}

void redact_url(struct str *out, const char *url)
{
    const char *start = strstr(url, "//");
    if (start) {
        start += 2;
        size_t authority = strcspn(start, "/?#");
        const char *at = memrchr(start, '@', authority);
        str_add(out, url, (size_t)(start - url));
        url = at ? at + 1 : start;
    }
    size_t path = strcspn(url, "?#");
    text_clean(out, url, path, 0);
    url += path;
    while (*url) {
        size_t n = 1 + strcspn(url + 1, "&");
        const char *eq = memchr(url, '=', n);
        if (eq && looks_secret(url, (size_t)(eq - url))) {
            text_clean(out, url, (size_t)(eq - url), 0);
            str_adds(out, "=***");
        } else {
            text_clean(out, url, n, 0);
        }
        url += n;
    }
}
