/* Prints etc/vedette.conf, for `make update-conf`. */
#include "config/options.h"

int main(void)
{
    vd_options_print(stdout, true);
    return 0;
}
