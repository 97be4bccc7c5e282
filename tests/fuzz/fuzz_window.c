/* Maintenance windows as anybody may write them: refused with a sentence, or open and closed at times that come. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "strata/window.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int64_t now = 1800000000000;
    char text[256];
    struct window w;
    const char *why = NULL;
    size_t n = size < sizeof(text) - 1 ? size : sizeof(text) - 1;
    memcpy(text, data, n);
    text[n] = 0;
    if (!window_parse(&w, text, now, &why)) {
        if (!why || !*why)
            abort();
        return 0;
    }
    for (int i = 0; i < 8; i++) {
        int64_t until = 0, at = now + i * INT64_C(3600000) * 7;
        (void)window_open(&w, at, &until);
        if (until <= at)
            abort();
    }
    return 0;
}
