/* The cloud that the OS_* variables describe, and the settings every cloud starts with. */
#include <ctype.h>
#include <string.h>

#include "core/config/clouds_tree.h"

const char *clouds_getenv(char *const *env, const char *name)
{
    size_t n = strlen(name);
    for (; env && *env; env++)
        if (!strncmp(*env, name, n) && (*env)[n] == '=')
            return (*env)[n + 1] ? *env + n + 1 : NULL;
    return NULL;
}

bool clouds_add_defaults(struct arena *a, struct yaml_node *map)
{
    static const char *const texts[][2] = {
        {"auth_type", "password"}, {"interface", "public"}, {"network_api_version", "2"}, {"object_store_api_version", "1"},
        {"baremetal_status_code_retries", "5"}, {"baremetal_introspection_status_code_retries", "5"},
        {"image_status_code_retries", "5"}, {"floating_ip_source", "neutron"}, {"secgroup_source", "neutron"},
        {"image_format", "qcow2"}, {"message", ""}, {"status", "active"},
    };
    static const char *const nulls[] = {"api_timeout", "cacert", "cert", "key"};
    struct yaml_node *verify = yaml_new(a, YAML_BOOL, 0), *tasks = yaml_new(a, YAML_BOOL, 0), *null = yaml_new(a, YAML_NULL, 0);
    if (!verify || !tasks || !null)
        return false;
    verify->truth = true;
    verify->text = "True";
    tasks->text = "False";
    for (size_t i = 0; i < sizeof nulls / sizeof *nulls; i++)
        if (!tree_set(a, map, nulls[i], null))
            return false;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (!tree_set_text(a, map, texts[i][0], texts[i][1], 0))
            return false;
    return tree_set(a, map, "verify", verify) && tree_set(a, map, "image_api_use_tasks", tasks);
}

static bool selector(const char *var, size_t n)
{
    static const char *const names[] = {
        "OS_CLOUD", "OS_REGION_NAME", "OS_CLIENT_CONFIG_FILE", "OS_CLIENT_SECURE_FILE", "OS_CLOUD_NAME"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strlen(names[i]) == n && !memcmp(names[i], var, n))
            return true;
    return false;
}

bool clouds_environment(struct arena *a, char *const *env, struct yaml_node **out)
{
    struct yaml_node *map = yaml_new(a, YAML_MAP, 0);
    bool more_than_selectors = false;
    *out = NULL;
    if (!map || !clouds_add_defaults(a, map))
        return false;
    for (; env && *env; env++) {
        const char *equals = strchr(*env, '=');
        if (!equals || strncmp(*env, "OS_", 3) != 0 || !strncmp(*env, "OS_TEST", 7) || !strncmp(*env, "OS_STD", 6) ||
            !strncmp(*env, "OS_LOG", 6))
            continue;
        size_t n = (size_t)(equals - *env);
        char *key = arena_strndup(a, *env + 3, n - 3);
        if (!key)
            return false;
        for (char *p = key; *p; p++)
            *p = (char)tolower((unsigned char)*p);
        if (!tree_set_text(a, map, key, equals + 1, 0))
            return false;
        more_than_selectors = more_than_selectors || !selector(*env, n);
    }
    if (more_than_selectors)
        *out = map;
    return true;
}
