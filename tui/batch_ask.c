/* Questions on the terminal in batch mode. */
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "tui/batch.h"

void batch_forget_typed(void)
{
    tcflush(STDIN_FILENO, TCIFLUSH);          /* of no terminal: nothing */
}

bool batch_answer(char *answer, size_t size)
{
    bool any = fgets(answer, (int)size, stdin) != NULL;
    if (!any)
        answer[0] = '\0';
    answer[strcspn(answer, "\n")] = '\0';
    return any;
}
