#include "domain/quantity.hpp"
#include "fuzzing.hpp"

using namespace pintle;
using namespace pintle::fuzzing;

namespace {

// What was formatted once reads back as the same value, and is formatted alike from then on.
template <class Value>
void check(std::string_view text, Result<Value> (*parse)(std::string_view), std::string (*format)(Value)) {
    const Result<Value> value = parse(text);
    if (!value) {
        require(value.error().code == ErrorCode::kInvalid && !value.error().message.empty(), "a bad quantity is told");
        return;
    }
    const std::string formatted = format(*value);
    require(*value >= Value(0) && *value <= Value(1'000'000'000'000'000), "a quantity is neither negative nor absurd", formatted);
    const Value again = must(parse(formatted), "a formatted quantity can be read: " + formatted);
    require(again == *value, "a formatted quantity reads back the same", formatted);
    require(format(again) == formatted, "a quantity is always formatted alike", formatted);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = as_text(data, size);
    check<std::int64_t>(text, domain::parse_cpu, domain::format_cpu);
    check<std::int64_t>(text, domain::parse_memory, domain::format_memory);
    check<Duration>(text, domain::parse_timeout, domain::format_timeout);
    return 0;
}
