#include <doctest/doctest.h>

#include <cstring>

#include "base/result.hpp"
#include "base/rng.hpp"
#include "json/json_text.hpp"
#include "json/yaml_text.hpp"

using namespace pintle;
using namespace pintle::json;

namespace {

const std::string_view kPieces[] = {
    "a",    "train", " ",    "  ",  "\n",  "\n\n", "\t",   ":",  ": ",  " #", "#",    "-",   "- ",  "? ",    "\"",
    "'",    "\\",    "[",    "]",   "{",   "}",    ",",    "&",  "*",   "!",  "|",    ">",   "%",   "@",     "`",
    "<<",   "---",   "...",  "yes", "No",  "true", "null", "~",  "1",   "0x1f", "1e5", ".5",  "12:30", "2024-01-01",
    "ä",    "✓",     "😀",   "\r",  "\r\n", "\x01", "\x7f", "\xC2\x85", "\xE2\x80\xA8", "\xEF\xBB\xBF", "=", "_", ".inf",
};

std::string random_text(Rng& rng) {
    std::string text;
    for (std::uint64_t count = rng.below(6); count > 0; --count) text += kPieces[rng.below(std::size(kPieces))];
    if (rng.chance(3)) text += std::string(1, '\0');
    if (rng.chance(2)) text += std::string(1500, 'k');
    return text;
}

double random_double(Rng& rng) {
    const std::uint64_t bits = rng.next();
    double number = 0;
    std::memcpy(&number, &bits, sizeof number);
    return number - number == 0 ? number : static_cast<double>(rng.below(1000)) / 10;
}

Value random_value(Rng& rng, int depth) {
    switch (rng.below(depth > 0 ? 8 : 5)) {
        case 0: return {};
        case 1: return rng.chance(50);
        case 2: return static_cast<std::int64_t>(rng.next()) >> rng.below(64);
        case 3: return random_double(rng);
        case 4: return random_text(rng);
        case 5: {
            Value list = Value::array();
            for (std::uint64_t count = rng.below(4); count > 0; --count) list.push(random_value(rng, depth - 1));
            return list;
        }
        default: {
            Value mapping = Value::object();
            for (std::uint64_t count = rng.below(4); count > 0; --count) {
                mapping.set(random_text(rng), random_value(rng, depth - 1));
            }
            return mapping;
        }
    }
}

}  // namespace

TEST_CASE("whatever is written as JSON is read back as it was") {
    Rng rng(1);
    for (int i = 0; i < 3000; ++i) {
        const Value value = random_value(rng, 4);
        const auto compact = parse_json(to_json(value));
        const auto pretty = parse_json(to_json_pretty(value));
        const std::string text = to_json(value);
        CAPTURE(text);
        REQUIRE(compact.has_value());
        REQUIRE(*compact == value);
        REQUIRE(pretty.has_value());
        REQUIRE(*pretty == value);
    }
}

TEST_CASE("whatever is written as YAML is read back as it was") {
    Rng rng(2);
    for (int i = 0; i < 3000; ++i) {
        const Value value = random_value(rng, 4);
        const std::string text = to_yaml(value);
        const auto parsed = parse_yaml(text);
        CAPTURE(text);
        const std::string told = parsed ? to_json(*parsed) : describe(parsed.error());
        CAPTURE(told);
        REQUIRE(parsed.has_value());
        REQUIRE(*parsed == value);
    }
}

TEST_CASE("JSON is read alike by the YAML reader") {
    Rng rng(3);
    for (int i = 0; i < 500; ++i) {
        Value value = random_value(rng, 3);
        const std::string text = to_json_pretty(value);
        const auto parsed = parse_yaml(text);
        // JSON allows DEL and long keys as they are, which YAML does not.
        if (text.find('\x7f') != std::string::npos || text.find("kkkk") != std::string::npos) continue;
        CAPTURE(text);
        const std::string told = parsed ? to_json(*parsed) : describe(parsed.error());
        CAPTURE(told);
        REQUIRE(parsed.has_value());
        REQUIRE(*parsed == value);
    }
}

TEST_CASE("damaged documents are read or refused, and nothing worse") {
    Rng rng(4);
    constexpr std::string_view kDocument =
        "a: &x {b: [1, 2, \"three\"], c: 'four'}\nlist:\n  - *x\n  - <<: *x\n    d: |\n      text\n  - ? key\n    : "
        "value\n"
        "e: !!str 5\n---\nf: >-\n  folded\n";
    std::size_t refused = 0;
    for (int i = 0; i < 3000; ++i) {
        std::string text(kDocument);
        for (std::uint64_t count = 1 + rng.below(4); count > 0; --count) {
            const std::size_t at = rng.below(text.size());
            const std::string_view piece = kPieces[rng.below(std::size(kPieces))];
            if (rng.chance(50)) {
                text.replace(at, rng.below(5), piece);
            } else {
                text.insert(at, piece);
            }
        }
        const auto yaml = parse_yaml_documents(text, {.max_nodes = 1000});
        if (!yaml) {
            ++refused;
            REQUIRE(yaml.error().code == ErrorCode::kInvalid);
            REQUIRE(yaml.error().details.size() == 1);
            REQUIRE(yaml.error().details[0].line > 0);
        }
        const auto json = parse_json(text);
        if (!json) REQUIRE(json.error().details[0].line > 0);
    }
    CHECK(refused > 500);
}
