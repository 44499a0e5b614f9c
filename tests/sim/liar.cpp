#include "sim/liar.hpp"

#include <limits>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "sim/content_liar.hpp"
#include "sim/json_edit.hpp"
#include "sim/request_subject.hpp"

namespace batchd::sim {

namespace json = boost::json;

namespace {

/// What kind of answer it is, and where it is given.
struct Place {
    Lie::About about;
    std::string where;
    bool is_page = false;
};

Place place_of(const RequestHead& head) {
    const bool is_file = head.path.starts_with("/v1/files");
    const auto about = is_file ? Lie::About::file : Lie::About::batch;
    const bool has_id = !id_in_path(head.path).empty();
    if (head.method == "GET") return {about, has_id ? "get" : "list", !has_id};
    if (has_id) return {about, "cancel"};
    return {about, is_file ? "upload" : "create"};
}

/// The objects of one answer.
class ObjectLiar {
public:
    ObjectLiar(Backend& backend, Place place) : backend_(backend), place_(std::move(place)) {}

    void tell(json::object& answer) {
        if (!place_.is_page) {
            tell_about(answer);
            return;
        }
        json::array shown;
        for (json::value& entry : answer.at("data").as_array())
            if (tell_about(entry.as_object())) shown.push_back(std::move(entry));
        answer["data"] = std::move(shown);
        tell_about_page(answer);
    }

private:
    /// False where the object is hidden.
    bool tell_about(json::object& object) {
        const json::object truth = object;
        const std::string id = text_at(truth, "id");
        bool is_hidden = false;
        for (Lie& lie : backend_.lies.all()) {
            if (!fits(lie, truth, id) || !is_told(lie, looked_at(id), backend_.clock.now())) continue;
            is_hidden = is_hidden || lie.hide;
            if (!lie.instead.is_null()) object = other(lie.instead, truth);
            if (lie.under_own_id) object["id"] = id;
            change(lie, object);
        }
        return !is_hidden;
    }

    /// What looks are counted for: new objects are counted together.
    std::string looked_at(const std::string& id) const {
        const bool is_new = place_.where == "create" || place_.where == "upload";
        return is_new ? place_.where : id;
    }

    void tell_about_page(json::object& page) {
        const std::string listing = place_.about == Lie::About::batch ? "batches" : "files";
        for (Lie& lie : backend_.lies.all())
            if (lie.about == Lie::About::page && (lie.in.empty() || lie.in.contains(listing)) &&
                is_told(lie, listing, backend_.clock.now()))
                change(lie, page);
    }

    static void change(const Lie& lie, json::object& object) {
        set_members(object, lie.set);
        drop_members(object, lie.drop);
        if (!lie.fill.empty()) set_members(object, {{lie.fill, filled_with(lie.item, lie.bytes)}});
    }

    bool fits(const Lie& lie, const json::object& truth, const std::string& id) const {
        if (lie.about != place_.about) return false;
        if (!lie.in.empty() && !lie.in.contains(place_.where)) return false;
        return (lie.batches.empty() || lie.batches.contains(number_of(id))) && has_members(truth, lie.when);
    }

    std::uint64_t number_of(const std::string& id) const {
        if (place_.about == Lie::About::file) {
            const Batch* const batch = batch_of_file(backend_, id);
            return batch == nullptr ? 0 : batch->number;
        }
        const auto batch = backend_.batches.find(id);
        return batch ? (*batch)->number : 0;
    }

    /// The object that `which` names; the true one where there is none.
    json::object other(const json::value& which, const json::object& truth) const {
        const TimePoint now = backend_.clock.now();
        const Batch* const batch = named_batch(backend_, which);
        if (place_.about == Lie::About::batch) return batch == nullptr ? truth : to_json(*batch, now);
        const std::string id = batch != nullptr    ? batch->request.input_file_id
                               : which.is_string() ? std::string(which.get_string())
                                                   : std::string();
        const StoredFile* const file = backend_.files.find(id, now);
        return file == nullptr ? truth : to_json(*file, backend_.clock.now());
    }

    Backend& backend_;
    Place place_;
};

}  // namespace

void tell_lies(Backend& backend, const RequestHead& head, Response& response) {
    if (backend.lies.empty() || response.status >= 300 || !head.path.starts_with("/v1/")) return;
    if (response.file) {
        tell_lies_about_content(backend, id_in_path(head.path), response);
        return;
    }
    json::value answer = json::parse(response.body);
    ObjectLiar(backend, place_of(head)).tell(answer.as_object());
    response.body = json::serialize(answer);
}

}  // namespace batchd::sim
