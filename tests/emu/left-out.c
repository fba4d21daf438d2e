#include <stdio.h>

/* In the place of a test whose libraries are missing; the reason comes from local rules. */
int main(void)
{
    puts("1..0 # SKIP " LEFT_OUT);
    return 0;
}
