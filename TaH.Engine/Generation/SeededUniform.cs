namespace TaH.Engine;

/// <summary>
/// Uniform numbers that depend on the seed and the step alone: the same on every platform and .NET version, and a run can go on anywhere.
/// </summary>
/// <param name="seed">The request's seed.</param>
internal readonly struct SeededUniform(long seed)
{
    /// <summary>The number of a step, in [0, 1), with 24 random bits.</summary>
    /// <remarks>The finaliser of SplitMix64 (Steele, Lea, Flood 2014) over seed and step.</remarks>
    public float At(int step)
    {
        var z = (ulong)seed + (0x9e3779b97f4a7c15UL * ((ulong)step + 1));
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9UL;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebUL;
        return ((z ^ (z >> 31)) >> 40) * (1f / (1 << 24));
    }
}
