#include "base/text.hpp"
#include "cli/visible_text.hpp"
#include "fuzzing.hpp"

using namespace pintle;
using namespace pintle::cli;
using namespace pintle::fuzzing;

namespace {

// A colour is ESC, "[", digits and their separators, "m"; nothing else may reach a terminal.
void require_harmless(std::string_view text, bool colors) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte == 0xC2 && i + 1 < text.size()) {
            require(static_cast<unsigned char>(text[i + 1]) >= 0xA0, "no control character of eight bits is left", text);
        }
        if (byte == '\t' || (byte >= 0x20 && byte != 0x7F)) continue;
        require(colors && byte == 0x1B && text.substr(i).starts_with("\x1B["), "no control character is left", text);
        const std::size_t end = text.find_first_not_of("0123456789;:", i + 2);
        require(end != std::string_view::npos && text[end] == 'm', "no control sequence but colours is left", text);
    }
}

}  // namespace

// Whatever a stranger wrote, a terminal shows it and does nothing else.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = as_text(data, size);
    const std::string kept = make_visible(text, Colors::kKeep);
    const std::string dropped = make_visible(text, Colors::kDrop);
    require_harmless(kept, true);
    require_harmless(dropped, false);
    require(to_valid_utf8(kept) == kept && to_valid_utf8(dropped) == dropped, "what is shown is UTF-8");
    require(make_visible(dropped, Colors::kDrop) == dropped, "what is harmless stays as it is", dropped);
    require(display_width(kept) == display_width(dropped), "colours take no room", kept);
    for (const std::size_t cells : {0, 1, 2, 5, 40}) {
        const std::string cut = cut_to_width(dropped, cells);
        require(display_width(cut) <= cells, "a text that is cut fits", cut);
        require(to_valid_utf8(cut) == cut, "a text is not cut within a character", cut);
    }
    return 0;
}
