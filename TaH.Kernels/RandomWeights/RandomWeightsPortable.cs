namespace TaH.Kernels;

/// <summary>Every accelerator: one thread an element.</summary>
internal static class RandomWeightsPortable
{
    /// <summary>2^-31: what brings a signed hash into [-1, 1).</summary>
    public const float Unit = 1f / 2147483648f;

    public static void Kernel(Halves weights, RandomWeightsShape shape)
    {
        var i = Elements.Index;
        if (i < shape.Length) weights[i] = Element(i, shape);
    }

    /// <summary>The element at a place.</summary>
    public static ushort Element(long index, RandomWeightsShape shape)
    {
        // The low byte goes, so that the conversion to single is exact on every device.
        var signed = (int)(Hash((uint)index, shape.Seed) & 0xffffff00u);
        return default(Bfloat16Format).Narrow(signed * Unit * shape.Bound);
    }

    /// <summary>For each seed a bijection of 32 bits in which every bit of the number changes half of the result's.</summary>
    /// <remarks>Source: the finalizer of MurmurHash3.</remarks>
    private static uint Hash(uint number, uint seed)
    {
        var hash = (number * 0x9e3779b1u) ^ seed;
        hash = (hash ^ (hash >> 16)) * 0x85ebca6bu;
        hash = (hash ^ (hash >> 13)) * 0xc2b2ae35u;
        return hash ^ (hash >> 16);
    }
}
