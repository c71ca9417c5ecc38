"""Writes nfc.bin, the table behind NfcTable.cs, from the Unicode Character Database (Debian package unicode-data; the shipped table: 15.0).

Little-endian: int32 count, then per code point with a canonical combining class: uint32 code_point << 8 | class.
Then int32 count, then per canonical decomposition: uint32 code_point | 1 << 31 if it is never composed again, int32 first, int32 second (0: none).
"""
import pathlib
import struct

DATABASE = pathlib.Path("/usr/share/unicode")
combining, decompositions, excluded = {}, {}, set()

for line in (DATABASE / "UnicodeData.txt").read_text().splitlines():
    fields = line.split(";")
    code_point = int(fields[0], 16)
    if int(fields[3]):
        combining[code_point] = int(fields[3])
    if fields[5] and not fields[5].startswith("<"):
        parts = [int(part, 16) for part in fields[5].split()]
        decompositions[code_point] = (parts[0], parts[1] if len(parts) > 1 else 0)

for line in (DATABASE / "DerivedNormalizationProps.txt").read_text().splitlines():
    line = line.split("#")[0]
    if "Full_Composition_Exclusion" in line:
        ends = line.split(";")[0].strip().split("..")
        excluded.update(range(int(ends[0], 16), int(ends[-1], 16) + 1))

table = struct.pack("<i", len(combining))
table += b"".join(struct.pack("<I", code_point << 8 | kind) for code_point, kind in sorted(combining.items()))
table += struct.pack("<i", len(decompositions))
table += b"".join(struct.pack("<III", code_point | (code_point in excluded) << 31, first, second)
                  for code_point, (first, second) in sorted(decompositions.items()))
pathlib.Path(__file__).with_name("nfc.bin").write_bytes(table)
