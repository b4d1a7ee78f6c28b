#include "webui/assets.hpp"

namespace pintle::webui {

std::span<const Asset> assets() { return {}; }

}  // namespace pintle::webui
