/* What a terminal sends: every byte is used up, nothing is read beyond the end. Then the same bytes as a theme. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tui/key.h"
#include "tui/theme.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct key_seq seqs[1] = {{"\x1b[[A", K_F1}};
    char name[32];
    for (size_t at = 0; at < size;) {
        struct input in;
        size_t n = key_decode((const char *)data + at, size - at, true, seqs, 1, &in);
        if (n == 0 || n > size - at) abort();
        if (in.type == IN_PASTE && (in.text < (const char *)data || in.text + in.len > (const char *)data + size)) abort();
        if (in.type == IN_KEY) {
            key_name(in.key, name, sizeof name);
            if (!memchr(name, '\0', sizeof name)) abort();
        }
        at += n;
    }
    struct theme t = {0};
    struct err err = ERR_INIT;
    theme_parse(&t, (const char *)data, size, "fuzz", &err);
    return 0;
}
