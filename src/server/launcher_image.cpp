#include "server/launcher_image.hpp"

#ifdef PINTLE_LAUNCHER
__asm__(
    ".pushsection .rodata\n"
    ".balign 16\n"
    "pintle_launcher_begin: .incbin \"" PINTLE_LAUNCHER "\"\n"
    "pintle_launcher_end: .byte 0\n"
    ".globl pintle_launcher_begin, pintle_launcher_end\n"
    ".popsection\n");
extern "C" const char pintle_launcher_begin[], pintle_launcher_end[];
#endif

namespace pintle::server {

std::string_view launcher_image() {
#ifdef PINTLE_LAUNCHER
    return {pintle_launcher_begin, static_cast<std::size_t>(pintle_launcher_end - pintle_launcher_begin)};
#else
    return {};
#endif
}

}  // namespace pintle::server
