#pragma once

#include <string>

namespace batchd::web {

/// What Prometheus' own clients tell of a process, of this one, in its text format:
/// process_cpu_seconds_total, process_resident_memory_bytes … What can't be read is left out. Blocking, for a
/// moment. Source: https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics
std::string process_metrics_text();

}  // namespace batchd::web
