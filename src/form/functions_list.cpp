#include <algorithm>

#include <fmt/format.h>

#include "base/text.hpp"
#include "form/cast.hpp"
#include "form/go_format.hpp"
#include "form/template_functions.hpp"

namespace pintle::form {
namespace {

using Kind = TemplateValue::Kind;
using Value = TemplateValue;
using List = TemplateValue::List;

Result<Value> length(const FunctionCall& call) {
    const Value& value = call.args[0];
    if (value.kind() == Kind::kText) return Value(static_cast<std::int64_t>(value.as_text().size()));
    if (value.kind() == Kind::kList) return Value(static_cast<std::int64_t>(value.as_list().size()));
    if (value.kind() == Kind::kMapping) return Value(static_cast<std::int64_t>(value.as_mapping().size()));
    if (value.is_nothing() && !value.path().empty())
        return fail(ErrorCode::kInvalid, "len: there is no {}", value.path());
    return fail(ErrorCode::kInvalid, "a value of type {} has no length", value.type_name());
}

Result<std::size_t> place(const FunctionCall& call, const Value& index, std::size_t size, bool end_counts) {
    if (index.kind() != Kind::kInt)
        return fail(ErrorCode::kInvalid, "{} wants whole numbers as places, not a value of type {}", call.name,
                    index.type_name());
    const std::int64_t at = index.as_int();
    if (at < 0 || at > static_cast<std::int64_t>(size) || (at == static_cast<std::int64_t>(size) && !end_counts)) {
        return fail(ErrorCode::kInvalid, "{}: place {} is outside of {} of length {}", call.name, at,
                    call.args[0].type_name(), size);
    }
    return static_cast<std::size_t>(at);
}

// index x 1 "a": x[1]["a"].
Result<Value> index(const FunctionCall& call) {
    Value value = call.args[0];
    for (std::size_t i = 1; i < call.args.size(); ++i) {
        const Value& key = call.args[i];
        if (value.kind() == Kind::kMapping) {
            if (key.kind() != Kind::kText)
                return fail(ErrorCode::kInvalid, "index: the keys of a mapping are texts, not of type {}",
                            key.type_name());
            const auto found = value.as_mapping().find(key.as_text());
            value = found == value.as_mapping().end() ? Value::missing("." + key.as_text()) : found->second;
        } else if (value.kind() == Kind::kList) {
            const std::size_t at = TRY(place(call, key, value.as_list().size(), false));
            value = value.as_list()[at];
        } else if (value.kind() == Kind::kText) {
            const std::size_t at = TRY(place(call, key, value.as_text().size(), false));
            value = Value(static_cast<std::int64_t>(static_cast<unsigned char>(value.as_text()[at])));
        } else {
            if (value.is_nothing())
                return fail(ErrorCode::kInvalid, "index: there is no {}",
                            value.path().empty() ? "value" : value.path());
            return fail(ErrorCode::kInvalid, "index: a value of type {} has no places", value.type_name());
        }
    }
    return value;
}

Result<Value> slice(const FunctionCall& call) {
    const Value& value = call.args[0];
    const bool is_text = value.kind() == Kind::kText;
    if (!is_text && value.kind() != Kind::kList)
        return fail(ErrorCode::kInvalid, "{} wants a list or a text, not a value of type {}", call.name,
                    value.type_name());
    if (is_text && call.args.size() == 4) return fail(ErrorCode::kInvalid, "slice takes two places of a text at most");
    const std::size_t size = is_text ? value.as_text().size() : value.as_list().size();
    const std::size_t from = call.args.size() > 1 ? TRY(place(call, call.args[1], size, true)) : 0;
    const std::size_t to = call.args.size() > 2 ? TRY(place(call, call.args[2], size, true)) : size;
    if (from > to) return fail(ErrorCode::kInvalid, "{}: {} comes after {}", call.name, from, to);
    if (is_text) return call.made(value.as_text().substr(from, to - from));
    const List& all = value.as_list();
    return call.made(
        List(all.begin() + static_cast<std::ptrdiff_t>(from), all.begin() + static_cast<std::ptrdiff_t>(to)));
}

Result<Value> list(const FunctionCall& call) { return call.made(call.args); }

Result<Value> first(const FunctionCall& call) {
    const List items = TRY(call.list(0));
    return items.empty() ? Value() : items.front();
}
Result<Value> last(const FunctionCall& call) {
    const List items = TRY(call.list(0));
    return items.empty() ? Value() : items.back();
}
Result<Value> rest(const FunctionCall& call) {
    List items = TRY(call.list(0));
    if (!items.empty()) items.erase(items.begin());
    return call.made(std::move(items));
}
Result<Value> initial(const FunctionCall& call) {
    List items = TRY(call.list(0));
    if (!items.empty()) items.pop_back();
    return call.made(std::move(items));
}
Result<Value> append(const FunctionCall& call) {
    List items = TRY(call.list(0));
    items.push_back(call.args[1]);
    return call.made(std::move(items));
}
Result<Value> prepend(const FunctionCall& call) {
    List items = TRY(call.list(0));
    items.insert(items.begin(), call.args[1]);
    return call.made(std::move(items));
}
Result<Value> concat(const FunctionCall& call) {
    List out;
    for (std::size_t i = 0; i < call.args.size(); ++i) {
        const List items = TRY(call.list(i));
        TRY(call.budget.make(items.size() * sizeof(Value)));
        out.insert(out.end(), items.begin(), items.end());
    }
    return Value(std::move(out));
}
Result<Value> reverse(const FunctionCall& call) {
    List items = TRY(call.list(0));
    std::reverse(items.begin(), items.end());
    return call.made(std::move(items));
}

bool holds(const List& items, const Value& value) {
    return std::find(items.begin(), items.end(), value) != items.end();
}

// Each look through a list costs as much as the list is long.
Result<void> charge_search(const FunctionCall& call, std::size_t looks, std::size_t size) {
    return call.budget.make(looks * size);
}

Result<Value> uniq(const FunctionCall& call) {
    const List items = TRY(call.list(0));
    TRY(charge_search(call, items.size(), items.size()));
    List out;
    for (const Value& item : items) {
        if (!holds(out, item)) out.push_back(item);
    }
    return call.made(std::move(out));
}
Result<Value> without(const FunctionCall& call) {
    const List items = TRY(call.list(0));
    TRY(charge_search(call, items.size(), call.args.size()));
    const List dropped(call.args.begin() + 1, call.args.end());
    List out;
    for (const Value& item : items) {
        if (!holds(dropped, item)) out.push_back(item);
    }
    return call.made(std::move(out));
}
Result<Value> has(const FunctionCall& call) {
    if (call.args[1].is_nothing()) return Value(false);
    const List items = TRY(call.list(1));
    TRY(charge_search(call, 1, items.size()));
    return Value(holds(items, call.args[0]));
}
Result<Value> compact(const FunctionCall& call) {
    List items = TRY(call.list(0));
    std::erase_if(items, [](const Value& item) { return !item.truth(); });
    return call.made(std::move(items));
}
Result<Value> chunk(const FunctionCall& call) {
    const std::int64_t size = TRY(call.whole(0));
    const List items = TRY(call.list(1));
    if (size < 1) return fail(ErrorCode::kInvalid, "chunk wants a size from 1, not {}", size);
    List out;
    List part;
    for (const Value& item : items) {
        part.push_back(item);
        if (static_cast<std::int64_t>(part.size()) < size) continue;
        out.push_back(TRY(call.made(std::move(part))));
        part = {};
    }
    if (!part.empty()) out.push_back(TRY(call.made(std::move(part))));
    return call.made(std::move(out));
}

// Everything becomes a list of texts: a list item by item, nothing an empty one, any other value alone. Nulls are left
// out.
std::vector<std::string> texts_of(const Value& value) {
    std::vector<std::string> out;
    if (value.is_nothing()) return out;
    if (value.kind() != Kind::kList) return {go_text(value)};
    for (const Value& item : value.as_list()) {
        if (!item.is_nothing()) out.push_back(go_text(item));
    }
    return out;
}

Result<Value> texts_as_list(const FunctionCall& call, const std::vector<std::string>& texts) {
    List out;
    for (const std::string& text : texts) out.emplace_back(text);
    return call.made(std::move(out));
}

Result<Value> join_of(const FunctionCall& call) {
    const std::string separator = TRY(call.text(0));
    const std::vector<std::string> parts = texts_of(call.args[1]);
    TRY(call.budget.make(parts.size() * separator.size()));
    return call.made(join(parts, separator));
}

Result<Value> sort_alpha(const FunctionCall& call) {
    std::vector<std::string> parts = texts_of(call.args[0]);
    std::sort(parts.begin(), parts.end());
    return texts_as_list(call, parts);
}

Result<Value> to_strings(const FunctionCall& call) { return texts_as_list(call, texts_of(call.args[0])); }

std::vector<std::string> cut(const std::string& text, const std::string& separator, std::size_t most) {
    std::vector<std::string> out;
    std::size_t from = 0;
    while (out.size() + 1 < most) {
        const std::size_t at =
            separator.empty() ? (from + 1 < text.size() ? from + 1 : std::string::npos) : text.find(separator, from);
        if (at == std::string::npos) break;
        out.push_back(text.substr(from, at - from));
        from = at + separator.size();
    }
    out.push_back(text.substr(from));
    return out;
}

Result<Value> split_list(const FunctionCall& call) {
    const std::string separator = TRY(call.text(0));
    return texts_as_list(call, cut(TRY(call.text(1)), separator, static_cast<std::size_t>(-1)));
}

// A mapping _0, _1, …
Result<Value> numbered(const FunctionCall& call, const std::vector<std::string>& parts) {
    Value::Mapping out;
    for (std::size_t i = 0; i < parts.size(); ++i) out.emplace(fmt::format("_{}", i), Value(parts[i]));
    return call.made(std::move(out));
}

Result<Value> split_of(const FunctionCall& call) {
    const std::string separator = TRY(call.text(0));
    return numbered(call, cut(TRY(call.text(1)), separator, static_cast<std::size_t>(-1)));
}

Result<Value> splitn(const FunctionCall& call) {
    const std::string separator = TRY(call.text(0));
    const std::int64_t most = TRY(call.whole(1));
    return numbered(call, cut(TRY(call.text(2)), separator,
                              most < 1 ? static_cast<std::size_t>(-1) : static_cast<std::size_t>(most)));
}

}  // namespace

const std::vector<TemplateFunction>& list_functions() {
    static const std::vector<TemplateFunction> kTable{
        {"len", 1, 1, length},
        {"index", 1, -1, index},
        {"slice", 1, 4, slice},
        {"list", 0, -1, list},
        {"tuple", 0, -1, list},
        {"first", 1, 1, first},
        {"last", 1, 1, last},
        {"rest", 1, 1, rest},
        {"initial", 1, 1, initial},
        {"append", 2, 2, append},
        {"push", 2, 2, append},
        {"prepend", 2, 2, prepend},
        {"concat", 0, -1, concat},
        {"reverse", 1, 1, reverse},
        {"uniq", 1, 1, uniq},
        {"without", 1, -1, without},
        {"has", 2, 2, has},
        {"compact", 1, 1, compact},
        {"chunk", 2, 2, chunk},
        {"join", 2, 2, join_of},
        {"sortAlpha", 1, 1, sort_alpha},
        {"toStrings", 1, 1, to_strings},
        {"splitList", 2, 2, split_list},
        {"split", 2, 2, split_of},
        {"splitn", 3, 3, splitn},
    };
    return kTable;
}

}  // namespace pintle::form
