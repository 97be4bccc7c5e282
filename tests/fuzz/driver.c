/*
 * Runs a fuzz target without libFuzzer: every corpus file as it is, cut at every place, and with bytes changed by a
 * fixed pseudo-random sequence. usage: fuzz_x CORPUS_DIR [MUTATIONS_PER_FILE]
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint32_t seed = 2463534242u;

static uint32_t next(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 17;
    return seed ^= seed << 5;
}

/* A heap copy of the exact size, so that the sanitiser sees each byte too far. */
static void one(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    if (!copy)
        exit(2);
    memcpy(copy, data, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static void mutate(const uint8_t *data, size_t size, int times)
{
    uint8_t *work = malloc(size + 8);
    if (!work)
        exit(2);
    for (int i = 0; i < times; i++) {
        memcpy(work, data, size);
        size_t n = size;
        for (uint32_t k = next() % 4 + 1; k && n; k--) {
            size_t at = next() % n;
            switch (next() % 4) {
            case 0: work[at] = (uint8_t)next(); break;
            case 1: work[at] ^= (uint8_t)(1u << next() % 8); break;
            case 2: memmove(work + at, work + at + 1, n - at - 1); n--; break;
            default: if (n < size + 8) { memmove(work + at + 1, work + at, n - at); n++; } break;
            }
        }
        one(work, n);
    }
    free(work);
}

static int file(const char *path, int times)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return 0;
    static uint8_t buf[1 << 20];
    size_t n = fread(buf, 1, sizeof(buf), f);
    fclose(f);
    one(buf, n);
    size_t step = n > 2000 ? n / 2000 : 1;
    for (size_t cut = 0; cut < n; cut += step)
        one(buf, cut);
    mutate(buf, n, times);
    return 1;
}

int main(int argc, char **argv)
{
    int times = argc > 2 ? atoi(argv[2]) : 2000, files = 0;
    DIR *d = argc > 1 ? opendir(argv[1]) : NULL;
    struct dirent *e;
    if (!d) {
        fprintf(stderr, "usage: %s CORPUS_DIR [MUTATIONS]\n", argv[0]);
        return 2;
    }
    while ((e = readdir(d))) {
        char path[4096];
        if (e->d_name[0] != '.' && snprintf(path, sizeof(path), "%s/%s", argv[1], e->d_name) < (int)sizeof(path))
            files += file(path, times);
    }
    closedir(d);
    if (!files) {
        fprintf(stderr, "%s: no corpus in %s\n", argv[0], argv[1]);
        return 1;
    }
    return 0;
}
