using System.Diagnostics;
using System.Text;

namespace TaH.Tests;

/// <summary>Thousands of damaged copies of every file kind: reading one succeeds or says why not, soon, and allocates in proportion to the
/// file.</summary>
public sealed class CheckpointMutationTests
{
    private const int Cases = 1_500;

    /// <summary>Parsing makes objects of at most some hundred bytes for a few bytes of text; the rest is for messages and stack traces.</summary>
    private const int AllocatedPerByte = 300, AllocatedBesides = 1 << 20;

    private static readonly string[] Spliced =
    [
        "null", "true", "-1", "0", "1e999", "18446744073709551616", "\"\"", "[]", "{}", "NaN", "[[", "}", ",", "\"\\ud800\"", "9999999", "2147483647",
            "\0", "\"../x\"",
    ];

    public static TheoryData<string> Files =>
        ["config.json", "generation_config.json", "tah_config.json", "lora/adapter_config.json", "lora/adapter_model.safetensors", "iter_decider.bin",
            "model.safetensors.index.json", "header.safetensors"];

    [Theory, MemberData(nameof(Files))]
    public void A_damaged_file_is_read_or_refused(string file)
    {
        using var scratch = CheckpointDirectoryTests.Sharded(out _);
        WriteHeaderOnly(scratch["header.safetensors"]);
        var read = Reader(file, scratch);
        read();
        var original = File.ReadAllBytes(scratch[file]);
        var random = new Random(Seed: file.Length);
        var refused = 0;
        for (var i = 0; i < Cases; i++)
        {
            var bytes = Mutate(original, random);
            File.WriteAllBytes(scratch[file], bytes);
            refused += Survives(read, bytes, $"{file}, case {i}") ? 0 : 1;
        }

        // Most damage must be noticed wherever most bytes carry structure; numbers inside tensors may change freely.
        Assert.InRange(refused, Cases / 20, Cases);
    }

    [Fact]
    public void A_damaged_pickle_is_read_or_refused()
    {
        using var zip = System.IO.Compression.ZipFile.OpenRead(Path.Combine(CheckpointFixtures.Directory("a_tied"), "iter_decider.bin"));
        using var stream = zip.GetEntry("iter_decider/data.pkl")!.Open();
        var copy = new MemoryStream();
        stream.CopyTo(copy);
        var (original, random) = (copy.ToArray(), new Random(Seed: 7));
        for (var i = 0; i < 10 * Cases; i++)
        {
            var bytes = Mutate(original, random);
            Survives(() => PickleReader.Read("p", bytes), bytes, $"pickle, case {i}");
        }
    }

    [Fact]
    public void Files_of_another_kind_are_refused()
    {
        string[] files = ["config.json", "tah_config.json", "iter_decider.bin", "lora/adapter_config.json", "lora/adapter_model.safetensors",
            "model.safetensors"];
        foreach (var target in files)
        {
            foreach (var source in files.Where(source => source != target))
            {
                using var scratch = new ScratchDirectory(CheckpointFixtures.Directory("a_tied"));
                File.Copy(Path.Combine(CheckpointFixtures.Directory("a_tied"), source), scratch[target], overwrite: true);
                var error = Assert.Throws<CheckpointException>(() => Checkpoint.Open(scratch.Path).Dispose());
                Assert.Equal(target, error.File);
            }
        }
    }

    private static Action Reader(string file, ScratchDirectory scratch) => file switch
    {
        "config.json" => () => Qwen3Config.Read(scratch[file]),
        "generation_config.json" => () => GenerationConfig.Read(scratch.Path),
        "tah_config.json" => () => TahConfig.Read(scratch[file]),
        "lora/adapter_config.json" => () => LoraConfig.Read(scratch[file]),
        "header.safetensors" => () => SafetensorsFile.Open(scratch[file]).Dispose(),
        _ => () => Checkpoint.Open(scratch.Path).Dispose(),
    };

    private static bool Survives(Action read, byte[] bytes, string label)
    {
        var (clock, before) = (Stopwatch.StartNew(), GC.GetAllocatedBytesForCurrentThread());
        var succeeded = true;
        try
        {
            read();
        }
        catch (CheckpointException error)
        {
            succeeded = false;
            Assert.True(error.Message.Length < 1_000 && !error.Message.Any(char.IsControl), $"{label}: {error.Message}");
        }
        catch (Exception error)
        {
            Assert.Fail($"{label}: {error}");
        }

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        if (clock.ElapsedMilliseconds >= 1_000) Assert.True(TakesUnderASecond(read), $"{label}: {clock.ElapsedMilliseconds} ms");
        Assert.True(allocated < (long)AllocatedPerByte * bytes.Length + AllocatedBesides,
            $"{label}: {allocated:N0} bytes allocated for {bytes.Length:N0}");
        return succeeded;
    }

    /// <summary>A second look, for a machine that was busy with something else the first time.</summary>
    private static bool TakesUnderASecond(Action read)
    {
        var clock = Stopwatch.StartNew();
        Record.Exception(read);
        return clock.ElapsedMilliseconds < 1_000;
    }

    private static byte[] Mutate(byte[] original, Random random)
    {
        var bytes = original.ToList();
        for (var rounds = random.Next(1, 4); rounds > 0 && bytes.Count > 0; rounds--)
        {
            var at = Somewhere(bytes.Count, random);
            switch (random.Next(8))
            {
                case 0: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: bytes[at] = (byte)random.Next(256); break;
                case 2: bytes.RemoveRange(at, bytes.Count - at); break;
                case 3: bytes.RemoveRange(at, Math.Min(random.Next(1, 64), bytes.Count - at)); break;
                case 4: bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 64), bytes.Count - at))); break;
                case 5: bytes.InsertRange(at, Encoding.UTF8.GetBytes(Spliced[random.Next(Spliced.Length)])); break;
                case 6: ReplaceNumber(bytes, at, random); break;
                default: LieAboutLength(bytes, at, random); break;
            }
        }

        return [.. bytes];
    }

    /// <summary>Anywhere, but often near the start or the end, where headers and directories are.</summary>
    private static int Somewhere(int count, Random random) => random.Next(4) switch
    {
        0 => random.Next(Math.Min(count, 16)),
        1 => random.Next(Math.Min(count, 4096)),
        2 => count - 1 - random.Next(Math.Min(count, 4096)),
        _ => random.Next(count),
    };

    private static void ReplaceNumber(List<byte> bytes, int at, Random random)
    {
        var start = bytes.FindIndex(at, b => b is >= (byte)'0' and <= (byte)'9');
        if (start < 0) return;
        var end = bytes.FindIndex(start, b => b is < (byte)'0' or > (byte)'9');
        bytes.RemoveRange(start, (end < 0 ? bytes.Count : end) - start);
        bytes.InsertRange(start, Encoding.UTF8.GetBytes(Spliced[random.Next(Spliced.Length)]));
    }

    private static void LieAboutLength(List<byte> bytes, int at, Random random)
    {
        ReadOnlySpan<int> lies = [-1, 0, 1, int.MaxValue, int.MinValue, 0x00FFFFFF, bytes.Count];
        var lie = BitConverter.GetBytes(lies[random.Next(lies.Length)]);
        for (var i = 0; i < lie.Length && at + i < bytes.Count; i++) bytes[at + i] = lie[i];
    }

    private static void WriteHeaderOnly(string path)
    {
        // Forty tensors of one byte each: nearly every byte of the file is header.
        var tensors = Enumerable.Range(0, 40).Select(i =>
            $"\"layer.{i}.weight\":{{\"dtype\":\"U8\",\"shape\":[1,1],\"data_offsets\":[{i},{i + 1}]}}");
        File.WriteAllBytes(path, SafetensorsFileTests.WithHeader(Encoding.UTF8.GetBytes($"{{{string.Join(",", tensors)}}}"), 40));
    }
}
