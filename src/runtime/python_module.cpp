#include "runtime/python_module.hpp"

// The assembler puts the file into the program; C++20 has no #embed.
__asm__(
    ".pushsection .rodata\n"
    "pintle_python_module_begin: .incbin \"" PINTLE_PYTHON_MODULE "\"\n"
    "pintle_python_module_end: .byte 0\n"
    ".globl pintle_python_module_begin, pintle_python_module_end\n"
    ".popsection\n");
extern "C" const char pintle_python_module_begin[], pintle_python_module_end[];

namespace pintle::runtime {

std::string_view python_module() {
    return {pintle_python_module_begin,
            static_cast<std::size_t>(pintle_python_module_end - pintle_python_module_begin)};
}

}  // namespace pintle::runtime
