namespace TaH.Tests;

/// <summary>Random inputs, the same for the same seed.</summary>
internal static class RandomData
{
    /// <summary>Uniform in [-1, 1).</summary>
    public static float[] Uniform(int seed, int length, float scale = 1f)
    {
        var random = new Random(seed);
        var values = new float[length];
        for (var i = 0; i < length; i++) values[i] = ((2f * random.NextSingle()) - 1f) * scale;
        return values;
    }
}
