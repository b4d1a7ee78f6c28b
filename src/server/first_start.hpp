#pragma once

#include <optional>
#include <string>

#include "base/time.hpp"
#include "runtime/data_folder.hpp"
#include "runtime/runtime.hpp"
#include "store/reader_pool.hpp"

namespace pintle::server {

/// How the first operator gets in: there is no default password. The first start makes the user and a code that sets
/// a password once, within a week. The file DATA/welcome, which only its owner can read, has the code until then; each
/// start writes it anew, with the address that the server has now.
struct FirstStart {
    std::string operator_name;
    std::string url;  ///< "http://127.0.0.1:7171", as people on this machine reach the server, or its public one.
    bool passwords = true;
};

/// The text to show: the link and the command; nothing when the code was used, has expired or was never made.
[[nodiscard]] Result<std::optional<std::string>> welcome(const FirstStart& first, runtime::Runtime& runtime,
                                                         store::ReaderPool& readers, const runtime::DataFolder& data,
                                                         Time now);

}  // namespace pintle::server
