/* strata's own configuration file of any bytes, and the same bytes as a command line. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "strata/options.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void parse(int argc, char **argv)
{
    struct options o;
    struct str warn;
    struct err err = ERR_INIT;
    options_init(&o);
    str_init(&warn, 0);
    options_parse(&o, argc, argv, &warn, &err);
    options_columns(&o, "pods");
    if (strpbrk(err.msg, "\x1b\x7f\r") || (warn.len && strpbrk(warn.data, "\x1b\x7f\r")))
        abort();
    str_release(&warn);
    options_release(&o);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char file[64], *argv[24] = {"strata", "--config", file}, words[256];
    int fd = memfd_create("config", MFD_CLOEXEC), argc = 3;
    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        return 0;
    snprintf(file, sizeof file, "/proc/self/fd/%d", fd);
    parse(argc, argv);
    close(fd);
    size_t n = size < sizeof words - 1 ? size : sizeof words - 1;
    memcpy(words, data, n);
    words[n] = '\0';
    argv[2] = "/dev/null";
    for (char *save, *w = strtok_r(words, " \n", &save); w && argc < 23; w = strtok_r(NULL, " \n", &save))
        if (!strstr(w, "config"))                 /* the fuzzer shall not open files of its choice */
            argv[argc++] = w;
    parse(argc, argv);
    return 0;
}
