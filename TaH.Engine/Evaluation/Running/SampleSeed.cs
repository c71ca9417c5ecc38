using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace TaH.Engine;

/// <summary>The seed of a sample: it depends on what the sample is, not on when or beside what it runs.</summary>
internal static class SampleSeed
{
    /// <summary>A whole number of at most 53 bits, which every reader of JSON takes exactly.</summary>
    public static long Of(long seed, string task, string id, int sample)
    {
        var text = FormattableString.Invariant($"{seed}\n{task}\n{id}\n{sample}");
        return (long)(BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text))) >> 11);
    }
}
