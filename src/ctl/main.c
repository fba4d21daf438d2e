#include "ctl/line.h"
#include "ctl/request.h"

#include <locale.h>

int main(int argc, char **argv)
{
    VdCtl ctl = {0};
    int exit;

    setlocale(LC_ALL, "");
    setlocale(LC_NUMERIC, "C");
    const VdCtlCommand *command = vd_ctl_parse(&ctl, argc, argv, &exit);
    if (command != NULL)
        exit = command->run(&ctl);
    vd_ctl_client_free(ctl.client);
    if (fflush(stdout) != 0 && exit == VD_CTL_DONE)
        exit = vd_ctl_fail(VD_CTL_REFUSED, "standard output cannot be written");
    return exit;
}
