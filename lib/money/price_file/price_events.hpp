#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <boost/json/string_view.hpp>
#include <boost/system/error_code.hpp>

#include "base/text/json_events.hpp"
#include "money/price/price_table.hpp"

namespace batchd::money {

/// What Boost.JSON's basic_parser calls while it reads a price file: builds the table. For price_reader.cpp
/// only. Depth 1 is the object of models, depth 2 a model.
class PriceEvents : public JsonEvents {
public:
    using Code = boost::system::error_code;
    using Text = boost::json::string_view;

    std::uint64_t line = 1;  ///< that is being read
    PriceReading reading;
    bool is_object = false;
    bool too_many = false;

    bool on_object_begin(Code&);
    bool on_object_end(std::size_t, Code& code);
    bool on_array_begin(Code&);
    bool on_array_end(std::size_t, Code&) { return end_container(); }
    bool on_key_part(Text part, std::size_t, Code&) { return collect(key_, part); }
    bool on_key(Text part, std::size_t, Code&);
    bool on_string_part(Text part, std::size_t, Code&) { return collect(value_, part); }
    bool on_string(Text part, std::size_t, Code&);
    bool on_number_part(Text part, Code&) { return collect(value_, part); }
    bool on_int64(std::int64_t, Text part, Code&) { return number(part); }
    bool on_uint64(std::uint64_t, Text part, Code&) { return number(part); }
    bool on_double(double, Text part, Code&) { return number(part); }
    bool on_bool(bool, Code&);
    bool on_null(Code&) { return true; }

private:
    struct Model {
        ModelPrice price;
        std::string refusal;  // of the first price that is none
        bool by_other_units = false;
    };

    static bool collect(std::string& into, Text part);
    bool end_container();
    bool number(Text part);
    void take_price(std::string_view text);
    void refuse(const std::string& why);
    void finish_model();

    std::size_t depth_ = 0;
    std::string key_;        // that is being read, or was last
    std::string value_;      // the scalar that is being read
    std::string name_;       // of the model
    std::string model_key_;  // key at depth 2
    Model model_;
};

}  // namespace batchd::money
