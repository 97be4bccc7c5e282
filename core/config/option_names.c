/* What the completion scripts ask back for: the names of contexts and clouds. */
#include <string.h>
#include <unistd.h>

#include "strata/clouds.h"
#include "strata/kubeconfig.h"
#include "strata/options.h"
#include "strata/text.h"

static void add(struct str *out, const char *name)
{
    if (name && text_is_clean(name, strlen(name)))
        str_addf(out, "%s\n", name);
}

bool options_names(const struct options *o, const char *what, struct str *out)
{
    if (!strcmp(what, "contexts")) {
        struct kubeconfig kc;
        kubeconfig_init(&kc);
        kubeconfig_load(&kc, o->kubeconfig, NULL);
        for (size_t i = 0; i < kc.ncontexts; i++)
            add(out, kc.contexts[i].name);
        kubeconfig_free(&kc);
        return true;
    }
    if (!strcmp(what, "clouds")) {
        struct clouds *c = NULL;
        bool there = clouds_load(&c, environ, NULL) == ERR_OK;
        for (size_t i = 0; there && i < clouds_count(c); i++)
            add(out, clouds_name(c, i));
        clouds_free(c);
        return true;
    }
    return false;
}
