#include "engine_container/init_image.hpp"

#ifdef PINTLE_CONTAINER_INIT
__asm__(
    ".pushsection .rodata\n"
    ".balign 16\n"
    "pintle_container_init_begin: .incbin \"" PINTLE_CONTAINER_INIT "\"\n"
    "pintle_container_init_end: .byte 0\n"
    ".globl pintle_container_init_begin, pintle_container_init_end\n"
    ".popsection\n");
extern "C" const char pintle_container_init_begin[], pintle_container_init_end[];
#endif

namespace pintle::engine_container {

std::string_view init_image() {
#ifdef PINTLE_CONTAINER_INIT
    return {pintle_container_init_begin,
            static_cast<std::size_t>(pintle_container_init_end - pintle_container_init_begin)};
#else
    return {};
#endif
}

}  // namespace pintle::engine_container
