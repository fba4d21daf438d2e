#include "ctl/line.h"

#include <string.h>

static const VdCtlOption *find_option(const char *name, gsize length, char letter)
{
    const VdCtlOption *options = vd_ctl_options();

    for (guint i = 0; i < VD_N_CTL_OPTIONS; i++)
        if (letter != 0
                ? options[i].letter == letter
                : strlen(options[i].name) == length && strncmp(options[i].name, name, length) == 0)
            return &options[i];
    return NULL;
}

/* Takes one option, and its value where that is the next word; false: it cannot be. */
static bool take_option(VdCtl *ctl, int argc, char **argv, int *at)
{
    const char *word = argv[*at];
    bool is_long = word[1] == '-';
    gsize length = is_long ? strcspn(word + 2, "=") : 1;
    const VdCtlOption *option = find_option(word + 2, length, is_long ? 0 : word[1]);
    const char *value = is_long ? word + 2 + length : word + 2;

    if (option == NULL) {
        vd_ctl_fail(VD_CTL_USAGE, "there is no option %s", word);
    } else if (option->argument == NULL && value[0] != '\0') {
        vd_ctl_fail(VD_CTL_USAGE, "--%s takes no value", option->name);
    } else if (option->argument != NULL && value[0] == '\0' && *at + 1 >= argc) {
        vd_ctl_fail(VD_CTL_USAGE, "--%s: %s is missing", option->name, option->argument);
    } else {
        if (option->argument != NULL && value[0] == '\0')
            value = argv[++*at];
        else if (is_long && value[0] == '=')
            value++;
        ctl->options[option - vd_ctl_options()] = value;
        return true;
    }
    return false;
}

static bool take_words(VdCtl *ctl, int argc, char **argv)
{
    bool options = true;

    ctl->arguments = argv;
    for (int i = 1; i < argc; i++) {
        if (options && strcmp(argv[i], "--") == 0)
            options = false;
        else if (!options || argv[i][0] != '-' || argv[i][1] == '\0')
            argv[ctl->count++] = argv[i];
        else if (!take_option(ctl, argc, argv, &i))
            return false;
    }
    return true;
}

/* Its words are taken off the arguments. */
static const VdCtlCommand *take_command(VdCtl *ctl)
{
    guint count;
    const VdCtlCommand *commands = vd_ctl_commands(&count);

    for (guint i = 0; i < count; i++) {
        g_auto(GStrv) words = g_strsplit(commands[i].name, " ", -1);
        guint n = g_strv_length(words), same = 0;

        while (same < n && same < ctl->count && strcmp(words[same], ctl->arguments[same]) == 0)
            same++;
        if (same < n)
            continue;
        ctl->arguments += n;
        ctl->count -= n;
        return &commands[i];
    }
    return NULL;
}

static void print_options(guint mask)
{
    const VdCtlOption *options = vd_ctl_options();

    for (guint i = 0; i < VD_N_CTL_OPTIONS; i++) {
        char letter[] = {'-', options[i].letter, ',', ' ', '\0'};
        g_autofree char *name =
            g_strconcat(options[i].letter != 0 ? letter : "    ", "--", options[i].name,
                        options[i].argument != NULL ? " " : "", options[i].argument, NULL);
        if ((mask & 1u << i) != 0)
            printf("  %-24s %s\n", name, options[i].help);
    }
}

static void print_help(const VdCtlCommand *command)
{
    guint count;
    const VdCtlCommand *commands = vd_ctl_commands(&count);

    if (command != NULL) {
        printf("Usage: vedettectl %s %s\n%s.\n\n", command->name, command->arguments,
               command->help);
        print_options(command->options | VD_CTL_GENERAL);
        return;
    }
    printf("Usage: vedettectl [OPTION...] COMMAND\nAsks vedetted, and changes what it does.\n\n");
    for (guint i = 0; i < count; i++)
        printf("  %-24s %s\n", commands[i].name, commands[i].help);
    printf("\n");
    print_options(VD_CTL_GENERAL | VD_CTL_REMOTE);
}

static int judge(const VdCtl *ctl, const VdCtlCommand *command)
{
    const VdCtlOption *options = vd_ctl_options();

    if (ctl->count < command->least || ctl->count > command->most)
        return vd_ctl_fail(VD_CTL_USAGE, "usage: vedettectl %s %s", command->name,
                           command->arguments);
    for (guint i = 0; i < VD_N_CTL_OPTIONS; i++)
        if (ctl->options[i] != NULL && ((command->options | VD_CTL_GENERAL) & 1u << i) == 0)
            return vd_ctl_fail(VD_CTL_USAGE, "%s takes no --%s", command->name, options[i].name);
    if (ctl->options[VD_CTL_SOCKET] != NULL && ctl->options[VD_CTL_URL] != NULL)
        return vd_ctl_fail(VD_CTL_USAGE, "--socket and --url: only one of them");
    return VD_CTL_DONE;
}

const VdCtlCommand *vd_ctl_parse(VdCtl *ctl, int argc, char **argv, int *exit)
{
    *exit = VD_CTL_USAGE;
    if (!take_words(ctl, argc, argv))
        return NULL;
    const char *word = ctl->count > 0 ? ctl->arguments[0] : NULL;
    const VdCtlCommand *command = take_command(ctl);
    if (ctl->options[VD_CTL_VERSION] != NULL) {
        printf("vedettectl %s\n", PACKAGE_VERSION);
        *exit = VD_CTL_DONE;
    } else if (ctl->options[VD_CTL_HELP] != NULL) {
        print_help(command);
        *exit = VD_CTL_DONE;
    } else if (command == NULL) {
        vd_ctl_fail(VD_CTL_USAGE,
                    word != NULL ? "there is no command %s: see --help"
                                 : "a command is wanted: see --help",
                    word);
    } else {
        *exit = judge(ctl, command);
        return *exit == VD_CTL_DONE ? command : NULL;
    }
    return NULL;
}
