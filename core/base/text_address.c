/* Addresses as people and servers write them: one of IPv6 has many spellings. */
#include "strata/text.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

bool text_address(char buf[TEXT_ADDRESS], const char *s, size_t n)
{
    struct in6_addr a;
    char given[TEXT_ADDRESS];
    buf[0] = '\0';
    if (n >= sizeof given || !memchr(s, ':', n))
        return false;
    memcpy(given, s, n);
    given[n] = '\0';
    return inet_pton(AF_INET6, given, &a) == 1 && inet_ntop(AF_INET6, &a, buf, TEXT_ADDRESS);
}

bool text_same_address(const char *a, const char *b)
{
    char x[TEXT_ADDRESS], y[TEXT_ADDRESS];
    return !strcasecmp(a, b) || (text_address(x, a, strlen(a)) && text_address(y, b, strlen(b)) && !strcmp(x, y));
}
