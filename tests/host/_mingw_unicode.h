/* Nothing of it is needed on the build host. */
#define __MINGW_NAME_AW(name) name##W
