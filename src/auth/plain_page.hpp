#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "net/http_message.hpp"

namespace pintle::auth {

/// A page that says something where no other can: complete in itself, without a program, not to be framed by anybody.
struct PlainPage {
    int status = 200;
    std::string title;
    std::vector<std::string> sentences;                         ///< Plain text; each becomes a paragraph.
    std::optional<std::pair<std::string, std::string>> link{};  ///< Words and where they lead.
    std::optional<std::pair<std::string, std::string>> button{};  ///< Words and the path that is posted to.
    int reload_after_s = 0;                                     ///< 0: the page stays.
};

/// Pure; any thread. Texts may come from anybody.
[[nodiscard]] net::Response plain_page(const PlainPage& page);

}  // namespace pintle::auth
