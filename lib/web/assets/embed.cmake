# cmake -DIN=FILE -DOUT=FILE.cpp -DNAME=identifier -P embed.cmake
#
# A file as two arrays, as it is and packed by gzip, with the digest of its content.
cmake_minimum_required(VERSION 3.25)
file(SHA256 "${IN}" digest)
set(packed "${OUT}.gz")
# The time in its head is left out, so that the same file makes the same binary.
file(ARCHIVE_CREATE OUTPUT "${packed}" PATHS "${IN}" FORMAT raw COMPRESSION GZip COMPRESSION_LEVEL 9)
file(READ "${IN}" plain HEX)
file(READ "${packed}" gzip HEX)
string(REGEX REPLACE "(..)" "0x\\1," plain "${plain}")
string(SUBSTRING "${gzip}" 0 8 magic)
string(SUBSTRING "${gzip}" 16 -1 rest)
string(REGEX REPLACE "(..)" "0x\\1," gzip "${magic}00000000${rest}")
file(WRITE "${OUT}"
  "#include \"web/assets.hpp\"\n\nnamespace batchd::web {\n"
  "static constexpr unsigned char k_${NAME}_plain[] = {${plain}};\n"
  "static constexpr unsigned char k_${NAME}_gzip[] = {${gzip}};\n"
  "extern const EmbeddedFile ${NAME};\n"
  "const EmbeddedFile ${NAME}{k_${NAME}_plain, k_${NAME}_gzip, \"${digest}\"};\n}  // namespace batchd::web\n")
