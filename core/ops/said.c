/* A command as the journal keeps it: what was done must be there, passwords on its line must not. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "core/stream.h"
#include "strata/str.h"
#include "strata/text.h"

static const char *const secret_words[] = {"pass", "pwd", "secret", "token", "apikey", "api-key", "api_key", "credential", "auth", "private"};

/* Programs to whom -p, -u or -a gives a password. */
static const char *const logins[] = {"mysql", "maria", "sshpass", "redis", "mongo", "ldap", "curl", "wget", "docker", "podman", "rabbitmq"};

static bool is_login(const char *w, size_t n)
{
    for (size_t i = 0; i < sizeof logins / sizeof *logins; i++)
        if (text_casestr(w, n, logins[i], strlen(logins[i])))
            return true;
    return false;
}

static bool names_secret(const char *s, size_t n)
{
    for (size_t i = 0; i < sizeof secret_words / sizeof *secret_words; i++)
        if (text_casestr(s, n, secret_words[i], strlen(secret_words[i])))
            return true;
    return false;
}

/* "user:password@" after "//": where the password begins, and ends; 0 none. */
static size_t url_password(const char *w, size_t n, size_t *end)
{
    const char *at = memchr(w, '@', n), *slashes = memmem(w, n, "//", 2);
    const char *colon = slashes && at > slashes ? memchr(slashes + 2, ':', (size_t)(at - slashes - 2)) : NULL;
    if (!colon)
        return 0;
    *end = (size_t)(at - w);
    return (size_t)(colon - w) + 1;
}

/* One word; hide: all of it. Says whether the next word is a secret. */
static bool say_word(struct str *out, const char *w, size_t n, bool hide, bool login)
{
    size_t eq = 0, from, to = 0;
    while (eq < n && w[eq] != '=' && (eq == 0 || w[eq] != ':' || !names_secret(w, eq)))
        eq++;
    if (hide) {
        str_adds(out, "***");
        return !strncasecmp(w, "bearer", 6) || !strncasecmp(w, "basic", 5);
    }
    if ((from = url_password(w, n, &to))) {
        str_add(out, w, from);
        str_adds(out, "***");
        str_add(out, w + to, n - to);
        return false;
    }
    if (eq < n && names_secret(w, eq)) {
        str_add(out, w, eq + 1);
        str_adds(out, "***");
        return eq + 1 == n;                          /* "Authorization:" and its value apart */
    }
    bool short_one = login && n >= 2 && w[0] == '-' && (w[1] == 'p' || w[1] == 'u' || w[1] == 'a' || w[1] == 'w');
    if (short_one && n > 2) {            /* mysql -pSECRET */
        str_add(out, w, 2);
        str_adds(out, "***");
        return false;
    }
    str_add(out, w, n);
    return short_one || (w[0] == '-' && names_secret(w, n)) || (n == 6 && !strncasecmp(w, "bearer", 6));
}

bool command_said(struct str *out, const char *const *command)
{
    struct str raw;
    bool hide = false, login = false;
    str_init(&raw, 0);
    for (const char *const *p = command; p && *p; p++) {
        size_t words = 0;
        if (p != command)
            str_addc(&raw, ' ');
        for (const char *w = *p; *w;) {
            size_t n = strcspn(w, " \t\n"), gap = strspn(w + n, " \t\n");
            if (n) {
                login |= is_login(w, n);
                hide = say_word(&raw, w, n, hide, login);
                words++;
            }
            str_add(&raw, w + n, gap);
            w += n + gap;
        }
        if (!words)
            str_adds(&raw, "''");
    }
    if (raw.len > 2000) {                            /* a whole script: its beginning */
        raw.len = 2000;
        str_adds(&raw, " ...");
    }
    if (raw.len)
        text_clean(out, raw.data, raw.len, 0);
    bool ok = !raw.failed && !out->failed;
    str_release(&raw);
    return ok;
}
