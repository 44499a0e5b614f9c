#include "torture/troubles.hpp"

namespace batchd::torture {
namespace {

constexpr const char* kFaults[] = {
    R"({"route":"POST /v1/batches","action":"reset_after"})",
    R"({"route":"POST /v1/batches","action":"reset_before"})",
    R"({"route":"POST /v1/batches","action":"status_after","status":502})",
    R"({"route":"POST /v1/batches","action":"garbage_body"})",
    R"({"route":"POST /v1/batches","action":"half"})",
    R"({"route":"POST /v1/batches","action":"status_after","status":200,"body":""})",
    R"({"route":"POST /v1/batches","action":"status_after","status":201,"body":{"object":"batch"}})",
    R"({"route":"POST /v1/batches","action":"status","status":429,"headers":{"Retry-After":"0"}})",
    R"({"route":"POST /v1/batches","action":"status","status":409,"times":2})",
    R"({"route":"POST /v1/batches","action":"status","status":400,"body":"<html>400</html>"})",
    R"({"route":"POST /v1/files","action":"reset_after"})",
    R"({"route":"POST /v1/files","action":"reset_before"})",
    R"({"route":"POST /v1/files","action":"status_after","status":504})",
    R"({"route":"POST /v1/files","action":"garbage_body"})",
    R"({"route":"POST /v1/files","action":"status","status":405,"body":"<html>405</html>"})",
    R"({"route":"GET /v1/batches","action":"status","status":500,"times":2})",
    R"({"route":"GET /v1/batches","action":"garbage_body"})",
    R"({"route":"GET /v1/batches/*","action":"reset_before","times":2})",
    R"({"route":"GET /v1/batches/*","action":"status","status":404,"times":4,"body":"<html>404</html>"})",
    R"({"route":"GET /v1/batches/*","action":"status","status":404,"times":6})",
    R"({"route":"GET /v1/files","action":"reset_after"})",
    R"({"route":"GET /v1/files/*/content","action":"truncate","bytes":100})",
    R"({"route":"GET /v1/files/*/content","action":"reset_after"})",
    R"({"route":"GET /v1/files/*/content","action":"status","status":404,"body":"<html>404</html>"})",
    R"({"route":"DELETE /v1/files/*","action":"reset_after"})",
    R"({"route":"*","action":"status","status":503,"times":4})",
};

constexpr const char* kManners[] = {
    R"({"fail_rate":0.15})",
    R"({"timeout_rate":0.1,"status_zero_rate":0.05})",
    R"({"missing_rate":0.1,"twice_rate":0.1})",
    R"({"errors_in_output":true,"unknown_row":true,"blank_line":true})",
    R"({"expire_batch":[1,3,4]})",
    R"({"expire_batch":[2],"expire_done":0})",
    R"({"validating":0.05,"in_progress":0.1,"finalizing":0.05})",
    R"({"list_lag":0.1})",
    R"({"list_ties":"skip"})",
    R"({"list_ties":"repeat","absent_file":""})",
    R"({"final_newline":false,"absent_file":"empty_file"})",
};

constexpr const char* kLyingManners[] = {
    R"({"rows":[{"match":"*_2","status":200,"damage":"garbage"}]})",
    R"({"rows":[{"match":"*_1","status":200,"damage":"control_character"}]})",
    R"({"rows":[{"match":"*_3","status":200,"damage":"cut","bytes":60}]})",
    R"({"rows":[{"match":"*_2","status":200,"damage":"nan"}]})",
    R"({"rows":[{"match":"*","status":200,"set":{"error":{}}}]})",
    R"({"rows":[{"match":"*_1","status":200,"set":{"response.status_code":"200","error":[]}}]})",
    R"({"rows":[{"match":"*_1","runs_max":1,"status":200,"set":{"response":null,"error":{"code":"server_error"}}}]})",
    R"({"rows":[{"match":"*_2","runs_max":2,"status":200,"set":{"response":null,"error":{"code":429}}}]})",
    R"({"fail_batch":[1,3]})",
    R"({"fail_batch":[2],"failed_files":"empty"})",
    R"({"batch_id_length":320,"file_id_length":320,"result_file_id_length":600})",
    R"({"list_order":"shuffled"})",
};

constexpr const char* kLies[] = {
    R"({"about":"batch","when":{"status":"completed"},"times":2,"set":{"output_file_id":null,"error_file_id":null}})",
    R"({"about":"batch","when":{"status":"completed"},"set":{"output_file_id":null,"request_counts.completed":0}})",
    R"({"about":"batch","when":{"status":"expired"},"set":{"output_file_id":null,"error_file_id":null}})",
    R"({"about":"batch","in":["list"],"times":-1,"set":{"output_file_id":null,"error_file_id":null}})",
    R"({"about":"batch","in":["get"],"when":{"status":"in_progress"},"set":{"status":"completed"}})",
    R"({"about":"batch","in":["get"],"drop":["status"]})",
    R"({"about":"batch","in":["get","list"],"times":2,"set":{"status":7}})",
    R"({"about":"batch","in":["get"],"times":2,"set":{"status":"terminated"}})",
    R"({"about":"batch","in":["create"],"set":{"id":17}})",
    R"({"about":"batch","in":["create"],"drop":["status"]})",
    R"({"about":"batch","in":["create"],"instead":1})",
    R"({"about":"batch","in":["get"],"instead":1})",
    R"({"about":"batch","in":["list"],"set":{"id":null}})",
    R"({"about":"batch","in":["list"],"hide":true})",
    R"({"about":"batch","in":["list"],"times":-1,"set":{"metadata":null}})",
    R"({"about":"batch","times":-1,"drop":["expires_at"],"set":{"usage":"much","created_at":null}})",
    R"({"about":"batch","in":["get"],"fill":"errors.data","item":{"code":"x"},"bytes":2000000})",
    R"({"about":"page","in":["batches"],"fill":"data","item":{},"bytes":3000})",
    R"({"about":"file","in":["upload"],"instead":1})",
    R"({"about":"file","in":["get"],"set":{"bytes":1}})",
    R"({"about":"content","lines":0})",
    R"({"about":"content","lines":1,"times":2})",
    R"({"about":"content","instead":1})",
    R"({"about":"content","damage":"garbage"})",
    R"({"about":"content","of":"output","damage":"cut","bytes":40,"match":"*_1"})",
    R"({"about":"content","of":"errors","lines":0})",
};

constexpr const char* kRoutes[] = {
    "POST /v1/files", "POST /v1/batches",        "GET /v1/batches",           "GET /v1/batches/*",
    "GET /v1/files",  "GET /v1/files/*/content", "POST /v1/batches/*/cancel", "DELETE /v1/files/*",
};

constexpr const char* kAnswers[] = {
    R"("action":"status_after","status":200,"body":"")",
    R"("action":"status_after","status":200,"body":"<html>Welcome</html>")",
    R"("action":"garbage_body")",
    R"("action":"half")",
};

}  // namespace

std::span<const char* const> faults() {
    return kFaults;
}
std::span<const char* const> manners() {
    return kManners;
}
std::span<const char* const> lying_manners() {
    return kLyingManners;
}
std::span<const char* const> lies() {
    return kLies;
}

std::vector<std::string> storm(std::uint64_t random) {
    std::vector<std::string> all;
    for (const char* route : kRoutes) {
        const char* const answer = kAnswers[random % std::size(kAnswers)];
        random /= std::size(kAnswers);
        all.push_back(R"({"times":)" + std::to_string(1 + random % 3) + R"(,"route":")" + route + "\"," +
                      answer + "}");
        random /= 3;
    }
    return all;
}

bool hides_answers(std::string_view manner) {
    return manner.find("missing_rate") != std::string_view::npos ||
           manner.find("damage") != std::string_view::npos;
}

}  // namespace batchd::torture
