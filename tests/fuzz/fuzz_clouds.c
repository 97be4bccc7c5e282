/* A clouds.yaml of any bytes, which is its own secure.yaml as well: every cloud and region resolved. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "strata/clouds.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void one(const struct clouds *c, const char *name)
{
    struct strlist regions = {NULL, 0, 0};
    struct err err = ERR_INIT;
    clouds_regions(c, name, &regions, &err);
    for (size_t i = 0; i <= regions.count && i < 4; i++) {
        struct cloud cloud;
        if (!clouds_get(c, name, i < regions.count ? regions.items[i] : NULL, &cloud, &err)) {
            cloud_service_setting(&cloud, "block-storage", "interface");
            cloud_free(&cloud);
        }
        if (strpbrk(err.msg, "\x1b\x7f\r\n"))
            abort();
    }
    strlist_release(&regions);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char config[64], secure[64];
    int fd = memfd_create("clouds", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        return 0;
    snprintf(config, sizeof config, "OS_CLIENT_CONFIG_FILE=/proc/self/fd/%d", fd);
    snprintf(secure, sizeof secure, "OS_CLIENT_SECURE_FILE=/proc/self/fd/%d", fd);
    char *const env[] = {config, size % 2 ? secure : "X=", "HOME=/nonexistent", "XDG_CONFIG_DIRS=/nonexistent", NULL};
    struct clouds *c;
    struct err err = ERR_INIT;
    if (!clouds_load(&c, env, &err)) {
        for (size_t i = 0; i < clouds_count(c) && i < 8; i++)
            one(c, clouds_name(c, i));
        clouds_free(c);
    }
    close(fd);
    return 0;
}
