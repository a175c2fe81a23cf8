/*
 * A custom action as a package's DLL brings it: msi.dll loads it in a process of its own and serves what it
 * asks of the installation by RPC. It writes what it was told to a file, where tools/check-prefix looks.
 */
#include <windows.h>
#include <msi.h>
#include <msiquery.h>
#include <stdio.h>

__declspec(dllexport) UINT WINAPI check_action(MSIHANDLE install)
{
    char name[64], version[64];
    DWORD name_size = sizeof(name), version_size = sizeof(version);
    FILE *file;

    if (MsiGetPropertyA(install, "ProductName", name, &name_size) ||
        MsiGetPropertyA(install, "ProductVersion", version, &version_size) ||
        MsiSetPropertyA(install, "CHECKED", "set_by_the_action"))
        return ERROR_INSTALL_FAILURE;
    file = fopen("C:\\custom_action.txt", "w");
    if (!file)
        return ERROR_INSTALL_FAILURE;
    fprintf(file, "%s %s in process %lu\n", name, version, GetCurrentProcessId());
    fclose(file);
    return ERROR_SUCCESS;
}

/* Runs after it: the installation kept what the first one set. */
__declspec(dllexport) UINT WINAPI second_action(MSIHANDLE install)
{
    char checked[64];
    DWORD size = sizeof(checked);
    FILE *file = fopen("C:\\custom_action.txt", "a");

    if (!file)
        return ERROR_INSTALL_FAILURE;
    if (!MsiGetPropertyA(install, "CHECKED", checked, &size))
        fprintf(file, "%s\n", checked);
    fclose(file);
    return ERROR_SUCCESS;
}
